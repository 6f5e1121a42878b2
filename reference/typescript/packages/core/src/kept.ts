/**
 * The files of one call, from the first byte of the first to the end of the body that reads them.
 *
 * Source: spec/upload.md, Order, and what is left.
 */
import { ServerFunction, type Declared } from "./function.js";
import { DEFAULT_TYPE, type PartHead } from "./parthead.js";
import type { Sight } from "./request.js";
import { baseName, ReceivedFile } from "./upload.js";

/** The files of one call; `inUse` while a body reads them, perhaps beyond the reply. */
export class Kept {
    readonly #files: ReceivedFile[] = [];
    inUse = false;

    /** @returns a new file. */
    opened(head: PartHead): ReceivedFile {
        const made = new ReceivedFile(baseName(head.filename), head.type ?? DEFAULT_TYPE);
        this.#files.push(made);
        return made;
    }

    /** Closes every file; a temporary one is gone then. */
    async close(): Promise<void> {
        await Promise.all(this.#files.map((one) => one.close()));
    }
}

/** @returns the function with a body that closes the files when it ends, which may be after its deadline. */
export function closing(function_: ServerFunction, kept: Kept): ServerFunction {
    const body = async (request: Sight, args: never): Promise<unknown> => {
        kept.inUse = true;
        try {
            return await function_.body(request, args);
        } finally {
            await kept.close();
        }
    };
    const declared: Declared = function_;
    return new ServerFunction({ ...declared, body });
}
