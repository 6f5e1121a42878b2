/**
 * A call with files: its message is the first part of a multipart/form-data body, and its files follow.
 *
 * The function is looked up and its arguments are read before the first byte of a file; files go to temporary files that are closed, and so
 * removed, whatever becomes of the call. Source: spec/upload.md. Errors: Problem while reading; an Answer at the end. Units: bytes.
 */
import type { Answer } from "./answer.js";
import type { JsonObject } from "./canonical.js";
import * as dispatch from "./dispatch.js";
import { Problem, type Mismatch, type MismatchCode } from "./errors.js";
import * as fileparts from "./fileparts.js";
import { Filled, ROOT } from "./fileparts.js";
import type { ServerFunction } from "./function.js";
import { closing, Kept } from "./kept.js";
import { isBoundary, Parts, type Event } from "./multipart.js";
import { DEFAULT_TYPE, type PartHead } from "./parthead.js";
import { MESSAGE, readMembers, type Values } from "./reader.js";
import type { Shown } from "./request.js";
import type { Site } from "./serving.js";
import type { ReceivedFile } from "./upload.js";

const PAYLOAD = "payload";
const PAYLOAD_BYTES = 1_048_576;
const FILE_BYTES = 26_214_400;
const BODY_BYTES = 104_857_600;
const JSON_TYPES: readonly (string | null)[] = [null, "application/json"];

/** Reads and answers one call with files. `boundary` is what the head says, null where it says none. @throws Problem. */
export async function call(site: Site, shown: Shown, boundary: string | null, chunks: AsyncIterable<Uint8Array>): Promise<Answer> {
    if (boundary === null || !isBoundary(boundary)) {
        throw new Problem("malformed");
    }
    const incoming = new Incoming(site, new Parts(boundary));
    try {
        await incoming.read(chunks);
        return await answered(site, shown, incoming);
    } finally {
        if (!incoming.kept.inUse) {
            await incoming.kept.close();
        }
    }
}

/** Runs what the payload names, now that everything has come. @throws Problem. */
async function answered(site: Site, shown: Shown, incoming: Incoming): Promise<Answer> {
    if (incoming.function_ !== null) {
        const effective = incoming.effective(incoming.function_);
        return await dispatch.outcome(site, shown, closing(incoming.function_, incoming.kept), effective);
    }
    if (incoming.mismatches.length > 0) {
        throw new Problem("validation", { errors: incoming.mismatches });
    }
    return await dispatch.call(site, shown, incoming.payload());
}

/**
 * One body on its way in.
 *
 * `function_` is what the payload names, once that has come; null where it takes no files: then the payload alone is the call.
 */
class Incoming {
    readonly kept = new Kept();
    readonly mismatches: Mismatch[] = [];
    function_: ServerFunction | null = null;
    #args: JsonObject = new Map();
    readonly #payload: Buffer[] = [];
    readonly #files = new Map<string, ReceivedFile>();
    #stage: "nothing" | "payload" | "files" = "nothing";
    #file: ReceivedFile | null = null;                  // null while a part comes that belongs nowhere
    #size = 0;

    constructor(readonly site: Site, readonly parts: Parts) {}

    /** Reads to the end of the body. @throws Problem, with the first byte that decides it. */
    async read(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        let total = 0;
        for await (const chunk of chunks) {
            total += chunk.length;
            if (isBodyTooLarge(total)) {
                throw new Problem("payload_too_large");
            }
            for (const event of this.parts.feed(chunk)) {
                const saved = this.#take(event);
                if (saved !== null) {                   // waiting for nothing takes time too, chunk after chunk
                    await saved;
                }
            }
        }
        if (!this.parts.isClosed || this.#stage !== "files") {
            throw new Problem("malformed");
        }
    }

