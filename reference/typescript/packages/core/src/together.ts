import type { Json } from "./canonical.js";
import type { ServerFunction } from "./function.js";
import type { Shown } from "./request.js";
import type { Site } from "./serving.js";

export declare class PartFailed extends Error {
    constructor(function_: ServerFunction, cause: unknown);
    readonly function_: ServerFunction;
}

export declare function together(site: Site, shown: Shown, functions: Iterable<ServerFunction>, values: ReadonlyMap<string, unknown>): Promise<Map<string, Json>>;
