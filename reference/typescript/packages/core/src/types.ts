/**
 * The types that the wire knows, as plain data: the same algebra in every language.
 *
 * Source: spec/ground.md, Types on the wire; spec/ir.md, Grammar and Types. Errors: none.
 *
 *     scalar("int")             int int64 float bool string null decimal date datetime uuid bytes upload json
 *     list(T)  mapOf(T)         a list; a map with string keys
 *     ref("User")               a named type: an Enumeration or a Record_, looked up in Names
 *     union([T, U])             members that differ by JSON kind, without null, sorted by their text
 *     nullable(T)               T or null; never of a nullable, never of null
 */
import { byBytes, read, type Json } from "./canonical.js";

export const KINDS = [
    "int", "int64", "float", "bool", "string", "null", "decimal", "date", "datetime", "uuid", "bytes", "upload", "json",
] as const;
export type Kind = typeof KINDS[number];
const BINDABLE_KINDS: readonly Kind[] = ["int", "int64", "bool", "string", "uuid", "date", "datetime", "decimal"];

/** A type without parts. `accepts`: the media types that an upload may have; absent for any. */
export interface Scalar {
    readonly is: "scalar";
    readonly kind: Kind;
    readonly accepts?: readonly string[];
}

export interface List {
    readonly is: "list";
    readonly item: Type;
}

/** String keys to values of one type. */
export interface MapOf {
    readonly is: "map";
    readonly item: Type;
}

/** The Enumeration or Record_ of that name. */
export interface Ref {
    readonly is: "ref";
    readonly name: string;
}

/** Made by `union`, which puts members in order. */
export interface Union {
    readonly is: "union";
    readonly members: readonly Type[];
}

/** Made by `nullable`, which never nests. */
export interface Nullable {
    readonly is: "nullable";
    readonly of: Type;
}

export type Type = Scalar | List | MapOf | Ref | Union | Nullable;

/**
 * A member of an object, an argument of a function or a parameter of a context.
 *
 * `default` is the canonical JSON of a constant; `optional` makes the default anew each time, on the server: where it gives undefined, as in
 * declarations that only say so, the member stays absent. Neither: required. Nullable is independent of both.
 */
export interface Field {
    readonly name: string;
    readonly type: Type;
    readonly default?: Uint8Array;
    readonly optional?: () => unknown;
    readonly doc: string;
}

/** A closed set of values, all strings or all ints. */
export interface Enumeration {
    readonly is: "enum";
    readonly name: string;
    readonly values: readonly (string | number)[];
    readonly doc: string;
}

/** An object type; `fields` in bytes order of their names. */
export interface Record_ {
    readonly is: "object";
    readonly name: string;
    readonly fields: readonly Field[];
    readonly doc: string;
}

export type Named = Enumeration | Record_;
export type Names = ReadonlyMap<string, Named>;
export type Fields = ReadonlyMap<string, Field>;

export const NULL: Scalar = { is: "scalar", kind: "null" };
const wireDefaults = new WeakMap<Field, Json>();

export function scalar(kind: Kind): Scalar {
    return { is: "scalar", kind };
}

export function list(item: Type): List {
    return { is: "list", item };
}

export function mapOf(item: Type): MapOf {
    return { is: "map", item };
}

export function ref(name: string): Ref {
    return { is: "ref", name };
}

export function isKind(word: string): word is Kind {
    return KINDS.some((one) => one === word);
}

export function isRequired(field: Field): boolean {
    return field.default === undefined && field.optional === undefined;
}

/** @returns a field's constant default as JSON, null where there is none; parsed once, since every call that leaves it out asks. */
export function wireDefault(field: Field): Json {
    const known = wireDefaults.get(field);
    if (known !== undefined) {
        return known;
    }
    const value = field.default === undefined ? null : read(field.default);
    wireDefaults.set(field, value);
    return value;
}

/** @returns the type without its outermost nullable. */
export function base(type: Type): Type {
    return type.is === "nullable" ? type.of : type;
}

export function isScalar(type: Type, kind: Kind): boolean {
    return type.is === "scalar" && type.kind === kind;
}

