import type { Context, ReactContext, ServerFunction } from "./function.js";
import type { Entry } from "./scoping.js";

export interface Collector {
    readonly function: ServerFunction;
    /** The entries so far. @throws Misuse, if any call of `invalidate` was one. */
    readonly entries: readonly Entry[];
    /** The call is over: nothing more is taken. */
    close(): void;
}

export declare function invalidate(context: ReactContext, params?: Readonly<Record<string, unknown>>): void;
/** Runs `run` with a new collector as the current one; closes it when what `run` returns has settled. */
export declare function collecting<T>(
    fn: ServerFunction, contexts: ReadonlyMap<string, Context>, run: (collector: Collector) => Promise<T>,
): Promise<T>;
