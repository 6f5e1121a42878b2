/**
 * A request of Hono's as the core asks for it: its target and its fields as they came, its body as it arrives.
 *
 * A web Request folds `..`, joins fields of one name and knows no TRACE. Where Node's own message is at hand (`serve`, or `@hono/node-server`),
 * that is looked at instead. Source: spec/ground.md, Paths and methods. Errors: Problem, `malformed`, where the caller has gone.
 */
import type { Pair } from "@mizan/core/answer";
import { Problem } from "@mizan/core/errors";
import * as web from "@mizan/core/web";
import type { Context } from "hono";
import { routePath } from "hono/route";
import { IncomingMessage } from "node:http";

import { fieldsOf } from "./fields.js";
import { originForm, REQUESTS } from "./incoming.js";
import { HonoSight } from "./sight.js";

/** What is known of a request before its body. */
interface Raw {
    readonly method: string;
    readonly target: string;
    readonly fields: readonly Pair[];
}

export function askedOf(c: Context): web.Asked {
    const arrival = REQUESTS.sourceOf(c.req.raw);
    const { method, target, fields } = arrival ?? rawOf(c);
    const [path = ""] = target.split("?", 1);
    const head = { method, path: web.below(prefixOf(c, path), path), query: target.slice(path.length + 1), headers: fields };
    return { head, shown: new HonoSight(c), chunks: arrival?.body ?? chunksOf(c) };
}

function rawOf(c: Context): Raw {
    const incoming = incomingOf(c);
    if (incoming === null) {
        return { method: c.req.method, target: folded(c.req.url), fields: [...c.req.raw.headers] };
    }
    return { method: incoming.method ?? c.req.method, target: originForm(incoming.url ?? ""), fields: fieldsOf(incoming) };
}

/** @returns Node's message of this very request; null where there is none, or where the application has made a request of its own. */
function incomingOf(c: Context): IncomingMessage | null {
    const environment: unknown = c.env;
    if (typeof environment !== "object" || environment === null || !("incoming" in environment)) {
        return null;
    }
    const { incoming } = environment;
    return incoming instanceof IncomingMessage && folded(incoming.url ?? "") === folded(c.req.url) ? incoming : null;
}

/** @returns a target or URL from its path on, as a web Request spells it. */
function folded(target: string): string {
    const url = target.startsWith("/") ? `http://localhost${target}` : target;
    if (!URL.canParse(url)) {
        return target;
    }
    const { pathname, search } = new URL(url);
    return pathname + search;
}

/** @returns the prefix as it stands in this path; an application that is mounted below `/:tenant` has one in front of it. */
function prefixOf(c: Context, path: string): string {
    const prefix = routePath(c).replace(/\/\*$/, "");
    if (!prefix.includes(":")) {
        return prefix;
    }
    const segments = path.split("/");
    return prefix.split("/").map((one, at) => one.startsWith(":") ? segments[at] ?? "" : one).join("/");
}

/** Yields the body as it arrives; or whole, where middleware has read it. A reader that stops early leaves the connection open for the reply. */
async function* chunksOf(c: Context): AsyncGenerator<Uint8Array, void, void> {
    const request = c.req.raw;
    try {
        if (request.bodyUsed) {
            yield await readBefore(c);
        } else if (request.body !== null) {
            yield* request.body.values({ preventCancel: true });
        }
    } catch (error) {
        throw error instanceof Problem ? error : new Problem("malformed");
    }
}

/** @returns what middleware has read. Text is repaired when it is read: what holds U+FFFD then cannot be told from what was no UTF-8. */
async function readBefore(c: Context): Promise<Uint8Array> {
    const { arrayBuffer, blob } = c.req.bodyCache;
    const bytes = Buffer.from(await c.req.arrayBuffer());
    if (arrayBuffer === undefined && blob === undefined && bytes.includes("\ufffd")) {
        throw new Problem("malformed");
    }
    return bytes;
}
