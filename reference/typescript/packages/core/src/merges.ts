/**
 * Which bundles a mutation patches, and which of those it can only invalidate.
 *
 * Source: spec/merge.md; spec/scoping.md, for merges as far as they invalidate. Errors: BadDeclaration, while bindings are fixed.
 */
import type { Json, JsonObject } from "./canonical.js";
import * as canonical from "./canonical.js";
import { BadDeclaration } from "./errors.js";
import type { Context, Merge, ServerFunction } from "./function.js";
import { MERGE_OPS } from "./function.js";
import type { Entry, Scope } from "./scoping.js";
import * as scoping from "./scoping.js";
import * as types from "./types.js";

const STANDING_OP = "replace";
const KEYED_OPS: readonly string[] = ["upsert", "remove"];           // the others add an item; with a key, they take out its likes first

/**
 * What one mutation patches in one context. `arity`: how many parameters the context has.
 *
 * `isComplete`: every parameter is bound by tier 1 or the map; else it is always an invalidation.
 */
export interface MergeScope {
    readonly scope: Scope;
    readonly slot: string;
    readonly op: string;
    readonly key: string | null;
    readonly arity: number;
    readonly isComplete: boolean;
}

/** A caller that holds the bundle of `params` puts `value` into its slot; `op` absent is replace. */
export interface MergeEntry extends Entry {
    readonly slot: string;
    readonly op?: string;
    readonly key?: string;
    readonly value: Json;
}

/** Fixes slot and bindings of a merge. @throws BadDeclaration, naming the slots, where none or several fit. */
export function mergeScopeOf(context: Context, mutation: ServerFunction, merge: Merge): MergeScope {
    checkForm(mutation, merge);
    const bindings = scoping.bindingsOf(context, mutation, merge.map);
    const certain = bindings.filter((one) => merge.map !== undefined || one.source === "args");
    return {
        scope: { context: context.name, bindings }, slot: slotOf(context, mutation, merge), op: merge.op, key: merge.key ?? null,
        arity: context.parameters.size, isComplete: certain.length === context.parameters.size,
    };
}

/** Gives the named slot, or the one whose output type the mutation's equals. @throws BadDeclaration. */
function slotOf(context: Context, mutation: ServerFunction, merge: Merge): string {
    const where = `function "${mutation.name}": merge of "${context.name}"`;
    const fitting = [...context.slots].filter(([, slot]) => holds(slot, mutation, merge)).map(([name]) => name);
    if (merge.slot !== undefined && !context.slots.has(merge.slot)) {
        throw new BadDeclaration(`${where}: "${merge.slot}" is no slot; wanted one of ${[...context.slots.keys()].join(", ")}`);
    }
    if (merge.slot !== undefined && !fitting.includes(merge.slot)) {
        throw new BadDeclaration(`${where}: slot "${merge.slot}" cannot take what the function returns with op "${merge.op}"`);
    }
    const [only, another] = merge.slot === undefined ? fitting : [merge.slot];
    if (only === undefined || another !== undefined) {
        throw new BadDeclaration(`${where}: wanted one slot of the result's type, got ${fitting.join(", ") || "none"}; name it`);
    }
    return only;
}

/** @throws BadDeclaration, for an operation that is none, or a key that is missing, that nothing uses, or by which no items differ. */
function checkForm(mutation: ServerFunction, merge: Merge): void {
    const where = `function "${mutation.name}": merge of "${merge.context}"`;
    if (!MERGE_OPS.includes(merge.op)) {
        throw new BadDeclaration(`${where}: "${merge.op}" is no operation; wanted one of ${MERGE_OPS.join(", ")}`);
    }
    if (merge.key === undefined && KEYED_OPS.includes(merge.op)) {
        throw new BadDeclaration(`${where}: op "${merge.op}" wants a key: the field by which items are told apart`);
    }
    if (merge.key !== undefined && merge.op === STANDING_OP) {
        throw new BadDeclaration(`${where}: op "replace" takes no key; wanted an operation on a list, or no key`);
    }
    if (merge.key !== undefined && !isKey(mutation, merge.key)) {
        throw new BadDeclaration(`${where}: "${merge.key}" tells no items apart; wanted a field of the result, of a plain type and never null`);
    }
}

/** Whether each result has a value under a name that every language compares alike. */
function isKey(mutation: ServerFunction, key: string): boolean {
    const field = scoping.resultFields(mutation).get(key);
    if (field === undefined || mutation.output?.is === "nullable" || field.type.is === "nullable") {
        return false;
    }
    return types.isBindable(field.type, mutation.names);
}

/** Whether a slot can take the mutation's result: a value of its type, or for the other ops an item of its list. */
function holds(slot: ServerFunction, mutation: ServerFunction, merge: Merge): boolean {
    if (slot.output === null || mutation.output === null) {
        return false;
    }
    const inner = types.base(slot.output);
    if (merge.op === STANDING_OP) {
        return types.equal(slot.output, mutation.output) || types.equal(inner, mutation.output);
    }
    return inner.is === "list" && types.equal(inner.item, mutation.output);
}

/** @returns the merge entries that can be made, in order; and entries of those that degrade to an invalidation. */
export function mergesFor(merges: readonly MergeScope[], args: JsonObject, result: Json): [made: MergeEntry[], degraded: Entry[]] {
    const found = merges.map((one) => ({ one, params: scoping.paramsOf(one.scope.bindings, args, result) }));
    const made = found.filter(({ one, params }) => isMade(one, params)).map(({ one, params }) => mergeEntry(one, params, result));
    const degraded = found.filter(({ one, params }) => !isMade(one, params));
    return [orderMerges(made), degraded.map(({ one, params }) => scoping.entry(one.scope.context, params))];
}

/** Whether a merge names one bundle: every parameter bound by tier 1 or the map, and none null. */
function isMade(merge: MergeScope, params: JsonObject): boolean {
    return merge.isComplete && params.size === merge.arity;
}

function mergeEntry(merge: MergeScope, params: JsonObject, value: Json): MergeEntry {
    return {
        ...scoping.entry(merge.scope.context, params), slot: merge.slot, ...(merge.op === STANDING_OP ? {} : { op: merge.op }),
        ...(merge.key === null ? {} : { key: merge.key }), value,
    };
}

/** @returns the entries by context: a mutation patches one slot of one bundle of each. */
function orderMerges(merges: readonly MergeEntry[]): MergeEntry[] {
    return [...merges].sort((one, other) => canonical.byBytes(one.context, other.context));
}

/** @returns the merges that no invalidation covers: what is stale is not patched. */
export function keptMerges(merges: readonly MergeEntry[], invalidate: readonly Entry[]): MergeEntry[] {
    return merges.filter((one) => !invalidate.some((wide) => scoping.covers(wide, one)));
}

/** @returns what the header says: the invalidations and the scope of every merge, normalised: an edge purges what a client patches. */
export function saidInHeader(invalidate: readonly Entry[], merges: readonly MergeEntry[]): Entry[] {
    return scoping.normalise([...invalidate, ...merges.map((one) => scoping.entry(one.context, one.params ?? new Map<string, Json>()))]);
}

/** @returns a merge entry as JSON of a reply: `{"context", "params"?, "slot", "op"?, "key"?, "value"}`. */
export function mergeEntryToJson(one: MergeEntry): JsonObject {
    const json = new Map<string, Json>([...scoping.entryToJson(one), ["slot", one.slot]]);
    for (const [name, text] of [["op", one.op], ["key", one.key]] as const) {
        if (text !== undefined) {
            json.set(name, text);
        }
    }
    return json.set("value", one.value);
}
