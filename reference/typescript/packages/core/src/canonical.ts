/**
 * JSON at its strictest: reads I-JSON, writes canonical JSON.
 */
export type Json = null | boolean | string | number | Float | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;
export type NotIJsonKind = "syntax" | "number" | "depth";

export const MAX_SAFE = Number.MAX_SAFE_INTEGER;
export const MAX_DEPTH = 64;

/** A number whose token was not digits alone; never minus zero. */
export class Float {
    constructor(readonly value: number) {}
}

/** A document or a value that I-JSON cannot hold. */
export class NotIJson extends Error {
    constructor(readonly kind: NotIJsonKind, message: string) {
        super(message);
    }
}

export declare function read(raw: Uint8Array): Json;
export declare function write(value: Json): Uint8Array;
export declare function textOf(value: Json): string;
export declare function isText(text: string): boolean;
export declare function byBytes(one: string, other: string): number;
export declare function numberText(value: number): string;
export declare function isObject(value: unknown): value is ReadonlyMap<string, never>;
