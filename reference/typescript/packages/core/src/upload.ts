/**
 * A file that a caller sent, as a function sees it.
 *
 *     export const setAvatar = client({ name: "set_avatar", args: { avatar: t.upload({ types: ["image/png"] }) }, returns: t.bool() },
 *         async (request, { avatar }) => store(avatar.name, avatar.stream()));
 *
 * Source: spec/upload.md, What the function sees. Units: sizes in bytes.
 */
import { Readable } from "node:stream";

/** A media type in lower case (RFC 6838, 4.2), as `t.upload({ types })` takes them. */
export const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/u;

/**
 * A file as it came: `name` is a base name, `type` what the caller says that it is, `size` its length.
 *
 * Neither of the first two is to be trusted: they are the caller's words. The bytes are gone when the function has ended.
 */
export abstract class Upload {
    constructor(readonly name: string, readonly type: string) {}

    abstract get size(): number;

    /** @returns its bytes from the start, each time anew. */
    abstract stream(): Readable;

    /** @returns all its bytes at once. */
    abstract bytes(): Promise<Uint8Array>;
}

export declare function baseName(given: string): string;
