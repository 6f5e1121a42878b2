import type { Answer } from "./answer.js";
import type { Shown } from "./request.js";
import type { Site } from "./serving.js";

export declare function call(site: Site, shown: Shown, raw: Uint8Array): Promise<Answer>;
