/**
 * Which bundles a mutation makes stale: bindings fixed once, entries made after each normal return.
 *
 * An entry without params means the whole context.
 * Source: the spec's page on scoping (tiers, maps, entries), and on the body for the normal form.
 * Errors: BadDeclaration while bindings are fixed; none at run time.
 */
import type { Json, JsonObject } from "./canonical.js";
import * as canonical from "./canonical.js";
import { BadDeclaration } from "./errors.js";
import type { Context, ServerFunction } from "./function.js";
import * as texts from "./texts.js";
import type { Field, Type } from "./types.js";
import * as types from "./types.js";

/** `params`: parameter -> wire value; absent, never empty. */
export interface Entry {
    readonly context: string;
    readonly params?: JsonObject;
}

/** A context's parameter takes its value from the mutation's argument or result field `field`. */
export interface Binding {
    readonly parameter: string;
    readonly source: "args" | "result";
    readonly field: string;
    readonly type: Type;
}

/** What one mutation invalidates of one context: its bindings; none means the whole context. */
export interface Scope {
    readonly context: string;
    readonly bindings: readonly Binding[];
}

const NEVER_BY_NAME: ReadonlySet<string> = new Set(["id", "pk", "slug", "name"]);         // they mean another thing in every table

/** Fixes the bindings of a mutation and a context. @throws BadDeclaration, for a map that names what is not there. */
export function scopeOf(context: Context, mutation: ServerFunction, map?: ReadonlyMap<string, string>): Scope {
    return { context: context.name, bindings: bindingsOf(context, mutation, map) };
}

/** Gives the bindings, in bytes order of the parameters; a map replaces all tiers. @throws BadDeclaration. */
export function bindingsOf(context: Context, mutation: ServerFunction, map?: ReadonlyMap<string, string>): readonly Binding[] {
    if (map !== undefined) {
        const said = [...map].sort(([one], [other]) => canonical.byBytes(one, other));
        return said.map(([parameter, place]) => mapped(context, mutation, parameter, place));
    }
    return [...context.parameters.values()].flatMap((one) => boundByName(one, mutation) ?? []);
}

/** Tries the tiers in order: an argument of that name and type, then a field of the result. */
function boundByName(parameter: Field, mutation: ServerFunction): Binding | null {
    if (isNeverBoundByName(parameter.name)) {
        return null;
    }
    return tierOne(parameter, mutation) ?? tierTwo(parameter, mutation);
}

export function isNeverBoundByName(name: string): boolean {
    return NEVER_BY_NAME.has(name);
}

/** Binds a parameter to the argument of its name. */
export function tierOne(parameter: Field, mutation: ServerFunction): Binding | null {
    return byName("args", parameter, mutation);
}

/** Binds a parameter to the result's top-level field of its name, where the result, null aside, is an object. */
export function tierTwo(parameter: Field, mutation: ServerFunction): Binding | null {
    return byName("result", parameter, mutation);
}

/** @returns the fields of the object that a mutation returns; empty where it returns none. */
export function resultFields(mutation: ServerFunction): ReadonlyMap<string, Field> {
    return mutation.output === null ? new Map() : types.fieldsOf(mutation.output, mutation.names);
}

function fieldsOf(source: Binding["source"], mutation: ServerFunction): ReadonlyMap<string, Field> {
    return source === "args" ? mutation.parameters : resultFields(mutation);
}

function byName(source: Binding["source"], parameter: Field, mutation: ServerFunction): Binding | null {
    const candidate = fieldsOf(source, mutation).get(parameter.name);
    if (candidate === undefined || !agrees(parameter.type, candidate.type) || !types.isBindable(candidate.type, mutation.names)) {
        return null;
    }
    return { parameter: parameter.name, source, field: candidate.name, type: parameter.type };
}

/** Whether two types are equal, their outermost nullables aside. */
function agrees(one: Type, other: Type): boolean {
    return types.equal(types.base(one), types.base(other));
}

/** Binds a parameter as a map says: `args.f`, `result.f`, or `f`: the argument if there is one, else the result's field. */
function mapped(context: Context, mutation: ServerFunction, parameter: string, said: string): Binding {
    const where = `function "${mutation.name}": map for "${context.name}"`;
    const wanted = context.parameters.get(parameter);
    if (wanted === undefined) {
        throw new BadDeclaration(`${where}: "${parameter}" is no parameter; wanted one of ${[...context.parameters.keys()].join(", ") || "none"}`);
    }
    const [source, name] = sourceOf(said, mutation);
    const field = fieldsOf(source, mutation).get(name);
    if (field === undefined) {
        throw new BadDeclaration(`${where}: "${parameter}" is bound to "${said}", which is neither an argument nor a field of the result`);
    }
    if (!agrees(wanted.type, field.type)) {
        throw new BadDeclaration(`${where}: "${parameter}" is bound to "${said}", which is of another type`);
    }
    return { parameter, source, field: name, type: wanted.type };
}

