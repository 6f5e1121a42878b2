/** query: raw bytes to effective values, one spelling a value. */
import { expect, test } from "vitest";

import * as annotations from "../src/annotations.js";
import * as query from "../src/query.js";
import * as t from "../src/t.js";

const Point = t.object("Point", { x: t.int(), price: t.decimal().default("0") });
const SHAPE = {
    i: t.int().default(0), s: t.string().default("d"), f: t.float().default(0), b: t.bool().default(false), n: t.int().nullable().default(null),
    big: t.int64().default(0n), raw: t.bytes().default(new Uint8Array()), d: t.decimal().default("0"), at: t.datetime().default("2000-01-01T00:00:00Z"),
    ints: t.list(t.int()).default([]), blobs: t.list(t.bytes()).default([]), maybes: t.list(t.int().nullable()).default([]), p: Point.default({ x: 0 }),
    u: t.union(t.int(), t.string()).default(0), j: t.json().default(null), c: t.enumeration("Color", ["red", ""]).default("red"),
    l: t.enumeration("Level", [1, 2]).default(1), colors: t.list(t.enumeration("Color", ["red", ""])).default([]),
};
const NAMES = annotations.namesOf(Object.values(SHAPE), "test");
const PARAMETERS = annotations.fieldsOfShape(SHAPE, NAMES, "test");
const [DEFAULTS] = query.decode(new Uint8Array(), PARAMETERS, NAMES);

type Found = readonly [values: Readonly<Record<string, unknown>>, mismatches: readonly (readonly [string, string])[]];

/** @returns the values that a query gives beside the defaults, and the mismatches. */
function found(raw: string | Uint8Array): Found {
    const [values, mismatches] = query.decode(Buffer.from(raw), PARAMETERS, NAMES);
    const given = Object.entries(values).filter(([name, one]) => !isSame(one, DEFAULTS[name]));
    return [Object.fromEntries(given), mismatches.map((one) => [one.pointer, one.code])];
}

function isSame(one: unknown, other: unknown): boolean {
    return typeof one !== "bigint" && typeof other !== "bigint" ? JSON.stringify(one) === JSON.stringify(other) : one === other;
}

test.each<[string, Readonly<Record<string, unknown>>]>([
    ["", {}], ["i=5&s=", { i: 5, s: "" }], ["&&i=5&", { i: 5 }], ["s=a%26b%3Dc+d%2Be=f", { s: "a&b=c d+e=f" }], ["%69=5", { i: 5 }],
    ["f=1e%2B21", { f: 1e21 }], ["f=5", { f: 5 }], ["b=true", { b: true }], ["n.json=null", {}], ["n=5", { n: 5 }], ["s=null", { s: "null" }],
    ["ints=2&i=1&ints=1", { ints: [2, 1], i: 1 }], ["ints.json=[]", {}], ["big=-9223372036854775808", { big: -(2n ** 63n) }],
    ["blobs=AQ", { blobs: [Uint8Array.of(1)] }], ['blobs.json=["AQ",""]', { blobs: [Uint8Array.of(1), new Uint8Array()] }], ['raw.json=""', {}],
    ["maybes.json=[null]", { maybes: [null] }], ['p.json={"x":5}', { p: { x: 5, price: "0" } }], ['u.json="5"', { u: "5" }], ["u.json=5", { u: 5 }],
    ["j.json=[1,null]", { j: [1, null] }], ["d=1.5", { d: "1.5" }], ["s=%F0%9F%98%80", { s: "😀" }], ["s=%ef%bb%bfx", { s: "\ufeffx" }],
    ["at=2024-02-29T12:34:56.500Z", { at: "2024-02-29T12:34:56.500Z" }], ["l=2", { l: 2 }], ['c.json=""', { c: "" }],
    ['colors.json=["red",""]', { colors: ["red", ""] }],
])("the one spelling is read: %s", (raw, values) => {
    const [got, mismatches] = found(raw);
    expect([got, mismatches]).toEqual([values, []]);
});

