/** Over a live server: what only a connection shows. Source: spec/ground.md, Paths and methods; spec/upload.md, Limits; RFC 9112, 9.3.2. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { createHash } from "node:crypto";

import { serve as serveOther } from "@hono/node-server";
import { client, Problem, Registry, t } from "@mizan/core";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { stream } from "hono/streaming";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { mount, serve, type Serving } from "../src/index.js";
import { BASE, CALL, posted, Shop } from "./shop.js";

const MEBIBYTE = 1_048_576;
const TYPE = "Content-Type: multipart/form-data; boundary=b";

let shop: Shop;
let serving: Serving;

beforeEach(async () => {
    shop = new Shop();
    serving = await serve(shop.app(), { port: 0 });
});

afterEach(async () => {
    await serving.stop();
});

async function connected(port = serving.port): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
}

/** Sends raw bytes, and reads until `wanted` replies have come, or the end. */
async function exchanged(bytes: string | Uint8Array, wanted = 1, port = serving.port): Promise<string> {
    const socket = await connected(port);
    socket.write(bytes);
    let got = "";
    try {
        for await (const chunk of socket) {
            got += String(chunk);
            if (got.split("HTTP/1.1 ").length > wanted && /\r\n\r\n[^]*$/.test(got)) {
                break;
            }
        }
    } finally {
        socket.destroy();
    }
    return got;
}

function head(line: string, ...fields: string[]): string {
    return [`${line} HTTP/1.1`, "Host: shop.test", ...fields, "", ""].join("\r\n");
}

function call(body: string): string {
    return head(`POST ${BASE}/call/`, "Content-Type: application/json", `Content-Length: ${body.length}`) + body;
}

function status(reply: string): string {
    return reply.slice(9, 12);
}

test("it calls and fetches", async () => {
    const base = `http://127.0.0.1:${serving.port}${BASE}`;
    expect(await (await fetch(`${base}/call/`, posted(CALL))).json()).toEqual({ result: "u5", invalidate: [] });
    const [get, again] = [await fetch(`${base}/ctx/user/?user_id=5`), await fetch(`${base}/ctx/user/?user_id=5`, { method: "HEAD" })];
    expect(await get.text()).toBe('{"name":"u5"}');
    expect([again.status, again.headers.get("content-length"), await again.text()]).toEqual([200, get.headers.get("content-length"), ""]);
    expect((await fetch(`${base}/ctx/user/?user_id=5`, { headers: { "If-None-Match": "*" } })).status).toBe(304);
});

test.each([
    [`${BASE}/call/?x`, "200"], [`${BASE}/./call/`, "404"], [`${BASE}/x/../call/`, "404"], [`${BASE}/x/%2e%2e/call/`, "404"], [`/x/..${BASE}/call/`, "404"],
    ["/%61pi/mizan/call/", "404"], [`${BASE}/call/%00`, "404"], [`//shop.test${BASE}/call/`, "404"], [`${BASE}\\call/`, "404"],
    [`http://shop.test${BASE}/call/`, "200"], [`http://shop.test${BASE}/./call/`, "404"], ["*", "404"], [`${BASE}/call/#x`, "404"],
])("a target is compared as it came: %s", async (target, wanted) => {
    const reply = await exchanged(call(JSON.stringify(CALL)).replace(`${BASE}/call/`, target));
    expect([status(reply), shop.begun.length > 0]).toEqual([wanted, wanted === "200"]);
});

test.each(["TRACE", "GET", "HEAD", "DELETE", "QUERY", "PURGE"])("any method is ours to judge: %s", async (method) => {
    const body = method === "TRACE" ? "" : "{}";
    const fields = body === "" ? [] : ["Content-Length: 2"];
    const reply = await exchanged(head(`${method} ${BASE}/call/`, ...fields) + body);
    expect([status(reply), reply.toLowerCase().includes("\r\nallow: post\r\n")]).toEqual(["405", true]);
});

test("a GET with a body is a GET", async () => {
    const reply = await exchanged(head(`GET ${BASE}/ctx/user/?user_id=5`, "Content-Length: 1") + "{" + head(`GET ${BASE}/ctx/user/?user_id=6`), 2);
    expect([...reply.matchAll(/"name":"(.*?)"/g)].map(([, name]) => name)).toEqual(["u5", "u6"]);
});

