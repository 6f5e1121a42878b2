/** Entries to one field value and back. Source: spec/invalidate-header.md. */
import { describe, expect, test } from "vitest";

import { Float, type Json } from "../src/canonical.js";
import * as header from "../src/header.js";
import { entry, type Entry } from "../src/scoping.js";

function of(context: string, params: Readonly<Record<string, Json>> = {}): Entry {
    return entry(context, new Map(Object.entries(params)));
}

function many(contexts: readonly (readonly [string, number])[]): Entry[] {
    return contexts.flatMap(([context, count]) => Array.from({ length: count }, (_, n) => of(context, { k: 10 + n })));
}

describe("a value", () => {
    test.each<[Json, string]>([
        [0, "t;k=0"], [-999_999_999_999_999, "t;k=-999999999999999"], [true, "t;k"], [false, "t;k=?0"], ["", 't;k=""'], ['a,b"c\\', 't;k="a,b\\"c\\\\"'],
        ["Zoë", 't;k=%"Zo%c3%ab"'], ['é"%\\', 't;k=%"%c3%a9%22%25\\"'], ["\u{1f600}", 't;k=%"%f0%9f%98%80"'], ["\x80", 't;k=%"%c2%80"'],
        ["\ufeff\ufffd", 't;k=%"%ef%bb%bf%ef%bf%bd"'], ["5", 't;k="5"'],
    ])("is a bare item: %j", (value, text) => {
        expect(header.encode([of("t", { k: value })])).toBe(text);
        expect(header.decode(text)).toEqual([of("t", { k: value })]);
    });

    test.each<[Json]>([
        [10 ** 15], [-(10 ** 15)], [new Float(1.5)], [new Float(1)], [null], [[]], [new Map()], ["a\nb"], ["\r\n"], ["\0"], ["\x1f"], ["\x7f"], ["é\t"],
    ])("that cannot be said widens its whole entry: %j", (value) => {
        expect(header.encode([of("t", { a: 1, k: value })])).toBe("t");
    });

    test("that cannot be said swallows the other entries of its context", () => {
        expect(header.encode([of("t", { k: "x" }), of("t", { k: "\n" }), of("u", { k: "x" })])).toBe('t, u;k="x"');
    });

    test("widens nothing in an entry that another covers", () => {
        expect(header.encode([of("t", { a: 1 }), of("t", { a: 1, k: new Float(1.5) })])).toBe("t;a=1");
    });
});

test("nothing to say is empty", () => {
    expect(header.encode([])).toBe("");
});

test("parameters stand by name, members by their canonical text", () => {
    expect(header.encode([of("t", { b: 1, a_: 2, a1: 3, a: 4 })])).toBe("t;a=4;a1=3;a_=2;b=1");
    expect(header.encode([of("t", { k: 9 }), of("t", { k: 10 }), of("t", { k: 1 }), of("t", { k: "1" })])).toBe('t;k="1", t;k=10, t;k=1, t;k=9');
});

test.each([
    of("User"), of("a.b"), of(""), of("u\n"), of("u", { Id: new Float(1.5) }), of("a".repeat(65)), of("user, team"), of("u", { "*": 5 }), of("__proto__"),
])("a name outside the grammar is refused: %j", (one) => {
    expect(() => header.encode([one])).toThrow(header.BadName);
});

describe("what is too long", () => {
    test.each([[32, 32], [33, 1]])("%i members are written as %i", (count, members) => {
        expect(header.encode(many([["user", count]])).split(", ")).toHaveLength(members);
    });

    test.each([[2036, 2048], [2037, "user".length]])("a text of %i letters makes %i bytes", (letters, bytes) => {
        expect(header.encode([of("user", { text: "x".repeat(letters) })])).toHaveLength(bytes);
    });

    test("collapses in the fullest context first, of several the first by name", () => {
        expect(header.encode(many([["c", 10], ["b", 17], ["a", 17]])).split(", ").slice(0, 2)).toEqual(["a", "b;k=10"]);
    });

    test("collapses only until it fits", () => {
        const members = header.encode(many([["a", 15], ["b", 15], ["c", 15]])).split(", ");
        expect([members.slice(0, 2), members.length]).toEqual([["a", "b;k=10"], 31]);
    });

    test("is everything if all are bare", () => {
        expect(header.encode(Array.from({ length: 33 }, (_, n) => of(`c${n}`)))).toBe("*");
    });

    test("and of ten thousand keys is written quickly", () => {
        const start = performance.now();
        expect(header.encode(many([["user", 10_000]]))).toBe("user");
        expect(performance.now() - start).toBeLessThan(2000);
    });
});

test.each<[string, Entry[]]>([
    ["", []], ["   ", []], ["*", [{ context: "*" }]], [" * ", [{ context: "*" }]], ["team", [of("team")]], ["  team \t,\t user \t", [of("team"), of("user")]],
    ["t;  a=1;b", [of("t", { a: 1, b: true })]], ["t;k=007", [of("t", { k: 7 })]], ["t;k=-0", [of("t", { k: 0 })]],
    ["t;k=1;k=2", [of("t", { k: 2 })]], ["user;a=1, team", [of("user", { a: 1 }), of("team")]], ['t;k=%"%0a"', [of("t", { k: "\n" })]],
])("a list of our grammar is read: %j", (text, entries) => {
    expect(header.decode(text)).toEqual(entries);
});

test.each([
    "team,", "team, ", ",team", "team,,user", "team user", "\tteam", "\t", "user;", "user;;a=1", "user ;a=1", "user;\ta=1", "user;a =1", "user;a= 1",
    "user;a=", "user;A=1", "user;_id=5", "user;a=1000000000000000", "user;a=+1", "user;a=-", "user;a=1x", "user;a=1.0", "user;a=?2", 'user;a="x',
    'user;a="\\n"', 'user;a="\x01"', 'user;a="ë"', "user;a='x'", 'user;a=%"%C3%AB"', 'user;a=%"%c"', 'user;a=%"%ff"', 'user;a=%"%ed%a0%80"', "usér",
    "user;a=１", "(team)", '"team"', "5", "?1", "@1", ":YQ==:", "Team", "a.b", "a-b", "a".repeat(65), "*, team", "*;a=1", "*team", "user;a=five",
    "user;a=:NQ==:", "user;a=@5", "user;a-b=5", "user;a.b=5", "user;*=5", "team\n", "team;a=1\n", `user;${"a".repeat(65)}=1`, "\ufeffteam", "team\u00a0",
])("anything else is unreadable as a whole: %j", (text) => {
    expect(() => header.decode(text)).toThrow(header.Unreadable);
});
