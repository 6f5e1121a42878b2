/** The HTTP half, below every framework. Source: spec/ground.md, Paths and methods and Reading across origins; spec/dispatch.md. */
import { beforeEach, expect, test, vi } from "vitest";

import { bare, type Answer } from "../src/answer.js";
import * as cors from "../src/cors.js";
import { answered, code, fields, said, Shop, type Sent } from "./shop.js";

const JSON_FIELD = ["content-type", "application/json"] as const;
const ORIGIN = "https://shop.example";
const CALL = Buffer.from('{"fn":"name","args":{"user_id":5}}');
const LIMIT_BYTES = 1_048_576;
const USER: Sent = { method: "GET", path: "ctx/user/", query: "user_id=5" };

let shop: Shop;

beforeEach(() => {
    shop = new Shop();
});

function called(...headers: (readonly [string, string])[]): Promise<Answer> {
    return answered(shop.site(), { path: "call/", headers, body: [CALL] });
}

function asked(sent: Sent, origins = ""): Promise<Answer> {
    return answered(shop.site({ MIZAN_ORIGINS: origins }), sent);
}

function corsFields(answer: Answer): string[] {
    return answer.headers.map(([name]) => name).filter((name) => name.startsWith("Access-Control"));
}

test.each([
    null, "", "call", "call//", "/call/", "Call/", "%63all/", "call/x", "call/\n", "ctx/", "ctx//", "ctx/user", "ctx/user//", "ctx/user/x.css",
    "ctx/user/\n", "./call/", "schema", "ir//",
])("any other path is not found: %s", async (path) => {
    const answer = await asked({ path, headers: [JSON_FIELD], body: [CALL] });
    expect([answer.status, code(answer), shop.begun]).toEqual([404, "not_found", []]);
});

test.each(["User", "%75ser", "user;x", "..", "%2e%2e", "\xff", "__proto__", "name", "user\n"])("any other context is unknown: %s", async (name) => {
    const answer = await asked({ method: "GET", path: `ctx/${name}/` });
    expect([answer.status, code(answer)]).toEqual([404, "unknown_context"]);
});

test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "BREW", "post"])("a call has one method: %s", async (method) => {
    const answer = await asked({ method, path: "call/", headers: [JSON_FIELD, ["x-http-method-override", "POST"]], body: [CALL] });
    expect([answer.status, fields(answer)["Allow"], shop.begun]).toEqual([405, "POST", []]);
});

test("the method is judged before the context", async () => {
    const answer = await asked({ path: "ctx/nothing/", headers: [JSON_FIELD] });
    expect([answer.status, fields(answer)["Allow"]]).toEqual([405, "GET, HEAD"]);
});

test("HEAD has the fields of GET, and no body", async () => {
    const [get, head] = [await asked(USER), await asked({ ...USER, method: "HEAD" })];
    expect([head.status, head.body.length, fields(head)]).toEqual([200, 0, { ...fields(get), "Content-Length": String(get.body.length) }]);
});

test.each([
    "application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"', "application/json ; profile=x;",
    "application/json;;charset=Utf-8",
])("JSON is taken: %s", async (type) => {
    expect((await called(["content-type", type])).status).toBe(200);
});

test.each([
    "", "text/plain", "application/json5", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json; charset=utf8",
    "application/json; charset", "application/json, text/plain", "application/json; charset=utf-8; charset=latin-1",
    'application/json; charset="utf-8', "application/json charset=utf-8",
])("any other media type is not: %s", async (type) => {
    const answer = await called(["content-type", type]);
    expect([answer.status, code(answer)]).toEqual([415, "unsupported_media_type"]);
});

test.each([
    [[]], [[JSON_FIELD, JSON_FIELD]], [[JSON_FIELD, ["content-encoding", "gzip"]]], [[JSON_FIELD, ["content-encoding", "identity"]]],
    [[JSON_FIELD, ["content-encoding", ""]]], [[["content-type", 'application/json;a="'], ["content-type", '"']]],
] as const)("a body without one type, or with a coding, is not: %s", async (headers) => {
    expect((await called(...headers)).status).toBe(415);
});

test.each([["1048576", 200], ["1048577", 413], ["9".repeat(5_000), 413], [`${"0".repeat(30)}34`, 200], ["x", 200]])(
    "a declared length is judged before the body: %s", async (length, status) => {
        expect((await called(JSON_FIELD, ["content-length", length])).status).toBe(status);
    },
);

