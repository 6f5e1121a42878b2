import type { Float } from "./canonical.js";
import type { Mismatch, MismatchCode } from "./errors.js";
import type { Spelling } from "./texts.js";
import type { Enumeration, Field, Fields, Names, Type } from "./types.js";
import type { Upload } from "./upload.js";

/** A document as it came: JSON of `canonical.read`, with files where a form of several parts put them. */
export type Given = null | boolean | string | number | Float | Upload | readonly Given[] | ReadonlyMap<string, Given>;
export type GivenObject = ReadonlyMap<string, Given>;
/** Values in a function's hands, by name: an object without a prototype. */
export type Values = Readonly<Record<string, unknown>>;

export declare const MESSAGE: Readonly<Record<Exclude<MismatchCode, "type">, string>>;
export declare class Reading {
    readonly names: Names;
    readonly spelling: Spelling;
    readonly mismatches: readonly Mismatch[];
    constructor(names: Names, spelling?: Spelling);
    note(pointer: string, code: MismatchCode, message?: string): undefined;
}
export declare function read(type: Type, value: Given, names: Names, pointer?: string): readonly [unknown, readonly Mismatch[]];
export declare function readMembers(fields: Fields, given: GivenObject, names: Names, pointer?: string): readonly [Values, readonly Mismatch[]];
export declare function fillDefaults(fields: Fields, values: Record<string, unknown>, names: Names): void;
export declare function defaultValue(one: Field, names: Names): unknown;
export declare function readValue(type: Type, value: Given, pointer: string, reading: Reading): unknown;
export declare function enumMember(named: Enumeration, value: Given, pointer: string, reading: Reading): unknown;
export declare function child(pointer: string, token: string | number): string;
export declare function hasKnownMembersAlone(fields: Fields, given: GivenObject): boolean;
