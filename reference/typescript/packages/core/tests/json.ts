/** Plain values as the JSON that the library holds, for tests. */
import * as canonical from "../src/canonical.js";
import type { Json, JsonObject } from "../src/canonical.js";

export function json(value: unknown): Json {
    return canonical.read(new TextEncoder().encode(JSON.stringify(value)));
}

/** @throws TypeError, for what is no object. */
export function object(value: unknown): JsonObject {
    const found = value instanceof Map ? value : json(value);
    if (!canonical.isObject(found)) {
        throw new TypeError("object: wanted an object");
    }
    return found;
}
