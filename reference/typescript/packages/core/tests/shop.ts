/** A registry of a few functions, and what their bodies did, for tests of everything between a message and an answer. */
import { client, context, invalidate, ApplicationError, Problem, Registry, t } from "../src/index.js";
import type { Answer } from "../src/answer.js";
import type { Shown, Sight } from "../src/request.js";
import type { Site } from "../src/serving.js";
import * as settings from "../src/settings.js";
import * as web from "../src/web.js";

export const USER = context("user");
export const FRESH = context("fresh");

class Taken extends ApplicationError {
    static override readonly code = "app.taken";
    static override readonly status = 409;
}

/** A request of nobody. */
export const SHOWN: Shown = { user: null, session: null, headers: new Headers(), cookies: new Map(), native: null };

export class Shop {
    readonly registry = new Registry();
    readonly begun: string[] = [];
    readonly ended: string[] = [];
    readonly requests: Sight[] = [];
    open: () => void = () => undefined;
    readonly gate = new Promise<void>((resolve) => { this.open = resolve; });
    failing = false;

    constructor() {
        reads(this);
        mutations(this);
        slow(this);
    }

    site(environment: settings.Environment = {}): Site {
        return { sealed: this.registry.seal(), settings: settings.read(environment), extensions: this.registry.extensions };
    }
}

function reads(shop: Shop): void {
    const { registry } = shop;
    const args = { user_id: t.int(), tags: t.list(t.string()).default([]) };
    client({ name: "name", context: USER, args: { user_id: t.int() }, returns: t.string(), registry }, (_, { user_id }) => {
        shop.begun.push("name");
        if (shop.failing) {
            throw new Problem("not_found");
        }
        return `u${user_id}`;
    });
    client({ name: "tags", context: USER, args, returns: t.list(t.string()), registry }, (_, { tags }) => {
        shop.begun.push("tags");
        return Object.assign(tags, { length: 0 });
    });
    client({ name: "tags_again", context: USER, args, returns: t.list(t.string()), registry }, (_, { tags }) => tags);
    client({ name: "now", context: FRESH, volatile: true, args: { look: t.string().default("") }, returns: t.string(), registry }, (request, { look }) => {
        const looked: unknown = Reflect.get(request, look);
        return typeof looked;
    });
    registry.registerCompose("both", ["name", "now"].map((name) => registry.functions.get(name)).filter((one) => one !== undefined));
}

function mutations(shop: Shop): void {
    const { registry } = shop;
    const args = { user_id: t.int(), name: t.string() };
    client({ name: "rename", affects: USER, args, returns: t.string(), errors: [Taken], registry }, (request, { name }) => {
        shop.begun.push("rename");
        shop.requests.push(request);
        if (name === "taken") {
            throw new Taken("that name is taken");
        }
        if (name === "unsayable") {
            throw new Taken("\ud800");
        }
        if (name === "secret") {
            throw new Error("secret");
        }
        return name;
    });
    client({ name: "widen", affects: USER, args: { user_id: t.int() }, returns: t.bool(), registry }, async () => {
        await Promise.resolve();
        invalidate(USER);
        return true;
    });
    client({ name: "add", affects: FRESH, args: { user_id: t.int() }, returns: t.bool(), registry }, async (_, { user_id }) => {
        await new Promise((resolve) => { setTimeout(resolve, 5 - user_id); });
        invalidate(USER, { user_id });
        return true;
    });
    client({ name: "swallows", args: {}, returns: t.bool(), registry }, () => {
        try {
            invalidate(USER);
        } catch {
            return true;
        }
        return false;
    });
    client({ name: "wrong", affects: USER, args: { user_id: t.int() }, returns: t.int(), registry }, () => Number.NaN);
}

function slow(shop: Shop): void {
    const { registry } = shop;
    client({ name: "wait_async", timeout_s: 1, returns: t.bool(), registry }, async (request) => {
        await Promise.race([shop.gate, aborted(request.signal)]);
        shop.ended.push("wait_async");
        return true;
    });
    client({ name: "wait_deaf", timeout_s: 1, affects: USER, returns: t.bool(), registry }, async () => {
        await shop.gate;
        invalidate(USER);
        shop.ended.push("wait_deaf");
        return true;
    });
    client({ name: "spin", timeout_s: 1, returns: t.bool(), registry }, () => {
        for (const until = performance.now() + 1_050; performance.now() < until;) {
            // no await: no timer fires
        }
        return true;
    });
}

function aborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => { signal.addEventListener("abort", () => { reject(new Error("aborted", { cause: signal.reason })); }); });
}

/** @returns the body of an answer. */
export function said(answer: Answer): unknown {
    return JSON.parse(Buffer.from(answer.body).toString());
}

export function fields(answer: Answer): Record<string, string> {
    return Object.fromEntries(answer.headers);
}

export function code(answer: Answer): unknown {
    const document = said(answer);
    return typeof document === "object" && document !== null && "code" in document ? document.code : null;
}

/** @returns the errors of an answer as [pointer, code]. */
export function errors(answer: Answer): unknown {
    const document = said(answer);
    const found: unknown = typeof document === "object" && document !== null && "errors" in document ? document.errors : null;
    return Array.isArray(found) ? found.map((one: { pointer: string; code: string }) => [one.pointer, one.code]) : found;
}

export interface Sent {
    readonly method?: string;
    readonly path: string | null;
    readonly query?: string;
    readonly headers?: readonly (readonly [string, string])[];
    readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Sends a request through the HTTP half. */
export function answered(site: Site, { method = "POST", path, query = "", headers = [], body = [] }: Sent): Promise<Answer> {
    return web.answer(site, { head: { method, path, query, headers }, shown: SHOWN, chunks: chunksOf(body) });
}

async function* chunksOf(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* body;
}
