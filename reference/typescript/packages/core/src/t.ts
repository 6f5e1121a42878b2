/**
 * The typed builder: what a function takes and returns, as types of the wire and as types of TypeScript at once.
 *
 *     const User = t.object("User", { user_id: t.int(), name: t.string().nullable().default(null) }, { doc: "…" });
 *     type User = t.Infer<typeof User>;
 *
 * Source: spec/ground.md, Types on the wire. Errors: BadDeclaration, for what the wire cannot say.
 */
import { BadDeclaration, BadType } from "./errors.js";
import { Typed, type AnyTyped, type Infer, type JsonValue, type Members, type ObjectGiven, type Out, type Shape } from "./typed.js";
import * as types from "./types.js";
import { MEDIA_TYPE, type Upload } from "./upload.js";

export type { Absence, AnyTyped, Infer, JsonValue, Members, Out, Shape, Typed } from "./typed.js";

/** A typed thing whose values are of a type of one's own, for objects that hold themselves. */
export type Of<V> = Typed<V>;

/** Stands for a result that is the framework's own response. */
export const response: unique symbol = Symbol("response");

export function int(): Typed<number> {
    return scalar("int");
}

/** Travels as text, because 2^53-1 ends what a number of JSON can say. */
export function int64(): Typed<bigint> {
    return scalar("int64");
}

export function float(): Typed<number> {
    return scalar("float");
}

export function bool(): Typed<boolean> {
    return scalar("bool");
}

export function string(): Typed<string> {
    return scalar("string");
}

/** A decimal in the text form of the wire; trailing zeros are kept. */
export function decimal(): Typed<string> {
    return scalar("decimal");
}

/** A day as YYYY-MM-DD. */
export function date(): Typed<string> {
    return scalar("date");
}

/** An instant as RFC 3339 in UTC; what is returned may have any offset, or be a Date. */
export function datetime(): Typed<string, string | Date> {
    return scalar("datetime");
}

export function uuid(): Typed<string> {
    return scalar("uuid");
}

export function bytes(): Typed<Uint8Array> {
    return scalar("bytes");
}

/** Any I-JSON value, null among them; its objects have no prototype. */
export function json(): Typed<JsonValue> {
    return scalar("json");
}

function nothing(): Typed<null> {
    return scalar("null");
}

export { nothing as null };

function scalar<In, Given = In>(kind: types.Kind): Typed<In, Given> {
    return new Typed({ type: () => types.scalar(kind), parts: () => [] });
}

/** A file, of one of these media types if they are said. @throws BadDeclaration */
export function upload(options: { readonly types?: readonly string[] } = {}): Typed<Upload, never> {
    const accepts = options.types;
    if (accepts !== undefined && (accepts.length === 0 || !accepts.every((one) => MEDIA_TYPE.test(one)))) {
        throw new BadDeclaration(`upload: types ${JSON.stringify(accepts)}; wanted a list of media types in lower case, such as ["image/png"]`);
    }
    const type = accepts === undefined ? types.scalar("upload") : { ...types.scalar("upload"), accepts };
    return new Typed({ type: () => type, parts: () => [] });
}

export function list<In, Given>(item: Typed<In, Given>): Typed<readonly In[], readonly Given[]> {
    return new Typed({ type: () => types.list(item.type), parts: () => [item] });
}

/** An object of any keys. */
export function map<In, Given>(item: Typed<In, Given>): Typed<Readonly<Record<string, In>>, Readonly<Record<string, Given>>> {
    return new Typed({ type: () => types.mapOf(item.type), parts: () => [item] });
}

/** A value of one of several types, which differ by their kind of JSON or, objects, by a field of disjoint enums. */
export function union<const M extends readonly Typed<unknown, never>[]>(...members: M): Typed<Infer<M[number]>, Out<M[number]>> {
    return new Typed({ type: () => types.union(members.map((one) => one.type)), parts: () => members });
}

/** A closed set of values, all strings or all ints. */
export function enumeration<const V extends string | number>(name: string, values: readonly V[], options: { readonly doc?: string } = {}): Typed<V> {
    const named: types.Enumeration = { is: "enum", name, values, doc: options.doc ?? "" };
    return new Typed({ type: () => types.ref(name), parts: () => [], named });
}

/** An object of declared fields. */
export function object<const S extends Shape>(
    name: string, shape: S, options: { readonly doc?: string } = {},
): Typed<Members<S>, ObjectGiven<S>> {
    const named = { is: "object", name, shape, doc: options.doc ?? "" } as const;
    return new Typed({ type: () => types.ref(name), parts: () => Object.values(shape), named });
}

/** An object that is declared further down, or just being declared, so that it can hold itself. */
export function lazy<In, Given>(late: () => Typed<In, Given>): Typed<In, Given> {
    return new Typed({ type: () => namedType(late()), parts: () => [late()] });
}

/** @throws BadType for a type without a name, which could hold itself without end */
function namedType(typed: AnyTyped): types.Type {
    if (typed.named === undefined) {
        throw new BadType("lazy: wanted an object, whose name can stand for it");
    }
    return typed.type;
}
