/** t and annotations: typed things, the types and names that they make, and what does not register. */
import { expect, expectTypeOf, test } from "vitest";

import * as annotations from "../src/annotations.js";
import { BadDeclaration, BadName, BadType } from "../src/errors.js";
import * as t from "../src/t.js";
import * as types from "../src/types.js";

interface Ring {
    readonly end?: Chain | null;
    readonly size?: number;
}
interface Chain {
    readonly ring?: Ring | null;
    readonly weight?: number;
}
const Ring: t.Of<Ring> = t.object("Ring", { end: t.lazy(() => Chain).nullable().default({}), size: t.int().default(1) });
const Chain: t.Of<Chain> = t.object("Chain", { ring: t.lazy(() => Ring).nullable().default({ end: null }), weight: t.int().default(2) });
interface Node {
    readonly value: number;
    readonly next: Node | null;
}
const Node: t.Of<Node> = t.object("Node", { value: t.int(), next: t.lazy(() => Node).nullable().default(null) });
const Color = t.enumeration("Color", ["red", "green"], { doc: "A color." });
const Point = t.object("Point", {
    y: t.int().default(0), x: t.int().doc("East."), color: Color.nullable().default(null), made: t.list(t.int()).defaultFrom(() => []),
});

function textOf(raw: Uint8Array | undefined): string | undefined {
    return raw === undefined ? undefined : new TextDecoder().decode(raw);
}

function fieldsOf(name: string, ...roots: readonly t.AnyTyped[]): readonly (readonly [string, string, string | undefined])[] {
    const named = annotations.namesOf(roots, "here").get(name);
    return named?.is === "object" ? named.fields.map((one) => [one.name, types.irText(one.type), textOf(one.default)]) : [];
}

test("each kind has its builder", () => {
    const made = [
        t.int(), t.int64(), t.float(), t.bool(), t.string(), t.null(), t.decimal(), t.date(), t.datetime(), t.uuid(), t.bytes(), t.upload(), t.json(),
    ];
    expect(made.map((one) => one.type)).toStrictEqual(types.KINDS.map(types.scalar));
    expect(t.upload({ types: ["image/png"] }).type).toStrictEqual({ is: "scalar", kind: "upload", accepts: ["image/png"] });
});

test("types are made of types", () => {
    const union = t.union(t.string(), Color.nullable(), t.list(t.map(t.int()))).type;
    expect(union).toStrictEqual(types.union([types.scalar("string"), types.ref("Color"), types.NULL, types.list(types.mapOf(types.scalar("int")))]));
    expect(t.int().nullable().nullable().type).toStrictEqual(types.nullable(types.scalar("int")));
});

test("an object's fields stand in bytes order, with defaults as canonical JSON", () => {
    expect(fieldsOf("Point", t.list(Point.nullable()))).toStrictEqual([
        ["color", 'type "ref" "Color" nullable=#true', "null"], ["made", 'type "list" {\n    type "int"\n}', undefined], ["x", 'type "int"', undefined],
        ["y", 'type "int"', "0"],
    ]);
    const named = annotations.namesOf([Point], "here").get("Point");
    const fields = named?.is === "object" ? named.fields : [];
    expect(fields.map((one) => [one.doc, one.optional?.()])).toStrictEqual([["", undefined], ["", []], ["East.", undefined], ["", undefined]]);
});

test("what a type reaches is gathered, in bytes order, each once", () => {
    const names = annotations.namesOf([t.map(Point), Color, t.union(Node, t.int())], "here");
    expect([...names.keys()]).toStrictEqual(["Color", "Node", "Point"]);
    expect(names.get("Color")).toStrictEqual({ is: "enum", name: "Color", values: ["red", "green"], doc: "A color." });
});

test("an object may hold itself", () => {
    expect(fieldsOf("Node", Node)).toStrictEqual([["next", 'type "ref" "Node" nullable=#true', "null"], ["value", 'type "int"', undefined]]);
});

test("a default that holds objects has all their fields", () => {
    const Line = t.object("Line", { from: Point.default({ x: 1, made: [] }) });
    expect(fieldsOf("Line", Line)[0]?.[2]).toBe('{"color":null,"made":[],"x":1,"y":0}');
});

