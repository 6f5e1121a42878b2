/** Bindings, entries, their normal form, and merges. Source: spec/scoping.md, spec/merge.md. */
import { describe, expect, test } from "vitest";

import * as canonical from "../src/canonical.js";
import type { Json } from "../src/canonical.js";
import * as declaration from "../src/declaration.js";
import { BadDeclaration } from "../src/errors.js";
import * as merges from "../src/merges.js";
import * as question from "../src/question.js";
import * as scoping from "../src/scoping.js";
import type { Entry } from "../src/scoping.js";
import * as seal from "../src/seal.js";
import { json, object } from "./json.js";

const OBJECTS = { Team: params({ team_id: "int", title: "string" }) };

function params(kinds: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]));
}

/** @returns the scopes and merges of a mutation declared in JSON. */
function fixed(contexts: unknown, mutation: object, more: object = {}): ReturnType<typeof seal.fixed> {
    const said = object({ contexts, mutation: { args: {}, returns: "bool", affects: [], ...mutation }, objects: OBJECTS, ...more });
    const names = declaration.namesFromJson(said);
    return seal.fixed(question.mutationOf(object(said.get("mutation") ?? null), names), question.contextsOf(said, names));
}

function entry(context: string, values: Readonly<Record<string, Json>> = {}): Entry {
    return scoping.entry(context, new Map(Object.entries(values)));
}

const TEAM = { team: params({ team_id: "int" }) };
const CARD = { team_id: 4, title: "x" };

// The table of the page on scoping, and what it says in words: contexts, mutation, args, result, the entry's params.
const ROWS: Readonly<Record<string, readonly [contexts: object, mutation: object, args: object, result: unknown, wanted: Readonly<Record<string, Json>>]>> = {
    "tier 1": [{ user: params({ user_id: "int" }) }, { args: params({ user_id: "int", name: "string" }) }, { user_id: 5, name: "x" }, true, { user_id: 5 }],
    "partial": [{ user: params({ org_id: "int", user_id: "int" }) }, { args: params({ org_id: "int" }) }, { org_id: 3 }, true, { org_id: 3 }],
    "null drops one": [
        { user: params({ org_id: "int", user_id: "int" }) }, { args: params({ org_id: { nullable: "int" }, user_id: "int" }) },
        { org_id: null, user_id: 7 }, true, { user_id: 7 },
    ],
    "tier 2": [TEAM, { args: params({ title: "string" }), returns: { ref: "Team" } }, { title: "x" }, CARD, { team_id: 4 }],
    "types differ": [TEAM, { args: params({ team_id: "string" }), returns: { ref: "Team" } }, { team_id: "x" }, CARD, { team_id: 4 }],
    "no fall-through": [TEAM, { args: params({ team_id: { nullable: "int" } }), returns: { ref: "Team" } }, { team_id: null }, CARD, {}],
    "null result": [TEAM, { returns: { nullable: { ref: "Team" } } }, {}, null, {}],
    "argument before result": [TEAM, { args: params({ team_id: "int" }), returns: { ref: "Team" } }, { team_id: 9 }, CARD, { team_id: 9 }],
    "never by name": [{ user: params({ id: "int" }) }, { args: params({ id: "int" }) }, { id: 5 }, true, {}],
    "never a float": [{ user: params({ real: "float" }) }, { args: params({ real: "float" }) }, { real: 5.5 }, true, {}],
    "a decimal is stripped": [{ user: params({ price: "decimal" }) }, { args: params({ price: "decimal" }) }, { price: "1.50" }, true, { price: "1.5" }],
    "never a list of objects": [TEAM, { returns: { list: { ref: "Team" } } }, {}, [CARD], {}],
    "names of a prototype": [{ user: params({ constructor: "int" }) }, { args: params({ user_id: "int" }) }, { user_id: 5 }, true, {}],
};

test.each(Object.entries(ROWS))("the table of the page holds: %s", (_, [contexts, mutation, args, result, wanted]) => {
    const [name = ""] = Object.keys(contexts);
    const [scopes] = fixed(contexts, { ...mutation, affects: [name] });
    expect(scoping.entriesFor(scopes, object(args), json(result))).toEqual([entry(name, wanted)]);
});

