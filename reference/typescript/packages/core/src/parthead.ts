/**
 * The head of one part of a multipart/form-data body.
 *
 * Source: spec/upload.md, The body and What the function sees; RFC 7578, 4.2 to 4.4. Errors: Problem, `malformed`.
 */
import { Problem } from "./errors.js";
import { trimmed } from "./media.js";

export const DEFAULT_TYPE = "text/plain";           // RFC 7578, 4.4
const NAME = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const FIELD = new RegExp(`^(${NAME}):([^\\r]*)$`);
// A quoted value as browsers write it: a backslash before a quote escapes it, and elsewhere is a backslash, as in C:\x.
const PARAMETER = new RegExp(`[ \\t]*;[ \\t]*(?:(${NAME})=(?:(${NAME})|"((?:[^"\\\\]|\\\\"|\\\\)*?)"(?=[ \\t]*(?:;|$))))?`, "y");
const MEDIA_TYPE = new RegExp(`^(${NAME}/${NAME})[ \\t]*(?:;.*)?$`, "s");

/** What a part says of itself: the name of its field, the name of its file or none, its media type or none. */
export interface PartHead {
    readonly is: "head";
    readonly name: string;
    readonly filename: string;
    readonly type: string | null;
}

/** Reads a head, whose lines stand between CR LF. @throws Problem, where it names no field, or says something twice. */
export function headOf(head: Uint8Array): PartHead {
    const fields = textOf(head).split("\r\n").map(fieldIn);
    const [disposition, anotherDisposition] = valuesOf("content-disposition", fields);
    const [media, anotherMedia] = valuesOf("content-type", fields);
    if (disposition === undefined || anotherDisposition !== undefined || anotherMedia !== undefined) {
        throw new Problem("malformed");
    }
    const parameters = dispositionOf(disposition);
    const name = parameters.get("name");
    if (name === undefined) {
        throw new Problem("malformed");
    }
    return { is: "head", name, filename: parameters.get("filename") ?? "", type: media === undefined ? null : mediaTypeOf(media) };
}

function textOf(head: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(head);
    } catch {
        throw new Problem("malformed");
    }
}

type FieldLine = readonly [name: string, value: string];

function fieldIn(line: string): FieldLine {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) {
        throw new Problem("malformed");
    }
    return [name.toLowerCase(), trimmed(value)];
}

function valuesOf(name: string, fields: readonly FieldLine[]): readonly string[] {
    return fields.filter(([given]) => given === name).map(([, value]) => value);
}

/** @returns the parameters of a Content-Disposition `form-data`, by name. */
function dispositionOf(value: string): ReadonlyMap<string, string> {
    const [kind = ""] = value.split(";", 1);
    if (trimmed(kind).toLowerCase() !== "form-data") {
        throw new Problem("malformed");
    }
    const parameters = new Map<string, string>();
    for (let at = kind.length; at < value.length; at = PARAMETER.lastIndex) {
        PARAMETER.lastIndex = at;
        const seen = PARAMETER.exec(value);
        const name = seen?.[1]?.toLowerCase();
        if (seen === null || (name !== undefined && parameters.has(name))) {
            throw new Problem("malformed");
        }
        if (name !== undefined) {
            parameters.set(name, seen[2] ?? (seen[3] ?? "").replaceAll('\\"', '"'));
        }
    }
    return parameters;
}

/** @returns a media type in lower case, without parameters. @throws Problem, for none, and for parts within the part. */
function mediaTypeOf(value: string): string {
    const [, type = ""] = MEDIA_TYPE.exec(value) ?? [];
    if (type === "" || type.toLowerCase().startsWith("multipart/")) {
        throw new Problem("malformed");
    }
    return type.toLowerCase();
}
