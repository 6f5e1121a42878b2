/**
 * Wire JSON to the values in a function's hands, by their declared type: no coercion, every mismatch reported.
 *
 * Source: spec/ground.md, The member `errors`, Input is strict and Types on the wire; RFC 6901 (pointers).
 * Errors: none thrown: readers return what they read and the mismatches, sorted and cut; with mismatches the value means nothing.
 */
import { Float, isList, isObject, numberText, NotIJson } from "./canonical.js";
import type { Mismatch } from "./errors.js";
import { bare, below, pathOf, Reading, TOP, type Given, type GivenObject, type Path, type Values } from "./reading.js";
import { BadText } from "./texts.js";
import {
    isRequired, wireDefault, type Enumeration, type Field, type Fields, type Kind, type Names, type Record_, type Ref, type Scalar, type Type,
    type Union,
} from "./types.js";
import { discriminator, jsonKinds, memberSaying, valuesAt, type JsonKind } from "./unions.js";
import { Upload } from "./upload.js";

export { bare, child, MESSAGE, Reading, type Given, type GivenObject, type Values } from "./reading.js";

/** Reads one JSON value. @returns it as a function sees it, and the mismatches under `pointer` */
export function read(type: Type, value: Given, names: Names, pointer = ""): readonly [unknown, readonly Mismatch[]] {
    const reading = new Reading(names);
    return [readValue(type, value, pathOf(pointer), reading), reading.mismatches()];
}

/** Reads arguments or parameters. @returns every effective value by name, defaults filled in; and the mismatches */
export function readMembers(fields: Fields, given: GivenObject, names: Names, pointer = ""): readonly [Values, readonly Mismatch[]] {
    const reading = new Reading(names);
    const values = members(fields, given, pathOf(pointer), reading);
    fillDefaults(fields, values, names);
    return [values, reading.mismatches()];
}

/** Adds the default of every field that has one and is absent; each is made anew, so that nobody shares it. */
export function fillDefaults(fields: Fields, values: Record<string, unknown>, names: Names): void {
    for (const [name, one] of fields) {
        const made = name in values ? undefined : defaultValue(one, names);
        if (made !== undefined) {
            values[name] = made;
        }
    }
}

/** @returns the value of a field's default, undefined where it has none. */
function defaultValue(one: Field, names: Names): unknown {
    return one.default === undefined ? one.optional?.() : readValue(one.type, wireDefault(one), TOP, new Reading(names));
}

/** Reads the members that are there, by their wire name; notes missing ones at their own path, unknown ones once at the parent. */
function members(fields: Fields, given: GivenObject, path: Path, reading: Reading): Record<string, unknown> {
    if (!hasKnownMembersAlone(fields, given)) {
        reading.note(path, "unknown");
    }
    const values = bare();
    for (const [name, one] of fields) {
        const value = given.get(name);
        if (value !== undefined) {
            values[name] = readValue(one.type, value, below(path, name), reading);
        } else if (isRequired(one)) {
            reading.note(below(path, name), "missing");
        }
    }
    return values;
}

function hasKnownMembersAlone(fields: Fields, given: GivenObject): boolean {
    return [...given.keys()].every((name) => fields.has(name));
}

/** Reads one value; notes what differs. @returns it as a function sees it, or null where something differed */
export function readValue(type: Type, value: Given, path: Path, reading: Reading): unknown {
    if (type.is === "nullable") {
        return value === null ? null : readValue(type.of, value, path, reading);
    }
    if (type.is === "scalar") {
        return scalar(type, value, path, reading);
    }
    if (value === null) {
        return reading.note(path, "null");
    }
    switch (type.is) {
        case "ref":
            return namedValue(type, value, path, reading);
        case "list":
            return isList(value)
                ? value.map((one, index) => readValue(type.item, one, below(path, index), reading))
                : reading.noteType(path, "a list");
        case "map":
            return isObject(value)
                ? bare([...value].map(([key, one]) => [key, readValue(type.item, one, below(path, key), reading)]))
                : reading.noteType(path, "an object");
        case "union":
            return unionMember(type, value, path, reading);
    }
}

function scalar(type: Scalar, value: Given, path: Path, reading: Reading): unknown {
    const { kind } = type;
    if (kind === "json") {
        return anyJson(value, path, reading);
    }
    if (value === null && kind !== "null") {
        return reading.note(path, "null");
    }
    const textForm = reading.spelling.read.get(kind);
    if (textForm !== undefined) {
        return typeof value === "string" ? readText(textForm, value, path, reading) : reading.noteType(path, `${kind}, as a string`);
    }
    if (!isOfKind(kind, value)) {
        return reading.noteType(path, kind);
    }
    return value instanceof Float ? readFloat(value, path, reading) : value;
}