test.each([
    [["Host: a b"], "400"], [["Host: a", "Host: b"], "400"], [["Host: a/b"], "400"], [["Host: 1.2.3.4.5"], "400"], [["Host: a@b"], "400"], [[], "400"],
    [["Host: [::1]:80"], "200"], [["Host: shop.test:8000"], "200"], [["host: a", "__proto__: x", "constructor: y"], "200"],
])("a Host that is none is refused: %s", async (fields, wanted) => {
    const reply = await exchanged(`GET ${BASE}/ctx/user/?user_id=5 HTTP/1.1\r\n${fields.map((one) => `${one}\r\n`).join("")}\r\n`);
    expect(status(reply)).toBe(wanted);
});

test("two fields of one name are two, though Node drops one", async () => {
    const twice = call(JSON.stringify(CALL)).replace("Content-Type", "Content-Type: application/json\r\nContent-Type");
    expect(status(await exchanged(twice))).toBe("415");
    const many = call(JSON.stringify(CALL)).replace("Content-Type", `${"a:\r\n".repeat(5_000)}Content-Encoding: gzip\r\nContent-Type`);
    expect(status(await exchanged(many))).toBe("415");
});

test("a query of more than 8,192 bytes is the application's to refuse", async () => {
    const reply = await exchanged(head(`GET ${BASE}/ctx/user/?${"x".repeat(40_000)}`));
    expect([status(reply), reply.includes('"code":"length"')]).toEqual(["422", true]);
});

test("calls on one connection run and are answered in their order", async () => {
    const bodies = [1, 2, 3, 4].map((user_id) => JSON.stringify({ fn: "name", args: { user_id } }));
    const reply = await exchanged(bodies.map(call).join(""), 4);
    expect([...reply.matchAll(/"result":"(.*?)"/g)].map(([, name]) => name)).toEqual(["u1", "u2", "u3", "u4"]);
    expect(shop.begun).toEqual([1, 2, 3, 4].flatMap((n) => [`name ${n}`, `named ${n}`]));
});

test("however many calls are sent ahead, all are answered", async () => {
    const reply = await exchanged(head(`GET ${BASE}/ctx/user/?user_id=10`).repeat(400), 400);
    expect(reply.split('{"name":"u10"}')).toHaveLength(401);
});

test("a refusal of a body in the middle does not end the connection", async () => {
    const refused = head(`POST ${BASE}/call/`, "Content-Type: text/plain", "Content-Length: 100000") + "x".repeat(100_000);
    const reply = await exchanged(refused + call(JSON.stringify(CALL)), 2);
    expect([...reply.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)).toEqual(["415", "200"]);
});

test.each([
    ["JSON", ["Content-Type: application/json", "Transfer-Encoding: chunked"], `100001\r\n${" ".repeat(MEBIBYTE + 1)}`],
    ["a declared length", ["Content-Type: application/json", `Content-Length: ${MEBIBYTE + 1}`], ""],
    ["a form's declared length", [TYPE, `Content-Length: ${100 * MEBIBYTE + 1}`], ""],
])("a body that is too large is refused, though its end never comes: %s", async (_, fields, body) => {
    expect(status(await exchanged(head(`POST ${BASE}/call/`, ...fields) + body))).toBe("413");
});

test("a body that does not end is not waited for for ever", async () => {
    const socket = await connected();
    socket.write(head(`POST ${BASE}/call/`, "Content-Type: text/plain", "Content-Length: 100"));
    const began = performance.now();
    await once(socket.resume(), "close");
    expect(performance.now() - began).toBeLessThan(4_000);
});

test("a caller who waits to be told sends a body only where it is wanted", async () => {
    const body = JSON.stringify(CALL);
    const fields = ["Expect: 100-continue", `Content-Length: ${body.length}`];
    const [told, refused] = [
        await exchanged(head(`POST ${BASE}/call/`, "Content-Type: application/json", ...fields) + body, 2),
        await exchanged(head(`POST ${BASE}/call/`, "Content-Type: text/plain", ...fields), 2),
    ];
    expect(told).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect([status(refused), /connection: close/i.test(refused)]).toEqual(["415", true]);
});

