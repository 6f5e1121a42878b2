/**
 * Bytes that come and are read later: in memory while they are few, in a temporary file beyond.
 *
 * The file has no name any more once it is open, so that it is gone with its descriptor, whatever ends the process.
 * Source: spec/upload.md, Order, and what is left. Units: bytes. Errors: those of the file system; Misuse.
 */
import { randomUUID } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { Misuse } from "./errors.js";

const NOTHING: Buffer = Buffer.alloc(0);
const MEMORY_BYTES = 65_536;             // of each file: a hundred of them are still a small part of what the process holds anyway
const CHUNK_BYTES = 262_144;             // at a time to and from a file: each is handed to another thread, which costs more than the bytes

export class Spool {
    #size = 0;
    #held: Buffer[] = [];
    #file: FileHandle | null = null;
    #unsaved: Buffer = NOTHING;          // what is gathered for the file; as long as no more than MEMORY_BYTES have come, there is none
    #unsavedBytes = 0;
    #isClosed = false;
    readonly #streams = new Set<Readable>();

    get size(): number {
        return this.#size;
    }

    /** Takes what comes next; it may be overwritten afterwards. @returns null where there is nothing to wait for. */
    write(bytes: Uint8Array): Promise<void> | null {
        this.#size += bytes.length;
        if (this.#size <= memoryBytes()) {
            this.#held.push(Buffer.from(bytes));
            return null;
        }
        if (bytes.length < this.#unsaved.length - this.#unsavedBytes) {
            this.#unsaved.set(bytes, this.#unsavedBytes);
            this.#unsavedBytes += bytes.length;
            return null;
        }
        return this.#fill([...this.#held.splice(0), bytes]);
    }

    /** Nothing more will come. */
    async finish(): Promise<void> {
        if (this.#file !== null) {
            await this.#save(this.#file);
            this.#unsaved = NOTHING;
        }
    }

    /** @returns the bytes from the start, each time anew; those of a file as long as it is not closed. */
    stream(): Readable {
        const stream = Readable.from(this.#chunks(), { objectMode: false });
        this.#streams.add(stream);
        stream.once("close", () => { this.#streams.delete(stream); });
        return stream;
    }

    /** @returns all bytes at once. */
    async bytes(): Promise<Uint8Array> {
        const chunks: Buffer[] = [];
        for await (const chunk of this.#chunks()) {
            chunks.push(chunk);
        }
        return Buffer.concat(chunks);
    }

    /** Frees everything. Streams that nobody has read to the end are ended first: an error of theirs would have no listener. */
    async close(): Promise<void> {
        const file = this.#file;
        this.#isClosed = true;
        this.#file = null;
        this.#held = [];
        this.#unsaved = NOTHING;
        for (const stream of this.#streams) {
            stream.destroy();
        }
        await file?.close();
    }

    /** @throws Misuse, when all is freed: no byte would look like an empty file. */
    #chunks(): Iterable<Buffer> | AsyncIterable<Buffer> {
        if (this.#isClosed) {
            throw new Misuse("the bytes of an upload are gone: its function has ended; await whatever reads them");
        }
        return this.#file === null ? this.#held : chunksOf(this.#file);
    }

    /** @returns a file, with room to gather what goes to it. */
    async #opened(): Promise<FileHandle> {
        const file = await nameless();
        this.#unsaved = Buffer.allocUnsafeSlow(CHUNK_BYTES);
        return file;
    }

    /** Gathers what goes to the file, and saves whenever there is enough of it. */
    async #fill(pieces: readonly Uint8Array[]): Promise<void> {
        this.#file ??= await this.#opened();
        for (const bytes of pieces) {
            for (let at = 0; at < bytes.length;) {
                const some = bytes.subarray(at, at + this.#unsaved.length - this.#unsavedBytes);
                this.#unsaved.set(some, this.#unsavedBytes);
                this.#unsavedBytes += some.length;
                at += some.length;
                if (this.#unsavedBytes === this.#unsaved.length) {
                    await this.#save(this.#file);
                }
            }
        }
    }

    async #save(file: FileHandle): Promise<void> {
        await file.writeFile(this.#unsaved.subarray(0, this.#unsavedBytes));
        this.#unsavedBytes = 0;
    }
}

function memoryBytes(): number {
    return MEMORY_BYTES;
}

/** Reads a file from its start. Each reader keeps its own place, which a stream of the file's own could not. */
async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer, void, void> {
    for (let at = 0; ;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES, at);
        if (bytesRead === 0) {
            return;
        }
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
    }
}

/** @returns a temporary file without a name. */
async function nameless(): Promise<FileHandle> {
    const path = join(tmpdir(), `mizan-${randomUUID()}`);
    const file = await open(path, "wx+", 0o600);
    try {
        await unlink(path);
    } catch (error) {
        await file.close();
        throw error;
    }
    return file;
}