/** Whether a JSON value is of a scalar type, by its token: `"5"`, `5.0` and `true` are not ints; an upload never stands in JSON. */
function isOfKind(kind: Kind, value: Given): boolean {
    switch (kind) {
        case "int":
            return typeof value === "number";
        case "float":
            return typeof value === "number" || value instanceof Float;
        case "bool":
            return typeof value === "boolean";
        case "string":
            return typeof value === "string";
        case "null":
            return value === null;
        default:
            return kind === "upload" && value instanceof Upload;
    }
}

function readText(form: (text: string) => unknown, text: string, path: Path, reading: Reading): unknown {
    try {
        return form(text);
    } catch (error) {
        if (error instanceof BadText) {
            return reading.note(path, error.code);
        }
        throw error;
    }
}

/** Notes `range` where a float would print as digits beyond ±(2^53-1). */
function readFloat(float: Float, path: Path, reading: Reading): number | null {
    try {
        numberText(float.value);
        return float.value;
    } catch (error) {
        if (error instanceof NotIJson) {
            return reading.note(path, "range");
        }
        throw error;
    }
}

/** @returns the value in containers of its own. Notes `range` for a number inside that canonical JSON cannot say. */
function anyJson(value: Given, path: Path, reading: Reading): unknown {
    if (isObject(value)) {
        return bare([...value].map(([key, item]) => [key, anyJson(item, below(path, key), reading)]));
    }
    if (isList(value)) {
        return value.map((item, index) => anyJson(item, below(path, index), reading));
    }
    return value instanceof Float ? readFloat(value, path, reading) : value;
}

function namedValue(type: Ref, value: Given, path: Path, reading: Reading): unknown {
    const named = reading.names.get(type.name);
    if (named?.is === "enum") {
        return enumMember(named, value, path, reading);
    }
    return named === undefined || !isObject(value) ? reading.noteType(path, `an object ${type.name}`) : record(named, value, path, reading);
}

function enumMember(named: Enumeration, value: Given, path: Path, reading: Reading): unknown {
    if (typeof value !== typeof named.values[0]) {
        return reading.noteType(path, `a value of ${named.name}`);
    }
    return named.values.some((one) => one === value) ? value : reading.note(path, "choice");
}

/** Reads an object's members, with their defaults where nothing differed. */
function record(named: Record_, value: GivenObject, path: Path, reading: Reading): unknown {
    const fields = new Map(named.fields.map((one) => [one.name, one]));
    const found = reading.found.length;
    const values = members(fields, value, path, reading);
    if (reading.found.length === found) {
        fillDefaults(fields, values, reading.names);
    }
    return values;
}

/** Reads a value as the one member of its JSON kind; several objects are told apart by a field. */
function unionMember(type: Union, value: Given, path: Path, reading: Reading): unknown {
    const kind = kindOf(value);
    const fitting = type.members.filter((one) => kind !== undefined && jsonKinds(one, reading.names).has(kind));
    const [only, another] = fitting;
    if (only === undefined) {
        return reading.noteType(path, "a value of a declared JSON kind");
    }
    return another !== undefined && isObject(value) ? toldApart(fitting, value, path, reading) : readValue(only, value, path, reading);
}

/** @returns the JSON kind of a value, undefined for a file. */
function kindOf(value: Given): JsonKind | undefined {
    if (value === null || value instanceof Upload) {
        return value === null ? "null" : undefined;
    }
    if (isList(value) || isObject(value)) {
        return isList(value) ? "array" : "object";
    }
    return typeof value === "boolean" ? "bool" : typeof value === "string" ? "string" : "number";
}

/** Reads an object as the member whose enum holds its discriminator; notes a discriminator that is missing or chooses none. */
function toldApart(fitting: readonly Type[], value: GivenObject, path: Path, reading: Reading): unknown {
    const name = discriminator(fitting, reading.names) ?? "";
    const place = below(path, name);
    const chosen = value.get(name);
    if (chosen === undefined) {
        return reading.note(place, "missing");
    }
    const member = memberSaying(fitting, name, chosen, reading.names);
    if (member !== undefined) {
        return readValue(member, value, path, reading);
    }
    if (valuesAt(fitting, name, reading.names).some((one) => typeof one === typeof chosen)) {
        return reading.note(place, "choice");
    }
    return chosen === null ? reading.note(place, "null") : reading.noteType(place, "a value that chooses the object");
}
