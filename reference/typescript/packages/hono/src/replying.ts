/**
 * An answer of the core as a web Response, which Hono sends.
 *
 * Source: spec/dispatch.md, The framework's own response.
 */
import { refusal, type Answer } from "@mizan/core/answer";
import { Problem } from "@mizan/core/errors";
import type { Context } from "hono";

import { Late } from "./late.js";

const DECIDED: readonly string[] = ["X-Mizan-Invalidate", "Cache-Control"];

/** An answer, and the request that it is for. */
interface Said {
    readonly c: Context;
    readonly said: Answer;
}

/** Responses that are made when somebody looks at them: `serve` writes the answer itself. */
export const RESPONSES = new Late<Response, Said>(sendable, () => ({}));

/** @returns the answer as a Response; `internal` where a function gave one that cannot be sent, such as one whose body was read. */
export function sendable({ c, said }: Said): Response {
    try {
        return responseOf(c, said);
    } catch (error) {
        console.error("mizan: a response of a function cannot be sent:", error);
        return responseOf(c, refusal(new Problem("internal")));
    }
}

/** @returns the answer; a function's own response keeps its status, body and fields, but those that the answer decides. */
function responseOf(c: Context, said: Answer): Response {
    const own = said.own instanceof Response ? said.own : null;
    const headers = new Headers(own?.headers);
    headers.delete("X-Mizan-Invalidate");                       // what is stale is for the core to say
    for (const [name, value] of said.headers) {
        if (name === "Vary") {
            headers.set(name, union(headers.get(name), value));
        } else if (DECIDED.includes(name) || !headers.has(name)) {
            headers.set(name, value);
        }
    }
    settle(c, headers);
    return new Response(own === null ? bodyOf(said) : own.body, { status: said.status, headers });
}

/** @returns null for no body, which some statuses may not even have of length zero. */
function bodyOf(said: Answer): Uint8Array<ArrayBuffer> | null {
    return said.body.length === 0 ? null : new Uint8Array(said.body);
}

/** Hono lays what middleware has said before over a response; what the protocol decides is taken out of that first, and `Vary` is united. */
function settle(c: Context, headers: Headers): void {
    for (const name of DECIDED) {
        c.header(name, undefined);
    }
    const after = headers.get("Vary");
    if (after !== null && c.res.headers.has("Vary")) {
        c.header("Vary", union(c.res.headers.get("Vary"), after));
    }
}

/** @returns what either Vary names, each name once. */
function union(one: string | null, other: string): string {
    const names = `${one ?? ""},${other}`.split(",").map((name) => name.trim()).filter((name) => name !== "");
    return names.filter((name, at) => names.findIndex((earlier) => earlier.toLowerCase() === name.toLowerCase()) === at).join(", ");
}
