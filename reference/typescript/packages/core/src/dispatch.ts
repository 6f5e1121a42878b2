/**
 * A call, below every transport: its message goes in as bytes, an Answer comes out.
 *
 * Source: spec/dispatch.md. Errors: every refusal and failure is an Answer; what only the log may hold goes to standard error.
 * Order:  JSON, envelope, function known, arguments, body, result; the first that refuses decides, and a refusal runs no body.
 */
import { bare, jsonAnswer, NO_STORE, refusal, type Answer, type Pair } from "./answer.js";
import * as canonical from "./canonical.js";
import { isObject, type Json, type JsonObject } from "./canonical.js";
import { Problem, problemOf } from "./errors.js";
import type { ServerFunction } from "./function.js";
import * as header from "./header.js";
import * as merges from "./merges.js";
import type { MergeEntry } from "./merges.js";
import * as reader from "./reader.js";
import type { GivenObject, Values } from "./reader.js";
import type { Shown } from "./request.js";
import { statusOf, type FrameworkResponse } from "./response.js";
import { run } from "./running.js";
import * as scoping from "./scoping.js";
import type { Entry } from "./scoping.js";
import type { Site } from "./serving.js";
import { PartFailed, together } from "./together.js";
import { holdsUpload, type Fields, type Names } from "./types.js";
import * as writer from "./writer.js";

const ARGUMENTS = "/args";
const NO_ARGUMENTS: JsonObject = new Map();

/** What a call's message says. */
export interface Envelope {
    readonly name: string;
    readonly args: JsonObject;
}

/** Answers one call. `raw` is the message, whole and within the size that its transport allows. */
export async function call(site: Site, shown: Shown, raw: Uint8Array): Promise<Answer> {
    try {
        const { name, args } = envelope(raw);
        if (site.sealed.compositions.has(name)) {
            return await composed(site, shown, name, args);
        }
        const function_ = lookup(site, name);
        return await outcome(site, shown, function_, effectiveArguments(function_, args));
    } catch (error) {
        if (error instanceof Problem) {
            return refusal(error);
        }
        throw error;
    }
}

/** Reads a call's message: exactly `fn`, a string, and perhaps `args`, an object. @throws Problem, `malformed`. */
export function envelope(raw: Uint8Array): Envelope {
    const message = messageIn(raw);
    if (!isObject(message) || ![...message.keys()].every(isMember)) {
        throw new Problem("malformed");
    }
    const name = message.get("fn");
    const args = message.get("args") ?? (message.has("args") ? null : NO_ARGUMENTS);
    if (typeof name !== "string" || !isObject(args)) {
        throw new Problem("malformed");
    }
    return { name, args };
}

/** @throws Problem, `malformed`. */
function messageIn(raw: Uint8Array): Json {
    try {
        return canonical.read(raw);
    } catch (error) {
        throw error instanceof canonical.NotIJson ? new Problem("malformed") : error;
    }
}

function isMember(name: string): boolean {
    return name === "fn" || name === "args";
}

/** @throws Problem, `unknown_function`. */
function lookup(site: Site, name: string): ServerFunction {
    const function_ = site.sealed.functions.get(name);
    if (function_ === undefined) {
        throw new Problem("unknown_function");
    }
    return function_;
}

/** Answers the call of a composition: each part's result under its name, or the first failure. @throws Problem, `validation`. */
async function composed(site: Site, shown: Shown, name: string, args: JsonObject): Promise<Answer> {
    const effective = readArguments(site.sealed.parameters.get(name) ?? new Map(), args, site.sealed.names);
    try {
        return reply(await together(site, shown, parts(site, name), effective), [], []);
    } catch (error) {
        if (error instanceof PartFailed) {
            return failure(error.function_, error.cause);
        }
        throw error;
    }
}

/** @returns the reads of a composition, in the order in which they run: by name, whatever the order of registration. */
function parts(site: Site, name: string): readonly ServerFunction[] {
    return [...site.sealed.compositions.get(name)?.functions ?? []].sort((one, other) => canonical.byBytes(one.name, other.name));
}

/** @returns the effective arguments, defaults filled in. @throws Problem, `validation`, with every mismatch. */
export function effectiveArguments(function_: ServerFunction, args: GivenObject): Values {
    return readArguments(function_.parameters, args, function_.names);
}

function readArguments(fields: Fields, args: GivenObject, names: Names): Values {
    const [effective, mismatches] = reader.readMembers(fields, args, names, ARGUMENTS);
    if (mismatches.length > 0) {
        throw new Problem("validation", { errors: mismatches });
    }
    return effective;
}

/** Runs the body and answers with its result and what it made stale; a body that throws says nothing of either. */
export async function outcome(site: Site, shown: Shown, function_: ServerFunction, effective: Values): Promise<Answer> {
    try {
        const wire = wireArguments(function_, effective);          // before the body, which may change what it is given
        const ran = await run(site, shown, function_, effective);
        const [made, degraded] = merges.mergesFor(site.sealed.merges.get(function_.name) ?? [], wire, ran.result);
        const declared = scoping.entriesFor(site.sealed.scopes.get(function_.name) ?? [], wire, ran.result);
        const stale = scoping.normalise([...declared, ...degraded, ...ran.entries]);
        return ran.own === null ? reply(ran.result, stale, merges.keptMerges(made, stale)) : passedOn(ran.own, stale);
    } catch (error) {
        return failure(function_, error);
    }
}

/** @returns what a mutation's scopes are bound to, the effective arguments but files as JSON of a body; nothing for any other. */
function wireArguments(function_: ServerFunction, effective: Values): JsonObject {
    if (function_.kind !== "mutation") {
        return NO_ARGUMENTS;
    }
    const said = new Map([...function_.parameters].filter(([name, one]) => name in effective && !holdsUpload(one.type, function_.names)));
    return writer.writeMembers(said, effective, function_.names);
}

/** @returns 200 with the result, what is stale and what is patched; the header says the scopes of both. */
function reply(result: Json, stale: readonly Entry[], patches: readonly MergeEntry[]): Answer {
    const scopes = patches.length > 0 ? merges.saidInHeader(stale, patches) : stale;
    const document = new Map<string, Json>([["result", result], ["invalidate", stale.map(scoping.entryToJson)]]);
    if (patches.length > 0) {
        document.set("merge", patches.map(merges.mergeEntryToJson));
    }
    return jsonAnswer(document, [NO_STORE, ...invalidateFields(scopes)]);
}

/** @returns the framework's own response, with what is stale in the header alone; where it refuses or fails, nothing is said. */
function passedOn(own: FrameworkResponse, stale: readonly Entry[]): Answer {
    const status = statusOf(own);
    const isSuccess = status >= 200 && status < 400;
    return { ...bare(status, [NO_STORE, ...isSuccess ? invalidateFields(stale) : []]), own };
}

/** @returns X-Mizan-Invalidate of normal entries; none where there is nothing to say. */
function invalidateFields(entries: readonly Entry[]): readonly Pair[] {
    const said = header.valueFor(entries);
    return said === "" ? [] : [[header.NAME, said]];
}

/** @returns what a caller sees of what ended a body: nothing of its text, unless it was declared. */
export function failure(function_: ServerFunction, error: unknown): Answer {
    const problem = problemOf(error, function_.errors);
    if (problem.code === "internal") {
        console.error("mizan: %s failed:", function_.name, error);
    }
    return refusal(problem);
}