export function nullable(type: Type): Type {
    return type.is === "nullable" || isScalar(type, "null") ? type : { is: "nullable", of: type };
}

/** Makes one type of several: flat, each once, null outside, sorted by text; one member alone is itself. */
export function union(members: Iterable<Type>): Type {
    const given = [...members];
    const hasNull = given.some((one) => one.is === "nullable" || isScalar(one, "null"));
    const parts = given.map(base).flatMap((one) => one.is === "union" ? one.members : [one]).filter((one) => !isScalar(one, "null"));
    const byText = new Map(parts.map((one) => [irText(one), one]));
    const ordered = [...byText].sort(([one], [other]) => byBytes(one, other)).map(([, type]) => type);
    const [only, another] = ordered;
    if (only === undefined) {
        return NULL;
    }
    const whole: Type = another === undefined ? only : { is: "union", members: ordered };
    return hasNull ? nullable(whole) : whole;
}

/** @returns the type as the IR prints it; two types are equal if and only if these texts are. */
export function irText(type: Type): string {
    const inner = base(type);
    const mark = type.is === "nullable" ? " nullable=#true" : "";
    switch (inner.is) {
        case "scalar":
            return `type "${inner.kind}"${mark}`;
        case "ref":
            return `type "ref" "${inner.name}"${mark}`;
        case "list":
        case "map":
            return `type "${inner.is}"${mark} {\n${indented(irText(inner.item))}\n}`;
        case "union":
            return `type "union"${mark} {\n${inner.members.map((one) => indented(irText(one))).join("\n")}\n}`;
        case "nullable":
            throw new TypeError("irText: a nullable of a nullable is no type");
    }
}

function indented(text: string): string {
    return text.split("\n").map((line) => `    ${line}`).join("\n");
}

/** Whether two types are equal: their IR text is. */
export function equal(one: Type, other: Type): boolean {
    return irText(one) === irText(other);
}

/** Whether a value of this type (null aside) can scope an invalidation by name. */
export function isBindable(type: Type, names: Names): boolean {
    const inner = base(type);
    return inner.is === "ref" ? names.get(inner.name)?.is === "enum" : inner.is === "scalar" && BINDABLE_KINDS.includes(inner.kind);
}

/** @returns the names of the types that some types hold, directly or inside another. */
export function reached(roots: Iterable<Type>, names: Names): ReadonlySet<string> {
    const found = new Set<string>();
    const waiting = [...roots];
    for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
        if (type.is !== "ref" || !found.has(type.name)) {
            waiting.push(...partsOf(type, names));
        }
        if (type.is === "ref") {
            found.add(type.name);
        }
    }
    return found;
}

/** @returns the types that stand directly in a type; of a named one, those of its fields. */
function partsOf(type: Type, names: Names): readonly Type[] {
    switch (type.is) {
        case "scalar":
            return [];
        case "ref":
            return [...fieldsOf(type, names).values()].map((one) => one.type);
        case "list":
        case "map":
            return [type.item];
        case "union":
            return type.members;
        case "nullable":
            return [type.of];
    }
}

/** @returns the fields of the object that a type (null aside) is; empty where it is none. */
export function fieldsOf(type: Type, names: Names): Fields {
    const inner = base(type);
    const named = inner.is === "ref" ? names.get(inner.name) : undefined;
    return new Map(named?.is === "object" ? named.fields.map((one) => [one.name, one]) : []);
}

export function isUpload(type: Type): type is Scalar {
    return isScalar(type, "upload");
}

/** Whether a type is an upload, or has one where a file may stand: in a list, or in a field of an object. */
export function holdsUpload(type: Type, names: Names, seen: readonly string[] = []): boolean {
    const inner = base(type);
    if (inner.is === "list") {
        return holdsUpload(inner.item, names, seen);
    }
    if (inner.is === "ref" && !seen.includes(inner.name)) {
        return [...fieldsOf(inner, names).values()].some((one) => holdsUpload(one.type, names, [...seen, inner.name]));
    }
    return isUpload(inner);
}
