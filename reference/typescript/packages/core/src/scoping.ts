import type { Json, JsonObject } from "./canonical.js";
import type { Context, ServerFunction } from "./function.js";
import type { Field, Type } from "./types.js";

export interface Entry {
    readonly context: string;
    readonly params?: JsonObject;
}

export interface Binding {
    readonly parameter: string;
    readonly source: "args" | "result";
    readonly field: string;
    readonly type: Type;
}

export interface Scope {
    readonly context: string;
    readonly bindings: readonly Binding[];
}

export declare function scopeOf(context: Context, mutation: ServerFunction, map?: ReadonlyMap<string, string>): Scope;
export declare function bindingsOf(context: Context, mutation: ServerFunction, map?: ReadonlyMap<string, string>): readonly Binding[];
export declare function isNeverBoundByName(name: string): boolean;
export declare function tierOne(parameter: Field, mutation: ServerFunction): Binding | null;
export declare function tierTwo(parameter: Field, mutation: ServerFunction): Binding | null;
export declare function resultFields(mutation: ServerFunction): ReadonlyMap<string, Field>;
/** `args`: the effective arguments and `result`: the result, both as JSON of a body. */
export declare function entriesFor(scopes: readonly Scope[], args: JsonObject, result: Json): Entry[];
export declare function paramsOf(bindings: readonly Binding[], args: JsonObject, result: Json): JsonObject;
export declare function entry(context: string, params: JsonObject): Entry;
export declare function covers(wide: Entry, narrow: Entry): boolean;
export declare function normalise(entries: Iterable<Entry>): Entry[];
export declare function entryToJson(one: Entry): JsonObject;