test("arguments become fields in bytes order", () => {
    const shape = { b: t.int().default(5), a: t.string(), c: t.int().defaultFrom(() => 7) };
    const fields = annotations.fieldsOfShape(shape, new Map(), "here");
    expect([...fields.values()].map((one) => [one.name, textOf(one.default), one.optional?.()])).toStrictEqual([
        ["a", undefined, undefined], ["b", "5", undefined], ["c", undefined, 7],
    ]);
});

test("two enums of one name and the same values are one, two objects are not", () => {
    const again = t.enumeration("Color", ["red", "green"], { doc: "A color." });
    expect([...annotations.namesOf([Color, again], "here").keys()]).toStrictEqual(["Color"]);
    expect(() => annotations.namesOf([Color, t.enumeration("Color", ["red"])], "here")).toThrow(BadName);
    expect(() => annotations.namesOf([Point, t.list(t.object("Point", {}))], "here")).toThrow('here: two different types are called "Point"');
});

test.each<[t.AnyTyped, new (message: string) => BadDeclaration]>([
    [t.enumeration("E", []), BadType], [t.enumeration("E", ["a", "a"]), BadType], [t.enumeration<string | number>("E", ["a", 1]), BadType],
    [t.enumeration("E", [1.5]), BadType], [t.enumeration("E", [2 ** 53]), BadType], [t.enumeration("e", ["a"]), BadName], [t.object("o", {}), BadName],
    [t.object("O", { a: t.union(t.int(), t.float()) }), BadType], [t.object("O", { a: t.json().nullable() }), BadType],
    [t.object("O", { a: t.int().default(1.5) }), BadType], [t.object("O", { a: t.date().default("2023-02-29") }), BadType],
])("what the wire cannot say does not register", (typed, error) => {
    expect(() => annotations.namesOf([typed], "here")).toThrow(error);
    expect(() => annotations.namesOf([typed], "here")).toThrow("here: ");
});

test("only what has a name can come late", () => {
    const Nested: t.Typed<unknown, never> = t.list(t.lazy(() => Nested));
    expect(() => Nested.type).toThrow(BadType);
});

test.each([[[Ring]], [[Chain]], [[Chain, Ring]]])("a default that leaves out defaults is whole, whichever object comes first: %#", (roots) => {
    expect(fieldsOf("Ring", ...roots).map(([name, , text]) => [name, text])).toStrictEqual([
        ["end", '{"ring":{"end":null,"size":1},"weight":2}'], ["size", "1"],
    ]);
    expect(fieldsOf("Chain", ...roots).map(([name, , text]) => [name, text])).toStrictEqual([["ring", '{"end":null,"size":1}'], ["weight", "2"]]);
});

test.each([[[]], [["image"]], [["Image/PNG"]], [["image/png; q=1"]]])("an upload of %j is none", (accepts) => {
    expect(() => t.upload({ types: accepts })).toThrow(BadDeclaration);
});

test("the compiler knows what a function gets and what it may return", () => {
    expectTypeOf<t.Infer<typeof Point>>().toEqualTypeOf<{
        readonly x: number; readonly y: number; readonly color: "red" | "green" | null; readonly made: readonly number[];
    }>();
    expectTypeOf<{ x: 1; made: [] }>().toExtend<t.Out<typeof Point>>();
    expectTypeOf<{ y: 1; made: [] }>().not.toExtend<t.Out<typeof Point>>();
    expectTypeOf<{ x: 1 }>().not.toExtend<t.Out<typeof Point>>();
    const made = { moments: t.list(t.datetime()), either: t.union(t.int(), t.string()), file: t.upload() };
    expect(Object.values(made).map((one) => one.type.is)).toStrictEqual(["list", "union", "scalar"]);
    expectTypeOf<t.Infer<typeof made.moments>>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<t.Out<typeof made.moments>>().toEqualTypeOf<readonly (string | Date)[]>();
    expectTypeOf<t.Infer<typeof made.either>>().toEqualTypeOf<number | string>();
    expectTypeOf<t.Out<typeof made.file>>().toEqualTypeOf<never>();
    expectTypeOf<t.Infer<typeof Node>>().toEqualTypeOf<Node>();
});
