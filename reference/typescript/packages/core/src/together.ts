/**
 * Several reads answered as one: a bundle's slots, a composition's parts.
 *
 * Source: spec/context.md, All or nothing; spec/dispatch.md, Compositions. Errors: PartFailed, for the first that fails; nothing is kept of
 * the others.
 */
import type { Json } from "./canonical.js";
import type { ServerFunction } from "./function.js";
import { bare, type Values } from "./reading.js";
import type { Shown } from "./request.js";
import { run } from "./running.js";
import type { Site } from "./serving.js";

/** One of the reads failed, and so all of them have; the rest did not run. `cause` is what it threw. */
export class PartFailed extends Error {
    override readonly name = "PartFailed";

    constructor(readonly function_: ServerFunction, cause: unknown) {
        super(function_.name, { cause });
    }
}

/** Runs reads one after another, each with its own of the values. @returns their results as wire JSON, by name. @throws PartFailed. */
export async function together(site: Site, shown: Shown, functions: Iterable<ServerFunction>, values: Values): Promise<Map<string, Json>> {
    const results = new Map<string, Json>();
    for (const function_ of functions) {
        try {
            results.set(function_.name, (await run(site, shown, function_, ownValues(function_, values))).result);
        } catch (error) {
            throw new PartFailed(function_, error);
        }
    }
    return results;
}

/** @returns a read's parameters, copied, so that none sees what another did to a list or an object. */
function ownValues(function_: ServerFunction, values: Values): Values {
    return bare([...function_.parameters.keys()].filter((name) => name in values).map((name) => [name, copied(values[name])]));
}

function copied(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map((one: unknown) => copied(one));
    }
    if (value instanceof Uint8Array) {
        return value.slice();
    }
    return isBare(value) ? bare(Object.entries(value).map(([name, one]) => [name, copied(one)])) : value;
}

/** Whether a value is an object as the reader makes them: without a prototype. */
function isBare(value: unknown): value is object {
    return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}