describe("a map", () => {
    test.each<[object, Readonly<Record<string, Json>>]>([
        [{ id: "args.team_id" }, { id: 5 }], [{ id: "team_id" }, { id: 5 }], [{ id: "result.team_id" }, { id: 4 }], [{}, {}],
    ])("replaces every tier: %j", (map, wanted) => {
        const mutation = { args: params({ team_id: "int" }), returns: { ref: "Team" }, affects: [{ context: "item", map }] };
        const [scopes] = fixed({ item: params({ id: "int", team_id: "int" }) }, mutation);
        expect(scoping.entriesFor(scopes, object({ team_id: 5 }), json(CARD))).toEqual([entry("item", wanted)]);
    });

    test("takes a bare name without an argument from the result", () => {
        const [scopes] = fixed({ item: params({ id: "int" }) }, { returns: { ref: "Team" }, affects: [{ context: "item", map: { id: "team_id" } }] });
        expect(scoping.entriesFor(scopes, object({}), json(CARD))).toEqual([entry("item", { id: 4 })]);
    });

    test.each([
        { no: "args.a" }, { id: "args.no" }, { id: "result.no" }, { id: "no" }, { id: "args.b" }, { id: "args.a.c" }, { id: "constructor" }, { id: "args." },
        { id: ".a" },
    ])("that names what is not there refuses: %j", (map) => {
        const mutation = { args: params({ a: "int", b: "string" }), affects: [{ context: "item", map }] };
        expect(() => fixed({ item: params({ id: "int" }) }, mutation)).toThrow(/map for "item"/);
    });
});

describe("entries", () => {
    test.each<[Entry, Entry, boolean]>([
        [entry("a"), entry("a", { x: 1 }), true], [entry("a", { x: 1 }), entry("a", { x: 1, y: 2 }), true], [entry("a", { x: 1 }), entry("a", { x: 1 }), true],
        [entry("a", { x: 1 }), entry("a"), false], [entry("a", { x: 1 }), entry("a", { x: 2, y: 2 }), false], [entry("a"), entry("b"), false],
        [entry("a", { x: 1 }), entry("a", { x: "1", y: 1 }), false], [entry("a", { x: 1 }), entry("a", { x: true, y: 1 }), false],
        [entry("a", { x: null }), entry("a", { y: 1 }), false], [entry("a", { x: null }), entry("a", { x: null, y: 1 }), true],
    ])("cover what agrees with all of them: %j, %j", (wide, narrow, covered) => {
        expect(scoping.covers(wide, narrow)).toBe(covered);
    });

    test("in normal form are sorted and none is covered", () => {
        const entries = [entry("b", { x: 9 }), entry("b", { x: 10, y: 1 }), entry("b", { x: 10 }), entry("b", { x: 9 }), entry("a", { z: 1 }), entry("a")];
        expect(scoping.normalise(entries)).toEqual([entry("a"), entry("b", { x: 10 }), entry("b", { x: 9 })]);
    });

    test("of other parameters both stay", () => {
        expect(scoping.normalise([entry("a", { x: 1, y: 1 }), entry("a", { y: 1, z: 1 })])).toHaveLength(2);
    });

    test("with a text and an int are two", () => {
        expect(scoping.normalise([entry("a", { x: 1 }), entry("a", { x: "1" })])).toEqual([entry("a", { x: "1" }), entry("a", { x: 1 })]);
    });

    test("have the normal form of its definition", () => {
        const one = (name: string): Record<string, Json>[] => [{}, { [name]: 1 }, { [name]: "1" }];
        const values = one("x").flatMap((x) => one("y").map((y) => ({ ...x, ...y })));
        const entries = ["a", "b"].flatMap((context) => values.map((params) => entry(context, params)));
        for (const skipped of entries.keys()) {
            const some = [...entries.slice(skipped), ...entries.slice(0, skipped / 2)];
            const isKept = (kept: Entry, at: number): boolean => !some.some((other, before) => (
                before !== at && scoping.covers(other, kept) && (!scoping.covers(kept, other) || before < at)
            ));
            expect(scoping.normalise(some)).toEqual(scoping.order(some.filter(isKept)));
        }
    });

    test("are normalised quickly, of one shape and of several", () => {
        const start = performance.now();
        const numbers = Array.from({ length: 10_000 }, (_, x) => x);
        expect(scoping.normalise(numbers.map((x) => entry("a", { x })))).toHaveLength(10_000);
        expect(scoping.normalise(numbers.map((x) => entry("a", x % 2 === 0 ? { x } : { x: x - 1, y: x })))).toHaveLength(5000);
        expect(performance.now() - start).toBeLessThan(2000);
    });

    test("are sorted by the bytes of their canonical text", () => {
        const entries = [entry("a", { x: "\u{1f600}" }), entry("a", { x: "\ufb33" }), entry("a")];
        expect(scoping.order(entries).map((one) => canonical.textOf(scoping.entryToJson(one)))).toEqual([
            '{"context":"a"}', '{"context":"a","params":{"x":"\ufb33"}}', '{"context":"a","params":{"x":"\u{1f600}"}}',
        ]);
    });
});

const SLOTS = { user: { profile: { ref: "Team" }, count: "int" } };
const USER = { user: params({ user_id: "int" }) };

/** @returns the merges that are made and those that degrade. */
function merged(args: object, mutation: object, slots: object = SLOTS): ReturnType<typeof merges.mergesFor> {
    const [, patched] = fixed(USER, { args: params({ user_id: { nullable: "int" } }), returns: { ref: "Team" }, ...mutation }, { slots });
    return merges.mergesFor(patched, object(args), json(CARD));
}

