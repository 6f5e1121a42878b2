/**
 * A multipart/form-data body as it arrives: bytes in, heads and data of parts out.
 *
 * Source: spec/upload.md, The body; RFC 7578; RFC 2046, 5.1.1. Errors: Problem (`malformed`, `payload_too_large`). Units: bytes.
 * Why not a library: those for Node skip a part whose head they cannot read, cut a head that is too long, take a line that only begins like
 * the boundary for one, and tell of a limit after they have read on; here each of these is a refusal, at its byte.
 */
import { Problem } from "./errors.js";
import { headOf, type PartHead } from "./parthead.js";

const PARTS = 100;
const HEAD_BYTES = 32_768;               // of a part: 8 fields of 2,048 bytes are half of it, and 65,536 is what no head may have
const BOUNDARY = /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/;             // RFC 2046, 5.1.1
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
const NOTHING: Buffer = Buffer.alloc(0);

export interface PartData {
    readonly is: "data";
    readonly bytes: Uint8Array;
}

/** The boundary after a part has come. */
export interface PartEnd {
    readonly is: "end";
}

export type Event = PartHead | PartData | PartEnd;

/** Where a reader stands. */
type State = "preamble" | "padding" | "head" | "data" | "epilogue";

export function isBoundary(text: string): boolean {
    return BOUNDARY.test(text);
}

/** Cuts a body into parts. Nothing of it is kept beyond a part's head and what may be the beginning of a boundary. */
export class Parts {
    readonly #delimiter: Buffer;
    #state: State = "preamble";
    #rest: Buffer = NOTHING;
    #count = 0;

    constructor(boundary: string) {
        this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    }

    /** Whether the last boundary has come. */
    get isClosed(): boolean {
        return this.#state === "epilogue";
    }

    /** Gives what a chunk brings to light, as it is asked for. @throws Problem, at the byte that is wrong. */
    *feed(chunk: Uint8Array): Generator<Event, void, void> {
        this.#rest = this.#rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([this.#rest, chunk]);
        for (let events = this.#step(); events !== null; events = this.#step()) {
            yield* events;
        }
        this.#rest = this.#rest.length === 0 ? NOTHING : Buffer.from(this.#rest);           // a copy, so that the chunk is not held for its last bytes
    }

    /** Goes one state further. @returns null where more bytes must come first. */
    #step(): readonly Event[] | null {
        switch (this.#state) {
            case "preamble":
                return this.#preamble();
            case "padding":
                return this.#padding();
            case "head":
                return this.#head();
            case "data":
                return this.#data();
            case "epilogue":
                return this.#waited(this.#rest.length);
        }
    }

    /** Skips line ends, and wants a boundary. */
    #preamble(): readonly Event[] | null {
        this.#waited(firstOther(this.#rest, [CR, LF]));
        const opening = this.#delimiter.subarray(2);
        const seen = this.#rest.subarray(0, opening.length);
        if (!opening.subarray(0, seen.length).equals(seen)) {
            throw new Problem("malformed");
        }
        const next = behind(this.#rest, opening.length);
        if (next === "data") {
            throw new Problem("malformed");
        }
        return next === null ? null : this.#entered(next, opening.length);
    }

    /** Skips the blanks that may stand behind a boundary, and wants a line end. */
    #padding(): readonly Event[] | null {
        this.#waited(firstOther(this.#rest, [SPACE, TAB]));
        const next = behind(this.#rest, 0);
        if (next === null) {
            return null;
        }
        if (next !== "head") {
            throw new Problem("malformed");
        }
        return this.#entered(next, 0);
    }

    /** Wants a head, which begins with the line end of the boundary before it. */
    #head(): readonly Event[] | null {
        const end = this.#rest.indexOf("\r\n\r\n");
        if ((end === -1 ? this.#rest.length : end) > HEAD_BYTES) {
            throw new Problem("malformed");
        }
        return end === -1 ? null : [headOf(this.#rest.subarray(2, end)), ...this.#entered("data", end + 4)];
    }

    #data(): readonly Event[] | null {
        const [at, next] = this.#boundary();
        const data: readonly Event[] = at === 0 ? [] : [{ is: "data", bytes: this.#rest.subarray(0, at) }];
        if (next === null) {
            this.#waited(at);
            return at === 0 ? null : data;
        }
        return [...data, { is: "end" }, ...this.#entered(next, at + this.#delimiter.length)];
    }

    /** @returns where the first boundary is, and what comes behind it; null for that where more bytes must tell. */
    #boundary(): [at: number, next: State | null] {
        for (let at = this.#rest.indexOf(this.#delimiter); at !== -1; at = this.#rest.indexOf(this.#delimiter, at + 1)) {
            const next = behind(this.#rest, at + this.#delimiter.length);
            if (next !== "data") {
                return [at, next];
            }
        }
        return [this.#rest.length - this.#begun(), null];
    }

    /** @returns how many of the last bytes may be the beginning of a boundary, in which a CR stands first and nowhere else. */
    #begun(): number {
        const end = this.#rest.subarray(-this.#delimiter.length);
        const last = end.lastIndexOf(CR);
        const begun = last === -1 ? NOTHING : end.subarray(last);
        return this.#delimiter.subarray(0, begun.length).equals(begun) ? begun.length : 0;
    }

    /** Leaves so many bytes behind. @returns null: more must come. */
    #waited(bytes: number): null {
        this.#rest = this.#rest.subarray(bytes);
        return null;
    }

    /** Leaves so many bytes behind for another state. @throws Problem, `payload_too_large`, for a part too many. */
    #entered(state: State, bytes: number): readonly Event[] {
        this.#waited(bytes);
        this.#state = state;
        this.#count += state === "head" ? 1 : 0;
        if (isTooMany(this.#count)) {
            throw new Problem("payload_too_large");
        }
        return [];
    }
}

function isTooMany(parts: number): boolean {
    return parts > PARTS;
}

/** @returns what stands behind a boundary: a head, no part any more, blanks, or other bytes, which make it no boundary; null where it is not there yet. */
function behind(bytes: Buffer, at: number): Exclude<State, "preamble"> | null {
    const first = bytes[at];
    const second = bytes[at + 1];
    if (first === SPACE || first === TAB) {
        return "padding";
    }
    if (first === undefined || (second === undefined && (first === CR || first === DASH))) {
        return null;
    }
    if (first === CR && second === LF) {
        return "head";
    }
    return first === DASH && second === DASH ? "epilogue" : "data";
}

/** @returns where the first byte is that is none of these; the length where there is none. */
function firstOther(bytes: Buffer, these: readonly number[]): number {
    const found = bytes.findIndex((one) => !these.includes(one));
    return found === -1 ? bytes.length : found;
}
