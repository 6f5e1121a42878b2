/**
 * Runs one body under its deadline.
 *
 * Source: spec/dispatch.md, When the function begins and does not return. Units: `timeout_s` in seconds, clocks in milliseconds.
 * Errors: whatever the body throws; Problem, `deadline_exceeded`; WrongOutput; Misuse.
 */
import type { Json } from "./canonical.js";
import { Problem, WrongOutput } from "./errors.js";
import type { ServerFunction } from "./function.js";
import { collecting, type Collector } from "./invalidation.js";
import type { Values } from "./reader.js";
import { Deadline, seenBy, type Shown, type Sight } from "./request.js";
import { isFrameworkResponse, type FrameworkResponse } from "./response.js";
import type { Entry } from "./scoping.js";
import type { Site } from "./serving.js";
import * as writer from "./writer.js";

/** What a body's normal return leaves: its result as wire JSON, or the framework's own response; and its run-time entries. */
export interface Ran {
    readonly result: Json;
    readonly own: FrameworkResponse | null;
    readonly entries: readonly Entry[];
}

/** What a body left, and when it ended. */
interface Ended {
    readonly ran: Ran;
    readonly atMs: number;
}

/**
 * Runs a body to its end or its deadline, and writes its result by its declaration.
 *
 * Past the deadline `request.signal` is aborted, and the body is not waited for; what it still returns is dropped.
 */
export async function run(site: Site, shown: Shown, function_: ServerFunction, effective: Values): Promise<Ran> {
    const deadline = new Deadline();
    const limitMs = deadlineMs(function_);
    const beganMs = performance.now();
    const work = perform(site, function_, seenBy(function_, shown, deadline), effective);
    const ended = await firstOf(work, limitMs);
    if (ended === null || ended.atMs - beganMs > limitMs) {        // no timer fires while a body never awaits
        abandon(work, function_, deadline);
        throw new Problem("deadline_exceeded");
    }
    return ended.ran;
}

export function deadlineMs(function_: ServerFunction): number {
    return function_.timeout_s * 1000;
}

/** @returns what the work comes to; null where the time is over first. */
async function firstOf<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<null>((resolve) => {
        timer = setTimeout(resolve, limitMs, null);
    });
    try {
        return await Promise.race([work, over]);
    } finally {
        clearTimeout(timer);
    }
}

/** Runs a body with a collector of its own, which is open for as long as the body runs, deadline or not. */
function perform(site: Site, function_: ServerFunction, request: Sight, effective: Values): Promise<Ended> {
    return collecting(function_, site.sealed.contexts, async (collector) => {
        const result = await begun(function_, request, effective);
        const atMs = performance.now();
        return { ran: ranOf(function_, result, collector), atMs };
    });
}

/** Calls a body. The reader has given the arguments the types that were declared; no compiler sees that here. */
function begun(function_: ServerFunction, request: Sight, effective: Values): unknown {
    return function_.body(request, effective as never);
}

/** @throws WrongOutput, where the result is not what was declared; Misuse, where the body misused `invalidate`, swallowed or not. */
function ranOf(function_: ServerFunction, result: unknown, collector: Collector): Ran {
    if (function_.output === null) {
        return { result: null, own: ownResponse(result), entries: collector.entries };
    }
    return { result: writer.write(function_.output, result, function_.names), own: null, entries: collector.entries };
}

/** @returns the framework's own response, as it is. @throws WrongOutput, for anything else. */
function ownResponse(result: unknown): FrameworkResponse {
    if (!isFrameworkResponse(result)) {
        throw new WrongOutput(`wanted the framework's own response, got a value of type ${typeof result}`);
    }
    return result;
}

/** Tells a body that its time is over; what it throws but for that goes to the log. */
function abandon(work: Promise<Ended>, function_: ServerFunction, deadline: Deadline): void {
    work.catch((error: unknown) => {
        if (!isAbort(error, deadline.signal)) {
            console.error("mizan: %s threw after its deadline:", function_.name, error);
        }
    });
    deadline.pass(new Problem("deadline_exceeded"));
}

/** Whether an error only says that the signal was heeded: the reason itself, or what Node makes of it. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
    return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}
