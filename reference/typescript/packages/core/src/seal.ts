import type { Composition, Context, ServerFunction } from "./function.js";
import type { MergeScope } from "./merges.js";
import type { Scope } from "./scoping.js";
import type { Field, Names } from "./types.js";

export interface Sealed {
    readonly functions: ReadonlyMap<string, ServerFunction>;
    readonly contexts: ReadonlyMap<string, Context>;
    readonly compositions: ReadonlyMap<string, Composition>;
    /** Those of each composition. */
    readonly parameters: ReadonlyMap<string, ReadonlyMap<string, Field>>;
    readonly names: Names;
    /** A member for every function, empty where it has none. */
    readonly scopes: ReadonlyMap<string, readonly Scope[]>;
    readonly merges: ReadonlyMap<string, readonly MergeScope[]>;
}

export declare function named(name: string, fn: ServerFunction): ServerFunction;
export declare function contextGroups(functions: ReadonlyMap<string, ServerFunction>): ReadonlyMap<string, readonly ServerFunction[]>;
export declare function seal(functions: ReadonlyMap<string, ServerFunction>, compositions: ReadonlyMap<string, Composition>): Sealed;
export declare function fixed(fn: ServerFunction, contexts: ReadonlyMap<string, Context>): [scopes: readonly Scope[], merges: readonly MergeScope[]];
