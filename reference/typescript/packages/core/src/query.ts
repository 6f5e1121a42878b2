/**
 * A bundle's query: raw bytes to effective values. One value has one spelling.
 *
 * Source: spec/context.md, Parameters, The query and One spelling for each value.
 * Errors: none thrown: `decode` returns the mismatches; pointers go into the object of parameters, such as `/user_id` and `/numbers/1`.
 * Units: pieces between `&`, raw bytes before anything is decoded.
 */
import * as canonical from "./canonical.js";
import { NotIJson, type Json } from "./canonical.js";
import type { Mismatch } from "./errors.js";
import { floatToken, intToken } from "./parsing.js";
import * as reader from "./reader.js";
import { bare, below, MESSAGE, Reading, TOP, type Path, type Values } from "./reading.js";
import { INT, KEY } from "./texts.js";
import { base, isRequired, isScalar, type Field, type Fields, type Kind, type Names, type Ref, type Type } from "./types.js";

const LIMIT_PIECES = 64;
const LIMIT_BYTES = 8192;
const JSON_SUFFIX = ".json";
const [AMPERSAND, EQUALS, PLUS, PERCENT, SPACE] = [0x26, 0x3d, 0x2b, 0x25, 0x20];
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/;
const FLOAT = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const PLAIN_KINDS: readonly Kind[] = ["int", "int64", "float", "bool", "string", "decimal", "date", "datetime", "uuid", "bytes"];
const TOKEN_KINDS: readonly Kind[] = ["int", "float", "bool"];      // misspelt, they are of another type; every other's form is wrong
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const UTF8 = new TextEncoder();

type Pair = readonly [name: string, value: string];

/** A query that cannot be split into names and values; the code stands alone, at the empty pointer. */
class BadQuery extends Error {
    constructor(readonly code: "format" | "length") {
        super(code);
    }
}

/** Reads the bytes after `?`. @returns every effective value by parameter, defaults filled in; and the mismatches, sorted and cut */
export function decode(raw: Uint8Array, parameters: Fields, names: Names): readonly [Values, readonly Mismatch[]] {
    try {
        return decoded(grouped(pairs(raw)), parameters, names);
    } catch (error) {
        if (error instanceof BadQuery) {
            return [bare(), [{ pointer: "", code: error.code, message: MESSAGE[error.code] }]];
        }
        throw error;
    }
}

function decoded(found: ReadonlyMap<string, readonly string[]>, parameters: Fields, names: Names): readonly [Values, readonly Mismatch[]] {
    const reading = new Reading(names, KEY);
    const values = bare();
    for (const [name, one] of parameters) {
        const [plain, spelt] = [found.get(name) ?? [], found.get(name + JSON_SUFFIX) ?? []];
        if (plain.length + spelt.length > 0) {
            values[name] = parameter(one, plain, spelt, reading);
        } else if (isRequired(one)) {
            reading.note(below(TOP, name), "missing");
        }
    }
    if ([...found.keys()].some((name) => !parameters.has(name) && !parameters.has(withoutSuffix(name)))) {
        reading.note(TOP, "unknown");
    }
    reader.fillDefaults(parameters, values, names);
    return [values, reading.mismatches()];
}

function withoutSuffix(name: string): string {
    return name.endsWith(JSON_SUFFIX) ? name.slice(0, -JSON_SUFFIX.length) : name;
}

/** Splits a raw query at `&`, each piece at its first `=`, then decodes. @throws BadQuery */
function pairs(raw: Uint8Array): readonly Pair[] {
    if (raw.length > LIMIT_BYTES) {
        throw new BadQuery("length");
    }
    const pieces = split(raw).filter((piece) => piece.length > 0);
    if (pieces.length > LIMIT_PIECES) {
        throw new BadQuery("length");
    }
    return pieces.map(pair);
}

function split(raw: Uint8Array): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let start = 0, end = 0; end !== -1; start = end + 1) {
        end = raw.indexOf(AMPERSAND, start);
        pieces.push(raw.subarray(start, end === -1 ? raw.length : end));
    }
    return pieces;
}

/** @throws BadQuery for a piece without `=`, a bad escape or bad UTF-8 */
function pair(piece: Uint8Array): Pair {
    const equals = piece.indexOf(EQUALS);
    if (equals === -1) {
        throw new BadQuery("format");
    }
    return [unescaped(piece.subarray(0, equals)), unescaped(piece.subarray(equals + 1))];
}

/** Decodes `+` as a space, percent escapes and UTF-8. @throws BadQuery */
function unescaped(raw: Uint8Array): string {
    const bytes: number[] = [];
    for (let at = 0; at < raw.length; at += 1) {
        const byte = raw[at] ?? 0;
        bytes.push(byte === PLUS ? SPACE : byte === PERCENT ? escapedByte(raw.subarray(at + 1, at + 3)) : byte);
        at += byte === PERCENT ? 2 : 0;
    }
    try {
        return STRICT_UTF8.decode(Uint8Array.from(bytes));
    } catch {
        throw new BadQuery("format");
    }
}