test("a caller who goes in the middle of a body leaves it running", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    for (const fields of [["Content-Type: application/json", "Content-Length: 100"], [TYPE, "Content-Length: 100"]]) {
        const socket = await connected();
        socket.write(`${head(`POST ${BASE}/call/`, ...fields)}-`);
        await new Promise((resolve) => { setTimeout(resolve, 20); });
        socket.resetAndDestroy();
    }
    expect(status(await exchanged(call(JSON.stringify(CALL))))).toBe("200");
    expect([shop.begun, logged.mock.calls]).toEqual([["name 5", "named 5"], []]);
});

test("a large upload passes through, and one that is too large is refused", async () => {
    const part = (name: string, content: string): string => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}`;
    const opened = `${part("payload", '{"fn":"size"}')}\r\n${part("/args/file", "")}`;
    const fetched = async (mebibytes: number): Promise<Response> => {
        const chunk = new Uint8Array(MEBIBYTE);
        const body = async function* (): AsyncGenerator<Uint8Array> {
            yield Buffer.from(opened);
            for (let sent = 0; sent < mebibytes; sent += 1) {
                yield chunk;
                await Promise.resolve();
            }
            yield Buffer.from("\r\n--b--");
        };
        const headers = { "Content-Type": "multipart/form-data; boundary=b" };
        return await fetch(`http://127.0.0.1:${serving.port}${BASE}/call/`, { method: "POST", headers, body: ReadableStream.from(body()), duplex: "half" });
    };
    expect(await (await fetched(25)).json()).toMatchObject({ result: 25 * MEBIBYTE });
    expect((await fetched(26)).status).toBe(413);
});

test("a body in pieces is sent in pieces, one at once with its length", async () => {
    const app = new Hono();
    app.get("/whole", (c) => c.text("whole"));
    app.get("/none", (c) => c.body(null));
    app.get("/slow", (c) => stream(c, async (out) => {
        for (const word of ["one ", "two ", "three"]) {
            await out.write(word);
            await out.sleep(20);
        }
    }));
    app.get("/large", (c) => c.body(new Blob([new Uint8Array(3 * MEBIBYTE).fill(7)]).stream()));
    app.get("/broken", (c) => c.body(new ReadableStream({ pull: (controller) => { controller.error(new Error("broken")); } })));
    app.get("/thrown", () => { throw "a text"; });      // eslint-disable-line @typescript-eslint/only-throw-error
    const other = await serve(app, { port: 0 });
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    const got = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${other.port}${path}`);
    expect([(await got("/whole")).headers.get("content-length"), (await got("/none")).headers.get("content-length")]).toEqual(["5", "0"]);
    expect(await (await got("/slow")).text()).toBe("one two three");
    const digest = createHash("sha256").update(new Uint8Array(await (await got("/large")).arrayBuffer())).digest("hex");
    expect(digest).toBe(createHash("sha256").update(new Uint8Array(3 * MEBIBYTE).fill(7)).digest("hex"));
    await expect(got("/broken")).rejects.toThrow();
    expect((await got("/thrown")).status).toBe(500);
    expect(logged).toHaveBeenCalledTimes(2);
    await other.stop();
});

test("a stop waits for what is under way, and for no more than a moment", async () => {
    const app = new Hono();
    app.get("/soon", async (c) => {
        await new Promise((resolve) => { setTimeout(resolve, 200); });
        return c.text("soon");
    });
    app.get("/never", () => new Promise<Response>(() => undefined));
    const other = await serve(app, { port: 0 });
    const soon = fetch(`http://127.0.0.1:${other.port}/soon`);
    const never = fetch(`http://127.0.0.1:${other.port}/never`).catch(() => "gone");
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    const began = performance.now();
    await other.stop();
    expect([await (await soon).text(), await never]).toEqual(["soon", "gone"]);
    expect(performance.now() - began).toBeLessThan(1_000);
});

