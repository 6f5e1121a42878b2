/**
 * An answer as plain data, before any framework says it.
 *
 * Source: spec/ground.md, Problem documents. Errors: NotIJson. Units: bodies in bytes as they go out.
 */
import * as canonical from "./canonical.js";
import type { Json } from "./canonical.js";
import * as errors from "./errors.js";
import { Problem } from "./errors.js";
import type { FrameworkResponse } from "./response.js";

export type Pair = readonly [name: string, value: string];

export const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";
export const NO_STORE: Pair = ["Cache-Control", "no-store"];
const NOTHING = new Uint8Array(0);

/**
 * A status, header fields in ASCII, each name once, and a body.
 *
 * `own` is the framework's own response, where a function returned one: the binding sends it, with these fields added.
 */
export interface Answer {
    readonly status: number;
    readonly headers: readonly Pair[];
    readonly body: Uint8Array;
    readonly own?: FrameworkResponse;
}

/** @returns an answer without a body. */
export function bare(status: number, headers: readonly Pair[]): Answer {
    return { status, headers, body: NOTHING };
}

export function hasField(answer: Answer, name: string): boolean {
    return answer.headers.some(([given]) => given.toLowerCase() === name.toLowerCase());
}

/** @returns the answer with these fields after its own. */
export function withFields(answer: Answer, fields: readonly Pair[]): Answer {
    return { ...answer, headers: [...answer.headers, ...fields] };
}

/** @returns 200 with a JSON value. @throws canonical.NotIJson, where the value cannot be said in JSON. */
export function jsonAnswer(document: Json, headers: readonly Pair[] = []): Answer {
    return { status: 200, headers: [["Content-Type", JSON_TYPE], ...headers], body: canonical.write(document) };
}

/** @returns the problem document of a refusal or failure; the same bytes for one code, but for `errors` and `detail`. */
export function refusal(problem: Problem): Answer {
    const headers: readonly Pair[] = [["Content-Type", PROBLEM_TYPE], NO_STORE, ...errors.headersOf(problem)];
    try {
        return { status: problem.status, headers, body: canonical.write(errors.document(problem)) };
    } catch (error) {
        if (error instanceof canonical.NotIJson) {              // an application's own detail that no reply may hold
            return refusal(new Problem("internal"));
        }
        throw error;
    }
}
