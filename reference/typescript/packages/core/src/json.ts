/**
 * JSON values as this library holds them.
 *
 * Source: spec/ground.md, JSON that is read; RFC 7493 (I-JSON). Errors: NotIJson, whose `kind` says which rule: syntax, number or depth.
 */

/** JSON as it was read; a `number` is a digits-only token, always a safe integer, never minus zero. */
export type Json = null | boolean | string | number | Float | readonly Json[] | JsonObject;
/** A Map, so that its keys are its own, whatever they are called. */
export type JsonObject = ReadonlyMap<string, Json>;

export const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const SUSPECT = /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/;
const NO_CHARACTER = /[\p{Surrogate}\p{Noncharacter_Code_Point}]/u;        // lone surrogates, since `u` reads pairs as one

/** A number whose token was not digits alone (1.0, 1e3, -0); never minus zero itself. */
export class Float {
    constructor(readonly value: number) {}
}

/** A document or a value that I-JSON cannot hold. */
export class NotIJson extends Error {
    override readonly name = "NotIJson";

    constructor(readonly kind: "syntax" | "number" | "depth", message: string) {
        super(message);
    }
}

/** Whether I-JSON can hold a text: no lone surrogate and no noncharacter in it. */
export function isText(text: string): boolean {
    return !SUSPECT.test(text) || !NO_CHARACTER.test(text);
}

/** Whether a value is a list: `Array.isArray` does not narrow lists that may not be changed. */
export function isList<T>(value: T): value is Extract<T, readonly unknown[]> {
    return Array.isArray(value);
}

/** Whether a value is an object of JSON: `instanceof Map` does not narrow maps that may not be changed. */
export function isObject<T>(value: T): value is Extract<T, ReadonlyMap<string, unknown>> {
    return value instanceof Map;
}