test("middleware has a whole request before it and a whole response behind it", async () => {
    const app = new Hono();
    const seen: unknown[] = [];
    app.use(bodyLimit({ maxSize: 100 }), async (c, next) => {
        seen.push(c.req.header("X-Own"), new Request(c.req.raw.clone()).headers.get("X-Own"), await c.req.json());
        await next();
        c.header("X-After", c.res.headers.get("Cache-Control") ?? "");
    });
    mount(app, { registry: shop.registry, environment: {} });
    const other = await serve(app, { port: 0 });
    const sent = (text: string): Promise<Response> => fetch(`http://127.0.0.1:${other.port}${BASE}/call/`, {
        ...posted(CALL, { "X-Own": "1" }), body: new Blob([text]).stream(), duplex: "half",
    });
    const reply = await sent(JSON.stringify(CALL));
    expect([await reply.json(), reply.headers.get("x-after"), seen]).toEqual([{ result: "u5", invalidate: [] }, "no-store", ["1", "1", CALL]]);
    expect((await sent(" ".repeat(101))).status).toBe(413);
    await other.stop();
});

test("a function has a whole request, where no middleware has", async () => {
    const rename = { fn: "rename", args: { user_id: 5, name: "Ann" } };
    const url = `http://127.0.0.1:${serving.port}${BASE}/call/`;
    expect((await fetch(url, posted(rename, { Cookie: "a=b", Authorization: "Bearer t" }))).status).toBe(200);
    const [request] = shop.requests;
    const { req } = request?.native as Context;
    const raw = new Request(req.raw);
    expect([request?.headers.get("authorization"), request?.cookies.get("a"), req.header("Cookie")]).toEqual(["Bearer t", "b", "a=b"]);
    expect([req.raw instanceof Request, raw.method, raw.url, raw.headers.get("cookie")]).toEqual([true, "POST", url, "a=b"]);
});

test("whatever stands around an application has a whole request and a whole response", async () => {
    const app = shop.app();
    const seen: unknown[] = [];
    const { fetch: inner } = app;
    app.fetch = async (request, ...more) => {
        seen.push(request instanceof Request, request.headers.get("X-Own"));
        const response = await inner(request, ...more);
        seen.push(response instanceof Response, response.status);
        response.headers.set("X-After", "1");
        return response;
    };
    const other = await serve(app, { port: 0 });
    const reply = await fetch(`http://127.0.0.1:${other.port}${BASE}/call/`, posted(CALL, { "X-Own": "1" }));
    expect([await reply.json(), reply.headers.get("x-after"), seen]).toEqual([{ result: "u5", invalidate: [] }, "1", [true, "1", true, 200]]);
    await other.stop();
});

test("an application may find its path in any way", async () => {
    const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>({
        getPath: (request, options) => `${request.headers.get("X-Below") ?? ""}${options?.env?.incoming.url ?? ""}`,
    });
    mount(app, { registry: shop.registry, prefix: `/below${BASE}`, environment: {} });
    const other = await serve(app, { port: 0 });
    const fetched = (headers: Readonly<Record<string, string>>): Promise<Response> => (
        fetch(`http://127.0.0.1:${other.port}/below${BASE}/call/`, posted(CALL, headers))
    );
    expect([await (await fetched({})).json(), (await fetched({ "X-Below": "/x" })).status]).toEqual([{ result: "u5", invalidate: [] }, 404]);
    await other.stop();
});

test("an answer that cannot be sent is a failure", async () => {
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const registry = new Registry();
    client({ name: "refuses", returns: t.bool(), registry }, () => { throw new Problem("conflict", { headers: [["X-Own", "\u20ac"]] }); });
    const app = new Hono();
    mount(app, { registry, environment: {} });
    const other = await serve(app, { port: 0 });
    const reply = await fetch(`http://127.0.0.1:${other.port}${BASE}/call/`, posted({ fn: "refuses" }));
    expect([reply.status, await reply.json()]).toMatchObject([500, { code: "internal" }]);
    await other.stop();
});

test("under another server the target is compared as it came too", async () => {
    const app = new Hono();
    mount(app, { registry: shop.registry, environment: {} });
    const other = serveOther({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false });
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(status(await exchanged(call(JSON.stringify(CALL)), 1, port))).toBe("200");
    for (const target of [`${BASE}/./call/`, `/x/..${BASE}/call/`, `${BASE}/x/%2e%2e/call/`]) {
        expect(status(await exchanged(call(JSON.stringify(CALL)).replace(`${BASE}/call/`, target), 1, port))).toBe("404");
    }
    expect(status(await exchanged(head(`GET ${BASE}/ctx/user/?user_id=5`, "Content-Length: 1") + "{", 1, port))).toBe("200");
    other.close();
});