    /** @returns the call's message. */
    payload(): Uint8Array {
        return Buffer.concat(this.#payload);
    }

    /** @returns the effective arguments, files among them. @throws Problem, `validation`. */
    effective(function_: ServerFunction): Values {
        const filled = new Filled(function_.names, this.#files);
        const given = filled.members(function_.parameters, this.#args);
        const [values, mismatches] = readMembers(function_.parameters, given, function_.names, ROOT);
        const wrong = [...this.mismatches, ...filled.missing, ...mismatches];
        if (wrong.length > 0) {
            throw new Problem("validation", { errors: wrong });
        }
        return values;
    }

    /** @returns when what is to be saved is saved; null where there is nothing to wait for. */
    #take(event: Event): Promise<void> | null {
        switch (event.is) {
            case "head":
                this.#open(event);
                return null;
            case "data":
                return this.#write(event.bytes);
            case "end":
                return this.#end();
        }
    }

    #open(head: PartHead): void {
        this.#size = 0;
        if (this.#stage === "nothing") {
            checkPayload(head);
            this.#stage = "payload";
        } else {
            this.#file = this.#accepted(head);
        }
    }

    #write(data: Uint8Array): Promise<void> | null {
        this.#size += data.length;
        if (this.#stage === "payload" ? isPayloadTooLarge(this.#size) : isFileTooLarge(this.#size)) {
            throw new Problem("payload_too_large");
        }
        if (this.#stage === "payload") {
            this.#payload.push(Buffer.from(data));
            return null;
        }
        return this.#file?.write(data) ?? null;
    }

    #end(): Promise<void> | null {
        if (this.#stage === "payload") {
            this.#settle();
            return null;
        }
        return this.#file?.finish() ?? null;
    }

    /** Decides everything that can be decided before a file comes. @throws Problem. */
    #settle(): void {
        this.#stage = "files";
        const { name, args } = dispatch.envelope(this.payload());
        const function_ = this.site.sealed.functions.get(name);
        this.#args = args;
        if (function_ === undefined || !fileparts.takesFiles(function_)) {
            checkWithoutFiles(this.site, name, args);
        } else {
            this.function_ = function_;
            checkArguments(function_, args);
        }
    }

    /** @returns where a file goes; null where it belongs nowhere, which is noted. @throws Problem, `unsupported_media_type`. */
    #accepted(head: PartHead): ReceivedFile | null {
        const place = this.function_ === null ? null : fileparts.placeOf(this.function_, this.#args, head.name);
        if (place === null) {
            this.#note(ROOT, "unknown");
            return null;
        }
        if (place.isGiven || this.#files.has(head.name)) {
            this.#note(head.name, "duplicate");
            return null;
        }
        if (!isAccepted(place.accepts, head.type ?? DEFAULT_TYPE)) {
            throw new Problem("unsupported_media_type");
        }
        const file = this.kept.opened(head);
        this.#files.set(head.name, file);
        return file;
    }

    #note(pointer: string, code: Exclude<MismatchCode, "type">): void {
        this.mismatches.push({ pointer, code, message: MESSAGE[code] });
    }
}

/** @throws Problem, where the first part is another than the payload, or no JSON. */
function checkPayload(head: PartHead): void {
    if (head.name !== PAYLOAD) {
        throw new Problem("malformed");
    }
    if (!JSON_TYPES.includes(head.type)) {
        throw new Problem("unsupported_media_type");
    }
}

/** Refuses early what no file could mend: a name that is unknown, arguments that are wrong. @throws Problem. */
function checkWithoutFiles(site: Site, name: string, args: JsonObject): void {
    const function_ = site.sealed.functions.get(name);
    if (function_ !== undefined) {
        dispatch.effectiveArguments(function_, args);
    } else if (!site.sealed.compositions.has(name)) {
        throw new Problem("unknown_function");
    }
}

/** Reads the arguments as if every file were there. @throws Problem, `validation`. */
function checkArguments(function_: ServerFunction, args: JsonObject): void {
    dispatch.effectiveArguments(function_, new Filled(function_.names, null).members(function_.parameters, args));
}

function isAccepted(accepts: readonly string[], declared: string): boolean {
    return accepts.length === 0 || accepts.includes(declared);
}

function isPayloadTooLarge(size: number): boolean {
    return size > PAYLOAD_BYTES;
}

function isFileTooLarge(size: number): boolean {
    return size > FILE_BYTES;
}

export function isBodyTooLarge(size: number): boolean {
    return size > BODY_BYTES;
}
