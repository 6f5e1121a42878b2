/**
 * A context's bundle: every slot or none, as canonical JSON with a validator.
 *
 * Source: spec/context.md; RFC 9110, 8.8.3 and 13.1.2 (ETag, If-None-Match). Errors: every refusal and failure is an Answer.
 */
import { createHash } from "node:crypto";

import { bare, JSON_TYPE, refusal, type Answer, type Pair } from "./answer.js";
import * as canonical from "./canonical.js";
import { failure } from "./dispatch.js";
import { Problem } from "./errors.js";
import type { Context } from "./function.js";
import { trimmed } from "./media.js";
import * as query from "./query.js";
import type { Values } from "./reader.js";
import type { Shown } from "./request.js";
import type { Site } from "./serving.js";
import { PartFailed, together } from "./together.js";

const ETAG_HEX_DIGITS = 32;
const ENTITY_TAG = /[ \t]*(?:(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/** What a fetch asks for: a context, the raw query, and the values of If-None-Match. */
export interface Wanted {
    readonly context: string;
    readonly query: Uint8Array;
    readonly ifNoneMatch: readonly string[];
}

/** Answers one fetch: the slots run one after another, in bytes order of their names, and the first that fails is the answer. */
export async function fetch(site: Site, shown: Shown, wanted: Wanted): Promise<Answer> {
    try {
        const context = known(site, wanted.context);
        const slots = await together(site, shown, context.slots.values(), parameters(context, wanted.query));
        return conditional(reply(context, canonical.write(slots)), wanted.ifNoneMatch);
    } catch (error) {
        if (error instanceof PartFailed) {
            return failure(error.function_, error.cause);
        }
        if (error instanceof Problem) {
            return refusal(error);
        }
        throw error;
    }
}

/** @throws Problem, `unknown_context`. */
function known(site: Site, name: string): Context {
    const context = site.sealed.contexts.get(name);
    if (context === undefined) {
        throw new Problem("unknown_context");
    }
    return context;
}

/** @returns the effective parameters. @throws Problem, `validation`, with every mismatch. */
function parameters(context: Context, raw: Uint8Array): Values {
    const [values, mismatches] = query.decode(raw, context.parameters, context.names);
    if (mismatches.length > 0) {
        throw new Problem("validation", { errors: mismatches });
    }
    return values;
}

function reply(context: Context, body: Uint8Array): Answer {
    return { status: 200, headers: [["Content-Type", JSON_TYPE], ["ETag", etag(body)], ["Cache-Control", cacheControl(context)]], body };
}

export function etag(body: Uint8Array): string {
    return `"${createHash("sha256").update(body).digest("hex").slice(0, ETAG_HEX_DIGITS)}"`;
}

/** @returns who may store a bundle; whoever does asks again each time. */
function cacheControl(context: Context): string {
    if (context.volatile) {
        return "no-store";
    }
    return context.identity === "public" ? "public, no-cache" : "private, no-cache";
}

/** @returns 304 with the answer's validators where the caller has these bytes, else the answer. */
export function conditional(answer: Answer, ifNoneMatch: readonly string[]): Answer {
    const tag = answer.headers.find(([name]) => name === "ETag");
    if (tag === undefined || !matches(tag, ifNoneMatch)) {
        return answer;
    }
    return bare(304, answer.headers.filter(([name]) => name !== "Content-Type"));
}

/** Whether If-None-Match names a tag, compared weakly, or is `*`; a field outside the grammar names nothing. */
function matches([, tag]: Pair, ifNoneMatch: readonly string[]): boolean {
    const field = trimmed(ifNoneMatch.join(", "));
    return field === "*" || tagsIn(field).includes(tag);
}

/** @returns the opaque tags of a list; none where the field is no list of entity tags. */
function tagsIn(field: string): readonly string[] {
    const tags: string[] = [];
    for (let at = 0; at < field.length; at = ENTITY_TAG.lastIndex) {
        ENTITY_TAG.lastIndex = at;
        const seen = ENTITY_TAG.exec(field);
        if (seen === null) {
            return [];
        }
        tags.push(...seen[1] === undefined ? [] : [seen[1]]);
    }
    return tags;
}
