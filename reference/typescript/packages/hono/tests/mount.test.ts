/** On somebody's Hono application, without a server. Source: spec/ground.md, Paths and methods; spec/dispatch.md, The framework's own response. */
import { BadDeclaration, client, context, isFrameworkResponse, Registry, t } from "@mizan/core";
import { BadSetting } from "@mizan/core/settings";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { beforeEach, expect, test, vi } from "vitest";

import { mount } from "../src/index.js";
import { BASE, CALL, ORIGIN, posted, Shop } from "./shop.js";

const RENAME = { fn: "rename", args: { user_id: 5, name: "Ann" } };

let shop: Shop;

beforeEach(() => {
    shop = new Shop();
});

test("it calls and fetches", async () => {
    const app = shop.app();
    expect(await (await app.request(`${BASE}/call/`, posted(CALL))).json()).toEqual({ result: "u5", invalidate: [] });
    expect(await (await app.request(`${BASE}/ctx/user/?user_id=5`)).json()).toEqual({ name: "u5" });
});

test("it says what it declares, once to whoever has it", async () => {
    const reply = await shop.app().request(`${BASE}/schema/`);
    expect([reply.status, reply.headers.get("cache-control"), reply.headers.get("content-type")]).toEqual([200, "public, no-cache", "application/json"]);
    const again = await shop.app().request(`${BASE}/schema/`, { headers: { "If-None-Match": reply.headers.get("etag") ?? "" } });
    expect([again.status, again.body, again.headers.get("content-type")]).toEqual([304, null, null]);
});

test.each([
    BASE, `${BASE}/`, `${BASE}/call`, `${BASE}//call/`, `${BASE}/call//`, `${BASE}/%63all/`, `${BASE}/call%2f`, `${BASE}/call/%0a`, `${BASE}/call/%00`,
    `${BASE}/ctx/user`, `${BASE}/ctx//`, `${BASE}/schema`, "/api/%6dizan/call/",
])("every other path below the prefix is a problem, and no redirect: %s", async (target) => {
    for (const init of [posted(CALL), {}]) {
        const reply = await shop.app().request(target, init);
        expect([reply.status, reply.headers.get("content-type"), shop.begun]).toEqual([404, "application/problem+json", []]);
    }
});

test.each(["/api/mizan2/call/", "/mizan/call/", "/API/mizan/call/", "/x/api/mizan/call/"])(
    "a path that is not below it is the application's: %s", async (target) => {
        const reply = await shop.app().request(target, posted(CALL));
        expect([reply.status, reply.headers.get("content-type"), shop.begun]).toEqual([404, "text/plain; charset=UTF-8", []]);
    },
);

test.each(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW"])("every other method is refused with ours: %s", async (method) => {
    const reply = await shop.app().request(`${BASE}/call/`, { method });
    expect([reply.status, reply.headers.get("allow"), shop.begun]).toEqual([405, "POST", []]);
});

test("another prefix and two registries live side by side", async () => {
    const app = shop.app();
    const registry = new Registry();
    client({ name: "name", returns: t.string(), registry }, () => "other");
    mount(app, { registry, prefix: "/rpc/v2", environment: {} });
    expect(await (await app.request("/rpc/v2/call/", posted({ fn: "name" }))).json()).toMatchObject({ result: "other" });
    expect(await (await app.request(`${BASE}/call/`, posted(CALL))).json()).toMatchObject({ result: "u5" });
});

test.each(["", "/", "api", "/api/", "/api//x", "/api/:x", "/api/*", "/a b", "/%61", "/../x", "/api?x"])(
    "a prefix that is no plain path refuses: %s", (prefix) => {
        expect(() => mount(new Hono(), { registry: shop.registry, prefix, environment: {} })).toThrow(BadDeclaration);
    },
);

