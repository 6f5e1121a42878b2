/**
 * What a caller may be told, and what only the log may hold.
 *
 * Source: spec/ground.md, Problem documents and The member `errors`; RFC 9457 (problem documents), RFC 6901 (pointers).
 *
 *     Problem            a refusal that travels: one code of the closed set, or a declared application error
 *     ApplicationError   users extend it and declare it with `errors`
 *     BadDeclaration     what an application declares cannot be; thrown while it is declared or sealed, before anything listens
 *     WrongOutput        a function returned what it did not declare; a caller sees `internal`
 *     Misuse             a function used this library wrongly while it ran; a caller sees `internal`
 */
import { byBytes, type Json, type JsonObject } from "./canonical.js";

export type ProblemCode =
    | "malformed" | "validation" | "unauthenticated" | "forbidden" | "csrf" | "unknown_function" | "unknown_context" | "unknown_form" | "unknown_page"
    | "not_found" | "method_not_allowed" | "conflict" | "payload_too_large" | "unsupported_media_type" | "rate_limited" | "internal" | "unimplemented"
    | "unavailable" | "deadline_exceeded" | "cancelled";
export type MismatchCode = "missing" | "unknown" | "type" | "null" | "choice" | "format" | "range" | "length" | "duplicate" | "rule";
export type HeaderField = readonly [name: string, value: string];

/** Status and title of each code. */
export const PROBLEMS: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
    malformed: [400, "Malformed request"], validation: [422, "Validation failed"], unauthenticated: [401, "Authentication required"],
    forbidden: [403, "Forbidden"], csrf: [403, "CSRF check failed"], unknown_function: [404, "Unknown function"],
    unknown_context: [404, "Unknown context"], unknown_form: [404, "Unknown form"], unknown_page: [404, "Unknown page"],
    not_found: [404, "Not found"], method_not_allowed: [405, "Method not allowed"], conflict: [409, "Conflict"],
    payload_too_large: [413, "Payload too large"], unsupported_media_type: [415, "Unsupported media type"],
    rate_limited: [429, "Too many requests"], internal: [500, "Internal error"], unimplemented: [501, "Not implemented"],
    unavailable: [503, "Service unavailable"], deadline_exceeded: [504, "Deadline exceeded"], cancelled: [499, "Cancelled"],
};
const APPLICATION_TITLE = "Application error";
const APPLICATION_CODE = /^app\.[a-z][a-z0-9_]{0,63}$/;
const OURS_ALONE: readonly number[] = [401, 405, 407, 411, 413, 415, 429];      // HTTP or the protocol has given these another meaning
const RETRY_STATUSES: readonly number[] = [429, 503];
const RETRY_AFTER_S = 1;
export const MISMATCH_LIMIT = 64;

/** A declaration that the protocol does not allow; the message names the offender and the next step. */
export class BadDeclaration extends Error {
    override readonly name: string = "BadDeclaration";
}

/** A name that is outside the grammar, reserved, or taken by something else. */
export class BadName extends BadDeclaration {
    override readonly name: string = "BadName";
}

/** A type that the wire cannot say, or a default that is not of its type. */
export class BadType extends BadDeclaration {
    override readonly name: string = "BadType";
}

/** A function returned a value that its declared output type cannot hold. */
export class WrongOutput extends Error {
    override readonly name: string = "WrongOutput";
}

/** A function called this library in a way that is a programming error. */
export class Misuse extends Error {
    override readonly name: string = "Misuse";
}

/** One place where input differs from its declaration. `pointer` goes into the request document; `message` never holds input. */
export interface Mismatch {
    readonly pointer: string;
    readonly code: MismatchCode;
    readonly message: string;
}

/**
 * A refusal that an application declares. Users write
 *
 *     class Taken extends ApplicationError {
 *         static override readonly code = "app.taken";
 *         static override readonly status = 409;
 *     }
 *     export const chooseName = client({ name: "choose_name", errors: [Taken], … }, () => { throw new Taken("that name is taken"); });
 *
 * The text becomes the problem's `detail`. One that the function did not declare is `internal`.
 */
export class ApplicationError extends Error {
    static readonly code: string = "app.error";
    static readonly status: number = 400;
    override readonly name: string = "ApplicationError";

    constructor(readonly detail: string | null = null) {
        super(detail ?? "");
    }
}

/** A class of application errors, whatever its constructor takes. */
export interface ApplicationErrorClass {
    new (...args: never): ApplicationError;
    readonly name: string;
    readonly code: string;
    readonly status: number;
}

/** What a refusal may say beside its code: `errors`, for `validation`, is sorted and cut when the document is written. */
export interface ProblemOptions {
    readonly errors?: Iterable<Mismatch>;
    readonly headers?: Iterable<HeaderField>;
}

