/**
 * Text forms: how int64, decimal, date, datetime, uuid and bytes stand in a JSON string, in and out.
 *
 * Source: spec/ground.md, ground-64 to ground-77; RFC 3339 (datetime), RFC 4648 section 5 (base64url), RFC 9562 (uuid).
 * Errors: every reader throws BadText, whose `code` says whether the text has the wrong form (`format`) or a value out of reach (`range`);
 *         every writer throws WrongOutput for a value that its form cannot hold.
 * Units: microseconds, which a Date cannot hold, pass beside it as digits.
 */
import { WrongOutput } from "./errors.js";
import type { Kind } from "./types.js";

export const INT = /^(?:0|-?[1-9][0-9]*)$/;
const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;
const SIGNED_ZERO = /^-[0.]*$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const DATETIME = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?([Zz]|[+-][0-9]{2}:[0-9]{2})$/;
const OFFSET = /(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const BASE64URL = /^[A-Za-z0-9_-]*$/;
const INT64_BITS = 64;
const INT64_CHARS = String(-(2n ** 63n)).length;
const DECIMAL_DIGITS = 38;
const MINUTE_MS = 60_000;
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59Z");

/** A text that is not of its form. */
export class BadText extends Error {
    override readonly name = "BadText";

    constructor(readonly code: "format" | "range") {
        super(code);
    }
}

/** Reads an int by the rule `0|-?[1-9][0-9]*`, from -2^63 to 2^63-1. @throws BadText */
function readInt64(text: string): bigint {
    check(INT.test(text), "format");
    check(text.length <= INT64_CHARS && isInt64(BigInt(text)), "range");
    return BigInt(text);
}

function isInt64(value: bigint): boolean {
    return BigInt.asIntN(INT64_BITS, value) === value;
}

/** Reads at most 38 digits; zero has no sign. Trailing zeros are kept. @throws BadText */
function readDecimal(text: string): string {
    check(DECIMAL.test(text) && !SIGNED_ZERO.test(text), "format");
    check(text.replace(/[-.]/g, "").length <= DECIMAL_DIGITS, "range");
    return text;
}

/** Reads YYYY-MM-DD of a day that exists, years 0001 to 9999. @throws BadText */
function readDate(text: string): string {
    check(DATE.test(text), "format");
    instant(text, "00:00:00");
    return text;
}

/** Reads RFC 3339 with an offset and at most 6 digits, no second 60, in the years 0001 to 9999. @returns it in UTC @throws BadText */
function readDatetime(text: string): string {
    const [, day, time, fraction, offset] = DATETIME.exec(text) ?? [];
    if (day === undefined || time === undefined || offset === undefined) {
        throw new BadText("format");
    }
    const offsetMinutes = minutesOf(offset);
    return utcText(instant(day, time) - offsetMinutes * MINUTE_MS, fraction ?? "");
}

/** @returns how many minutes an offset is ahead of UTC. @throws BadText */
function minutesOf(offset: string): number {
    if (offset === "Z" || offset === "z") {
        return 0;
    }
    const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))];
    check(hours <= 23 && minutes <= 59, "format");
    return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** @returns milliseconds since 1970 of a day and a time that exist, in UTC. @throws BadText, `range` for the year 0000 alone */
function instant(day: string, time: string): number {
    const text = `${day}T${time}.000Z`;
    const milliseconds = Date.parse(text);
    check(!Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text, "format");
    check(!day.startsWith("0000"), "range");
    return milliseconds;
}

/** @returns a whole second and digits of its fraction in the out form. @throws BadText beyond the years 0001 to 9999 */
function utcText(secondMs: number, fraction: string): string {
    check(secondMs >= FIRST_MS && secondMs <= LAST_MS, "range");
    const digits = fraction.padEnd(6, "0").replace(/000$/, "");
    return `${new Date(secondMs).toISOString().slice(0, -5)}${digits === "000" ? "" : `.${digits}`}Z`;
}

/** Reads lower-case 8-4-4-4-12. @throws BadText */
function readUuid(text: string): string {
    check(UUID.test(text), "format");
    return text;
}