test("a wrong setting, and what cannot be served, refuse to mount", () => {
    expect(() => shop.app({ MIZAN_ORIGINS: "*" })).toThrow(BadSetting);
    client({ name: "lost", affects: context("nobody"), returns: t.bool(), registry: shop.registry }, () => true);
    expect(() => shop.app()).toThrow(/nobody/);
});

test("the application's own routes stay as they were", async () => {
    const app = new Hono().get("/api/health", (c) => c.text("well"));
    mount(app, { registry: shop.registry, environment: {} });
    app.get("/later", (c) => c.text("late"));
    expect([await (await app.request("/api/health")).text(), await (await app.request("/later")).text()]).toEqual(["well", "late"]);
});

test("middleware of the application sees request and reply, and may refuse", async () => {
    const app = new Hono();
    const seen: unknown[] = [];
    app.use(async (c, next) => {
        if (c.req.header("X-Refuse") !== undefined) {
            throw new HTTPException(403, { message: "no" });
        }
        await next();
        seen.push([c.req.path, c.res.status]);
        c.header("X-After", "1");
    });
    mount(app, { registry: shop.registry, environment: {} });
    const reply = await app.request(`${BASE}/call/`, posted(CALL));
    expect([seen, reply.headers.get("x-after")]).toEqual([[[`${BASE}/call/`, 200]], "1"]);
    expect((await app.request(`${BASE}/call/`, posted(CALL, { "X-Refuse": "1" }))).status).toBe(403);
});

test("middleware may have read the body", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
        await c.req.json();
        await next();
    });
    mount(app, { registry: shop.registry, environment: {} });
    expect(await (await app.request(`${BASE}/call/`, posted(CALL))).json()).toMatchObject({ result: "u5" });
});

test("what middleware has read as text and repaired is malformed", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
        await (c.req.query("as") === "bytes" ? c.req.arrayBuffer() : c.req.text());
        await next();
    });
    mount(app, { registry: shop.registry, environment: {} });
    const sent = (as: string, name: string, encoding: BufferEncoding): RequestInit & { target: string } => ({
        ...posted({}), target: `${BASE}/call/?as=${as}`, body: Buffer.from(`{"fn":"rename","args":{"user_id":5,"name":"${name}"}}`, encoding),
    });
    const statuses = [sent("text", "é", "utf8"), sent("text", "é", "latin1"), sent("bytes", "\ufffd", "utf8"), sent("bytes", "é", "latin1")]
        .map(async ({ target, ...init }) => (await app.request(target, init)).status);
    expect(await Promise.all(statuses)).toEqual([200, 400, 200, 400]);
});

test("middleware may have put a smaller limit in front", async () => {
    const app = new Hono();
    app.use(bodyLimit({ maxSize: 100 }));
    mount(app, { registry: shop.registry, environment: {} });
    const chunked = (text: string): RequestInit => ({ ...posted(CALL), body: new Blob([text]).stream(), duplex: "half" });
    expect(await (await app.request(`${BASE}/call/`, chunked(JSON.stringify(CALL)))).json()).toMatchObject({ result: "u5" });
    expect((await app.request(`${BASE}/call/`, chunked(JSON.stringify({ ...CALL, more: "x".repeat(100) })))).status).not.toBe(200);
});

test("it lives inside another application, and below a tenant", async () => {
    const outer = new Hono().route("/inner", shop.app()).route("/t/:tenant", shop.app());
    for (const base of [`/inner${BASE}`, `/t/acme${BASE}`]) {
        expect((await outer.request(`${base}/call/`, posted(CALL))).status).toBe(200);
        expect(await (await outer.request(`${base}/call`, posted(CALL))).json()).toMatchObject({ code: "not_found" });
        expect(await (await outer.request(`${base}/%63all/`, posted(CALL))).json()).toMatchObject({ code: "not_found" });
    }
    const based = new Hono().basePath("/v1");
    mount(based, { registry: shop.registry, environment: {} });
    expect((await based.request(`/v1${BASE}/call/`, posted(CALL))).status).toBe(200);
});

