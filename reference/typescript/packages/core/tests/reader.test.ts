/** reader: wire JSON to what a function sees, strictly, with every mismatch. */
import { expect, test } from "vitest";

import * as annotations from "../src/annotations.js";
import * as canonical from "../src/canonical.js";
import * as reader from "../src/reader.js";
import * as t from "../src/t.js";

interface Node {
    readonly next: Node | null;
}
const Node: t.Of<Node> = t.object("Node", { next: t.lazy(() => Node).nullable().default(null) });
const Color = t.enumeration("Color", ["red", "constructor"]);
const Level = t.enumeration("Level", [1]);
const Point = t.object("Point", { x: t.int(), y: t.int().default(0), label: t.string().nullable().default(null) });
const Circle = t.object("Circle", { kind: t.enumeration("CircleKind", ["circle"]), radius: t.int() });
const Square = t.object("Square", { kind: t.enumeration("SquareKind", ["square"]), side: t.int() });
const Made = t.object("Made", { list: t.list(t.int()).defaultFrom(() => [1]) });
const SHAPE = t.union(Circle, Square);

function read(typed: t.AnyTyped, text: string): readonly [unknown, readonly (readonly [string, string])[]] {
    const [value, mismatches] = reader.read(typed.type, canonical.read(new TextEncoder().encode(text)), annotations.namesOf([typed], "test"));
    return [value, mismatches.map((one) => [one.pointer, one.code])];
}

function ownKeys(value: unknown): readonly (string | symbol)[] {
    return typeof value === "object" && value !== null ? Reflect.ownKeys(value).sort() : [];
}

function members(shape: t.Shape, text: string): ReturnType<typeof reader.readMembers> {
    const names = annotations.namesOf(Object.values(shape), "test");
    const given = canonical.read(new TextEncoder().encode(text));
    return reader.readMembers(annotations.fieldsOfShape(shape, names, "test"), canonical.isObject(given) ? given : new Map(), names, "/args");
}

test.each<[t.AnyTyped, string, unknown]>([
    [t.int(), "5", 5], [t.float(), "5", 5], [t.float(), "-0.0", 0], [t.bool(), "true", true], [t.string(), '""', ""], [t.null(), "null", null],
    [t.int64(), '"5"', 5n], [t.decimal(), '"1.50"', "1.50"], [t.date(), '"2024-02-29"', "2024-02-29"], [t.bytes(), '"AQ"', Uint8Array.of(1)],
    [t.datetime(), '"2024-02-29T12:34:56+00:00"', "2024-02-29T12:34:56Z"], [Color, '"red"', "red"], [Level, "1", 1], [t.list(t.int()), "[1,2]", [1, 2]],
    [t.int().nullable(), "null", null], [t.union(t.int(), t.string()), '"5"', "5"],
])("a value of its type is read: %#", (typed, text, value) => {
    expect(read(typed, text)).toStrictEqual([value, []]);
});

test.each<[t.AnyTyped, string, unknown]>([
    [t.map(t.int()), '{"__proto__":1,"toString":2}', JSON.parse('{"__proto__":1,"toString":2}')], [Point, '{"x":1}', { x: 1, y: 0, label: null }],
    [SHAPE, '{"side":2,"kind":"square"}', { side: 2, kind: "square" }], [Node, '{"next":{"next":{}}}', { next: { next: { next: null } } }],
    [Made, "{}", { list: [1] }], [t.json(), '{"a":[1,1.5,null,{"__proto__":true}]}', JSON.parse('{"a":[1,1.5,null,{"__proto__":true}]}')],
])("an object is read into one without a prototype: %#", (typed, text, value) => {
    const [got, mismatches] = read(typed, text);
    expect([got, mismatches]).toEqual([value, []]);
    expect(Object.getPrototypeOf(got)).toBeNull();
    expect(ownKeys(got)).toStrictEqual(ownKeys(value));
});

