/**
 * What functions see of a request of Hono's; `native` is its Context.
 *
 * `user` and `session` are what middleware has set under these names: `c.set("user", …)`.
 */
import type { Shown } from "@mizan/core/request";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";

export class HonoSight implements Shown {
    constructor(readonly native: Context) {}

    get user(): unknown {
        return setAs("user", this.native);
    }

    get session(): unknown {
        return setAs("session", this.native);
    }

    get headers(): Headers {
        return this.native.req.raw.headers;
    }

    get cookies(): ReadonlyMap<string, string> {
        return new Map(Object.entries(getCookie(this.native)));
    }
}

/** @returns what middleware has set under a name; undefined where none did. */
function setAs(name: string, c: Context): unknown {
    const value: unknown = c.get(name);
    return value;
}