test("a body is refused with its first byte too many, though it never ends", async () => {
    function* endless(): Generator<Uint8Array> {
        for (;;) {
            yield new Uint8Array(65_536).fill(0x20);
        }
    }
    expect(code(await asked({ path: "call/", headers: [JSON_FIELD], body: endless() }))).toBe("payload_too_large");
});

test("a body of the very limit is read", async () => {
    const body = [CALL, new Uint8Array(LIMIT_BYTES - CALL.length).fill(0x20)];
    expect((await asked({ path: "call/", headers: [JSON_FIELD], body })).status).toBe(200);
});

test("CORS is off without origins", async () => {
    const answer = await called(JSON_FIELD, ["origin", ORIGIN]);
    expect([corsFields(answer), "Vary" in fields(answer)]).toEqual([[], false]);
});

test.each([[CALL, 200], [Buffer.from("{"), 400]])("a listed origin reads replies and refusals: %s", async (body, status) => {
    const answer = await asked({ path: "call/", headers: [JSON_FIELD, ["origin", ORIGIN]], body: [body] }, ORIGIN);
    expect([answer.status, { ...fields(answer), "Content-Type": "" }]).toEqual([status, {
        "Content-Type": "", "Cache-Control": "no-store", "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "X-Mizan-Invalidate, ETag, Cache-Status, Retry-After, Mizan-SSR", "Vary": "Origin",
    }]);
});

test.each([[[]], [["null"]], [["https://shop.example.evil"]], [["http://shop.example"]], [[ORIGIN, ORIGIN]], [[`${ORIGIN}, ${ORIGIN}`]]])(
    "any other origin reads nothing, and its call runs: %s", async (origins) => {
        const headers = [JSON_FIELD, ...origins.map((one) => ["origin", one] as const)];
        const answer = await asked({ path: "call/", headers, body: [CALL] }, ORIGIN);
        expect([answer.status, fields(answer)["Vary"], corsFields(answer)]).toEqual([200, "Origin", []]);
    },
);

test("a preflight is answered", async () => {
    const headers = [["origin", ORIGIN], ["access-control-request-method", "POST"]] as const;
    const answer = await asked({ method: "OPTIONS", path: "call/", headers }, ORIGIN);
    expect([answer.status, answer.body.length]).toEqual([204, 0]);
    expect(fields(answer)).toMatchObject({
        "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Methods": "GET, HEAD, POST",
        "Access-Control-Allow-Headers": "Content-Type, Authorization, X-CSRFToken, X-Mizan-Token, If-None-Match", "Access-Control-Max-Age": "600",
    });
    expect(corsFields(answer)).not.toContain("Access-Control-Expose-Headers");
});

test("OPTIONS of anybody else is answered without the fields of CORS", async () => {
    const answer = await asked({ method: "OPTIONS", path: "call/", headers: [["access-control-request-method", "POST"]] }, ORIGIN);
    expect([answer.status, corsFields(answer)]).toEqual([204, []]);
});

test("a 304 varies like the 200", async () => {
    const answer = await asked({ ...USER, headers: [["if-none-match", "*"]] }, ORIGIN);
    expect([answer.status, fields(answer)["Vary"]]).toEqual([304, "Origin"]);
});

test("CORS adds only what is not there yet", () => {
    const there = bare(200, [["access-control-allow-origin", "*"], ["Vary", "Accept, origin"]]);
    const got = fields(cors.marked(there, new Set([ORIGIN]), [ORIGIN]));
    expect([got["access-control-allow-origin"], got["Vary"], got["Access-Control-Allow-Origin"]]).toEqual(["*", "Accept, origin", undefined]);
});

test("Vary keeps what was said", () => {
    expect(fields(cors.varying(bare(200, [["Vary", "Cookie"]])))["Vary"]).toBe("Cookie, Origin");
    expect(fields(cors.varying(bare(200, [["Vary", "*"]])))["Vary"]).toBe("*");
});

test("documents about the declarations are answered, and again with 304", async () => {
    for (const path of ["schema/", "ir/"]) {
        const answer = await asked({ method: "GET", path, query: "x" });
        const { ETag = "" } = fields(answer);
        expect([answer.status, (await asked({ method: "GET", path, headers: [["if-none-match", ETag]] })).status]).toEqual([200, 304]);
    }
});

test("a fault of ours is internal, and logged", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    function* broken(): Generator<Uint8Array> {
        yield CALL;
        throw new TypeError("broken");
    }
    expect(said(await asked({ path: "call/", headers: [JSON_FIELD], body: broken() }))).toEqual({
        type: "urn:mizan:internal", title: "Internal error", status: 500, code: "internal",
    });
    expect(logged).toHaveBeenCalledWith("mizan failed:", new TypeError("broken"));
});