/** Reads base64url without padding and without unused bits. @throws BadText */
function readBytes(text: string): Uint8Array {
    check(BASE64URL.test(text), "format");
    const value = new Uint8Array(Buffer.from(text, "base64url"));
    check(writeBytes(value) === text, "format");
    return value;
}

/** @throws BadText with that code, where something does not hold */
function check(holds: boolean, code: "format" | "range"): void {
    if (!holds) {
        throw new BadText(code);
    }
}

function writeInt64(value: unknown): string {
    if (typeof value !== "bigint" || !isInt64(value)) {
        throw new WrongOutput(`wanted a bigint from -2^63 to 2^63-1, got ${nameOf(value)}`);
    }
    return String(value);
}

function writeDecimal(value: unknown): string {
    return writtenAs(readDecimal, value, `a decimal as a string of at most ${DECIMAL_DIGITS} digits, without an exponent`);
}

/** @returns a decimal as keys, entries and queries write it, without trailing zeros after the point. */
export function strippedDecimal(text: string): string {
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function writeKeyDecimal(value: unknown): string {
    return strippedDecimal(writeDecimal(value));
}

function writeDate(value: unknown): string {
    return writtenAs(readDate, value, "a date as a string YYYY-MM-DD");
}

/** Writes UTC with `Z`: no fraction if it is zero, 3 digits if whole milliseconds, else 6. A text without an offset is UTC. */
function writeDatetime(value: unknown): string {
    const text = value instanceof Date && !Number.isNaN(value.valueOf()) ? value.toISOString() : value;
    const whole = typeof text === "string" && !OFFSET.test(text) ? `${text}Z` : text;
    return writtenAs(readDatetime, whole, "a Date, or a datetime as a string, whose year in UTC is 0001 to 9999");
}

function writeUuid(value: unknown): string {
    return writtenAs(readUuid, value, "a uuid as a string in lower case");
}

/** @returns what a reader makes of a text that a function returned. @throws WrongOutput */
function writtenAs(read: (text: string) => string, value: unknown, wanted: string): string {
    try {
        if (typeof value === "string") {
            return read(value);
        }
    } catch (error) {
        if (!(error instanceof BadText)) {
            throw error;
        }
    }
    throw new WrongOutput(`wanted ${wanted}, got ${nameOf(value)}`);
}

function writeBytes(value: unknown): string {
    if (!(value instanceof Uint8Array)) {
        throw new WrongOutput(`wanted a Uint8Array, got ${nameOf(value)}`);
    }
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64url");
}

/** @returns what a value is, for messages, which never hold the value. */
export function nameOf(value: unknown): string {
    return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** How text forms are spelt in one place: a reader and a writer for each kind. */
export interface Spelling {
    readonly read: ReadonlyMap<Kind, (text: string) => unknown>;
    readonly write: ReadonlyMap<Kind, (value: unknown) => string>;
}

export const BODY: Spelling = {
    read: new Map<Kind, (text: string) => unknown>([
        ["int64", readInt64], ["decimal", readDecimal], ["date", readDate], ["datetime", readDatetime], ["uuid", readUuid], ["bytes", readBytes],
    ]),
    write: new Map<Kind, (value: unknown) => string>([
        ["int64", writeInt64], ["decimal", writeDecimal], ["date", writeDate], ["datetime", writeDatetime], ["uuid", writeUuid], ["bytes", writeBytes],
    ]),
};
const KEY_WRITERS: Spelling["write"] = new Map([...BODY.write, ["decimal", writeKeyDecimal]]);

/** Cache keys, entries and queries: a value has one spelling alone, the one that is written. */
export const KEY: Spelling = { read: new Map([...BODY.read].map(([kind, read]) => [kind, outForm(kind, read)])), write: KEY_WRITERS };

function outForm(kind: Kind, read: (text: string) => unknown): (text: string) => unknown {
    return (text) => {
        const value = read(text);
        check(KEY_WRITERS.get(kind)?.(value) === text, "format");
        return value;
    };
}
