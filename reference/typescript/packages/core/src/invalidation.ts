/**
 * Entries that a mutation adds while it runs: `invalidate(TeamContext, { team_id: oldTeam })`.
 *
 * Dispatch runs the body inside `collecting`, then reads `collector.entries`. What the body awaits or starts adds to the same collector;
 * two calls at once never mix.
 * Source: the spec's page on scoping (run-time entries). Errors: Misuse, at the call and again when the entries are read, so that a body
 * that swallows it still ends as `internal`: an entry that got lost would leave stale bundles.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import type { Json } from "./canonical.js";
import { Misuse, WrongOutput } from "./errors.js";
import type { Context, ReactContext, ServerFunction } from "./function.js";
import type { Entry } from "./scoping.js";
import * as scoping from "./scoping.js";
import * as writer from "./writer.js";

type Contexts = ReadonlyMap<string, Context>;
type Params = Readonly<Record<string, unknown>>;

const CURRENT = new AsyncLocalStorage<Collector>();

/** Gathers the run-time entries of one call. */
export class Collector {
    readonly #entries: Entry[] = [];
    #misuse: Misuse | null = null;
    #isOpen = true;

    constructor(readonly fn: ServerFunction, readonly contexts: Contexts) {}

    get isOpen(): boolean {
        return this.#isOpen;
    }

    /** The entries so far. @throws Misuse, if any call of `invalidate` was one. */
    get entries(): readonly Entry[] {
        if (this.#misuse !== null) {
            throw this.#misuse;
        }
        return [...this.#entries];
    }

    /** @throws Misuse. */
    add(context: ReactContext, params: Params): void {
        try {
            checkMayInvalidate(this);
            this.#entries.push(checkedEntry(this.contexts, context, params));
        } catch (error) {
            if (error instanceof Misuse && this.#isOpen) {          // after the end there is no reply to fail
                this.#misuse = error;
            }
            throw error;
        }
    }

    /** Ends the call: what runs on after it can add nothing more. */
    close(): void {
        this.#isOpen = false;
    }
}

/**
 * Makes bundles of a context stale, beside what `affects` says: those that agree with the parameters given, all of them without any.
 *
 * @throws Misuse, outside a running mutation, for an unknown context or parameter, or a value of another type.
 */
export function invalidate(context: ReactContext, params: Params = {}): void {
    const collector = CURRENT.getStore();
    if (collector === undefined) {
        throw new Misuse("invalidate: no mutation is running here; call it inside a function that client({ affects: … }) declares");
    }
    collector.add(context, params);
}

/** Makes a new collector the current one while `run` runs, until what it returns has settled. @returns what `run` returns. */
export async function collecting<T>(fn: ServerFunction, contexts: Contexts, run: (collector: Collector) => T | Promise<T>): Promise<T> {
    const collector = new Collector(fn, contexts);
    try {
        return await CURRENT.run(collector, () => run(collector));
    } finally {
        collector.close();
    }
}

/** @throws Misuse, in a plain or read function, or after the call has ended. */
function checkMayInvalidate(collector: Collector): void {
    const { name, kind } = collector.fn;
    if (kind !== "mutation") {
        throw new Misuse(`invalidate: "${name}" is a ${kind} function; wanted one with affects or merge`);
    }
    if (!collector.isOpen) {
        throw new Misuse(`invalidate: the call of "${name}" has ended; its reply is gone`);
    }
}

/** Makes the entry of a function's values. @throws Misuse, for a context, parameter or type that was not declared. */
function checkedEntry(contexts: Contexts, context: ReactContext, params: Params): Entry {
    const known = contexts.get(context.name);
    if (known === undefined) {
        throw new Misuse(`invalidate: no read function has the context "${context.name}"`);
    }
    return scoping.entry(context.name, new Map(Object.entries(params).map(([name, value]) => [name, wireValue(known, name, value)])));
}

/** @throws Misuse. */
function wireValue(context: Context, name: string, value: unknown): Json {
    const parameter = context.parameters.get(name);
    if (parameter === undefined) {
        const wanted = [...context.parameters.keys()].join(", ");
        throw new Misuse(`invalidate: context "${context.name}" has no parameter "${name}"; wanted ${wanted || "none"}`);
    }
    try {
        return writer.writeKey(parameter.type, value, context.names);
    } catch (error) {
        throw error instanceof WrongOutput ? new Misuse(`invalidate: context "${context.name}": ${name}: ${error.message}`, { cause: error }) : error;
    }
}
