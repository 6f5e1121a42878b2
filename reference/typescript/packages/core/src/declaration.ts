import type { Json, JsonObject } from "./canonical.js";
import type { Field, Names, Type } from "./types.js";

export declare function typeFromJson(said: Json): Type;
export declare function typeToJson(type: Type): Json;
/** Reads `enums` and `objects`: name -> values, name -> fields. */
export declare function namesFromJson(said: JsonObject): Names;
export declare function namesToJson(names: Names): JsonObject;
export declare function fieldsFromJson(said: Json, names: Names, where: string): ReadonlyMap<string, Field>;
export declare function fieldsToJson(fields: ReadonlyMap<string, Field>): JsonObject;
export declare function checkKnown(type: Type, names: Names, where: string): void;
