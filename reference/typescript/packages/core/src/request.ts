/**
 * What a function sees of the request that called it: as much as its identity mode keys, and no more.
 *
 * Source: spec/context.md, What a public read may see. Errors: Misuse, where a read looks at what its replies are not keyed by.
 */
import type { ServerFunction } from "./function.js";

/** What every binding shows of a request; `native` is the framework's own. */
export interface Shown {
    readonly user: unknown;
    readonly session: unknown;
    readonly headers: Headers;
    readonly cookies: ReadonlyMap<string, string>;
    readonly native: unknown;
}

/** The `request` of a function; `signal` is aborted when its time is over. */
export interface Sight extends Shown {
    readonly signal: AbortSignal;
}

export declare function seenBy(function_: ServerFunction, shown: Shown, signal: AbortSignal): Sight;

/** Whether a function is a read whose reply is keyed by no identity, through whatever door it is called. */
export function isPublicRead(function_: ServerFunction): boolean {
    return function_.context !== null && function_.identity === "public";
}
