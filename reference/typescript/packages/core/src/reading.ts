/**
 * What is shared by all who read documents: what came, what was found wrong and where, and what a function gets.
 *
 * Source: spec/ground.md, The member `errors`; RFC 6901 (pointers). Errors: none.
 */
import { byBytes, type Float } from "./canonical.js";
import { MISMATCH_LIMIT, type Mismatch, type MismatchCode } from "./errors.js";
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

const POINTER_BYTES = 1_024;

/** A place in a document that is being read: the tokens of its pointer, each escaped and with a slash behind it. Nobody copies a long one. */
export type Path = readonly string[];
export const TOP: Path = [];

interface Found {
    readonly path: Path;
    readonly code: MismatchCode;
    readonly message: string;
}

/** What a reader knows beside type, value and path: the named types, how text forms are spelt; and what it found wrong. */
export class Reading {
    readonly found: Found[] = [];

    constructor(readonly names: Names, readonly spelling: Spelling = BODY) {}

    /** Notes a mismatch with the message of its code, which never holds input. @returns null, in place of a value */
    note(path: Path, code: Exclude<MismatchCode, "type">): null {
        this.found.push({ path, code, message: MESSAGE[code] });
        return null;
    }

    /** Notes a value of another kind than was `wanted`. @returns null, in place of a value */
    noteType(path: Path, wanted: string): null {
        this.found.push({ path, code: "type", message: `wanted ${wanted}` });
        return null;
    }

    /** @returns what was noted, at pointers that are not too long, each once, sorted by pointer and code as bytes and cut. */
    mismatches(): readonly Mismatch[] {
        const inOrder = this.found.map((one) => ({ ...one, path: shortened(one.path) })).toSorted(byPlace);
        const first = inOrder.filter((one, at) => at === 0 || byPlace(inOrder[at - 1] ?? one, one) !== 0).slice(0, MISMATCH_LIMIT);
        return first.map(({ path, code, message }) => ({ pointer: pointerOf(path), code, message }));
    }
}

/** @returns a token as it stands in a pointer (RFC 6901). */
function escaped(token: string | number): string {
    return String(token).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** @returns the pointer of a member or item. */
export function child(pointer: string, token: string | number): string {
    return `${pointer}/${escaped(token)}`;
}

/** @returns the path of a member or item. */
export function below(path: Path, token: string | number): Path {
    return [...path, `${escaped(token)}/`];
}

export function pathOf(pointer: string): Path {
    return pointer.split("/").slice(1).map((token) => `${token}/`);
}

function pointerOf(path: Path): string {
    return `/${path.join("")}`.slice(0, -1);
}

/** @returns the path, or the longest one above it whose pointer is not too long. */
function shortened(path: Path): Path {
    let taken = 0;
    for (const [place, token] of path.entries()) {
        taken += bytesOf(token);
        if (taken > POINTER_BYTES) {
            return path.slice(0, place);
        }
    }
    return path;
}

/** @returns how many bytes of UTF-8 a token has; of one that is too long in code units already, those: a long key is not walked. */
function bytesOf(token: string): number {
    return token.length > POINTER_BYTES ? token.length : Buffer.byteLength(token);
}

function byPlace(one: Found, other: Found): number {
    return byPointer(one.path, other.path) || byBytes(one.code, other.code) || byBytes(one.message, other.message);
}

/** Orders paths as their pointers are ordered; tokens are compared where they differ, so that a long one that is shared costs nothing. */
function byPointer(one: Path, other: Path): number {
    const at = one.findIndex((token, place) => token !== other[place]);
    return at === -1 || at >= other.length ? one.length - other.length : byBytes(tokenAt(one, at), tokenAt(other, at));
}

/** @returns a token with the slash behind it, which the last one of a pointer has not. */
function tokenAt(path: Path, at: number): string {
    return at === path.length - 1 ? (path[at] ?? "").slice(0, -1) : path[at] ?? "";
}

/** @returns an object whose keys are its own, whatever they are called. */
export function bare(entries: Iterable<readonly [string, unknown]> = []): Record<string, unknown> {
    const made: Record<string, unknown> = { __proto__: null };
    for (const [name, value] of entries) {
        made[name] = value;
    }
    return made;
}
