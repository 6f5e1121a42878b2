import type { Json, JsonObject } from "./canonical.js";
import type { Context, Merge, ServerFunction } from "./function.js";
import type { Entry, Scope } from "./scoping.js";

export interface MergeScope {
    readonly scope: Scope;
    readonly slot: string;
    readonly op: string;
    readonly key: string | null;
    readonly arity: number;
    readonly isComplete: boolean;
}

export interface MergeEntry extends Entry {
    readonly slot: string;
    readonly op?: string;
    readonly key?: string;
    readonly value: Json;
}

export declare function mergeScopeOf(context: Context, mutation: ServerFunction, merge: Merge): MergeScope;
/** Merge entries that can be made, in order; entries of those that degrade to an invalidation. */
export declare function mergesFor(merges: readonly MergeScope[], args: JsonObject, result: Json): [made: MergeEntry[], degraded: Entry[]];
export declare function keptMerges(merges: readonly MergeEntry[], invalidate: readonly Entry[]): MergeEntry[];
export declare function saidInHeader(invalidate: readonly Entry[], merges: readonly MergeEntry[]): Entry[];
export declare function mergeEntryToJson(one: MergeEntry): JsonObject;
