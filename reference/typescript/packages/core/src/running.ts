import type { Json } from "./canonical.js";
import type { ServerFunction } from "./function.js";
import type { Shown } from "./request.js";
import type { FrameworkResponse } from "./response.js";
import type { Entry } from "./scoping.js";
import type { Site } from "./serving.js";

export interface Ran {
    readonly result: Json;
    readonly own?: FrameworkResponse;
    readonly entries: readonly Entry[];
}

export declare function run(site: Site, shown: Shown, function_: ServerFunction, effective: ReadonlyMap<string, unknown>): Promise<Ran>;
