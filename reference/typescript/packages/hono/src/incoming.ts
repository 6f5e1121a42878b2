/**
 * Node's message as it arrives, and as a web Request, whatever its method and target are.
 *
 * Errors: none thrown; a Host that makes no URL gives null. Problem, `malformed`, where the caller has gone. Source: RFC 9112, 3.2.
 */
import type { Pair } from "@mizan/core/answer";
import { Problem } from "@mizan/core/errors";
import type { IncomingMessage } from "node:http";

import { fieldsOf } from "./fields.js";
import { Late } from "./late.js";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const ABSOLUTE = /^https?:\/\/[^/?]*/i;
const BODILESS: readonly string[] = ["GET", "HEAD", "TRACE"];        // a Request of these may not have a body; nobody reads what came

/** What is known of a message before its body, and the body. */
export interface Arrival {
    readonly method: string;
    readonly target: string;
    readonly url: string;
    readonly fields: readonly Pair[];
    readonly body: Body;
}

/** Requests that are made when somebody looks at more than their method and URL. */
export const REQUESTS = new Late<Request, Arrival>(requestOf, ({ method, url }) => ({ method, url }));

/** @returns a message that has arrived; null where its Host is none, or more than one. `proceed` is called when some of the body is wanted. */
export function arrivalOf(incoming: IncomingMessage, proceed: () => void): Arrival | null {
    const fields = fieldsOf(incoming);
    const host = hostOf(fields);
    if (host === null) {
        return null;
    }
    const target = originForm(incoming.url ?? "/");
    return { method: incoming.method ?? "GET", target, url: `http://${host}${target}`, fields, body: new Body(incoming, proceed) };
}

/** @returns the request, with its method and its target as they came. */
export function requestOf({ method, url, fields, body }: Arrival): Request {
    const headers = new Headers(fields.map(([name, value]) => [name, value]));
    const request = BODILESS.includes(method)
        ? new Request(url, { headers })
        : new Request(url, { method, headers, body: streamOf(body), duplex: "half" });
    return Object.defineProperties(request, { method: { value: method }, url: { value: url } });
}

/** @returns a target without the authority that a whole URL has. */
export function originForm(target: string): string {
    const rest = target.replace(ABSOLUTE, "");
    return rest.startsWith("/") ? rest : `/${rest}`;
}

/** @returns the authority to show; a caller of HTTP/1.0 need not say one. */
function hostOf(fields: readonly Pair[]): string | null {
    const [host = "localhost", another] = fields.filter(([name]) => name === "host").map(([, value]) => value);
    return another === undefined && HOST.test(host) && URL.canParse(`http://${host}/`) ? host : null;
}

type Chunk = IteratorResult<Uint8Array, undefined>;

/** A body that is handed on as it is asked for; of what comes unasked one chunk is held, and then no more is read. */
export class Body implements AsyncIterableIterator<Uint8Array, undefined> {
    #state: "unheard" | "open" | "ended" | "gone" | "unwanted" = "unheard";
    #answer: ((chunk: Chunk | Promise<never>) => void) | null = null;
    #held: Buffer | null = null;

    constructor(readonly incoming: IncomingMessage, readonly proceed: () => void) {}

    [Symbol.asyncIterator](): this {
        return this;
    }

    /** @returns what comes next. @throws Problem. */
    next(): Promise<Chunk> {
        this.hear();
        this.proceed();
        return new Promise((resolve) => {
            this.#answer = resolve;
            if (this.#held !== null) {
                this.#take(this.#held);
                this.#held = null;
            } else if (this.#state !== "open") {
                this.#end("gone");
            }
            if (this.incoming.isPaused()) {
                this.incoming.resume();
            }
        });
    }

    /** Wants no more of it; the connection stays open for the reply. */
    return(): Promise<Chunk> {
        this.#state = "unwanted";
        return Promise.resolve({ done: true, value: undefined });
    }

    /** Begins to hear what becomes of the message. */
    hear(): void {
        if (this.#state !== "unheard") {
            return;
        }
        this.#state = this.incoming.destroyed ? "gone" : "open";
        this.incoming.pause();
        this.incoming.on("data", (chunk: Buffer) => { this.#take(chunk); });
        const gone = (): void => { this.#end("gone"); };
        this.incoming.once("end", () => { this.#end("ended"); }).once("error", gone).once("close", gone);
    }

    #take(chunk: Buffer): void {
        if (this.#answer !== null) {
            this.#answer({ done: false, value: chunk });
            this.#answer = null;
        } else if (this.#state === "open") {
            this.#held = chunk;
            this.incoming.pause();
        }
    }

    #end(how: "ended" | "gone"): void {
        this.#state = this.#state === "open" ? how : this.#state;
        this.#answer?.(this.#state === "gone" ? Promise.reject(new Problem("malformed")) : { done: true, value: undefined });
        this.#answer = null;
    }
}

function streamOf(body: Body): ReadableStream<Uint8Array> {
    return new ReadableStream({
        start() {
            body.hear();
        },
        async cancel() {
            await body.return();
        },
        async pull(controller) {
            const { done, value } = await body.next();
            if (done === true) {
                controller.close();
            } else {
                controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.length));           // a Buffer slices otherwise
            }
        },
    }, { highWaterMark: 0 });
}
