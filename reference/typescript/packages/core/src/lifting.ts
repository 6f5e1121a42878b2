import type { Json, JsonObject } from "./canonical.js";

export declare class Lifting {
    readonly enums: ReadonlyMap<string, Json>;
    readonly objects: ReadonlyMap<string, JsonObject>;
    function(said: JsonObject): JsonObject;
    record(said: JsonObject): JsonObject;
}
