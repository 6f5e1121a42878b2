/** A call's message in, an answer out, without a web framework. Source: spec/dispatch.md. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Answer } from "../src/answer.js";
import * as dispatch from "../src/dispatch.js";
import { client, context, t } from "../src/index.js";
import { deadlineMs } from "../src/running.js";
import { code, errors, fields, said, Shop, SHOWN } from "./shop.js";

let shop: Shop;
const logged = vi.spyOn(console, "error");

beforeEach(() => {
    shop = new Shop();
    logged.mockReset().mockReturnValue(undefined);
});

afterEach(() => {
    shop.open();
});

function called(fn: string, args: object = {}): Promise<Answer> {
    return sent(JSON.stringify({ fn, args }));
}

function sent(message: string | Uint8Array): Promise<Answer> {
    return dispatch.call(shop.site(), SHOWN, Buffer.from(message));
}

test("a call answers with the result, and with what is stale in body and field", async () => {
    const answer = await called("rename", { user_id: 5, name: "Ann" });
    expect([answer.status, said(answer)]).toEqual([200, { result: "Ann", invalidate: [{ context: "user", params: { user_id: 5 } }] }]);
    expect(fields(answer)).toEqual({ "Content-Type": "application/json", "Cache-Control": "no-store", "X-Mizan-Invalidate": "user;user_id=5" });
});

test("a read that is called says nothing", async () => {
    const answer = await called("name", { user_id: 5 });
    expect(said(answer)).toEqual({ result: "u5", invalidate: [] });
    expect(fields(answer)).not.toHaveProperty("X-Mizan-Invalidate");
});

test.each([
    "", "null", "[1]", "{", '{"fn":"name"}{}', '{"args":{}}', '{"fn":1}', '{"fn":"name","args":[]}', '{"fn":"name","args":null}',
    '{"fn":"name","args":{},"id":1}', '{"fn":"name","args":{},"__proto__":{}}', '{"fn":"name","fn":"name"}', '\ufeff{"fn":"name"}',
    '{"fn":"name","args":{"user_id":NaN}}',
])("what is no envelope is malformed: %s", async (message) => {
    const answer = await sent(message);
    expect([answer.status, code(answer), shop.begun]).toEqual([400, "malformed", []]);
});

test("names of JavaScript are unknown functions, byte for byte", async () => {
    const answers = await Promise.all(["no_such", "__proto__", "constructor", "toString", "hasOwnProperty"].map((fn) => called(fn)));
    expect(new Set(answers.map((one) => Buffer.from(one.body).toString())).size).toBe(1);
    expect(answers.map(code)[0]).toBe("unknown_function");
});

test("every wrong argument is told, and no body runs", async () => {
    const answer = await called("rename", { user_id: "5", request: 1 });
    expect(errors(answer)).toEqual([["/args", "unknown"], ["/args/name", "missing"], ["/args/user_id", "type"]]);
    expect(shop.begun).toEqual([]);
});

test("a declared error travels with its detail and says nothing is stale", async () => {
    const answer = await called("rename", { user_id: 5, name: "taken" });
    expect([answer.status, said(answer)]).toEqual([409, {
        type: "urn:mizan:app.taken", title: "Application error", status: 409, code: "app.taken", detail: "that name is taken",
    }]);
    expect(fields(answer)).not.toHaveProperty("X-Mizan-Invalidate");
});

test("any other error is internal, and its text stays in the log", async () => {
    const answer = await called("rename", { user_id: 5, name: "secret" });
    expect([code(answer), Buffer.from(answer.body).includes("secret")]).toEqual(["internal", false]);
    expect(logged.mock.calls).toEqual([["mizan: %s failed:", "rename", new Error("secret")]]);
});

test("a detail that no reply may hold is internal", async () => {
    expect(code(await called("rename", { user_id: 5, name: "unsayable" }))).toBe("internal");
});

test("a wider run-time entry swallows the declared one", async () => {
    expect(said(await called("widen", { user_id: 5 }))).toEqual({ result: true, invalidate: [{ context: "user" }] });
});

test("a result of another type is internal and says nothing is stale", async () => {
    const answer = await called("wrong", { user_id: 5 });
    expect([code(answer), fields(answer)["X-Mizan-Invalidate"]]).toEqual(["internal", undefined]);
});

test("invalidate in a plain function is internal, even where the body swallows the error", async () => {
    expect(code(await called("swallows"))).toBe("internal");
});

test("asynchronous work hears of its deadline", async () => {
    expect(code(await called("wait_async"))).toBe("deadline_exceeded");
    await vi.waitFor(() => { expect(logged).toHaveBeenCalledWith("mizan: %s threw after its deadline:", "wait_async", expect.any(Error)); });
    expect(shop.ended).toEqual([]);
});

test("work that does not listen goes on past its deadline, may still invalidate, and nobody hears of it", async () => {
    const answer = await called("wait_deaf");
    expect([answer.status, fields(answer)["X-Mizan-Invalidate"]]).toEqual([504, undefined]);
    shop.open();
    await vi.waitFor(() => { expect(shop.ended).toEqual(["wait_deaf"]); });
    expect(logged).not.toHaveBeenCalled();
});

test("a body that never awaits is too late all the same", async () => {
    expect(code(await called("spin"))).toBe("deadline_exceeded");
});

test("calls at once never mix their entries", async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((user_id) => called("add", { user_id })));
    expect(answers.map((one) => fields(one)["X-Mizan-Invalidate"])).toEqual([1, 2, 3, 4].map((user_id) => `fresh, user;user_id=${user_id}`));
});

test("a composition answers as each of its reads, and takes nothing else", async () => {
    expect(said(await called("both", { user_id: 5 }))).toEqual({ result: { name: "u5", now: "undefined" }, invalidate: [] });
    expect(errors(await called("both", { name: 5 }))).toEqual([["/args", "unknown"], ["/args/user_id", "missing"]]);
});

test("a part that fails fails its composition", async () => {
    shop.failing = true;
    expect(code(await called("both", { user_id: 5 }))).toBe("not_found");
});

test.each([
    [false, 5, { invalidate: [], merge: [{ context: "card", params: { user_id: 5 }, slot: "card_text", value: "new" }] }, "card;user_id=5"],
    [false, null, { invalidate: [{ context: "card" }] }, "card"],
    [true, 5, { invalidate: [{ context: "card", params: { user_id: 5 } }] }, "card;user_id=5"],
])("a merge is said in body and field unless it degrades or is dropped: %s %s", async (affects, user_id, wanted, field) => {
    const { registry } = shop;
    const CARD = context("card");
    client({ name: "card_text", context: CARD, args: { user_id: t.int() }, returns: t.string(), registry }, () => "old");
    const own = affects ? { affects: CARD } : {};
    client({ name: "patch", merge: CARD, ...own, args: { user_id: t.int().nullable() }, returns: t.string(), registry }, () => "new");
    const answer = await called("patch", { user_id });
    expect(said(answer)).toEqual({ result: "new", ...wanted });
    expect(fields(answer)["X-Mizan-Invalidate"]).toBe(field);
});

test("a deadline is the function's own", () => {
    const { functions } = shop.registry;
    expect(["wait_async", "name"].map((name) => functions.get(name)).map((one) => one === undefined ? null : deadlineMs(one))).toEqual([1_000, 30_000]);
});