describe("a merge", () => {
    test("with every parameter bound is made", () => {
        expect(merged({ user_id: 5 }, { merge: ["user"] })).toEqual([[{ ...entry("user", { user_id: 5 }), slot: "profile", value: json(CARD) }], []]);
    });

    test.each<[object, object]>([
        [{ user_id: null }, { merge: ["user"] }], [{ x: 1 }, { args: params({ x: "int" }), merge: ["user"] }],
        [{ user_id: 5 }, { merge: [{ context: "user", map: {} }] }],
    ])("without one degrades to an invalidation: %j", (args, mutation) => {
        expect(merged(args, mutation)).toEqual([[], [entry("user")]]);
    });

    test("bound by the result degrades, and by a map it does not", () => {
        const mutation = { returns: { ref: "Team" } };
        const slots = { team: { card: { ref: "Team" } } };
        const [, byName] = fixed(TEAM, { ...mutation, merge: ["team"] }, { slots });
        const [, byMap] = fixed(TEAM, { ...mutation, merge: [{ context: "team", map: { team_id: "result.team_id" } }] }, { slots });
        expect(merges.mergesFor(byName, object({}), json(CARD))).toEqual([[], [entry("team", { team_id: 4 })]]);
        expect(merges.mergesFor(byMap, object({}), json(CARD))).toEqual([[{ ...entry("team", { team_id: 4 }), slot: "card", value: json(CARD) }], []]);
    });

    test.each<[object, RegExp]>([
        [{ user: { count: "int" } }, /got none/], [{ user: { a: { ref: "Team" }, b: { nullable: { ref: "Team" } } } }, /got a, b/],
        [{ user: { all: { list: { ref: "Team" } } } }, /got none/], [{}, /got none/],
    ])("without one fitting slot refuses and names them: %j", (slots, said) => {
        expect(() => merged({}, { merge: ["user"] }, slots)).toThrow(said);
    });

    test.each([{ slot: "no" }, { slot: "count" }, { slot: "all", op: "upsert" }, { slot: "all", op: "upsert", key: "no" }, { slot: "constructor" }])(
        "into a slot that cannot take the result refuses: %j", (merge) => {
            const slots = { user: { count: "int", all: { list: { ref: "Team" } } } };
            expect(() => merged({}, { merge: [{ context: "user", ...merge }] }, slots)).toThrow(/merge of "user"/);
        });

    test.each<[object, RegExp]>([
        [{ op: "swap" }, /"swap" is no operation/], [{ op: "upsert" }, /wants a key/], [{ op: "remove" }, /wants a key/],
        [{ op: "append", key: "no" }, /tells no items apart/], [{ op: "upsert", key: "maybe" }, /tells no items apart/],
        [{ op: "upsert", key: "real" }, /tells no items apart/], [{ key: "team_id" }, /takes no key/],
    ])("whose operation and key say nothing together refuses: %j", (merge, said) => {
        const objects = { Team: params({ team_id: "int", maybe: { nullable: "int" }, real: "float" }) };
        const more = { slots: { user: { all: { list: { ref: "Team" } } } }, objects };
        expect(() => fixed(USER, { args: params({ user_id: "int" }), returns: { ref: "Team" }, merge: [{ context: "user", ...merge }] }, more)).toThrow(said);
    });

    test("of one context twice refuses", () => {
        expect(() => merged({}, { merge: ["user", "user"] })).toThrow(/names user twice/);
    });

    test("of an item goes into a list by its key", () => {
        const [made] = merged({ user_id: 5 }, { merge: [{ context: "user", op: "upsert", key: "team_id" }] }, { user: { all: { list: { ref: "Team" } } } });
        expect(made.map(merges.mergeEntryToJson)).toEqual([json({
            context: "user", params: { user_id: 5 }, slot: "all", op: "upsert", key: "team_id", value: CARD,
        })]);
    });

    test("is dropped where an invalidation covers it, and said in the header where none does", () => {
        const made = [5, 6].map((user_id) => ({ ...entry("user", { user_id }), slot: "profile", value: 1 }));
        expect(merges.keptMerges(made, [entry("user", { user_id: 5 })])).toEqual(made.slice(1));
        expect(merges.saidInHeader([entry("team"), entry("user", { user_id: 6 })], made)).toEqual([
            entry("team"), entry("user", { user_id: 5 }), entry("user", { user_id: 6 }),
        ]);
    });
});

test("a context that nobody declared, or that is named twice, refuses", () => {
    expect(() => fixed(USER, { affects: ["no"] })).toThrow(BadDeclaration);
    expect(() => fixed(USER, { merge: ["constructor"] })).toThrow(/has no read function/);
    expect(() => fixed(USER, { affects: ["user", "user"] })).toThrow(/names user twice/);
});
