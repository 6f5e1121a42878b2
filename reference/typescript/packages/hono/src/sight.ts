/**
 * What functions see of a request of Hono's; `native` is its Context.
 *
 * `user` and `session` are what middleware has set under these names: `c.set("user", …)`.
 */
import type { Shown } from "@mizan/core/request";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";

import { REQUESTS } from "./incoming.js";

export class HonoSight implements Shown {
    readonly #context: Context;

    constructor(c: Context) {
        this.#context = c;
    }

    get native(): Context {
        this.#context.req.raw = REQUESTS.made(this.#context.req.raw);
        return this.#context;
    }

    get user(): unknown {
        return setAs("user", this.#context);
    }

    get session(): unknown {
        return setAs("session", this.#context);
    }

    get headers(): Headers {
        return this.#context.req.raw.headers;
    }

    get cookies(): ReadonlyMap<string, string> {
        return new Map(Object.entries(getCookie(this.#context)));
    }
}

/** @returns what middleware has set under a name; undefined where none did. */
function setAs(name: string, c: Context): unknown {
    const value: unknown = c.get(name);
    return value;
}
