/**
 * Where file parts belong among the arguments, and the arguments with the files in their places.
 *
 * Source: spec/upload.md, The parts. A file's place is a pointer into the request document; the member itself is absent there.
 * Errors: none thrown; what is wrong is returned as mismatches.
 */
import { isList, isObject, type Json, type JsonObject } from "./canonical.js";
import type { Mismatch } from "./errors.js";
import type { ServerFunction } from "./function.js";
import { child, MESSAGE, type Given, type GivenObject } from "./reader.js";
import { base, fieldsOf, holdsUpload, isRequired, isUpload, type Field, type Fields, type Names, type Type } from "./types.js";
import { ReceivedFile } from "./upload.js";

export const ROOT = "/args";
const POSITION = /^(?:0|[1-9][0-9]?)$/;             // below the number of parts that a body may have
const PENDING = new ReceivedFile("", "");           // stands where a file will be, or should have been

/** A place where a file may stand. `isGiven`: the request document has something there already. */
export interface Place {
    readonly accepts: readonly string[];
    readonly isGiven: boolean;
}

/** @returns what a part of this name would be; null where no file belongs. */
export function placeOf(function_: ServerFunction, args: JsonObject, pointer: string): Place | null {
    const [root, first, ...tokens] = pointer.split("/");
    if (root !== "" || first !== "args" || pointer.includes("~")) {        // no declared name holds a character to be escaped
        return null;
    }
    return memberPlace(function_.parameters, args, tokens, function_.names);
}

function memberPlace(fields: Fields, given: JsonObject, [name = "", ...tokens]: readonly string[], names: Names): Place | null {
    const one = fields.get(name);
    return one === undefined ? null : placeIn(one.type, given.get(name), tokens, names);
}

/** Looks for a place inside a value; undefined stands for a value that is not in the document. */
function placeIn(type: Type, value: Json | undefined, tokens: readonly string[], names: Names): Place | null {
    const inner = base(type);
    const [token] = tokens;
    if (token === undefined) {
        return placeOfFile(inner, value);
    }
    if (inner.is === "list" && POSITION.test(token)) {
        return placeInList(inner.item, value, tokens, names);
    }
    return inner.is === "ref" && isObject(value) ? memberPlace(fieldsOf(inner, names), value, tokens, names) : null;
}

/** A list of files is absent as a whole; a list of objects is there, with their files absent in it. */
function placeInList(item: Type, value: Json | undefined, [token, ...others]: readonly string[], names: Names): Place | null {
    if (others.length === 0 && isUpload(base(item))) {
        return placeOfFile(base(item), value);
    }
    const one = isList(value) ? value[Number(token)] : undefined;
    return one === undefined ? null : placeIn(item, one, others, names);
}

function placeOfFile(type: Type, value: Json | undefined): Place | null {
    return isUpload(type) ? { accepts: type.accepts ?? [], isGiven: value !== undefined } : null;
}

/** Whether any argument is an upload or holds one. */
export function takesFiles(function_: ServerFunction): boolean {
    return [...function_.parameters.values()].some((one) => holdsUpload(one.type, function_.names));
}

/**
 * The arguments of a call with its files in their places.
 *
 * `files` are those that came, by pointer; null: none has come yet, and a file that is wanted is not missed.
 */
export class Filled {
    readonly missing: Mismatch[] = [];

    constructor(readonly names: Names, readonly files: ReadonlyMap<string, ReceivedFile> | null) {}

    /** @returns a copy of an object's members, those among them that are files. */
    members(fields: Fields, given: GivenObject, pointer: string = ROOT): GivenObject {
        const values = new Map([...given].map(([name, value]) => [name, this.#value(fields.get(name)?.type, value, child(pointer, name))]));
        for (const [name, one] of fields) {
            const found = given.has(name) ? undefined : this.#absent(one, child(pointer, name));
            if (found !== undefined) {
                values.set(name, found);
            }
        }
        return values;
    }

    /** @returns a value that stands in the document, with the files inside it. */
    #value(type: Type | undefined, value: Given, pointer: string): Given {
        const inner = type === undefined ? undefined : base(type);
        if (inner?.is === "ref" && isObject(value)) {
            return this.members(fieldsOf(inner, this.names), value, pointer);
        }
        if (inner?.is === "list" && isList(value)) {
            return value.map((one, index) => this.#value(inner.item, one, child(pointer, index)));
        }
        return value;
    }

    /** @returns the file, or the list of files, that a member which is not in the document is; undefined for neither. */
    #absent(one: Field, pointer: string): Given | undefined {
        const inner = base(one.type);
        if (isUpload(inner)) {
            return this.#file(one, pointer);
        }
        return inner.is === "list" && isUpload(base(inner.item)) ? this.#listOfFiles(one, pointer) : undefined;
    }

    #file(one: Field, pointer: string): Given | undefined {
        if (this.files === null) {
            return isRequired(one) ? PENDING : undefined;
        }
        return this.files.get(pointer);
    }

    /** @returns the files at positions 0, 1 …; notes each gap as missing. */
    #listOfFiles(one: Field, pointer: string): Given | undefined {
        if (this.files === null) {
            return isRequired(one) ? [] : undefined;
        }
        const came = this.#positions(pointer);
        if (came.size === 0) {
            return undefined;
        }
        return Array.from({ length: Math.max(...came.keys()) + 1 }, (_, position) => came.get(position) ?? this.#gap(child(pointer, position)));
    }

    #positions(pointer: string): ReadonlyMap<number, ReceivedFile> {
        const found = [...this.files ?? []].filter(([name]) => name.slice(0, name.lastIndexOf("/")) === pointer);
        return new Map(found.map(([name, file]) => [Number(name.slice(name.lastIndexOf("/") + 1)), file]));
    }

    #gap(pointer: string): ReceivedFile {
        this.missing.push({ pointer, code: "missing", message: MESSAGE.missing });
        return PENDING;
    }
}
