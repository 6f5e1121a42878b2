/**
 * JSON at its strictest: reads I-JSON, writes canonical JSON.
 *
 * Source: spec/ground.md, Canonical JSON; RFC 8785; ECMA-262 Number::toString.
 * Errors: NotIJson. Units: members are in order of UTF-16 code units, everything else, by `byBytes`, of UTF-8 bytes.
 */
import { Float, isList, isText, MAX_SAFE, NotIJson, type Json, type JsonObject } from "./json.js";

export { Float, isList, isObject, isText, MAX_SAFE, NotIJson, type Json, type JsonObject } from "./json.js";
export { read } from "./parsing.js";

const MAX_WRITTEN_DEPTH = 512;                          // ends a cycle far from the end of the stack
const EXPONENT_FROM = 1e21;                             // Number::toString writes no digits-only text from here up
const UTF8 = new TextEncoder();

/** Writes canonical JSON. @throws NotIJson for a number that JSON cannot say, for what is no text, for a cycle */
export function write(value: Json): Uint8Array {
    return UTF8.encode(textOf(value));
}

/** @returns what `write` writes, as text. @throws NotIJson */
export function textOf(value: Json): string {
    return valueText(value, 0);
}

function valueText(value: Json, depth: number): string {
    if (depth > MAX_WRITTEN_DEPTH) {
        throw new NotIJson("depth", "the value nests too deep, or holds itself");
    }
    if (value === null || typeof value === "boolean") {
        return String(value);
    }
    if (typeof value === "string") {
        return stringText(value);
    }
    if (typeof value === "number" || value instanceof Float) {
        return numberText(typeof value === "number" ? value : value.value);
    }
    return isList(value) ? listText(value, depth) : objectText(value, depth);
}

function listText(items: readonly Json[], depth: number): string {
    let text = "[";
    for (const item of items) {
        text += `${text === "[" ? "" : ","}${valueText(item, depth + 1)}`;
    }
    return `${text}]`;
}

function objectText(members: JsonObject, depth: number): string {
    let text = "{";
    for (const name of [...members.keys()].sort()) {                      // by UTF-16 code units
        text += `${text === "{" ? "" : ","}${stringText(name)}:${valueText(members.get(name) ?? null, depth + 1)}`;
    }
    return `${text}}`;
}

function stringText(value: string): string {
    if (!isText(value)) {
        throw new NotIJson("syntax", "a string holds a lone surrogate or a noncharacter");
    }
    return JSON.stringify(value);                       // escapes what RFC 8785 escapes, lone surrogates aside
}

/** @returns a double as ECMAScript prints it. @throws NotIJson if it is not finite, or where that is digits beyond ±(2^53-1) */
export function numberText(value: number): string {
    if (!Number.isFinite(value)) {
        throw new NotIJson("number", "a number is not finite");
    }
    if (Math.abs(value) > MAX_SAFE && Math.abs(value) < EXPONENT_FROM) {
        throw new NotIJson("number", "a number prints as an integer beyond 2^53-1");
    }
    return String(value);
}

/** Orders texts by their UTF-8 bytes, which is by code points. */
export function byBytes(one: string, other: string): number {
    const length = Math.min(one.length, other.length);
    for (let at = 0; at < length; at += 1) {
        if (one.charCodeAt(at) !== other.charCodeAt(at)) {
            return rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
        }
    }
    return one.length - other.length;
}

/** @returns a code unit's place among the first ones of code points: a surrogate begins one that comes after all others. */
function rank(unit: number): number {
    return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
