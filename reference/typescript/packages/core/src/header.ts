/**
 * `X-Mizan-Invalidate`: entries to one field value and back.
 *
 * Our own reader and writer: the libraries for structured fields read the Decimal `5.0` and the Integer `5` as one number.
 * Source: the spec's page on the header; RFC 9651 (structured fields: List, Token, Integer, Boolean, String, Display String).
 * Errors: BadName, for an entry that no field can name; Unreadable, for a field that is not of our grammar, as a whole.
 * Units: bytes of the whole value, which is ASCII; members of the list.
 */
import type { Json } from "./canonical.js";
import * as grammar from "./grammar.js";
import type { Entry } from "./scoping.js";
import * as scoping from "./scoping.js";

export const NAME = "X-Mizan-Invalidate";
export const LIMIT_BYTES = 2048;
export const LIMIT_MEMBERS = 32;
const EVERYTHING = "*";
const SEPARATOR = ", ";
const LIMIT_INTEGER = 999_999_999_999_999;                 // 15 digits: RFC 9651 section 3.3.1
const PRINTABLE_ASCII = /^[ -~]*$/;
const CONTROL = /[\0-\x1f\x7f]/;                         // eslint-disable-line no-control-regex -- no field may hold one

const OWS = /[ \t]*,[ \t]*/y;
const MEMBER = /[a-z][a-z0-9_]*/y;
const PARAMETER = /; *([a-z][a-z0-9_]*)/y;
const BARE_ITEM = /=(?:(?<integer>-?[0-9]{1,15})|\?(?<boolean>[01])|"(?<string>(?:[ !#-[\]-~]|\\["\\])*)"|%"(?<display>(?:[ !#$&-~]|%[0-9a-f]{2})*)")/y;

type Value = boolean | number | string;

/** An entry whose context or parameter is outside the grammar of names. */
export class BadName extends Error {}

/** A field value that is not of our grammar: whoever cannot read it treats everything as invalid. */
export class Unreadable extends Error {}

/** Writes the field's value of any entries; empty where there is nothing to say, and then the field is absent. @throws BadName. */
export function encode(entries: readonly Entry[]): string {
    entries.forEach(checkNames);
    return valueFor(scoping.normalise(entries));
}

/** @returns the field's value of entries that are normal already, and whose names were checked when they were declared. */
export function valueFor(entries: readonly Entry[]): string {
    const wide = entries.map(widened);
    const said = wide.every((one, at) => one === entries[at]) ? entries : scoping.normalise(wide);       // a bare context swallows its other entries
    return fitted(said);
}

/** @throws BadName. */
function checkNames(one: Entry): void {
    for (const name of [one.context, ...(one.params?.keys() ?? [])]) {
        if (!grammar.isSegment(name)) {
            throw new BadName(`"${name}" is no name of a context or parameter`);
        }
    }
}

/** @returns the entry itself, or its bare context where one of its values cannot be said: wider, never narrower. */
function widened(one: Entry): Entry {
    return [...(one.params?.values() ?? [])].every(canBeSaid) ? one : { context: one.context };
}

/** Whether a wire value has a bare item of ours: a bool, an int of at most 15 digits, a text without control characters. */
function canBeSaid(value: Json): value is Value {
    if (typeof value === "number") {
        return Math.abs(value) <= LIMIT_INTEGER;
    }
    return typeof value === "boolean" || (typeof value === "string" && !CONTROL.test(value));
}

/** @returns an entry as a Token with its parameters, in bytes order of their names, which are ASCII. */
function memberText(one: Entry): string {
    const params = [...(one.params ?? [])].sort(([name], [other]) => name < other ? -1 : 1);
    return one.context + params.map(([name, value]) => canBeSaid(value) ? `;${name}${valueText(value)}` : "").join("");
}

/** @returns what stands after a parameter's name: nothing for true (RFC 9651 section 4.1.1.2), else `=` and the value. */
function valueText(value: Value): string {
    if (typeof value === "boolean") {
        return value ? "" : "=?0";
    }
    return `=${typeof value === "number" ? String(value) : textItem(value)}`;
}

/** @returns a String where all characters are printable ASCII, else a Display String. */
function textItem(text: string): string {
    if (PRINTABLE_ASCII.test(text)) {
        return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    }
    return `%"${Array.from(new TextEncoder().encode(text), displayByte).join("")}"`;
}

/** @returns one byte of a Display String: itself if printable and neither `%` nor `"`, else `%` and lower-case hex. */
function displayByte(byte: number): string {
    const character = String.fromCharCode(byte);
    return PRINTABLE_ASCII.test(character) && !'%"'.includes(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
}

/** Collapses context after context to its bare token until the value fits; `*` where all are bare and it still does not. */
function fitted(entries: readonly Entry[]): string {
    let said = entries;
    while (isOver(said)) {
        const context = fullestContext(said);
        if (context === null) {
            return EVERYTHING;
        }
        said = collapsed(said, context);
    }
    return valueOf(said);
}

function valueOf(said: readonly Entry[]): string {
    return said.map(memberText).join(SEPARATOR);
}

function isOver(said: readonly Entry[]): boolean {
    return said.length > LIMIT_MEMBERS || valueOf(said).length > LIMIT_BYTES;
}

/** @returns of the contexts that are not bare yet the one with the most members, the first by name of several; null if all are bare. */
function fullestContext(said: readonly Entry[]): string | null {
    const counts = new Map<string, number>();
    for (const { context, params } of said) {
        if (params !== undefined) {
            counts.set(context, (counts.get(context) ?? 0) + 1);
        }
    }
    const [fullest] = [...counts].sort(([name, count], [other, others]) => others - count || (name < other ? -1 : 1));
    return fullest?.[0] ?? null;
}

/** @returns the entries with all of one context replaced by the bare context, in order. */
function collapsed(said: readonly Entry[], context: string): Entry[] {
    const first = said.findIndex((one) => one.context === context);
    return said.flatMap((one, index) => one.context !== context ? [one] : index === first ? [{ context }] : []);
}

/**
 * Reads a field value, its lines joined with `, `.
 *
 * @returns the entries in the field's order; the one entry of the context `*` for `*`, which is everything.
 * @throws Unreadable.
 */
export function decode(value: string): Entry[] {
    const text = trimmed(value);
    if (text === "" || text === EVERYTHING) {
        return text === "" ? [] : [{ context: EVERYTHING }];
    }
    const entries: Entry[] = [];
    let position = 0;
    for (;;) {
        const [one, end] = readMember(text, position);
        entries.push(one);
        if (end === text.length) {
            return entries;
        }
        position = afterComma(text, end);
    }
}

/** Takes off the spaces around a value, and the tabs after it. @throws Unreadable, for a tab first (RFC 9651 section 4.2). */
function trimmed(value: string): string {
    const text = value.replace(/^ +/, "");
    if (text.startsWith("\t")) {
        throw new Unreadable("wanted a member, got a tab");
    }
    return text.replace(/[ \t]+$/, "");
}

/** @returns what a sticky pattern matches at a position. */
function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
    pattern.lastIndex = position;
    return pattern.exec(text);
}

/** Finds where the next member begins. @throws Unreadable, where no comma stands, or nothing after it. */
function afterComma(text: string, position: number): number {
    const comma = matchAt(OWS, text, position);
    if (comma === null || OWS.lastIndex === text.length) {
        throw new Unreadable("wanted a comma and a member after it");
    }
    return OWS.lastIndex;
}

/** Reads a Token and its parameters; of two with one name the last counts. @returns the entry, and where it ends. @throws Unreadable. */
function readMember(text: string, position: number): [Entry, number] {
    const token = matchAt(MEMBER, text, position)?.[0] ?? "";
    if (!grammar.isSegment(token)) {
        throw new Unreadable("wanted the name of a context");
    }
    const params = new Map<string, Json>();
    let end = position + token.length;
    for (let name = matchAt(PARAMETER, text, end); name !== null; name = matchAt(PARAMETER, text, end)) {
        const key = name[1] ?? "";
        if (!grammar.isSegment(key)) {
            throw new Unreadable("wanted the name of a parameter");
        }
        const [value, after] = readValue(text, end + name[0].length);
        params.set(key, value);
        end = after;
    }
    return [scoping.entry(token, params), end];
}

/** Reads what stands after a parameter's name; nothing is true. @returns the value, and where it ends. @throws Unreadable. */
function readValue(text: string, position: number): [Value, number] {
    if (text[position] !== "=") {
        return [true, position];
    }
    const item = matchAt(BARE_ITEM, text, position);
    if (item === null) {
        throw new Unreadable("wanted an Integer, Boolean, String or Display String");
    }
    return [itemValue(item.groups ?? {}), position + item[0].length];
}

/** @returns the value of a bare item. @throws Unreadable, for a Display String whose bytes are not UTF-8. */
function itemValue(groups: Readonly<Record<string, string | undefined>>): Value {
    if (groups["integer"] !== undefined) {
        return Number(groups["integer"]) + 0;                 // -0 is 0
    }
    if (groups["boolean"] !== undefined) {
        return groups["boolean"] === "1";
    }
    return groups["string"]?.replace(/\\(.)/g, "$1") ?? displayText(groups["display"] ?? "");
}

/** @throws Unreadable, for bytes that are not UTF-8. */
function displayText(escaped: string): string {
    const bytes = Array.from(escaped.matchAll(/%([0-9a-f]{2})|[^%]/g), ([character, hex]) => hex === undefined ? character.charCodeAt(0) : parseInt(hex, 16));
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    } catch (error) {
        throw new Unreadable("a Display String is not UTF-8", { cause: error });
    }
}
