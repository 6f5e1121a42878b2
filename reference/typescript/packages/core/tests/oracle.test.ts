/** The oracle, and declarations in JSON: one line in, one line out. Source: spec/harness.md, The oracle. */
import { PassThrough, Readable } from "node:stream";

import { describe, expect, test } from "vitest";

import type { Json } from "../src/canonical.js";
import * as declaration from "../src/declaration.js";
import { BadDeclaration, BadName } from "../src/errors.js";
import { Lifting } from "../src/lifting.js";
import * as oracle from "../src/oracle.js";
import * as types from "../src/types.js";
import { json, object } from "./json.js";

const SCOPE = {
    contexts: { user: { user_id: { type: "int" } } }, slots: { user: { profile: { ref: "User" } } },
    mutation: { args: { user_id: { type: "int", default: 1 } }, returns: { ref: "User" }, affects: ["user"] },
    objects: { User: { id: { type: "int" }, color: { type: { ref: "Color" }, default: "red" } } },
    enums: { Color: ["red", "blue"] },
};

function ask(op: string, given: Readonly<Record<string, unknown>>): object {
    const texts = new Map(Object.entries(given).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
    const { id, ...answer } = oracle.answered({ id: 7, op, in: Object.fromEntries(texts) });
    expect(id).toBe(7);
    return answer;
}

function scope(args: object, more: { readonly entries?: readonly object[]; readonly changed?: object } = {}): object {
    const declared = { ...SCOPE, mutation: { ...SCOPE.mutation, ...more.changed } };
    return ask("scope", { declaration: declared, args, result: { id: 3 }, entries: more.entries ?? [] });
}

test.each<[string, Readonly<Record<string, unknown>>, object]>([
    ["hello", { protocol: "1" }, { ok: "1" }], ["hello", { protocol: "2" }, { err: "protocol" }], ["cache_key", {}, { skip: "unimplemented" }],
    ["__proto__", {}, { skip: "unimplemented" }], ["hello", {}, { err: "protocol" }], ["canonical_json", {}, { err: "syntax" }],
    ["query_decode", { declaration: { params: [] }, query: "" }, { err: "declaration" }], ["query_decode", { declaration: "{" }, { err: "declaration" }],
    ["query_decode", { declaration: { params: {} } }, { err: "declaration" }], ["query_decode", { declaration: {}, query: "" }, { err: "declaration" }],
    ["ir_emit", {}, { err: "declaration" }],
    ["invalidate_encode", { entries: "{" }, { err: "name" }], ["invalidate_encode", { entries: [5] }, { err: "name" }],
    ["invalidate_decode", {}, { err: "syntax" }], ["scope", { declaration: {}, args: {}, result: "null", entries: [] }, { err: "declaration" }],
    ["canonical_json", { text: '{"b":1.0,"a":"\\u00e9"}' }, { ok: '{"a":"é","b":1}' }], ["canonical_json", { text: "[1e20]" }, { err: "number" }],
    ["canonical_json", { text: "[NaN]" }, { err: "syntax" }], ["canonical_json", { text: "[".repeat(65) }, { err: "depth" }],
    ["canonical_json", { text_hex: "22c3a922" }, { ok: '"é"' }], ["canonical_json", { text_hex: "22ff22" }, { err: "syntax" }],
    ["canonical_json", { text_hex: "7b7dxx" }, { err: "syntax" }], ["canonical_json", { text_hex: "7b7d0" }, { err: "syntax" }],
    ["canonical_json", { text: '"\ud800"' }, { err: "syntax" }], ["canonical_json", { text: '"\u{1f600}"' }, { ok: '"\u{1f600}"' }],
    ["query_decode", { declaration: { params: { v: { type: "decimal", default: "1.50" } } }, query: "" }, { ok: '{"v":"1.5"}' }],
    ["query_decode", { declaration: { params: { v: { type: "int" } } }, query: "v=01" }, { err: "validation" }],
    ["query_decode", { declaration: { params: { v: { type: "no" } } }, query: "v=01" }, { err: "declaration" }],
    ["query_decode", { declaration: '{"params":{"__proto__":{"type":"int"}}}', query: "" }, { err: "declaration" }],
    ["invalidate_encode", { entries: [{ context: "user", params: { id: 5 } }] }, { ok: "user;id=5" }],
    ["invalidate_encode", { entries: [{ context: "User" }] }, { err: "name" }],
    ["invalidate_decode", { header: "user;id=5, team" }, { ok: '[{"context":"user","params":{"id":5}},{"context":"team"}]' }],
    ["invalidate_decode", { header: "user;id=5.0" }, { err: "syntax" }], ["invalidate_decode", { header: 'user;id=%"%ef%bf%be"' }, { err: "syntax" }],
    ["ir_emit", { declarations: { functions: [{ name: "A", returns: "int" }] } }, { err: "name" }],
    ["ir_emit", { declarations: { functions: [{ name: "a", returns: "no" }] } }, { err: "type" }],
    ["ir_emit", { declarations: "{" }, { err: "declaration" }],
])("the operation %s answers %j", (op, given, answer) => {
    expect(ask(op, given)).toEqual(answer);
});

describe("scope", () => {
    test.each([[{ user_id: 5 }, 5], [{}, 1]])("fills defaults in: %j", (args, user_id) => {
        expect(scope(args)).toEqual({ ok: `[{"context":"user","params":{"user_id":${user_id}}}]` });
    });

    test("adds run-time entries and normalises", () => {
        expect(scope({}, { entries: [{ context: "user", params: { user_id: 9 } }, { context: "user" }] })).toEqual({ ok: '[{"context":"user"}]' });
    });

    test.each<object>([
        { context: "no" }, { context: "user", params: { no: 1 } }, { context: "user", params: { user_id: "5" } },
        { context: "user", params: { user_id: null } }, { context: "constructor" }, { context: "user", params: { constructor: 1 } },
    ])("refuses a run-time entry that was not declared: %j", (entry) => {
        expect(scope({}, { entries: [entry] })).toEqual({ err: "entry" });
    });

    test("lists merges that degrade and not those that are made", () => {
        expect(scope({ user_id: 5 }, { changed: { affects: [], merge: ["user"] } })).toEqual({ ok: "[]" });
        expect(scope({}, { changed: { affects: [], merge: ["user"], args: {} } })).toEqual({ ok: '[{"context":"user"}]' });
    });

    test("leaves out what the server alone knows", () => {
        expect(scope({}, { changed: { args: { user_id: { type: "int", optional: true } } } })).toEqual({ ok: '[{"context":"user"}]' });
    });

    test.each<object>([
        { affects: ["no"] }, { affects: [{ context: "user", map: { no: "args.user_id" } }] }, { merge: ["no"] }, { returns: "int", merge: ["user"] },
        { args: { Bad: { type: "int" } } }, { args: { a: { type: { union: ["int", "float"] } } } }, { args: { a: { type: "int", default: "x" } } },
        { returns: { ref: "No" } }, { merge: [{ context: "user", slot: "no" }] }, { affects: [{ context: "user", map: { user_id: 5 } }] }, { affects: [5] },
        { merge: [{ context: "user", op: "swap" }] },
        { args: { a: { type: "int", optional: true, default: 1 } } },
        { args: { a: "int" } }, { args: { a: { type: "int", optional: null } } }, { args: { a: { type: "int", doc: null } } },
    ])("refuses a declaration that would not register: %j", (changed) => {
        expect(scope({}, { changed })).toEqual({ err: "declaration" });
    });

    test("refuses arguments and results that are not of their types", () => {
        expect(scope({ user_id: "5" })).toEqual({ err: "declaration" });
        expect(scope({}, { changed: { returns: "string" } })).toEqual({ err: "declaration" });
    });
});

describe("lines", () => {
    /** @returns the lines that are written for what comes in, in such pieces. */
    async function served(...pieces: readonly Uint8Array[]): Promise<unknown[]> {
        const out = new PassThrough();
        await oracle.serve(Readable.from(pieces), out);
        out.end();
        const text = (await out.setEncoding("utf8").toArray()).join("");
        return text.split("\n").filter((line) => line !== "").map((line): unknown => JSON.parse(line));
    }

    test("are answered until the input ends, however they are cut", async () => {
        const text = '{"id":1,"op":"hello","in":{"protocol":"1"}}\n'
            + '{"id":2,"op":"canonical_json","in":{"text":"\\"\u2028é\\""}}\n{"id":3,"op":"x","in":{}}\n';
        const bytes = Buffer.from(text);
        const wanted = [{ id: 1, ok: "1" }, { id: 2, ok: '"\u2028é"' }, { id: 3, skip: "unimplemented" }];
        expect(await served(bytes)).toEqual(wanted);
        expect(await served(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(wanted);
    });

    test("that are no question end it", async () => {
        await expect(served(Buffer.from("5\n"))).rejects.toThrow(TypeError);
        await expect(served(Buffer.from("{\n"))).rejects.toThrow(SyntaxError);
    });
});

describe("a declaration", () => {
    /** @returns the fields of each object, in the form that is read. */
    function objectsOf(names: types.Names): Json {
        const fields = [...names.keys()].map((name) => [name, declaration.fieldsToJson(types.fieldsOf(types.ref(name), names))] as const);
        return new Map(fields.filter(([, one]) => one.size > 0));
    }

    test("goes out as it came", () => {
        const names = declaration.namesFromJson(object(SCOPE));
        const said = {
            a: { type: { nullable: { union: ["int", { list: { map: "date" } }] } }, default: null },
            b: { type: "int", optional: true, doc: "said" },
        };
        expect(declaration.fieldsToJson(declaration.fieldsFromJson(json(said), names, "here"))).toEqual(json(said));
        expect(objectsOf(names)).toEqual(json(SCOPE.objects));
    });

    test.each([
        "no", { list: "int", map: "int" }, { union: [] }, { ref: 1 }, 5, null, {}, { list: "no" }, { ["__proto__"]: "int" },
    ])("of what is no type refuses: %j", (said) => {
        expect(() => declaration.typeFromJson(json(said))).toThrow(BadDeclaration);
    });

    test("has its defaults in full, whatever the order of objects", () => {
        const parts = Object.entries({
            A: { inner: { type: { ref: "B" }, default: {} }, x: { type: "int", default: 1 } },
            B: { y: { type: "int", default: 2 }, again: { type: { nullable: { ref: "A" } }, default: { inner: { again: null } } } },
        });
        const read = [parts, parts.toReversed()].map((order) => (
            objectsOf(declaration.namesFromJson(object({ objects: Object.fromEntries(order) })))
        ));
        const again = { inner: { again: null, y: 2 }, x: 1 };
        expect(read[0]).toEqual(read[1]);
        expect(read[0]).toEqual(json({
            A: { inner: { type: { ref: "B" }, default: { again, y: 2 } }, x: { type: "int", default: 1 } },
            B: { again: { type: { nullable: { ref: "A" } }, default: again }, y: { type: "int", default: 2 } },
        }));
    });

    test.each<object>([
        { A: { a: { type: { ref: "A" }, default: {} } } }, { A: { a: { type: "int", default: "x" } } }, { A: { a: { type: { ref: "No" } } } },
        { A: { a: { type: { nullable: "json" } } } },
        { A: { a: { type: { ref: "B" }, default: {} } }, B: { b: { type: "int", optional: true } } }, { A: 5 }, { A: { a: 5 } },
    ])("whose objects cannot be refuses: %j", (objects) => {
        expect(() => declaration.namesFromJson(object({ objects }))).toThrow(BadDeclaration);
    });

    test.each([
        { a: ["x"] }, { A: [] }, { A: ["x", "x"] }, { A: ["x", 1] }, { A: [1.5] }, { A: [true] }, { A: "x" },
    ])("whose enums cannot be refuses: %j", (enums) => {
        expect(() => declaration.namesFromJson(object({ enums }))).toThrow(BadDeclaration);
    });
});

describe("lifting", () => {
    test("names a type after the function and the place", () => {
        const lifting = new Lifting();
        const at_it = { type: { list: { object: { x: { type: { enum: ["a"] } } } } } };
        const said = { name: "shop.find_user", args: { at_it }, returns: { nullable: { enum: [1] } } };
        expect(lifting.function(object(said))).toEqual(json({
            name: "shop.find_user", args: { at_it: { type: { list: { ref: "ShopFindUserArgsAtIt" } } } },
            returns: { nullable: { ref: "ShopFindUserResult" } },
        }));
        expect(new Map<string, Json>([...lifting.enums, ...lifting.objects])).toEqual(json({
            ShopFindUserResult: [1], ShopFindUserArgsAtItX: ["a"], ShopFindUserArgsAtIt: { x: { type: { ref: "ShopFindUserArgsAtItX" } } },
        }));
    });

    test("gives one name to equal types at one place, and refuses two different ones", () => {
        const union = (...members: readonly object[]): object => ({ name: "f", returns: { union: members } });
        const lifted = new Lifting().function(object(union({ enum: ["a"] }, { enum: ["a"] })));
        expect(lifted.get("returns")).toEqual(json({ union: [{ ref: "FResult" }, { ref: "FResult" }] }));
        expect(() => new Lifting().function(object(union({ enum: ["a"] }, { enum: ["b"] })))).toThrow(BadName);
        expect(() => new Lifting().function(object(union({ enum: ["a"] }, { object: {} })))).toThrow(BadName);
    });

    test("refuses a place that no type can be named after, and fields that are none", () => {
        expect(() => new Lifting().record(object({ name: "A", fields: { "é-": { type: { enum: ["a"] } } } }))).toThrow(BadName);
        expect(() => new Lifting().record(object({ name: "A", fields: { x: 5 } }))).toThrow(BadDeclaration);
    });
});
