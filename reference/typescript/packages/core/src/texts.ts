import type { Kind } from "./types.js";

export type BadTextCode = "format" | "range";
export declare class BadText extends Error {
    readonly code: BadTextCode;
    constructor(code: BadTextCode);
}
/** How text forms are spelt in one place: a reader and a writer for each kind. */
export interface Spelling {
    readonly read: ReadonlyMap<Kind, (text: string) => unknown>;
    readonly write: ReadonlyMap<Kind, (value: unknown) => string>;
}
export declare const INT: RegExp;
export declare const BODY: Spelling;
export declare const KEY: Spelling;
export declare function strippedDecimal(text: string): string;