/** A refusal that a caller may see. A function's body may throw `new Problem("not_found")`, `new Problem("conflict")` and the like. */
export class Problem extends Error {
    override readonly name: string = "Problem";
    readonly code: string;
    readonly status: number;
    readonly title: string;
    readonly detail: string | null;
    readonly mismatches: readonly Mismatch[];
    readonly headers: readonly HeaderField[];

    /** @throws RangeError for a code outside the closed set. */
    constructor(cause: ProblemCode | ApplicationError, options: ProblemOptions = {}) {
        const [code, status, title, detail] = cause instanceof ApplicationError ? applicationParts(cause) : ownParts(cause);
        super(code);
        this.code = code;
        this.status = status;
        this.title = title;
        this.detail = detail;
        this.mismatches = [...options.errors ?? []];
        this.headers = [...options.headers ?? []];
    }
}

type Parts = readonly [code: string, status: number, title: string, detail: string | null];

function ownParts(code: ProblemCode): Parts {
    if (!Object.hasOwn(PROBLEMS, code)) {
        throw new RangeError(`Problem: "${code}" is not a code; wanted one of ${Object.keys(PROBLEMS).join(", ")}; declare your own with errors`);
    }
    return [code, ...PROBLEMS[code], null];
}

function applicationParts(error: ApplicationError): Parts {
    const declared = classOf(error);
    return [declared.code, declared.status, APPLICATION_TITLE, error.detail];
}

/** @returns the class whose code and status an application error has. */
function classOf(error: ApplicationError): ApplicationErrorClass {
    const made: unknown = error.constructor;
    return isApplicationErrorClass(made) ? made : ApplicationError;
}

export function isApplicationErrorClass(value: unknown): value is ApplicationErrorClass {
    return value === ApplicationError || (typeof value === "function" && value.prototype instanceof ApplicationError);
}

/** @throws BadDeclaration for a code that is not `app.<name>` or a status outside 400-499 or taken. */
export function checkApplicationError(error: ApplicationErrorClass): void {
    if (!APPLICATION_CODE.test(error.code)) {
        throw new BadName(`${error.name}: "${error.code}" is not the code of an application error; wanted app.<name>`);
    }
    if (!Number.isInteger(error.status) || error.status < 400 || error.status > 499 || OURS_ALONE.includes(error.status)) {
        throw new BadDeclaration(`${error.name}: status ${error.status} is no application error's; wanted 400-499, not ${OURS_ALONE.join(", ")}`);
    }
}

/**
 * Says what a caller sees of what was thrown: itself if it is a Problem, a declared application error, else `internal` without its text.
 *
 * `declared` are the application errors of the function that threw.
 */
export function problemOf(error: unknown, declared: readonly ApplicationErrorClass[] = []): Problem {
    if (error instanceof Problem) {
        return error;
    }
    return error instanceof ApplicationError && declared.some((one) => error instanceof one) ? new Problem(error) : new Problem("internal");
}

/** Sorts by pointer, then code, as bytes, each mismatch once, and cuts at 64. */
export function sortedMismatches(mismatches: Iterable<Mismatch>): readonly Mismatch[] {
    const unique = new Map<string, Mismatch>();
    for (const one of mismatches) {
        unique.set(`${one.code}\0${one.message}\0${one.pointer}`, one);
    }
    const inOrder = (one: Mismatch, other: Mismatch): number =>
        byBytes(one.pointer, other.pointer) || byBytes(one.code, other.code) || byBytes(one.message, other.message);
    return [...unique.values()].sort(inOrder).slice(0, MISMATCH_LIMIT);
}

/** @returns the problem document as JSON: type, title, status, code, and errors or detail where there are any. */
export function document(problem: Problem): JsonObject {
    const body = new Map<string, Json>([
        ["type", `urn:mizan:${problem.code}`], ["title", problem.title], ["status", problem.status], ["code", problem.code],
    ]);
    if (problem.detail !== null) {
        body.set("detail", problem.detail);
    }
    if (problem.mismatches.length > 0) {
        body.set("errors", sortedMismatches(problem.mismatches).map(said));
    }
    return body;
}

function said(one: Mismatch): JsonObject {
    return new Map([["pointer", one.pointer], ["code", one.code], ["message", one.message]]);
}

/** @returns the problem's own fields, and `Retry-After` where its status asks for one and it brings none. */
export function headersOf(problem: Problem): readonly HeaderField[] {
    const hasRetry = problem.headers.some(([name]) => name.toLowerCase() === "retry-after");
    return RETRY_STATUSES.includes(problem.status) && !hasRetry ? [...problem.headers, ["Retry-After", String(RETRY_AFTER_S)]] : problem.headers;
}
