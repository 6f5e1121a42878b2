/**
 * What is shared by all who read documents: what came, what was found wrong and where, and what a function gets.
 *
 * Source: spec/ground.md, The member `errors`; RFC 6901 (pointers). Errors: none.
 */
import type { Float } from "./canonical.js";
import type { Mismatch, MismatchCode } from "./errors.js";
import { BODY, type Spelling } from "./texts.js";
import type { Names } from "./types.js";
import type { Upload } from "./upload.js";

/** A document as it came: JSON of `canonical.read`, with files where a form of several parts put them. */
export type Given = null | boolean | string | number | Float | Upload | readonly Given[] | GivenObject;
export type GivenObject = ReadonlyMap<string, Given>;
/** Values in a function's hands, by name: an object without a prototype. */
export type Values = Readonly<Record<string, unknown>>;

export const MESSAGE: Readonly<Record<Exclude<MismatchCode, "type">, string>> = {
    missing: "a required member is absent", unknown: "there is a member that is not declared", null: "null is not allowed here",
    choice: "not one of the declared values", range: "beyond what the declared type can hold", length: "too short or too long",
    duplicate: "given more than once", rule: "a rule of the declared type refuses it", format: "not in the form of the declared type",
};

/** What a reader knows beside type, value and pointer: the named types, how text forms are spelt; and what it found wrong. */
export class Reading {
    readonly mismatches: Mismatch[] = [];

    constructor(readonly names: Names, readonly spelling: Spelling = BODY) {}

    /** Notes a mismatch with the message of its code, which never holds input. @returns null, in place of a value */
    note(pointer: string, code: Exclude<MismatchCode, "type">): null {
        this.mismatches.push({ pointer, code, message: MESSAGE[code] });
        return null;
    }

    /** Notes a value of another kind than was `wanted`. @returns null, in place of a value */
    noteType(pointer: string, wanted: string): null {
        this.mismatches.push({ pointer, code: "type", message: `wanted ${wanted}` });
        return null;
    }
}

/** @returns the pointer of a member or item (RFC 6901). */
export function child(pointer: string, token: string | number): string {
    return `${pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** @returns an object whose keys are its own, whatever they are called. */
export function bare(entries: Iterable<readonly [string, unknown]> = []): Record<string, unknown> {
    const made: Record<string, unknown> = { __proto__: null };
    for (const [name, value] of entries) {
        made[name] = value;
    }
    return made;
}
