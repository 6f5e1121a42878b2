/**
 * An answer of the core as a web Response, which Hono sends.
 *
 * Source: spec/dispatch.md, The framework's own response.
 */
import type { Answer } from "@mizan/core/answer";
import type { Context } from "hono";

const DECIDED: readonly string[] = ["X-Mizan-Invalidate", "Cache-Control"];

/** @returns the answer; a function's own response keeps its status, body and fields, but those that the answer decides. */
export function responseOf(c: Context, said: Answer): Response {
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
