/**
 * Checks every declaration against every other, and fixes what follows from them, before anything listens.
 *
 * Source: the spec's ground rules on names and types, its pages on contexts and scoping. Errors: BadDeclaration, naming the offender.
 */
import { BadDeclaration, BadName } from "./errors.js";
import type { Affect, Composition, Context, Merge } from "./function.js";
import { ServerFunction } from "./function.js";
import * as grammar from "./grammar.js";
import type { MergeScope } from "./merges.js";
import * as merges from "./merges.js";
import type { Scope } from "./scoping.js";
import * as scoping from "./scoping.js";
import type { Field, Fields, Named, Names } from "./types.js";
import * as types from "./types.js";

/** The kind of the warning that a parameter called id, pk, slug or name is not bound by its name alone; a map would bind it. */
export const UNBOUND_NAME = "UnboundName";

type ByName<T> = ReadonlyMap<string, T>;

/**
 * A checked registry, by name and in bytes order. `scopes` and `merges` have a member for every function, empty where it has none.
 *
 * `parameters` are those of each composition.
 */
export interface Sealed {
    readonly functions: ByName<ServerFunction>;
    readonly contexts: ByName<Context>;
    readonly compositions: ByName<Composition>;
    readonly parameters: ByName<Fields>;
    readonly names: Names;
    readonly scopes: ByName<readonly Scope[]>;
    readonly merges: ByName<readonly MergeScope[]>;
}

/** Gives the function under a name. @throws BadDeclaration, for no ServerFunction, or a name that it cannot have. */
export function named(name: string, fn: unknown): ServerFunction {
    if (!(fn instanceof ServerFunction)) {
        throw new BadDeclaration(`register: wanted a ServerFunction, got ${typeof fn}; declare it with client(…)`);
    }
    grammar.checkFunctionName(name);
    if (fn.context !== null) {
        grammar.checkReadName(name);
    }
    return fn.name === name ? fn : new ServerFunction(fn, name);
}

/** @returns the read functions of each context, both in the order given. */
export function contextGroups(functions: ByName<ServerFunction>): ByName<readonly ServerFunction[]> {
    const groups = new Map<string, ServerFunction[]>();
    for (const one of functions.values()) {
        if (one.context !== null) {
            groups.set(one.context, [...groups.get(one.context) ?? [], one]);
        }
    }
    return sorted(groups);
}

/** @returns a copy by name; names are ASCII, so that any order of texts is that of bytes. */
function sorted<T>(group: ByName<T>): ByName<T> {
    return new Map([...group].sort(([one], [other]) => one < other ? -1 : 1));
}

/** Checks and fixes; warns of what id, pk, slug and name leave unbound. @throws BadDeclaration. */
export function seal(functions: ByName<ServerFunction>, compositions: ByName<Composition>): Sealed {
    const all = [...functions.values()];
    const names = unitedNames(all);
    const contexts = new Map([...contextGroups(functions)].map(([name, group]) => [name, contextOf(name, group)]));
    all.forEach(checkView);
    const bound = [...functions].map(([name, one]) => ({ name, fixed: fixed(one, contexts) }));
    all.forEach((one) => { warnOfNames(one, contexts); });
    return {
        functions, contexts, compositions, names,
        parameters: new Map([...compositions].map(([name, one]) => [name, composedParameters(one, functions)])),
        scopes: new Map(bound.map((one) => [one.name, one.fixed[0]])),
        merges: new Map(bound.map((one) => [one.name, one.fixed[1]])),
    };
}

/** Fixes what a function invalidates and what it patches. @throws BadDeclaration. */
export function fixed(fn: ServerFunction, contexts: ByName<Context>): [scopes: readonly Scope[], merges: readonly MergeScope[]] {
    const where = `function "${fn.name}"`;
    const affected = fn.affects.map((one) => ({ context: knownContext(fn, one, contexts), map: one.map }));
    const merged = fn.merges.map((merge) => ({ context: knownContext(fn, merge, contexts), merge }));
    checkDistinct(fn.affects.map((one) => one.context), `${where}: affects`);
    checkDistinct(fn.errors.map((one) => one.code), `${where}: errors`);
    checkDistinct(fn.merges.map((one) => one.context), `${where}: merge, by which a mutation patches one slot of a bundle,`);
    return [
        affected.map(({ context, map }) => scoping.scopeOf(context, fn, map)),
        merged.map(({ context, merge }) => merges.mergeScopeOf(context, fn, merge)),
    ];
}

/** Gives every named type that the functions reach. @throws BadName, where two different types have one name. */
function unitedNames(functions: readonly ServerFunction[]): Names {
    const names = new Map<string, Named>();
    for (const fn of functions) {
        for (const [name, one] of fn.names) {
            const known = names.get(name) ?? one;
            if (!isSameType(known, one)) {
                throw new BadName(`function "${fn.name}": another function has a different type called "${name}"; rename one`);
            }
            names.set(name, known);
        }
    }
    return new Map([...names].sort(([one], [other]) => one < other ? -1 : 1));
}

/** Whether two types of one name are one: the same kind, parts and documentation. */
function isSameType(one: Named, other: Named): boolean {
    if (one.doc !== other.doc) {
        return false;
    }
    if (one.is === "enum") {
        return other.is === "enum" && one.values.length === other.values.length && one.values.every((value, at) => value === other.values[at]);
    }
    return other.is === "object" && one.fields.length === other.fields.length && one.fields.every((field, at) => isSameField(field, other.fields[at]));
}