/** @throws BadQuery for what are not two hex digits */
function escapedByte(digits: Uint8Array): number {
    const text = String.fromCharCode(...digits);
    if (!HEX_PAIR.test(text)) {
        throw new BadQuery("format");
    }
    return Number.parseInt(text, 16);
}

/** @returns the values of each name, in the order of the query. */
function grouped(found: readonly Pair[]): ReadonlyMap<string, readonly string[]> {
    const groups = new Map<string, string[]>();
    for (const [name, value] of found) {
        groups.set(name, [...groups.get(name) ?? [], value]);
    }
    return groups;
}

/** Reads one parameter from the values of `name=` and of `name.json=`, of which there are some. */
function parameter(one: Field, plain: readonly string[], spelt: readonly string[], reading: Reading): unknown {
    const path = below(TOP, one.name);
    const [text, secondText] = plain;
    if (text === undefined || spelt.length > 0) {
        return plain.length > 0 ? reading.note(path, "duplicate") : jsonParameter(one.type, spelt, path, reading);
    }
    const inner = base(one.type);
    if (inner.is === "list" && isPlain(inner.item, reading.names)) {
        return plain.map((each, index) => plainValue(inner.item, each, below(path, index), reading));
    }
    return secondText === undefined ? plainValue(inner, text, path, reading) : reading.note(path, "duplicate");
}

/** Whether a type is a scalar: its values, but for null and the empty text, have a plain spelling. */
function isPlain(type: Type, names: Names): boolean {
    return type.is === "ref" ? names.get(type.name)?.is === "enum" : type.is === "scalar" && PLAIN_KINDS.includes(type.kind);
}

/** Reads a scalar from its plain spelling, or notes that the type or the text has none. */
function plainValue(type: Type, text: string, path: Path, reading: Reading): unknown {
    if (type.is === "ref" && isPlain(type, reading.names)) {
        return plainEnum(type, text, path, reading);
    }
    if (type.is !== "scalar" || !isPlain(type, reading.names)) {
        return reading.note(path, "format");
    }
    if (type.kind === "string") {
        return canonical.isText(text) ? text : reading.note(path, "format");
    }
    if (TOKEN_KINDS.includes(type.kind)) {
        return type.kind === "bool" ? plainBool(text, path, reading) : plainNumber(type.kind, text, path, reading);
    }
    return text === "" ? reading.note(path, "format") : reader.readValue(type, text, path, reading);
}

function plainBool(text: string, path: Path, reading: Reading): unknown {
    return text === "true" || text === "false" ? text === "true" : reading.noteType(path, "true or false");
}

/** Reads an int or float; notes `range` for what is in its spelling and too big, `type` for any other spelling. */
function plainNumber(kind: Kind, text: string, path: Path, reading: Reading): unknown {
    if (!(kind === "int" ? INT : FLOAT).test(text)) {
        return reading.noteType(path, kind);
    }
    try {
        const value = kind === "int" ? intToken(text) : floatToken(text);
        return canonical.numberText(value) === text ? value : reading.noteType(path, `${kind} in its one spelling`);
    } catch (error) {
        if (error instanceof NotIJson) {
            return reading.note(path, "range");
        }
        throw error;
    }
}

/** Reads an enum from the text of its value; the empty text has no plain spelling. */
function plainEnum(type: Ref, text: string, path: Path, reading: Reading): unknown {
    const named = reading.names.get(type.name);
    const value = named?.is === "enum" && text !== "" ? named.values.find((one) => String(one) === text) : undefined;
    return value ?? reading.note(path, "choice");
}

/** Reads a parameter from `name.json=`: canonical JSON of a value that has no plain spelling. */
function jsonParameter(type: Type, spelt: readonly string[], path: Path, reading: Reading): unknown {
    const [text, secondText] = spelt;
    if (text === undefined || secondText !== undefined) {
        return reading.note(path, "duplicate");
    }
    const value = canonicalValue(text);
    const isSpeltSo = value !== undefined && !hasPlainSpelling(type, value, reading.names);
    return isSpeltSo ? reader.readValue(type, value, path, reading) : reading.note(path, "format");
}

/** @returns the value of a canonical JSON text, undefined for any other text. */
function canonicalValue(text: string): Json | undefined {
    try {
        const value = canonical.read(UTF8.encode(text));
        return canonical.textOf(value) === text ? value : undefined;
    } catch (error) {
        if (error instanceof NotIJson) {
            return undefined;
        }
        throw error;
    }
}

/** Whether a JSON value of a type must be spelt plainly: a scalar that is not null, a list of scalars that is not empty. */
function hasPlainSpelling(type: Type, value: Json, names: Names): boolean {
    const inner = base(type);
    if (inner.is !== "list") {
        return isPlain(inner, names) && isPlainlySaid(inner, value);
    }
    return isPlain(inner.item, names) && canonical.isList(value) && value.length > 0 && value.every((one) => isPlainlySaid(inner.item, one));
}

/** Whether one value of a scalar type has a plain spelling: it is not null, and not the empty text of another type than string. */
function isPlainlySaid(type: Type, value: Json): boolean {
    return value !== null && (value !== "" || isScalar(type, "string"));
}
