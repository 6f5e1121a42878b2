/** Every slot or none. Source: spec/context.md. */
import { beforeEach, expect, test, vi } from "vitest";

import type { Answer } from "../src/answer.js";
import * as bundle from "../src/bundle.js";
import { code, errors, fields, said, Shop, SHOWN } from "./shop.js";

let shop: Shop;
const logged = vi.spyOn(console, "error");

beforeEach(() => {
    shop = new Shop();
    logged.mockReset().mockReturnValue(undefined);
});

function fetched(context: string, query = "", ...ifNoneMatch: string[]): Promise<Answer> {
    return bundle.fetch(shop.site(), SHOWN, { context, query: Buffer.from(query, "latin1"), ifNoneMatch });
}

test("a bundle holds every slot in canonical JSON, with its tag", async () => {
    const answer = await fetched("user", "user_id=5&tags=a");
    expect(Buffer.from(answer.body).toString()).toBe('{"name":"u5","tags":[],"tags_again":["a"]}');
    expect(fields(answer)).toEqual({ "Content-Type": "application/json", "ETag": bundle.etag(answer.body), "Cache-Control": "public, no-cache" });
});

test("one slot that fails fails the bundle, and the next read runs again", async () => {
    shop.failing = true;
    expect(code(await fetched("user", "user_id=5"))).toBe("not_found");
    shop.failing = false;
    expect((await fetched("user", "user_id=5")).status).toBe(200);
    expect(shop.begun).toEqual(["name", "name", "tags"]);
});

test.each(["", "user_id=05", "user_id=5&x=1", "user_id=5&user_id=5"])("a query that is not right runs nothing: %s", async (query) => {
    expect([code(await fetched("user", query)), shop.begun]).toEqual(["validation", []]);
});

test("a query is bytes", async () => {
    expect(errors(await fetched("user", "user_id=\xff"))).toEqual([["", "format"]]);
});

test("a context that nobody declared is unknown", async () => {
    const answers = await Promise.all(["no_such", "__proto__", "constructor", "name"].map((name) => fetched(name)));
    expect(new Set(answers.map((one) => Buffer.from(one.body).toString())).size).toBe(1);
    expect(answers.map(code)[0]).toBe("unknown_context");
});

test("a volatile bundle is never stored", async () => {
    expect(fields(await fetched("fresh"))["Cache-Control"]).toBe("no-store");
});

test("a match answers 304 with the validators alone, and hides no failure", async () => {
    const { ETag = "" } = fields(await fetched("user", "user_id=5"));
    const answer = await fetched("user", "user_id=5", ETag);
    expect([answer.status, answer.body.length, fields(answer)]).toEqual([304, 0, { ETag, "Cache-Control": "public, no-cache" }]);
    shop.failing = true;
    expect((await fetched("user", "user_id=5", "*")).status).toBe(404);
});

const TAG = bundle.etag(Buffer.from('{"name":"u5","tags":[],"tags_again":[]}'));

test.each([
    [[TAG]], [[`W/${TAG}`]], [["*"]], [[" * "]], [[`"x", ${TAG}`]], [['"x"', TAG]], [[`"a,b" ,${TAG},`]], [[`,,${TAG}`]],
])("If-None-Match matches: %s", async (field) => {
    expect((await fetched("user", "user_id=5", ...field)).status).toBe(304);
});

test.each([
    [[]], [[""]], [['"x"']], [[TAG.replaceAll('"', "")]], [[`w/${TAG}`]], [[`${TAG} x`]], [[`x, ${TAG}`]], [["**"]], [[`*, ${TAG}`]], [[TAG.toUpperCase()]],
])("If-None-Match does not match: %s", async (field) => {
    expect((await fetched("user", "user_id=5", ...field)).status).toBe(200);
});

test("a field of blanks takes no time", async () => {
    const began = performance.now();
    expect((await fetched("user", "user_id=5", `"x"${" ".repeat(60_000)}x`)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(500);
});

test.each(["native", "user", "session", "headers", "cookies"])("a public read that looks at its %s fails, and the log names it and the fix", async (look) => {
    expect(code(await fetched("fresh", `look=${look}`))).toBe("internal");
    const [words]: readonly unknown[][] = logged.mock.calls;
    expect(words?.map(String).join(" ")).toMatch(new RegExp(`now looks at request.${look}.*"fresh" is public.*identity`));
});

test("a public read sees its signal", async () => {
    expect(said(await fetched("fresh", "look=signal"))).toEqual({ now: "object" });
});