/** @returns args or result, and the name in it. */
function sourceOf(said: string, mutation: ServerFunction): [Binding["source"], string] {
    const dot = said.indexOf(".");
    const source = said.slice(0, Math.max(dot, 0));
    if (source === "args" || source === "result") {
        return [source, said.slice(dot + 1)];
    }
    return [mutation.parameters.has(said) ? "args" : "result", said];
}

/**
 * Makes an entry for each context that a mutation affects, not yet normalised.
 *
 * `args`: the effective arguments and `result`: the result, both as JSON of a body.
 */
export function entriesFor(scopes: readonly Scope[], args: JsonObject, result: Json): Entry[] {
    return scopes.map((scope) => entry(scope.context, paramsOf(scope.bindings, args, result)));
}

/** @returns the parameters whose value is there; a null drops its parameter alone and falls to no other tier. */
export function paramsOf(bindings: readonly Binding[], args: JsonObject, result: Json): JsonObject {
    const fields = canonical.isObject(result) ? result : new Map<string, Json>();
    return new Map(bindings.flatMap((one): [string, Json][] => {
        const value = (one.source === "args" ? args : fields).get(one.field) ?? null;
        return value === null ? [] : [[one.parameter, spelled(one.type, value)]];
    }));
}

/** @returns a wire value as entries spell it: a decimal without trailing zeros, everything else as in a body. */
function spelled(type: Type, value: Json): Json {
    const inner = types.base(type);
    const isDecimal = inner.is === "scalar" && inner.kind === "decimal";
    return isDecimal && typeof value === "string" ? texts.strippedDecimal(value) : value;
}

/** @returns an entry; without `params` where there are none. */
export function entry(context: string, params: JsonObject): Entry {
    return params.size > 0 ? { context, params } : { context };
}

/** @returns the entry as JSON of a reply. */
export function entryToJson(one: Entry): JsonObject {
    return new Map<string, Json>([["context", one.context], ...(one.params === undefined ? [] : [["params", one.params] as const])]);
}

/** Whether an entry makes another needless: same context, and each of its parameters has the same canonical value in the other. */
export function covers(wide: Entry, narrow: Entry): boolean {
    return wide.context === narrow.context && [...(wide.params ?? [])].every(([name, value]) => {
        const other = narrow.params?.get(name);
        return other !== undefined && canonical.textOf(other) === canonical.textOf(value);
    });
}

/** An entry beside its canonical params, the empty text where it has none. */
type Spelt = readonly [params: string, one: Entry];

/** @returns the entries by context, then by canonical params, in bytes order; absent is the empty text. */
export function order(entries: readonly Entry[]): Entry[] {
    return byContext(entries).flatMap((some) => ordered(some.map((one) => [paramsText(one), one])));
}

/** @returns the entries without those that another covers, sorted. */
export function normalise(entries: readonly Entry[]): Entry[] {
    return byContext(entries).flatMap((some) => ordered(uncovered(some)));
}

/** @returns the entries of each context, by its name. */
function byContext(entries: readonly Entry[]): (readonly Entry[])[] {
    const groups = new Map<string, Entry[]>();
    for (const one of entries) {
        const group = groups.get(one.context) ?? [];
        group.push(one);
        groups.set(one.context, group);
    }
    return [...groups].sort(([one], [other]) => canonical.byBytes(one, other)).map(([, group]) => group);
}

function ordered(some: readonly Spelt[]): Entry[] {
    return some.toSorted(([one], [other]) => canonical.byBytes(one, other)).map(([, one]) => one);
}

/**
 * Drops each entry of one context that another covers; of equal ones the first stays.
 *
 * What could cover an entry is looked up: those whose parameters are some of its own, with its values. So ten thousand entries of one
 * shape cost no look-up, and of several shapes as many look-ups as entries and shapes, not the square of the entries.
 */
function uncovered(entries: readonly Entry[]): Spelt[] {
    const distinct = new Map<string, Entry>();
    for (const one of entries) {
        const params = paramsText(one);
        if (!distinct.has(params)) {
            distinct.set(params, one);
        }
    }
    const shapes = shapesOf(distinct.values());
    if (shapes.length === 1) {
        return [...distinct];
    }
    return [...distinct].filter(([, one]) => !shapes.some((shape) => isInside(shape, one) && distinct.has(paramsText(part(one, shape)))));
}

/** @returns the sets of parameters that entries have. */
function shapesOf(entries: Iterable<Entry>): (readonly string[])[] {
    const shapes = new Map<string, readonly string[]>();
    for (const { params } of entries) {
        const names = params === undefined ? [] : [...params.keys()].sort();
        shapes.set(JSON.stringify(names), names);
    }
    return [...shapes.values()];
}

/** Whether a set of parameters is a part, and not the whole, of an entry's own. */
function isInside(shape: readonly string[], one: Entry): boolean {
    const own = one.params;
    return own !== undefined && shape.length < own.size && shape.every((name) => own.has(name));
}

/** @returns an entry with some of its parameters alone. */
function part(one: Entry, names: readonly string[]): Entry {
    return entry(one.context, new Map([...one.params ?? []].filter(([name]) => names.includes(name))));
}

function paramsText(one: Entry): string {
    return one.params === undefined ? "" : canonical.textOf(one.params);
}
