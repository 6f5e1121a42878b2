import type { Readable, Writable } from "node:stream";

/** Answers line by line until the input ends. */
export declare function serve(lines: Readable, out: Writable): Promise<void>;
