/** types and unions: the algebra, its texts, and which types cannot stand together. */
import { expect, test } from "vitest";

import { BadType } from "../src/errors.js";
import * as types from "../src/types.js";
import { list, mapOf, NULL, nullable, ref, scalar, union, type Field, type Kind, type Named, type Type } from "../src/types.js";
import * as unions from "../src/unions.js";

const [INT, STRING, JSON_VALUE] = [scalar("int"), scalar("string"), scalar("json")];

function field(name: string, type: Type, rest: Partial<Field> = {}): Field {
    return { name, type, doc: "", ...rest };
}

function object(name: string, ...fields: readonly Field[]): Named {
    return { is: "object", name, fields, doc: "" };
}

function enumeration(name: string, ...values: readonly (string | number)[]): Named {
    return { is: "enum", name, values, doc: "" };
}

const NAMES = new Map([
    enumeration("Color", "red", "green"), enumeration("Level", 1, 2), enumeration("CircleKind", "circle"), enumeration("SquareKind", "square"),
    object("Circle", field("kind", ref("CircleKind")), field("radius", INT)), object("Square", field("kind", ref("SquareKind")), field("side", INT)),
    object("Loose", field("kind", ref("SquareKind"), { default: new TextEncoder().encode('"square"') })), object("User", field("id", INT)),
    object("Made", field("kind", ref("SquareKind"), { optional: () => "square" })),
    object("Node", field("next", nullable(ref("Node"))), field("c", ref("Color"))),
].map((one) => [one.name, one]));

test.each<[Type, string]>([
    [INT, 'type "int"'], [nullable(STRING), 'type "string" nullable=#true'], [ref("User"), 'type "ref" "User"'],
    [nullable(list(INT)), 'type "list" nullable=#true {\n    type "int"\n}'],
    [mapOf(list(ref("User"))), 'type "map" {\n    type "list" {\n        type "ref" "User"\n    }\n}'],
    [union([STRING, INT]), 'type "union" {\n    type "int"\n    type "string"\n}'],
])("the text of a type is the IR's: %j", (type, text) => {
    expect(types.irText(type)).toBe(text);
});

test("a union is flat, sorted and has null outside", () => {
    expect(union([STRING, NULL, union([INT, STRING]), nullable(list(INT))])).toStrictEqual(nullable({ is: "union", members: [INT, list(INT), STRING] }));
    expect(union([INT, INT])).toStrictEqual(INT);
    expect(union([NULL, NULL])).toStrictEqual(NULL);
    expect(nullable(nullable(INT))).toStrictEqual(nullable(INT));
    expect(nullable(NULL)).toStrictEqual(NULL);
});

test("types are equal if their texts are", () => {
    expect(types.equal(union([INT, STRING]), union([STRING, INT]))).toBe(true);
    expect(types.equal(INT, nullable(INT))).toBe(false);
});

test("scalars and enums are bindable, and nothing else", () => {
    const bindable: readonly Kind[] = ["int", "string", "int64", "bool", "uuid", "date", "datetime", "decimal"];
    expect(types.KINDS.filter((kind) => types.isBindable(scalar(kind), NAMES)).sort()).toStrictEqual([...bindable].sort());
    const others = [ref("Color"), nullable(ref("Level")), list(INT), mapOf(INT), ref("User"), ref("Unknown"), union([INT, STRING])];
    expect(others.map((one) => types.isBindable(one, NAMES))).toStrictEqual([true, true, false, false, false, false, false]);
});

test("a type reaches what its fields hold, itself too", () => {
    expect(types.reached([list(nullable(ref("Node"))), mapOf(union([ref("User"), INT]))], NAMES)).toStrictEqual(new Set(["User", "Node", "Color"]));
});

test.each<[readonly Type[]]>([
    [[INT, scalar("float")]], [[STRING, scalar("date")]], [[STRING, ref("Color")]], [[INT, ref("Level")]], [[list(INT), list(STRING)]],
    [[mapOf(INT), ref("User")]], [[ref("User"), ref("Circle")]], [[ref("Circle"), ref("Loose")]], [[ref("Circle"), ref("Made")]], [[JSON_VALUE, INT]],
    [[scalar("upload"), INT]], [[ref("Circle"), ref("Square"), ref("User")]],
])("members that cannot be told apart refuse: %j", (members) => {
    expect(() => { unions.check(union(members), NAMES, "here"); }).toThrow(BadType);
    expect(() => { unions.check(union(members), NAMES, "here"); }).toThrow("here: ");
});

test.each<[readonly Type[]]>([
    [[INT, STRING, scalar("bool"), list(INT), ref("User"), NULL]], [[ref("Circle"), ref("Square")]], [[ref("Level"), ref("Color")]],
])("members that differ may stand together: %j", (members) => {
    expect(() => { unions.check(union(members), NAMES, "here"); }).not.toThrow();
});

test.each<[Type]>([
    [nullable(JSON_VALUE)], [list(nullable(JSON_VALUE))], [mapOf(scalar("upload"))], [mapOf(nullable(scalar("upload")))], [list(list(scalar("upload")))],
])("what cannot be said inside another type refuses: %j", (type) => {
    expect(() => { unions.check(type, NAMES, "here"); }).toThrow(BadType);
});

test("objects are told apart by a required field of disjoint enums", () => {
    expect(unions.discriminator([ref("Circle"), ref("Square")], NAMES)).toBe("kind");
    expect(unions.discriminator([ref("Circle"), ref("Loose")], NAMES)).toBeNull();
    expect(unions.memberSaying([ref("Circle"), ref("Square")], "kind", "square", NAMES)).toStrictEqual(ref("Square"));
});

test("a default is parsed once, a field without one has none", () => {
    const one = field("a", list(INT), { default: new TextEncoder().encode("[1]") });
    expect(types.wireDefault(one)).toStrictEqual([1]);
    expect(types.wireDefault(one)).toBe(types.wireDefault(one));
    expect(types.wireDefault(field("a", INT))).toBeNull();
    expect([field("a", INT), one, field("a", INT, { optional: () => 1 })].map(types.isRequired)).toStrictEqual([true, false, false]);
});
