/**
 * `client`: declares a function to the world, by the types of its arguments and of its result.
 *
 *     const UserContext = context("user");
 *
 *     export const userProfile = client(
 *         { name: "user_profile", context: UserContext, args: { user_id: t.int() }, returns: User },
 *         (request, { user_id }) => users.get(user_id),
 *     );
 *
 * Source: the spec's ground rules on types and names, its pages on calls, contexts and scoping.
 * Errors: BadDeclaration, naming the function, for what the wire cannot say. Units: seconds.
 */
import * as annotations from "./annotations.js";
import type { ApplicationErrorClass } from "./errors.js";
import { BadDeclaration, BadType, checkApplicationError, isApplicationErrorClass } from "./errors.js";
import type { Affect, Composition, Merge } from "./function.js";
import { DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S, ReactContext, ServerFunction } from "./function.js";
import * as grammar from "./grammar.js";
import * as ir from "./ir.js";
import type { Registry } from "./registry.js";
import { getRegistry } from "./registry.js";
import type { Sight } from "./request.js";
import type { FrameworkResponse } from "./response.js";
import type { AnyTyped, Members, Out, Shape } from "./t.js";
import { response } from "./t.js";
import { holdsUpload, type Fields, type Names, type Type } from "./types.js";
import * as unions from "./unions.js";

/** Context parameter -> where a mutation has its value: "args.f", "result.f" or "f". */
export type Binds = Readonly<Record<string, string>>;
export type MergeOp = "replace" | "upsert" | "append" | "prepend" | "remove";

/** A context that a mutation makes stale, with a map in place of the tiers. */
export interface AffectOption {
    readonly context: ReactContext;
    readonly map: Binds;
}

/** A context that a mutation patches: the slot that its type names, unless `slot` does; `key` tells items of a list slot apart. */
export interface MergeOption {
    readonly context: ReactContext;
    readonly slot?: string;
    readonly op?: MergeOp;
    readonly key?: string;
    readonly map?: Binds;
}

export type Affects = ReactContext | AffectOption | readonly (ReactContext | AffectOption)[] | ReadonlyMap<ReactContext, Binds>;
export type Merges = ReactContext | MergeOption | readonly (ReactContext | MergeOption)[];

/** The type of a result, or the framework's own response. */
export type Returns = AnyTyped | typeof response;
declare const NONE: unique symbol;
/** No member that has a name. */
export type NoArguments = { readonly [NONE]?: never };

/** What a function is declared with. */
export interface Options<A extends Shape, R extends Returns> {
    /** Its name on the wire. */
    readonly name: string;
    /** Makes it a read: a slot of that context's bundle. */
    readonly context?: ReactContext;
    /** The contexts that it makes stale. */
    readonly affects?: Affects;
    /** The contexts that it patches. */
    readonly merge?: Merges;
    readonly args?: A;
    readonly returns: R;
    /** What it may throw, beside problems. */
    readonly errors?: readonly ApplicationErrorClass[];
    /** Whole seconds before a caller is told `deadline_exceeded`. */
    readonly timeout_s?: number;
    /** A read that is never stored. */
    readonly volatile?: boolean;
    /** Whose data a read may see; only "public" so far. */
    readonly identity?: string;
    readonly doc?: string;
    /** Where it is registered; the current one unless given. */
    readonly registry?: Registry;
}

/** What a body returns; its test is not spread over `R`, so that a bare literal is taken where an enum is declared. */
export type Returned<R extends Returns> = [R] extends [AnyTyped] ? Out<R> : FrameworkResponse;
export type Body<A extends Shape, R extends Returns> = (request: Sight, args: Members<A>) => Returned<R> | Promise<Returned<R>>;

/** A declared function whose body keeps its own type, so that it can be called as it was written. */
export class TypedFunction<A extends Shape, R extends Returns> extends ServerFunction {
    declare readonly body: Body<A, R>;
}

/** What `checkOptions` looks at. */
export interface Checked {
    readonly context: ReactContext | null;
    readonly isMutation: boolean;
    readonly errors: readonly ApplicationErrorClass[];
    readonly timeout_s: number;
    readonly volatile: boolean;
    readonly identity: string;
}

/** Gives the name under which reads are bundled and invalidated. @throws BadName, for one outside the grammar. */
export function context(name: string): ReactContext {
    return new ReactContext(name);
}

/** Declares and registers a function, sync or async. @throws BadDeclaration. */
export function client<R extends Returns, const A extends Shape = NoArguments>(options: Options<A, R>, body: Body<A, R>): TypedFunction<A, R> {
    const made = serverFunction(options, body);
    (options.registry ?? getRegistry()).register(made);
    return made;
}

/** Declares and registers a named list of reads, to be called as one. @throws BadDeclaration, for a name taken or outside the grammar. */
export function compose(name: string, functions: readonly ServerFunction[], doc = ""): Composition {
    return getRegistry().registerCompose(name, functions, doc);
}

