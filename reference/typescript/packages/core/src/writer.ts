/**
 * The values in a function's hands to wire JSON, by their declared type: strict, so that nothing undeclared leaves.
 *
 * Source: spec/ground.md, Values on their way through and Types on the wire.
 * Errors: WrongOutput, saying where in the value; dispatch answers 500 `internal` and logs it.
 */
import { Float, isText, NotIJson, numberText, type Json, type JsonObject } from "./canonical.js";
import { WrongOutput } from "./errors.js";
import type { Values } from "./reading.js";
import { BODY, KEY, nameOf, type Spelling } from "./texts.js";
import {
    fieldsOf, wireDefault, type Enumeration, type Fields, type Kind, type Names, type Record_, type Ref, type Scalar, type Type, type Union,
} from "./types.js";
import { discriminator, memberSaying } from "./unions.js";

const MAX_DEPTH = 256;                                  // a reply adds a few brackets, and `canonical.write` stops at 512

/** What a writer knows beside type and value: the named types, how text forms are spelt, how deep in the result it is. */
interface Writing {
    readonly names: Names;
    readonly spelling: Spelling;
    readonly depth: number;
}

/** Writes a value as the JSON of its type in a body: objects with every field, enums by value, text forms as strings. @throws WrongOutput */
export function write(type: Type, value: unknown, names: Names): Json {
    return written(type, value, { names, spelling: BODY, depth: 0 });
}

/** Writes a value as JSON of its type in keys, entries and queries, where decimals drop trailing zeros. @throws WrongOutput */
export function writeKey(type: Type, value: unknown, names: Names): Json {
    return written(type, value, { names, spelling: KEY, depth: 0 });
}

/** Writes effective arguments or parameters as the JSON of a body, by name. @throws WrongOutput */
export function writeMembers(fields: Fields, values: Values, names: Names): JsonObject {
    return new Map([...fields.values()].filter((one) => one.name in values).map((one) => [one.name, write(one.type, values[one.name], names)]));
}

function written(type: Type, value: unknown, writing: Writing): Json {
    switch (type.is) {
        case "scalar":
            return scalar(type, value, writing);
        case "nullable":
            return value === null ? null : written(type.of, value, writing);
        case "ref":
            return named(type, value, writing);
        case "list":
            return listItems(value, "a list", (one, index) => at(index, type.item, one, deeper(writing)));
        case "map":
            return mapItems(value, "a map", (one, key) => at(key, type.item, one, deeper(writing)));
        case "union":
            return unionMember(type, value, writing);
    }
}

/** @throws WrongOutput where a value nests deeper than any reply may, as one does that holds itself */
function deeper(writing: Writing): Writing {
    if (writing.depth >= MAX_DEPTH) {
        throw new WrongOutput("wanted a value that ends, got one that nests too deep");
    }
    return { ...writing, depth: writing.depth + 1 };
}

/** Writes a part of a value. @throws WrongOutput with the part's place before its message */
function at(place: string | number, type: Type, value: unknown, writing: Writing): Json {
    return placed(place, () => written(type, value, writing));
}

function placed(place: string | number, part: () => Json): Json {
    try {
        return part();
    } catch (error) {
        throw error instanceof WrongOutput ? new WrongOutput(`${place}: ${error.message}`) : error;
    }
}

function scalar(type: Scalar, value: unknown, writing: Writing): Json {
    const textForm = writing.spelling.write.get(type.kind);
    if (textForm !== undefined) {
        return textForm(value);
    }
    return type.kind === "json" ? anyJson(value, writing) : plain(type.kind, value);
}

function plain(kind: Kind, value: unknown): Json {
    if (kind === "int" && typeof value === "number" && Number.isSafeInteger(value)) {
        return value + 0;                               // -0 + 0 is 0
    }
    if (kind === "float" && typeof value === "number") {
        return new Float(sayable(value));
    }
    if ((kind === "bool" && typeof value === "boolean") || (kind === "null" && value === null)) {
        return value;
    }
    return kind === "string" && typeof value === "string" ? textual(value) : refuse(WANTED.get(kind) ?? `no ${kind}, which cannot be an output`, value);
}

const WANTED: ReadonlyMap<Kind, string> = new Map([
    ["int", "an integer within 2^53-1 (declare int64 for more)"], ["float", "a number"], ["bool", "a boolean"], ["null", "null"], ["string", "a string"],
]);

