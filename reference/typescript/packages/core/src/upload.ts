/**
 * A file that a caller sent, as a function sees it.
 *
 *     export const setAvatar = client(
 *         { name: "set_avatar", args: { avatar: t.upload({ types: ["image/png"] }) }, returns: t.bool() },
 *         async (request, { avatar }) => store(avatar.name, avatar.stream()),
 *     );
 *
 * Source: spec/upload.md, What the function sees. Units: sizes in bytes.
 */
import type { Readable } from "node:stream";

import { Spool } from "./spool.js";

/** A media type in lower case (RFC 6838, 4.2), as `t.upload({ types })` takes them. */
export const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
const NAME_BYTES = 255;                                 // as long as file systems let a name be
const NAMELESS = "upload";
const FOLDERS: readonly string[] = ["", ".", ".."];
// Controls, and the marks that turn the direction of text around: Unicode's Cc and Bidi_Control.
const UNSEEN = /[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * A file as it came: `name` is a base name, `type` what the caller says that it is, `size` its length.
 *
 * Neither of the first two is to be trusted: they are the caller's words. The bytes are gone when the function has ended.
 */
export abstract class Upload {
    constructor(readonly name: string, readonly type: string) {}

    abstract get size(): number;

    /** @returns its bytes from the start, each time anew. @throws Misuse, when the function has ended. */
    abstract stream(): Readable;

    /** @returns all its bytes at once. @throws Misuse, when the function has ended. */
    abstract bytes(): Promise<Uint8Array>;
}

/** An upload that has come, or is still coming. */
export class ReceivedFile extends Upload {
    readonly #spool = new Spool();

    get size(): number {
        return this.#spool.size;
    }

    stream(): Readable {
        return this.#spool.stream();
    }

    bytes(): Promise<Uint8Array> {
        return this.#spool.bytes();
    }

    /** Takes what comes next of it. @returns null where there is nothing to wait for. */
    write(bytes: Uint8Array): Promise<void> | null {
        return this.#spool.write(bytes);
    }

    /** Its last byte has come. */
    finish(): Promise<void> {
        return this.#spool.finish();
    }

    /** Frees what holds its bytes. */
    close(): Promise<void> {
        return this.#spool.close();
    }
}

/** @returns the last part of a path of any system, without what cannot be seen, cut at 255 bytes, `upload` where nothing is left. */
export function baseName(given: string): string {
    const name = cut(visible(lastPart(given)));
    return FOLDERS.includes(name) ? NAMELESS : name;
}

function lastPart(path: string): string {
    return path.split(/[/\\]/).at(-1) ?? "";
}

function visible(name: string): string {
    return name.replace(UNSEEN, "");
}

/** @returns as many whole code points as fit. */
function cut(name: string): string {
    const room = new Uint8Array(NAME_BYTES);
    return name.slice(0, new TextEncoder().encodeInto(name, room).read);
}
