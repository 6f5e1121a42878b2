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
import type { Composition, ErrorClass } from "./function.js";
import { ReactContext, ServerFunction } from "./function.js";
import type { Registry } from "./registry.js";
import type { Sight } from "./request.js";
import type { Arguments, ArgumentsOf, Output, Returned } from "./t.js";
import type { Field, Names, Type } from "./types.js";

/** Context parameter -> where a mutation has its value: "args.f", "result.f" or "f". */
export type Binds = Readonly<Record<string, string>>;
export type MergeOp = "replace" | "upsert" | "append" | "prepend" | "remove";

/** A context that a mutation makes stale, with a map in place of the tiers. */
export interface AffectOption {
    readonly context: ReactContext;
    readonly map: Binds;
}

/** A context that a mutation patches. */
export interface MergeOption {
    readonly context: ReactContext;
    readonly slot?: string;
    readonly op?: MergeOp;
    readonly key?: string;
    readonly map?: Binds;
}

export type Affects = ReactContext | AffectOption | readonly (ReactContext | AffectOption)[] | ReadonlyMap<ReactContext, Binds>;
export type Merges = ReactContext | MergeOption | readonly (ReactContext | MergeOption)[];

export interface Options<A extends Arguments, R extends Output> {
    readonly name: string;
    readonly context?: ReactContext;
    readonly affects?: Affects;
    readonly merge?: Merges;
    readonly args?: A;
    readonly returns: R;
    readonly errors?: readonly ErrorClass[];
    readonly timeout_s?: number;
    readonly volatile?: boolean;
    readonly identity?: string;
    readonly doc?: string;
    readonly registry?: Registry;
}

export type Body<A extends Arguments, R extends Output> = (request: Sight, args: ArgumentsOf<A>) => Returned<R> | Promise<Returned<R>>;

export declare function client<const A extends Arguments, R extends Output>(options: Options<A, R>, body: Body<A, R>): ServerFunction;

export function context(name: string): ReactContext {
    return new ReactContext(name);
}

export declare function compose(name: string, functions: readonly ServerFunction[], doc?: string): Composition;

export interface Checked {
    readonly context: ReactContext | null;
    readonly isMutation: boolean;
    readonly errors: readonly ErrorClass[];
    readonly timeout_s: number;
    readonly volatile: boolean;
    readonly identity: string;
}

/** @throws BadDeclaration, for options that exclude each other or say what cannot be. */
export declare function checkOptions(options: Checked, where: string): void;
/** @throws BadType, for a file among the parameters of a read, which stand in a query, or in a result. */
export declare function checkFiles(parameters: ReadonlyMap<string, Field>, output: Type | null, names: Names, where: string): void;