function refuse(wanted: string, value: unknown): never {
    throw new WrongOutput(`wanted ${wanted}, got ${nameOf(value)}`);
}

/** @returns a number, never minus zero. @throws WrongOutput for one that JSON cannot say */
function sayable(value: number): number {
    try {
        numberText(value);
        return value + 0;
    } catch (error) {
        throw error instanceof NotIJson ? new WrongOutput(`wanted a number that JSON can say: ${error.message}`) : error;
    }
}

function textual(value: string): string {
    if (!isText(value)) {
        throw new WrongOutput("wanted text, got a lone surrogate or a noncharacter in it");
    }
    return value;
}

/** Writes any I-JSON value, in containers of its own. */
function anyJson(value: unknown, writing: Writing): Json {
    if (value === null || typeof value === "boolean") {
        return value;
    }
    if (typeof value === "string") {
        return textual(value);
    }
    if (typeof value === "number") {
        return Number.isSafeInteger(value) ? value + 0 : new Float(sayable(value));
    }
    return Array.isArray(value)
        ? listItems(value, "a list", (one, index) => placed(index, () => anyJson(one, deeper(writing))))
        : mapItems(value, "a value of JSON", (one, key) => placed(key, () => anyJson(one, deeper(writing))));
}

function listItems(value: unknown, wanted: string, item: (one: unknown, index: number) => Json): readonly Json[] {
    return Array.isArray(value) ? Array.from<unknown, Json>(value, item) : refuse(wanted, value);
}

function mapItems(value: unknown, wanted: string, item: (one: unknown, key: string) => Json): JsonObject {
    return isPlain(value) ? new Map(Object.entries(value).map(([key, one]) => [textual(key), item(one, key)])) : refuse(wanted, value);
}

/** Whether a value is an object that no class made: what it says are its own keys. */
function isPlain(value: unknown): value is object {
    if (typeof value !== "object" || value === null) {
        return false;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function named(type: Ref, value: unknown, writing: Writing): Json {
    const one = writing.names.get(type.name);
    if (one?.is === "enum") {
        return enumValue(one, value);
    }
    return one === undefined ? refuse(`no ${type.name}, which is not declared`, value) : record(one, value, writing);
}

function enumValue(one: Enumeration, value: unknown): string | number {
    return one.values.find((each) => each === value) ?? refuse(`a value of ${one.name}`, value);
}

/** Writes every declared field of an object; a constant default stands for one that is absent. */
function record(one: Record_, value: unknown, writing: Writing): Json {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return refuse(`a ${one.name}`, value);
    }
    const members = new Map<string, unknown>(Object.entries(value));
    const declared = new Set(one.fields.map((field) => field.name));
    if ([...members.keys()].some((name) => !declared.has(name))) {
        throw new WrongOutput(`wanted a ${one.name}, got an object with members that it does not declare`);
    }
    const absent = one.fields.filter((field) => !members.has(field.name) && field.default === undefined);
    if (absent.length > 0) {
        throw new WrongOutput(`wanted a ${one.name}, got an object without ${absent.map((field) => field.name).join(", ")}`);
    }
    const inner = deeper(writing);
    return new Map(one.fields.map((field) => [
        field.name, members.has(field.name) ? at(field.name, field.type, members.get(field.name), inner) : wireDefault(field),
    ]));
}

/** Writes a value as the one member that can hold it; several objects are told apart by a field, so that none is written twice. */
function unionMember(type: Union, value: unknown, writing: Writing): Json {
    const objects = type.members.filter((one) => fieldsOf(one, writing.names).size > 0);
    const chosen = objects.length > 1 ? chosenObject(objects, value, writing.names) : undefined;
    for (const member of chosen === undefined ? type.members.filter((one) => objects.length < 2 || !objects.includes(one)) : [chosen]) {
        try {
            return written(member, value, writing);
        } catch (error) {
            if (!(error instanceof WrongOutput)) {
                throw error;
            }
        }
    }
    return refuse(`one of ${type.members.length} types`, value);
}

/** @returns the member whose enum holds what an object says in the field that tells them apart. */
function chosenObject(objects: readonly Type[], value: unknown, names: Names): Type | undefined {
    const name = discriminator(objects, names) ?? "";
    return typeof value === "object" && value !== null ? memberSaying(objects, name, new Map(Object.entries(value)).get(name), names) : undefined;
}