test("the framework's own CORS layer and ours say no field twice", async () => {
    const app = new Hono();
    app.use(cors({ origin: ORIGIN, credentials: true }), async (c, next) => {
        c.header("Vary", "Cookie", { append: true });
        await next();
    });
    mount(app, { registry: shop.registry, environment: { MIZAN_ORIGINS: ORIGIN } });
    const reply = await app.request(`${BASE}/call/`, posted(CALL, { Origin: ORIGIN }));
    expect(reply.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(reply.headers.get("access-control-allow-credentials")).toBe("true");
    expect(new Set(reply.headers.get("vary")?.split(", "))).toEqual(new Set(["Origin", "Cookie"]));
});

test("what the protocol decides, no middleware before it does", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
        c.res.headers.set("Cache-Control", "public");
        c.res.headers.set("X-Mizan-Invalidate", "forged");
        c.res.headers.set("X-Own", "1");
        await next();
    });
    mount(app, { registry: shop.registry, environment: {} });
    const reply = await app.request(`${BASE}/call/`, posted(RENAME));
    expect(["cache-control", "x-mizan-invalidate", "x-own"].map((name) => reply.headers.get(name))).toEqual(["no-store", "user;user_id=5", "1"]);
});

test("a mutation sees user, session, cookies and fields", async () => {
    const app = new Hono<{ Variables: { user: string; session: object } }>();
    app.use(async (c, next) => {
        c.set("user", "ann");
        c.set("session", { cart: 1 });
        await next();
    });
    mount(app, { registry: shop.registry, environment: {} });
    await app.request(`${BASE}/call/`, posted(RENAME, { Cookie: "a=b; __proto__=c", Authorization: "Bearer t" }));
    const [request] = shop.requests;
    expect([request?.user, request?.session, request?.headers.get("authorization")]).toEqual(["ann", { cart: 1 }, "Bearer t"]);
    expect(request?.cookies.get("a")).toBe("b");
    expect((request?.native as Context).req.path).toBe(`${BASE}/call/`);
});

test("a response of the framework is known as such", () => {
    expect([Response.json(1), new (class extends Response {})(), {}].map(isFrameworkResponse)).toEqual([true, true, false]);
});

test.each([[202, "user;user_id=5"], [303, "user;user_id=5"], [409, null], [503, null]])(
    "a response of the framework passes through: %s", async (status, said) => {
        const headers = { "Vary": "Accept", "X-Mizan-Invalidate": "forged", "Cache-Control": "public", "X-Own": "1" };
        shop.makes = () => Response.json([5], { status, headers });
        const reply = await shop.app({ MIZAN_ORIGINS: ORIGIN }).request(`${BASE}/call/`, posted({ fn: "download", args: { user_id: 5, status } }));
        expect([reply.status, await reply.json(), reply.headers.get("x-mizan-invalidate"), reply.headers.get("x-own")]).toEqual([status, [5], said, "1"]);
        expect([reply.headers.get("vary"), reply.headers.get("cache-control")]).toEqual(["Accept, Origin", "no-store"]);
    },
);

test("several cookies of such a response are several fields", async () => {
    shop.makes = () => new Response(null, { status: 204, headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]] });
    const reply = await shop.app().request(`${BASE}/call/`, posted({ fn: "download", args: { user_id: 5, status: 204 } }));
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([204, ["a=1", "b=2"]]);
});

test("what is no response, or none that can be sent, is a failure", async () => {
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const used = new Response("used");
    await used.text();
    const all: readonly (() => unknown)[] = [() => used, () => Response.error(), () => ({ status: 200 }), () => "text"];
    for (const make of all) {
        shop.makes = make as typeof shop.makes;
        const reply = await shop.app().request(`${BASE}/call/`, posted({ fn: "download", args: { user_id: 5, status: 200 } }));
        expect([reply.status, await reply.json(), reply.headers.get("x-mizan-invalidate")]).toMatchObject([500, { code: "internal" }, null]);
    }
});