function isSameField(one: Field, other: Field | undefined): boolean {
    return other !== undefined && one.name === other.name && one.doc === other.doc && types.equal(one.type, other.type)
        && one.optional === other.optional && isSameDefault(one, other);
}

function isSameDefault(one: Field, other: Field): boolean {
    if (one.default === undefined || other.default === undefined) {
        return one.default === other.default;
    }
    return Buffer.compare(one.default, other.default) === 0;
}

/** @throws BadDeclaration, where its functions declare a parameter differently, or one has no constant default. */
function contextOf(name: string, functions: readonly ServerFunction[]): Context {
    functions.forEach(checkConstants);
    return {
        name, parameters: unitedParameters(`context "${name}"`, functions), slots: sorted(new Map(functions.map((one) => [one.name, one]))),
        names: unitedNames(functions), volatile: functions.some((one) => one.volatile), identity: "public",
    };
}

/** @throws BadDeclaration, for a parameter whose default the server makes: one bundle would have two keys. */
function checkConstants(fn: ServerFunction): void {
    const made = [...fn.parameters.values()].find((one) => one.optional !== undefined);
    if (made !== undefined) {
        throw new BadDeclaration(`function "${fn.name}": the server makes the default of "${made.name}", which is part of a bundle's key; say a constant`);
    }
}

/** Gives the union of the functions' parameters; one is required if any function requires it. @throws BadDeclaration. */
function unitedParameters(where: string, functions: readonly ServerFunction[]): Fields {
    const united = new Map<string, Field>();
    const said = functions.flatMap((fn) => [...fn.parameters].map(([name, one]) => ({ fn: fn.name, name, one })));
    // Defaults first, so that each meets the others.
    for (const { fn, name, one } of said.toSorted((a, b) => Number(types.isRequired(a.one)) - Number(types.isRequired(b.one)))) {
        united.set(name, unitedParameter(`${where}: function "${fn}": parameter "${name}"`, united.get(name) ?? one, one));
    }
    return sorted(united);
}

/** Gives one parameter of two declarations. @throws BadDeclaration, where they differ in type or default. */
function unitedParameter(where: string, known: Field, one: Field): Field {
    if (!types.equal(known.type, one.type)) {
        throw new BadDeclaration(`${where} has one type here and another in the same bundle; one name has one type`);
    }
    if (known.default !== undefined && one.default !== undefined && !isSameDefault(known, one)) {
        throw new BadDeclaration(`${where} has one default here and another in the same bundle; one name has one default`);
    }
    return types.isRequired(known) ? known : one;
}

/** Gives a composition's parameters. @throws BadDeclaration, for a part that is no registered read, or parameters that differ. */
function composedParameters(composition: Composition, functions: ByName<ServerFunction>): Fields {
    const where = `composition "${composition.name}"`;
    if (composition.functions.length === 0) {
        throw new BadDeclaration(`${where} has no functions`);
    }
    const wrong = composition.functions.find((one) => functions.get(one.name) !== one || one.kind !== "read");
    if (wrong !== undefined) {
        throw new BadDeclaration(`${where}: "${wrong.name}" is no registered read function`);
    }
    checkDistinct(composition.functions.map((one) => one.name), where);
    return unitedParameters(where, composition.functions);
}

/** @throws BadDeclaration, for the framework's own response inside a context. */
function checkView(fn: ServerFunction): void {
    if (fn.isView && fn.context !== null) {
        throw new BadDeclaration(`function "${fn.name}": it returns the framework's own response, which cannot be a slot of a bundle`);
    }
}

/** Gives the context that affects or merge names. @throws BadDeclaration, for one that no read function has. */
function knownContext(fn: ServerFunction, hit: Affect | Merge, contexts: ByName<Context>): Context {
    const context = contexts.get(hit.context);
    if (context === undefined) {
        throw new BadDeclaration(`function "${fn.name}": context "${hit.context}" has no read function; declare or import one`);
    }
    return context;
}

/** @throws BadDeclaration, for a name that stands twice. */
function checkDistinct(names: readonly string[], where: string): void {
    const doubled = new Set(names.filter((name, at) => names.indexOf(name) < at));
    if (doubled.size > 0) {
        throw new BadDeclaration(`${where} names ${[...doubled].sort().join(", ")} twice; say it once`);
    }
}

/** Warns where a parameter would have been bound by its name, were it not id, pk, slug or name. */
function warnOfNames(fn: ServerFunction, contexts: ByName<Context>): void {
    for (const hit of [...fn.affects, ...fn.merges].filter((one) => one.map === undefined)) {
        for (const name of unboundNames(knownContext(fn, hit, contexts), fn)) {
            process.emitWarning(
                `function "${fn.name}": "${name}" of context "${hit.context}" is never bound by name alone; `
                + `the whole context is invalidated, unless a map says {"${name}": "args.${name}"}`, UNBOUND_NAME);
        }
    }
}

/** @returns the parameters that only the rule on id, pk, slug and name keeps from being bound. */
function unboundNames(context: Context, fn: ServerFunction): string[] {
    const kept = [...context.parameters.values()].filter((one) => scoping.isNeverBoundByName(one.name));
    return kept.filter((one) => (scoping.tierOne(one, fn) ?? scoping.tierTwo(one, fn)) !== null).map((one) => one.name);
}
