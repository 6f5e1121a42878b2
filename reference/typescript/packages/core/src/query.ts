import type { Mismatch } from "./errors.js";
import type { Values } from "./reader.js";
import type { Fields, Names } from "./types.js";

export declare function decode(raw: Uint8Array, parameters: Fields, names: Names): readonly [Values, readonly Mismatch[]];
export declare function encode(values: Values, parameters: Fields, names: Names): string;