test.each<[string, readonly (readonly [string, string])[]]>([
    ["i", [["", "format"]]], ["i=%4", [["", "format"]]], ["i=%", [["", "format"]]], ["i=%+1", [["", "format"]]], ["i=%ff", [["", "format"]]],
    ["s=%c0%af", [["", "format"]]], ["s=%ed%a0%80", [["", "format"]]], ["x=1&x=%zz", [["", "format"]]], ["i=01", [["/i", "type"]]],
    ["i=", [["/i", "type"]]], ["i=1.0", [["/i", "type"]]], ["i=-0", [["/i", "type"]]], ["i=%EF%BC%95", [["/i", "type"]]],
    ["i=9007199254740992", [["/i", "range"]]], ["f=1.0", [["/f", "type"]]], ["f=-0", [["/f", "type"]]], ["f=1e21", [["/f", "type"]]],
    ["f=100000000000000000000", [["/f", "range"]]], ["f=1e400", [["/f", "range"]]], ["f=NaN", [["/f", "type"]]], ["f=", [["/f", "type"]]],
    ["b=1", [["/b", "type"]]], ["b=", [["/b", "type"]]], ["big=01", [["/big", "format"]]], ["big=9223372036854775808", [["/big", "range"]]],
    ["raw=", [["/raw", "format"]]], ["d=1.50", [["/d", "format"]]], ["at=2000-01-01T00:00:00%2B00:00", [["/at", "format"]]],
    ["s=%EF%BF%BE", [["/s", "format"]]], ["i=1&i=1", [["/i", "duplicate"]]], ["i=1&i.json=1", [["/i", "duplicate"]]],
    ["ints.json=[]&ints.json=[]", [["/ints", "duplicate"]]], ["x=1&y=2", [["", "unknown"]]], ["x.json=1", [["", "unknown"]]], ["=1", [["", "unknown"]]],
    ["__proto__=1", [["", "unknown"]]], ["i.json.json=1", [["", "unknown"]]], ["i.json=1", [["/i", "format"]]], ["s.json=%22%22", [["/s", "format"]]],
    ["n=null", [["/n", "type"]]], ["ints.json=[1]", [["/ints", "format"]]], ["ints=1&ints=x", [["/ints/1", "type"]]], ["maybes=1", [["/maybes", "format"]]],
    ['p.json={"x":+5}', [["/p", "format"]]], ['p.json={"x":5,"price":"1"}', [["/p", "format"]]], ['p.json={"price":"1.50","x":5}', [["/p/price", "format"]]],
    ['p.json={"x":"5"}', [["/p/x", "type"]]], ["p=5", [["/p", "format"]]], ["u=5", [["/u", "format"]]], ["j=5", [["/j", "format"]]],
    ["c=RED", [["/c", "choice"]]], ["c=", [["/c", "choice"]]], ["l=1.0", [["/l", "choice"]]], ["l=", [["/l", "choice"]]],
    ["i=x&b=y&z=1", [["", "unknown"], ["/b", "type"], ["/i", "type"]]], ["ints=1&".repeat(65), [["", "length"]]], [`s=${"x".repeat(8191)}`, [["", "length"]]],
])("any other spelling is refused at its pointer: %.60s", (raw, mismatches) => {
    expect(found(raw)[1]).toStrictEqual(mismatches);
});

test("64 pieces and 8192 bytes are within the limit", () => {
    expect([found("ints=1&".repeat(64))[1], found(`s=${"x".repeat(8190)}`)[1]]).toStrictEqual([[], []]);
});

test("raw bytes that are not ASCII are read as UTF-8", () => {
    expect(found(Uint8Array.of(0x73, 0x3d, 0xc3, 0xa9))).toEqual([{ s: "é" }, []]);
    expect(found(Uint8Array.of(0x73, 0x3d, 0xc3))).toEqual([{}, [["", "format"]]]);
});

test("a required parameter is missing", () => {
    const fields = annotations.fieldsOfShape({ a: t.int(), b: t.int().default(1) }, new Map(), "test");
    const [values, mismatches] = query.decode(new Uint8Array(), fields, new Map());
    expect([values, mismatches.map((one) => [one.pointer, one.code])]).toEqual([{ b: 1 }, [["/a", "missing"]]]);
});
