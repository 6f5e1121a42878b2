/**
 * What an application declares, as readonly data: contexts, functions and what they invalidate.
 *
 * Source: the spec's pages on calls, contexts and scoping. `declare.ts` makes these of TypeScript functions; `registry.ts` holds them.
 * Errors: BadName. Units: seconds.
 */
import type { ApplicationErrorClass } from "./errors.js";
import * as grammar from "./grammar.js";
import type { Sight } from "./request.js";
import type { Field, Names, Type } from "./types.js";

export const MERGE_OPS: readonly string[] = ["replace", "upsert", "append", "prepend", "remove"];
export const DEFAULT_TIMEOUT_S = 30;
export const MAX_TIMEOUT_S = 2_147_483;                  // what a timer of 32 bits can count in milliseconds

/** A name under which read functions are bundled and invalidated: `const UserContext = context("user")`. */
export class ReactContext {
    /** @throws BadName, for a name outside the grammar. */
    constructor(readonly name: string) {
        grammar.checkSegment(name, "context");
    }
}

/** A context that a mutation makes stale; `map` is context parameter -> "args.f" | "result.f" | "f", absent to let the tiers bind. */
export interface Affect {
    readonly context: string;
    readonly map?: ReadonlyMap<string, string>;
}

/** A context that a mutation patches; without `slot` the type decides. `key` is the field that tells items of a list slot apart. */
export interface Merge {
    readonly context: string;
    readonly slot?: string;
    readonly op: string;
    readonly key?: string;
    readonly map?: ReadonlyMap<string, string>;
}

/** What makes a `ServerFunction`; what may be left out has a standing value there. */
export interface Declared {
    readonly name: string;
    readonly body: (request: Sight, args: never) => unknown;
    readonly parameters: ReadonlyMap<string, Field>;
    readonly output: Type | null;
    readonly names: Names;
    readonly context?: string | null;
    readonly affects?: readonly Affect[];
    readonly merges?: readonly Merge[];
    readonly errors?: readonly ApplicationErrorClass[];
    readonly timeout_s?: number;
    readonly volatile?: boolean;
    readonly identity?: string;
    readonly doc?: string;
}

/**
 * One declared function.
 *
 * `parameters` are the arguments without `request`, in bytes order. `output` is null where the function returns the framework's own
 * response. `names` holds every named type that the two reach. `errors` are the application errors it may throw. `timeout_s` in seconds.
 */
export class ServerFunction implements Required<Declared> {
    readonly name: string;
    readonly body: (request: Sight, args: never) => unknown;
    readonly parameters: ReadonlyMap<string, Field>;
    readonly output: Type | null;
    readonly names: Names;
    readonly context: string | null;
    readonly affects: readonly Affect[];
    readonly merges: readonly Merge[];
    readonly errors: readonly ApplicationErrorClass[];
    readonly timeout_s: number;
    readonly volatile: boolean;
    readonly identity: string;
    readonly doc: string;

    /** `name`: its name on the wire, where it is another than the one declared. */
    constructor(declared: Declared, name: string = declared.name) {
        this.name = name;
        this.body = declared.body;
        this.parameters = declared.parameters;
        this.output = declared.output;
        this.names = declared.names;
        this.context = declared.context ?? null;
        this.affects = declared.affects ?? [];
        this.merges = declared.merges ?? [];
        this.errors = declared.errors ?? [];
        this.timeout_s = declared.timeout_s ?? DEFAULT_TIMEOUT_S;
        this.volatile = declared.volatile ?? false;
        this.identity = declared.identity ?? "public";
        this.doc = declared.doc ?? "";
    }

    /** read (has a context), mutation (affects or merges) or plain. */
    get kind(): "read" | "mutation" | "plain" {
        if (this.context !== null) {
            return "read";
        }
        return this.affects.length > 0 || this.merges.length > 0 ? "mutation" : "plain";
    }

    /** Whether it returns the framework's own response. */
    get isView(): boolean {
        return this.output === null;
    }
}

/**
 * A sealed context: the union of its functions' parameters, and its slots, both in bytes order of their names.
 *
 * `names` holds every named type that its functions reach. `volatile` if any slot is. `identity` is its strictest slot's.
 */
export interface Context {
    readonly name: string;
    readonly parameters: ReadonlyMap<string, Field>;
    readonly slots: ReadonlyMap<string, ServerFunction>;
    readonly names: Names;
    readonly volatile: boolean;
    readonly identity: string;
}

/** A named list of reads that is called as one function; parameters as in a context. */
export interface Composition {
    readonly name: string;
    readonly functions: readonly ServerFunction[];
    readonly doc: string;
}
