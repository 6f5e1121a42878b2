/**
 * The HTTP half of every web binding: which door a path names, with which methods, media types and sizes; then dispatch or bundle.
 *
 * Source: spec/ground.md, Paths and methods; spec/dispatch.md, What is refused before the function begins; RFC 9110.
 * Errors: every refusal is an Answer; nothing is thrown past `answer`.
 * Units:  bytes. Paths and queries are raw, as they came: one spelling is right, so that no escape is ever decoded here.
 */
import { refusal, type Answer, type Pair } from "./answer.js";
import * as bundle from "./bundle.js";
import * as cors from "./cors.js";
import * as dispatch from "./dispatch.js";
import { Problem } from "./errors.js";
import * as irDocument from "./export.js";
import { boundaryIn, isJson, isMultipart } from "./media.js";
import * as receiving from "./receiving.js";
import type { Shown } from "./request.js";
import * as schema from "./schema.js";
import type { Site } from "./serving.js";

const BODY_LIMIT_BYTES = 1_048_576;
const CONTEXT = /^ctx\/([^/]+)\/$/;
const LENGTH = /^[0-9]+$/;

/**
 * What stands before the body. Names of fields are in lower case, one pair a field line.
 *
 * `path` and `query` are raw, a character a byte; `path` is null where it is not below the prefix.
 */
export interface Head {
    readonly method: string;
    readonly path: string | null;
    readonly query: string;
    readonly headers: readonly Pair[];
}

/** One request: its head, what functions may see of it, and its body as it arrives. */
export interface Asked {
    readonly head: Head;
    readonly shown: Shown;
    readonly chunks: AsyncIterable<Uint8Array>;
}

/** What a path names, with its methods. */
type Door =
    | { readonly is: "call" | "schema" | "ir"; readonly methods: readonly string[] }
    | { readonly is: "context"; readonly methods: readonly string[]; readonly context: string };

const CALLED: readonly string[] = ["POST"];
const FETCHED: readonly string[] = ["GET", "HEAD"];
const DOORS: ReadonlyMap<string | null, Door> = new Map<string, Door>([
    ["call/", { is: "call", methods: CALLED }], ["schema/", { is: "schema", methods: FETCHED }], ["ir/", { is: "ir", methods: FETCHED }],
]);

/** Answers one request, whatever it is. */
export async function answer(site: Site, asked: Asked): Promise<Answer> {
    const said = await decided(site, asked);
    return bodiless(asked.head.method, cors.marked(said, site.settings.origins, all(asked.head, "origin")));
}

/** Goes through the order of the checks: path, method, then what the door asks for. */
async function decided(site: Site, asked: Asked): Promise<Answer> {
    const { head } = asked;
    const { origins } = site.settings;
    try {
        const door = doorOf(head.path);
        if (head.method === "OPTIONS" && cors.isOn(origins)) {
            return cors.optionsAnswer(door.methods, isPreflight(head, origins) ? cors.preflightFields() : []);
        }
        checkMethod(door, head.method);
        return await entered(site, asked, door);
    } catch (error) {
        if (error instanceof Problem) {
            return refusal(error);
        }
        console.error("mizan failed:", error);          // a fault of ours: the caller gets the same document as for any other
        return refusal(new Problem("internal"));
    }
}

/** Answers what a door is there for. @throws Problem. */
async function entered(site: Site, asked: Asked, door: Door): Promise<Answer> {
    const ifNoneMatch = all(asked.head, "if-none-match");
    switch (door.is) {
        case "call":
            return await called(site, asked);
        case "context":
            return await bundle.fetch(site, asked.shown, { context: door.context, query: Buffer.from(asked.head.query, "latin1"), ifNoneMatch });
        case "schema":
            return schema.answer(site.sealed, site.extensions, ifNoneMatch);
        case "ir":
            return irDocument.answer(site.sealed, ifNoneMatch);
    }
}

/** @returns the values of a field, in order, each as it came. */
export function all(head: Head, name: string): readonly string[] {
    return head.headers.filter(([given]) => given === name).map(([, value]) => value);
}

/** @returns what follows the prefix and its slash in a raw path; null where the path does not begin so. */
export function below(prefix: string, rawPath: string): string | null {
    return rawPath.startsWith(`${prefix}/`) ? rawPath.slice(prefix.length + 1) : null;
}

/** Compares the raw path. @throws Problem, `not_found`. */
function doorOf(path: string | null): Door {
    const door = DOORS.get(path);
    if (door !== undefined) {
        return door;
    }
    const [, context] = CONTEXT.exec(path ?? "") ?? [];
    if (context === undefined) {
        throw new Problem("not_found");
    }
    return { is: "context", methods: FETCHED, context };
}

/** A field such as X-HTTP-Method-Override has no say. @throws Problem, `method_not_allowed`. */
function checkMethod(door: Door, method: string): void {
    if (!door.methods.includes(method)) {
        throw new Problem("method_not_allowed", { headers: [["Allow", door.methods.join(", ")]] });
    }
}

/** Whether a listed origin's browser asks what it may send. */
function isPreflight(head: Head, origins: cors.Origins): boolean {
    return cors.listed(origins, all(head, "origin")) !== null && all(head, "access-control-request-method").length > 0;
}

/** Refuses a body by what the head says of it, before a byte of it is read; then reads it as what it is. @throws Problem. */
async function called(site: Site, asked: Asked): Promise<Answer> {
    const types = all(asked.head, "content-type");
    const lengths = all(asked.head, "content-length");
    const hasFiles = isMultipart(types);
    if (!(hasFiles || isJson(types)) || isCoded(all(asked.head, "content-encoding"))) {
        throw new Problem("unsupported_media_type");
    }
    if (isDeclaredTooLarge(lengths, hasFiles ? receiving.isBodyTooLarge : isTooLarge)) {
        throw new Problem("payload_too_large");
    }
    if (hasFiles) {
        return await receiving.call(site, asked.shown, boundaryIn(types), asked.chunks);
    }
    return await dispatch.call(site, asked.shown, await bodyOf(asked.chunks));
}

/** Whether a body is said to be compressed or coded in any way, `identity` among them. */
function isCoded(contentEncoding: readonly string[]): boolean {
    return contentEncoding.length > 0;
}

/** Whether a body's declared length is over the limit; a length that is no number is the server's to judge. */
function isDeclaredTooLarge(contentLength: readonly string[], isOver: (size: number) => boolean): boolean {
    return contentLength.some((length) => LENGTH.test(length) && isOver(Number(length)));
}

function isTooLarge(size: number): boolean {
    return size > BODY_LIMIT_BYTES;
}

/** Reads a body. @throws Problem, `payload_too_large`, with the first chunk that goes over, whether or not an end ever comes. */
async function bodyOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
        size += chunk.length;
        if (isTooLarge(size)) {
            throw new Problem("payload_too_large");
        }
        parts.push(chunk);
    }
    return Buffer.concat(parts, size);
}

/** @returns the answer to HEAD without its body, which its length still tells; any other as it is. */
function bodiless(method: string, said: Answer): Answer {
    if (method !== "HEAD" || said.status === 304) {
        return said;
    }
    return { ...said, headers: [...said.headers, ["Content-Length", String(said.body.length)]], body: new Uint8Array(0) };
}
