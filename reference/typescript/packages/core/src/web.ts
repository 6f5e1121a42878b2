import type { Answer, Pair } from "./answer.js";
import type { Shown } from "./request.js";
import type { Site } from "./serving.js";

/** What stands before the body. `path` and `query` are raw; `path` is null where it is not below the prefix. Names are lower case. */
export interface Head {
    readonly method: string;
    readonly path: string | null;
    readonly query: Uint8Array;
    readonly headers: readonly Pair[];
}

export interface Asked {
    readonly head: Head;
    readonly shown: Shown;
    readonly chunks: AsyncIterable<Uint8Array>;
}

export declare function answer(site: Site, asked: Asked): Promise<Answer>;
export declare function below(prefix: string, rawPath: string): string | null;
