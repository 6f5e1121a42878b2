/**
 * Replies that scripts of other origins may read; off unless origins are set.
 *
 * Source: spec/ground.md, Reading across origins; the fetch standard, 3.2 (CORS protocol). Units: seconds.
 */
import type { Answer, Pair } from "./answer.js";
import { bare, hasField, NO_STORE, withFields } from "./answer.js";

const METHODS: readonly string[] = ["GET", "HEAD", "POST"];
const REQUEST_FIELDS: readonly string[] = ["Content-Type", "Authorization", "X-CSRFToken", "X-Mizan-Token", "If-None-Match"];
const EXPOSED_FIELDS: readonly string[] = ["X-Mizan-Invalidate", "ETag", "Cache-Status", "Retry-After", "Mizan-SSR"];
const MAX_AGE_S = 600;

export type Origins = ReadonlySet<string>;

export function isOn(origins: Origins): boolean {
    return origins.size > 0;
}

/** @returns the one origin of a request's `Origin` fields, where it is one that is set; else null. */
export function listed(origins: Origins, origin: readonly string[]): string | null {
    const [first] = origin;
    return first !== undefined && origin.length === 1 && origins.has(first) ? first : null;
}

/** @returns what lets a listed origin send more than a form could. */
export function preflightFields(): readonly Pair[] {
    return [
        ["Access-Control-Allow-Methods", METHODS.join(", ")],
        ["Access-Control-Allow-Headers", REQUEST_FIELDS.join(", ")],
        ["Access-Control-Max-Age", String(MAX_AGE_S)],
    ];
}

/** @returns the reply to OPTIONS where CORS is on, with `preflightFields` or without. */
export function optionsAnswer(methods: readonly string[], fields: readonly Pair[]): Answer {
    return bare(204, [["Allow", [...methods, "OPTIONS"].join(", ")], NO_STORE, ...fields]);
}

/** @returns the answer with the fields of CORS that it lacks; unchanged where CORS is off. */
export function marked(answer: Answer, origins: Origins, origin: readonly string[]): Answer {
    if (!isOn(origins)) {
        return answer;
    }
    const asking = listed(origins, origin);
    const fields = asking === null ? [] : fieldsFor(answer, asking);
    return varying(withFields(answer, fields.filter(([name]) => !hasField(answer, name))));
}

/** @returns what lets a listed origin read an answer; a preflight's has nothing to expose. */
function fieldsFor(answer: Answer, origin: string): readonly Pair[] {
    const exposed: readonly Pair[] = hasField(answer, "Access-Control-Allow-Methods") ? [] : exposingFields();
    return [...allowingFields(origin), ...exposed];
}

/** @returns the origin itself, never `*`, so that credentials may travel. */
function allowingFields(origin: string): readonly Pair[] {
    return [["Access-Control-Allow-Origin", origin], ["Access-Control-Allow-Credentials", "true"]];
}

function exposingFields(): readonly Pair[] {
    return [["Access-Control-Expose-Headers", EXPOSED_FIELDS.join(", ")]];
}

/** @returns the answer with `Origin` in its Vary, whoever asked: a store must not hand one origin's reply to another. */
export function varying(answer: Answer): Answer {
    const isVary = ([name]: Pair): boolean => name.toLowerCase() === "vary";
    const names = answer.headers.filter(isVary).flatMap(([, value]) => value.split(",")).map((name) => name.trim());
    if (names.includes("*") || names.some((name) => name.toLowerCase() === "origin")) {
        return answer;
    }
    const others = answer.headers.filter((pair) => !isVary(pair));
    return { ...answer, headers: [...others, ["Vary", [...names, "Origin"].join(", ")]] };
}