/** Makes a function without registering it. @throws BadDeclaration. */
export function serverFunction<A extends Shape, R extends Returns>(options: Options<A, R>, body: Body<A, R>): TypedFunction<A, R> {
    const where = `function "${options.name}"`;
    const own = standing(options);
    checkOptions(own, where);
    const [args, returns]: [Shape, Returns] = [options.args ?? {}, options.returns];
    const typed = returns === response ? [] : [returns];
    const names = annotations.namesOf([...Object.values(args), ...typed], where);
    const parameters = parametersOf(args, names, where);
    const [output = null] = typed.map((one) => one.type);
    if (output !== null) {
        unions.check(output, names, `${where}: result`);
    }
    checkFiles(own.context === null ? new Map() : parameters, output, names, where);
    return new TypedFunction<A, R>({
        name: options.name, body, parameters, output, names, ...own, context: own.context?.name ?? null,
        affects: affectsOf(options.affects, where), merges: mergesOf(options.merge, where), doc: options.doc ?? "",
    });
}

/** @returns the options with what holds where nothing is said. */
function standing(options: Omit<Options<Shape, Returns>, "args">): Checked {
    return {
        context: options.context ?? null, isMutation: options.affects !== undefined || options.merge !== undefined, errors: options.errors ?? [],
        timeout_s: options.timeout_s ?? DEFAULT_TIMEOUT_S, volatile: options.volatile ?? false, identity: options.identity ?? "public",
    };
}

/** Gives the arguments, in bytes order. @throws BadDeclaration. */
function parametersOf(args: Shape, names: Names, where: string): Fields {
    for (const name of Object.keys(args)) {
        grammar.checkSegment(name, `${where}: parameter`);
    }
    const fields = annotations.fieldsOfShape(args, names, where);
    for (const one of fields.values()) {
        unions.check(one.type, names, `${where}: argument "${one.name}"`);
    }
    return fields;
}

/** @throws BadType, for a file among the parameters of a read, which stand in a query, or in a result. */
export function checkFiles(parameters: Fields, output: Type | null, names: Names, where: string): void {
    for (const one of parameters.values()) {
        if (holdsUpload(one.type, names)) {
            throw new BadType(`${where}: parameter "${one.name}" is a file, which a context cannot take; drop context`);
        }
    }
    if (output !== null && holdsUpload(output, names)) {
        throw new BadType(`${where}: its result holds a file; only arguments are uploads`);
    }
}

/** @throws BadDeclaration, for options that exclude each other or say what cannot be. */
export function checkOptions(options: Checked, where: string): void {
    if (options.context !== null && options.isMutation) {
        throw new BadDeclaration(`${where}: a read (context) never invalidates; drop affects and merge, or context`);
    }
    if (options.context !== null) {
        contextName(options.context, where);
    }
    if (options.identity !== "public") {
        throw new BadDeclaration(`${where}: identity "${options.identity}" is not built; wanted "public"`);
    }
    if (!Number.isSafeInteger(options.timeout_s) || options.timeout_s < 1 || options.timeout_s > MAX_TIMEOUT_S) {
        throw new BadDeclaration(`${where}: timeout_s ${options.timeout_s}; wanted whole seconds, 1 to ${MAX_TIMEOUT_S}`);
    }
    if (options.volatile && options.context === null) {
        throw new BadDeclaration(`${where}: volatile belongs to a read; only a context's bundle can be stored`);
    }
    for (const error of options.errors) {
        if (!isApplicationErrorClass(error)) {
            throw new BadDeclaration(`${where}: errors wants classes that extend ApplicationError`);
        }
        checkApplicationError(error);
    }
}

/** Gives `affects` as data. @throws BadDeclaration. */
function affectsOf(option: Affects | undefined, where: string): Affect[] {
    if (option === undefined) {
        return [];
    }
    const hits = isMapped(option) ? [...option].map(([one, map]) => ({ context: one, map })) : listed(option);
    return hits.map((one) => one instanceof ReactContext ? { context: one.name } : { context: contextName(one.context, where), map: bindsOf(one.map) });
}

/** Gives `merge` as data. @throws BadDeclaration. */
function mergesOf(option: Merges | undefined, where: string): Merge[] {
    return option === undefined ? [] : listed(option).map((one) => mergeOf(one instanceof ReactContext ? { context: one } : one, where));
}

function mergeOf({ context: one, op = ir.STANDING_OP, map, ...named }: MergeOption, where: string): Merge {
    return { ...named, context: contextName(one, where), op, ...(map === undefined ? {} : { map: bindsOf(map) }) };
}

function bindsOf(binds: Binds): ReadonlyMap<string, string> {
    return new Map(Object.entries(binds));
}

/** Gives the name of a context, which is none where no compiler has looked. @throws BadDeclaration. */
function contextName(one: ReactContext, where: string): string {
    if (!(one instanceof ReactContext)) {
        throw new BadDeclaration(`${where}: context, affects and merge want what context("name") gives`);
    }
    return one.name;
}

function isMapped(option: Affects): option is ReadonlyMap<ReactContext, Binds> {
    return option instanceof Map;
}

/** @returns one or many as a list. */
function listed<T>(option: T | readonly T[]): readonly T[] {
    return new Array<T>().concat(option);
}
