/**
 * Mounts what a registry holds on an existing Hono application.
 *
 *     const app = new Hono();
 *     mount(app);                              // below /api/mizan
 *
 * It lives with the application's middleware: its requests pass through all that was used before, as any route's do.
 * Source: spec/ground.md, Paths and methods. Errors: BadDeclaration, BadSetting, while mounting.
 */
import { BadDeclaration } from "@mizan/core/errors";
import { getRegistry, type Registry } from "@mizan/core/registry";
import { setFrameworkResponseBase } from "@mizan/core/response";
import type { Site } from "@mizan/core/serving";
import * as settings from "@mizan/core/settings";
import * as web from "@mizan/core/web";
import type { Env, Handler, Hono, Schema } from "hono";

import { askedOf } from "./asked.js";
import { REQUESTS } from "./incoming.js";
import { RESPONSES, sendable } from "./replying.js";

const PREFIX = "/api/mizan";
const PREFIX_GRAMMAR = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/;

const HANDLERS = new WeakSet<object>();

setFrameworkResponseBase(Response);

export interface MountOptions {
    /** Where, such as `/api/mizan`: segments of letters, digits and `-._~`, without a slash at the end. */
    readonly prefix?: string;
    /** The current one unless given. */
    readonly registry?: Registry;
    /** Where the settings `MIZAN_…` stand. */
    readonly environment?: settings.Environment;
}

/** Seals a registry and serves it below a prefix of an application. @throws BadDeclaration, BadSetting. */
export function mount<E extends Env, S extends Schema, B extends string>(app: Hono<E, S, B>, options: MountOptions = {}): Site {
    const { prefix = PREFIX, registry = getRegistry(), environment = process.env } = options;
    if (!PREFIX_GRAMMAR.test(prefix)) {
        throw new BadDeclaration(`mount: prefix ${JSON.stringify(prefix)} is no path that can be compared byte by byte; wanted one such as ${PREFIX}`);
    }
    const site: Site = { settings: settings.read(environment), sealed: registry.seal(), extensions: registry.extensions };
    // Every method, and the prefix itself too, so that no other spelling of one of our paths is redirected or answered by somebody else.
    const handler: Handler = async (c) => {
        const isAlone = REQUESTS.sourceOf(c.req.raw) !== undefined;
        const said = await web.answer(site, askedOf(c));
        return isAlone && said.own === undefined ? RESPONSES.of({ c, said }) : sendable({ c, said });
    };
    HANDLERS.add(handler);
    app.all(`${prefix}/*`, handler);
    return site;
}

/** Whether what a request goes through is one of our handlers, and nothing before it. */
export function isAlone(matched: readonly (readonly [readonly [object, unknown], unknown])[]): boolean {
    const [only, another] = matched;
    return only !== undefined && another === undefined && HANDLERS.has(only[0][0]);
}
