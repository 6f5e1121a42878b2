/** writer: what a function returns to wire JSON, strictly. */
import { expect, test } from "vitest";

import * as annotations from "../src/annotations.js";
import { Float, textOf, type Json } from "../src/canonical.js";
import { WrongOutput } from "../src/errors.js";
import * as t from "../src/t.js";
import * as writer from "../src/writer.js";

interface Chain {
    readonly next: Chain | null;
}
const Chain: t.Of<Chain> = t.object("Chain", { next: t.lazy(() => Chain).nullable() });
interface Left {
    readonly a: Left | Right | null;
    readonly side: "left";
}
interface Right {
    readonly a: Left | Right | null;
    readonly side: "right";
}
const Left: t.Of<Left> = t.object("Left", { a: t.union(t.lazy(() => Left), t.lazy(() => Right), t.null()), side: t.enumeration("L", ["left"]) });
const Right: t.Of<Right> = t.object("Right", { a: t.union(t.lazy(() => Left), t.lazy(() => Right), t.null()), side: t.enumeration("R", ["right"]) });
const Color = t.enumeration("Color", ["red"]);
const User = t.object("User", { id: t.int(), name: t.string().default("x"), list: t.list(t.int()).default([1]) });

class Row {
    readonly id = 1;
    readonly name = "y";
}

function write(typed: t.AnyTyped, value: unknown, how = writer.write): Json {
    return how(typed.type, value, annotations.namesOf([typed], "test"));
}

test.each<[t.AnyTyped, unknown, Json]>([
    [t.int(), 5, 5], [t.int(), 5.0, 5], [t.int(), -0, 0], [t.float(), 5, new Float(5)], [t.float(), -0, new Float(0)], [t.bool(), true, true],
    [t.string(), "x", "x"], [t.null(), null, null], [t.int64(), 2n ** 60n, "1152921504606846976"], [t.decimal(), "1.50", "1.50"], [Color, "red", "red"],
    [t.datetime(), new Date(5), "1970-01-01T00:00:00.005Z"], [t.bytes(), Uint8Array.of(0xfb, 0xff), "-_8"], [t.list(t.int()), [1, 2], [1, 2]],
    [t.map(t.int()), JSON.parse('{"__proto__":1}'), new Map([["__proto__", 1]])], [t.union(t.int(), t.string()), "5", "5"],
    [t.union(t.int(), t.int64()), 5n, "5"], [t.union(t.int(), t.int64()), 5, 5], [User.nullable(), null, null],
    [t.json(), { a: [1, 1.5, null, -0], b: {} }, new Map<string, Json>([["a", [1, new Float(1.5), null, 0]], ["b", new Map()]])],
])("a value of its type is written: %#", (typed, value, wire) => {
    const written = write(typed, value);
    expect(written).toStrictEqual(wire);
    expect(Object.is(written, -0)).toBe(false);
});

test.each<[unknown, string]>([
    [{ id: 1 }, '{"id":1,"list":[1],"name":"x"}'], [{ name: "y", list: [], id: 2 }, '{"id":2,"list":[],"name":"y"}'],
    [new Row(), '{"id":1,"list":[1],"name":"y"}'], [Object.assign(Object.create(null), { id: 3 }), '{"id":3,"list":[1],"name":"x"}'],
])("an object is written with every field: %#", (value, text) => {
    expect(textOf(write(User, value))).toBe(text);
});

test.each<[t.AnyTyped, unknown]>([
    [t.int(), "5"], [t.int(), 5.5], [t.int(), true], [t.int(), null], [t.int(), undefined], [t.int(), 2 ** 53], [t.int(), 5n], [t.float(), "5"],
    [t.float(), Number.NaN], [t.float(), Infinity], [t.float(), 1e20], [t.bool(), 1], [t.string(), 5], [t.string(), "\ud800"], [t.string(), "\uffff"],
    [t.null(), 0], [t.null(), undefined], [t.int64(), 5], [Color, "blue"], [Color, "toString"], [t.list(t.int()), new Set([1])], [t.list(t.int()), ["1"]],
    [t.list(t.int()), new Array<number>(1)], [t.map(t.int()), new Map([["a", 1]])], [t.map(t.int()), { a: "b" }], [t.map(t.int()), [1]],
    [t.map(t.int()), { "\ud800": 1 }], [t.map(t.int()), new Date(0)], [t.union(t.int(), t.string()), 5.5], [User, { name: "x" }], [User, { id: 1, more: 2 }],
    [User, { id: 1, name: undefined }], [User, [1]], [User, null], [User, Object.create({ id: 1 })], [t.json(), Number.NaN], [t.json(), 2 ** 53],
    [t.json(), 1e20], [t.json(), "\udfff"], [t.json(), new Date(0)], [t.json(), undefined], [t.json(), { a: undefined }], [t.json(), 5n],
    [t.json(), () => 1], [t.json(), Symbol("x")], [t.json(), { "\uffff": 1 }], [t.upload(), "x"],
])("a value of another type is refused: %#", (typed, value) => {
    expect(() => write(typed, value)).toThrow(WrongOutput);
});

test("the message says where in the value, and nothing of the value", () => {
    expect(() => write(t.list(User), [{ id: 1 }, { id: "s3cret" }])).toThrow("1: id: wanted an integer within 2^53-1 (declare int64 for more), got string");
    expect(() => write(t.json(), { a: [Number.NaN] })).toThrow("a: 0: wanted a number that JSON can say");
});

test("a value that holds itself is refused", () => {
    const [list, chain]: [unknown[], { next: unknown }] = [[], { next: null }];
    list.push(list);
    chain.next = chain;
    expect(() => write(t.json(), list)).toThrow(WrongOutput);
    expect(() => write(Chain, chain)).toThrow(WrongOutput);
});

test("a deep union is written once, not once for each of its members", () => {
    let value: Left | Right = { a: null, side: "right" };
    for (let depth = 0; depth < 60; depth += 1) {
        value = { a: value, side: "right" };
    }
    const start = performance.now();
    expect(textOf(write(t.union(Left, Right), value))).toContain("right");
    expect(performance.now() - start).toBeLessThan(1000);
});

test("an object that no member of a union is, is refused", () => {
    expect(() => write(t.union(Left, Right), { a: null, side: "up" })).toThrow(WrongOutput);
    expect(textOf(write(t.union(Left, Right, t.null()), null))).toBe("null");
    expect(textOf(write(t.union(Left, Right, t.int()), 5))).toBe("5");
});

test("a key has decimals without trailing zeros, at every depth", () => {
    expect(write(t.list(t.decimal().nullable()), ["1.50", null], writer.writeKey)).toStrictEqual(["1.5", null]);
});

test("members are written by their names", () => {
    const shape = { a: t.int64(), b: t.int().nullable() };
    const fields = annotations.fieldsOfShape(shape, new Map(), "test");
    expect(writer.writeMembers(fields, { a: 5n, b: null }, new Map())).toStrictEqual(new Map<string, Json>([["a", "5"], ["b", null]]));
    expect(writer.writeMembers(fields, { a: 5n }, new Map())).toStrictEqual(new Map([["a", "5"]]));
});
