import type { Answer } from "./answer.js";
import type { Shown } from "./request.js";
import type { Site } from "./serving.js";

export interface Wanted {
    readonly context: string;
    readonly query: Uint8Array;
    readonly ifNoneMatch: readonly string[];
}

export declare function fetch(site: Site, shown: Shown, wanted: Wanted): Promise<Answer>;
export declare function etag(body: Uint8Array): string;
export declare function conditional(answer: Answer, ifNoneMatch: readonly string[]): Answer;