test.each<[t.AnyTyped, string, readonly (readonly [string, string])[]]>([
    [t.int(), '"5"', [["", "type"]]], [t.int(), "5.0", [["", "type"]]], [t.int(), "5e0", [["", "type"]]], [t.int(), "-0", [["", "type"]]],
    [t.int(), "true", [["", "type"]]], [t.int(), "null", [["", "null"]]], [t.float(), "true", [["", "type"]]], [t.float(), "1e20", [["", "range"]]],
    [t.float(), '"1"', [["", "type"]]], [t.bool(), "1", [["", "type"]]], [t.string(), "5", [["", "type"]]], [t.null(), "0", [["", "type"]]],
    [t.int64(), "5", [["", "type"]]], [t.int64(), "null", [["", "null"]]], [t.int64(), '"05"', [["", "format"]]],
    [t.int64(), '"9223372036854775808"', [["", "range"]]], [t.upload(), '"x"', [["", "type"]]],
    [Color, '"Red"', [["", "choice"]]], [Color, '"toString"', [["", "choice"]]], [Color, "1", [["", "type"]]], [Level, '"1"', [["", "type"]]],
    [Level, "1.0", [["", "type"]]], [Level, "true", [["", "type"]]], [Level, "2", [["", "choice"]]], [Color, "null", [["", "null"]]],
    [t.list(t.int()), "{}", [["", "type"]]], [t.list(t.int()), "null", [["", "null"]]], [t.list(t.int()), '[1,"2",null]', [["/1", "type"], ["/2", "null"]]],
    [t.map(t.int()), "[]", [["", "type"]]], [t.map(t.int()), '{"a/b":"x","c~d":null,"~1":""}', [["/a~1b", "type"], ["/c~0d", "null"], ["/~01", "type"]]],
    [t.union(t.int(), t.string()), "true", [["", "type"]]], [t.union(t.int(), t.string()), "null", [["", "null"]]], [Point, "[]", [["", "type"]]],
    [Point, '{"y":"a","z":1,"q":2}', [["", "unknown"], ["/x", "missing"], ["/y", "type"]]], [Point, '{"x":1,"__proto__":1}', [["", "unknown"]]],
    [Point, '{"x":1,"y":null}', [["/y", "null"]]], [t.list(Point), '[{"x":1},{}]', [["/1/x", "missing"]]],
    [SHAPE, '{"radius":2}', [["/kind", "missing"]]], [SHAPE, '{"kind":"no"}', [["/kind", "choice"]]], [SHAPE, '{"kind":1}', [["/kind", "type"]]],
    [SHAPE, '{"kind":null}', [["/kind", "null"]]], [SHAPE, "[]", [["", "type"]]],
    [SHAPE, '{"kind":"circle","side":2}', [["", "unknown"], ["/radius", "missing"]]],
    [t.json(), '{"a":[1e20],"b":9007199254740992.0}', [["/a/0", "range"], ["/b", "range"]]],
])("every mismatch is reported at its pointer: %#", (typed, text, mismatches) => {
    expect(read(typed, text)[1]).toStrictEqual(mismatches);
});

test("mismatches are sorted and cut at 64", () => {
    const [, mismatches] = read(t.list(t.int()), `[${Array.from({ length: 100 }, () => '"x"').join(",")}]`);
    const all = Array.from({ length: 100 }, (_, index) => [`/${index}`, "type"]).sort(([one = ""], [other = ""]) => one < other ? -1 : 1);
    expect(mismatches).toStrictEqual(all.slice(0, 64));
});

test("pointers are sorted as bytes, and a mismatch that is found twice is told once", () => {
    const [, mismatches] = read(t.map(t.json()), '{"b":1e20,"a-b":1e20,"a":{"x":1e20,"":1e20},"a~":1e20,"\u{1f600}":1e20,"\uffee":1e20}');
    expect(mismatches.map(([pointer]) => pointer)).toStrictEqual(["/a-b", "/a/", "/a/x", "/a~0", "/b", "/\uffee", "/\u{1f600}"]);
    const reading = new reader.Reading(new Map());
    [["a/"], ["a/", "x/"], ["a-b/"], [], ["a/"]].forEach((path) => reading.note(path, "format"));
    expect(reading.mismatches().map((one) => one.pointer)).toStrictEqual(["", "/a", "/a-b", "/a/x"]);
});

test("messages never hold input", () => {
    const [, mismatches] = members({ value: t.union(t.int(), Color), point: Point }, '{"value":"s3cret","point":{"s3cret":1},"s3cret":1}');
    expect(mismatches.map((one) => one.pointer)).toStrictEqual(["/args", "/args/point", "/args/point/x", "/args/value"]);
    expect(JSON.stringify(mismatches)).not.toContain("s3cret");
});

test("absent arguments take a default of their own", () => {
    const shape = { numbers: t.list(t.int()).default([]), point: Point.default({ x: 1 }), made: t.list(t.int()).defaultFrom(() => [7]), n: t.int().nullable() };
    const [first, mismatches] = members(shape, '{"n":null}');
    const [second] = members(shape, '{"n":null}');
    expect([mismatches, first]).toEqual([[], { numbers: [], point: { x: 1, y: 0, label: null }, made: [7], n: null }]);
    expect(Object.getPrototypeOf(first)).toBeNull();
    expect(first["numbers"]).not.toBe(second["numbers"]);
    expect(first["point"]).not.toBe(second["point"]);
    expect(first["made"]).not.toBe(second["made"]);
});

test("a default that nobody makes stays absent", () => {
    const fields = new Map([["a", { name: "a", type: t.int().type, optional: () => undefined, doc: "" }]]);
    expect(reader.readMembers(fields, new Map(), new Map())).toEqual([{}, []]);
});

test("many mismatches are found and sorted quickly", () => {
    const start = performance.now();
    expect(read(t.list(t.int()), `[${'"x",'.repeat(200_000)}1]`)[1]).toHaveLength(64);
    expect(performance.now() - start).toBeLessThan(3000);
});

test.each([
    ["k".repeat(1_023), `/${"k".repeat(1_023)}`], ["k".repeat(1_024), ""], [`${"é".repeat(511)}k`, `/${"é".repeat(511)}k`], ["é".repeat(512), ""],
    ["~".repeat(512), ""],
])("a pointer that would be too long is one above it", (key, pointer) => {
    expect(read(t.map(t.int()), JSON.stringify({ [key]: "" }))[1]).toEqual([[pointer, "type"]]);
});

test("a long key is not copied for each mismatch below it", () => {
    const start = performance.now();
    expect(read(t.map(t.json()), `{"${"k".repeat(500_000)}":[${"1e20,".repeat(50_000)}1]}`)[1]).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(3000);
});
