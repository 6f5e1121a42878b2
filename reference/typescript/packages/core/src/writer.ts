import type { Json, JsonObject } from "./canonical.js";
import type { Values } from "./reader.js";
import type { Fields, Names, Type } from "./types.js";

export declare function write(type: Type, value: unknown, names: Names): Json;
/** As `write`, in keys, entries and queries, where decimals drop trailing zeros. */
export declare function writeKey(type: Type, value: unknown, names: Names): Json;
export declare function writeMembers(fields: Fields, values: Values, names: Names): JsonObject;
