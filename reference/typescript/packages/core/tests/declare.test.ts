/** `client` and its options: what becomes data, and what refuses. Source: spec/ground.md, Types on the wire; spec/scoping.md; spec/merge.md. */
import { describe, expect, test } from "vitest";

import { ApplicationError, BadDeclaration, BadName, BadType, Registry, client, context, setFrameworkResponseBase, t } from "../src/index.js";
import type { Options } from "../src/index.js";

const USER = context("user");
const TEAM = context("team");
const User = t.object("User", { user_id: t.int(), name: t.string().default("anonymous") });

class Taken extends ApplicationError {
    static override readonly code = "app.taken";
    static override readonly status: number = 409;
}

/** Declares a function of one argument. */
function declared(options: Partial<Options<t.Shape, t.AnyTyped>> = {}) {
    const registry = new Registry();
    return client({ name: "probe", args: { value: t.int() }, returns: t.null(), registry, ...options }, () => Promise.reject(new Error("never called")));
}

describe("a function", () => {
    test("has its arguments in bytes order, with their defaults", () => {
        const { parameters } = declared({ args: { b: t.int().nullable(), a: t.int().default(5), c: t.list(t.int()).defaultFrom(() => []) } });
        expect([...parameters.keys()]).toEqual(["a", "b", "c"]);
        expect([...parameters.values()].map((one) => one.default && new TextDecoder().decode(one.default))).toEqual(["5", undefined, undefined]);
        expect([...parameters.values()].map((one) => one.optional?.())).toEqual([undefined, undefined, []]);
    });

    test("has standing options", () => {
        const one = declared();
        expect([one.kind, one.context, one.affects, one.merges, one.errors, one.timeout_s, one.volatile, one.identity, one.doc, one.isView])
            .toEqual(["plain", null, [], [], [], 30, false, "public", "", false]);
    });

    test("knows the types that it reaches", () => {
        expect([...declared({ args: { users: t.list(User) }, returns: t.map(User.nullable()) }).names.keys()]).toEqual(["User"]);
        expect([...client({ name: "none", returns: t.int(), registry: new Registry() }, () => 5).names.keys()]).toEqual([]);
    });

    test("is called as it was written", async () => {
        const double = client({ name: "double", args: { value: t.int() }, returns: t.int(), registry: new Registry() }, (_, { value }) => value * 2);
        const request = { user: null, session: null, headers: new Headers(), cookies: new Map<string, string>(), native: null, signal: AbortSignal.timeout(1) };
        expect(await double.body(request, { value: 4 })).toBe(8);
    });

    test("may return the framework's own response", () => {
        setFrameworkResponseBase(Response);
        const page = client({ name: "page", returns: t.response, registry: new Registry() }, () => new Response());
        expect([page.isView, page.output]).toEqual([true, null]);
    });

    test("is registered where it says, else in the current registry", () => {
        const [one, other] = [new Registry(), new Registry()];
        other.active(() => {
            declared({ registry: one });
            client({ name: "here", returns: t.null() }, () => null);
        });
        expect([[...one.functions.keys()], [...other.functions.keys()]]).toEqual([["probe"], ["here"]]);
    });
});

describe("affects", () => {
    test.each<[Options<t.Shape, t.AnyTyped>["affects"], unknown]>([
        [USER, [{ context: "user" }]],
        [[USER, TEAM], [{ context: "user" }, { context: "team" }]],
        [[], []],
        [{ context: USER, map: { a: "args.b" } }, [{ context: "user", map: new Map([["a", "args.b"]]) }]],
        [[TEAM, { context: USER, map: {} }], [{ context: "team" }, { context: "user", map: new Map() }]],
        [new Map([[USER, { a: "b" }]]), [{ context: "user", map: new Map([["a", "b"]]) }]],
    ])("%o", (affects, data) => {
        expect(declared(affects === undefined ? {} : { affects }).affects).toEqual(data);
    });
});

describe("merge", () => {
    test.each<[Options<t.Shape, t.AnyTyped>["merge"], unknown]>([
        [USER, [{ context: "user", op: "replace" }]],
        [[USER, { context: TEAM, slot: "card" }], [{ context: "user", op: "replace" }, { context: "team", slot: "card", op: "replace" }]],
        [{ context: USER, op: "upsert", key: "id", map: { a: "result.b" } }, [{ context: "user", op: "upsert", key: "id", map: new Map([["a", "result.b"]]) }]],
    ])("%o", (merge, data) => {
        expect(declared(merge === undefined ? {} : { merge }).merges).toEqual(data);
    });
});

describe("what refuses", () => {
    test.each<[string, Partial<Options<t.Shape, t.AnyTyped>>, typeof BadDeclaration]>([
        ["a read that affects", { context: USER, affects: USER }, BadDeclaration],
        ["a read that merges", { context: USER, merge: USER }, BadDeclaration],
        ["a read that affects nothing", { context: USER, affects: [] }, BadDeclaration],
        ["another identity", { identity: "sub" }, BadDeclaration],
        ["no time", { timeout_s: 0 }, BadDeclaration],
        ["half a second", { timeout_s: 1.5 }, BadDeclaration],
        ["endless time", { timeout_s: Infinity }, BadDeclaration],
        ["a volatile call", { volatile: true }, BadDeclaration],
        ["a file in a context", { context: USER, args: { file: t.upload() } }, BadType],
        ["files in a context", { context: USER, args: { files: t.list(t.upload()) } }, BadType],
        ["a file in a result", { returns: t.upload() }, BadType],
        ["an argument outside the grammar", { args: { Caps: t.int() } }, BadName],
        ["a union that no reader tells apart", { returns: t.union(t.string(), t.date()) }, BadType],
        ["an argument that may be null twice", { args: { value: t.json().nullable() } }, BadType],
    ])("%s", (_, options, refusal) => {
        expect(() => declared(options)).toThrow(refusal);
        expect(() => declared(options)).toThrow("probe");
    });

    test("an error without a code or a status of its own", () => {
        class Codeless extends ApplicationError {}
        class Oversized extends Taken {
            static override readonly status: number = 413;
        }
        expect(() => declared({ errors: [Codeless] })).not.toThrow();
        expect(() => declared({ errors: [Taken, Oversized] })).toThrow(/Oversized.*413/);
    });

    test.each(["Caps", "_x", "x-y", "x..y", "jwt.obtain", "mizan", "a".repeat(65), "a.b".repeat(43), "ä", "x\n", ""])("the name %j", (name) => {
        expect(() => declared({ name })).toThrow(BadName);
    });

    test.each(["a.b", "User", "", "x\n"])("the context %j", (name) => {
        expect(() => context(name)).toThrow(BadName);
    });

    test("what only looks like a context, or like an application error", () => {
        class Odd extends Error {
            static readonly code = "app.odd";
            static readonly status = 400;
            override readonly name = "Odd";
            readonly detail = null;
        }
        const other = structuredClone(USER);
        expect(() => declared({ context: other })).toThrow(BadDeclaration);
        expect(() => declared({ affects: { context: other, map: {} } })).toThrow(BadDeclaration);
        expect(() => declared({ affects: new Map([[other, {}]]) })).toThrow(BadDeclaration);
        expect(() => declared({ merge: { context: other } })).toThrow(BadDeclaration);
        expect(() => declared({ errors: [Odd] })).toThrow(BadDeclaration);
    });

    test("two types of one name", () => {
        expect(() => declared({ args: { a: User, b: t.object("User", { id: t.int() }) } })).toThrow(BadName);
    });
});
