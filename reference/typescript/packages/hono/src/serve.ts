/**
 * Serves a Hono application with Node's http, and hands every request over as it came: TRACE, `..` and `%2e` in a path, a GET with a body.
 *
 *     const serving = await serve(app, { port: 8000 });
 *
 * Source: RFC 9112, 9.3.2 (calls on one connection are run and answered in their order); RFC 9110, 10.1.1 (100 Continue when a body is wanted; what
 * else is expected is not refused).
 * Units: milliseconds, bytes. Errors: those of `listen`.
 */
import type { Pair } from "@mizan/core/answer";
import type { Env, Hono, Schema } from "hono";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { arrivalOf, REQUESTS, type Arrival } from "./incoming.js";
import { isAlone } from "./mount.js";
import { written, writtenAnswer } from "./outgoing.js";
import { RESPONSES } from "./replying.js";

const HOSTNAME = "127.0.0.1";
const HEAD_BYTES = 65_536;               // a query of more than 8,192 bytes is the application's to refuse
const WAITING = 16;                      // calls that a caller may send ahead before the connection is read no further
const GRACE_MS = 700;                    // what is under way at a signal may take so long; the process is gone within a second
const LINGER_MS = 2_000;                 // of a body that nobody wants so much is read off, so that the reply is not lost to a reset
const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const CLOSE: Pair = ["connection", "close"];

export interface ServeOptions {
    /** 0: any free one. */
    readonly port: number;
    /** The address to listen on: this machine alone unless given. */
    readonly hostname?: string;
}

/** A server that listens. */
export interface Serving {
    readonly server: Server;
    readonly port: number;
    /** Takes no more connections, and ends those there are when their requests are answered, or a moment later. */
    stop(): Promise<void>;
}

/** What stands behind a server: the application's `fetch`, with Node's own message and response as its environment. */
type Fetch = (arrival: Arrival, environment: object) => Response | Promise<Response>;

/** Listens, and ends the process in good order on SIGTERM and SIGINT. @returns when it listens. */
export async function serve<E extends Env, S extends Schema, B extends string>(app: Hono<E, S, B>, options: ServeOptions): Promise<Serving> {
    const server = serverOf((arrival, environment) => app.fetch(requestFor(app, arrival, environment), environment));
    server.listen(options.port, options.hostname ?? HOSTNAME);
    await once(server, "listening");
    const stop = async (): Promise<void> => {
        for (const signal of SIGNALS) {
            process.off(signal, end);
        }
        await stopped(server);
    };
    const end = (): void => void stop().finally(() => process.exit(0));
    for (const signal of SIGNALS) {
        process.on(signal, end);
    }
    return { server, port: portOf(server), stop };
}

/** @returns the request; a stand-in where our own handler is all that it comes to: middleware may hand what it is given to `new Request`. */
function requestFor<E extends Env, S extends Schema, B extends string>(app: Hono<E, S, B>, arrival: Arrival, env: object): Request {
    const request = REQUESTS.of(arrival);
    const [matched] = app.router.match(arrival.method, app.getPath(request, { env }));
    return isAlone(matched) ? request : REQUESTS.made(request);
}

function portOf(server: Server): number {
    const address: AddressInfo | string | null = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
}

function serverOf(fetch: Fetch): Server {
    const server = createServer({ maxHeaderSize: HEAD_BYTES });
    server.maxHeadersCount = 0;          // beyond a count Node drops fields without a word; the size above is limit enough
    const take = (incoming: IncomingMessage, outgoing: ServerResponse, waits: boolean): void => {
        inTurn(incoming.socket, () => answered(fetch, incoming, outgoing, waits));
    };
    server.on("request", (incoming, outgoing) => { take(incoming, outgoing, false); });
    server.on("checkContinue", (incoming, outgoing) => { take(incoming, outgoing, true); });
    server.on("checkExpectation", (incoming, outgoing) => { take(incoming, outgoing, false); });
    return server;
}

/** The requests of one connection: the last of them, and how many have not begun. */
interface Line {
    last: Promise<void>;
    waiting: number;
    isPaused: boolean;
}

const lines = new WeakMap<Socket, Line>();

/** Begins with a request when the one before it on its connection is answered. A long line is not read on until it is shorter. */
function inTurn(socket: Socket, work: () => Promise<void>): void {
    const line = lines.get(socket) ?? { last: Promise.resolve(), waiting: 0, isPaused: false };
    lines.set(socket, line);
    line.waiting += 1;
    if (line.waiting > WAITING) {
        line.isPaused = true;
        socket.pause();
    }
    line.last = line.last.then(async () => {
        line.waiting -= 1;
        if (line.isPaused && line.waiting <= WAITING) {
            line.isPaused = false;
            socket.resume();
        }
        await (socket.destroyed ? undefined : work());
    }).catch((error: unknown) => {
        if (!socket.destroyed) {
            console.error("a reply failed:", error);
            socket.destroy();
        }
    });
}

/** Answers one request; done when its reply is sent, or can no longer be. `waits`: the caller sends the body when it is told to. */
async function answered(fetch: Fetch, incoming: IncomingMessage, outgoing: ServerResponse, waits: boolean): Promise<void> {
    let isWaiting = waits;
    const arrival = arrivalOf(incoming, () => {
        if (isWaiting) {
            isWaiting = false;
            outgoing.writeContinue();
        }
    });
    const response = arrival === null ? new Response(null, { status: 400 }) : await fetched(fetch, arrival, { incoming, outgoing });
    if (outgoing.destroyed) {
        return;
    }
    const over = ended(outgoing, incoming.socket);
    await sent(response, outgoing, isWaiting || arrival === null ? [CLOSE] : []);
    await over;
    lingered(incoming);
}

/** @returns the application's response; 500 where it throws what even its own error handler does not take. */
async function fetched(fetch: Fetch, arrival: Arrival, environment: object): Promise<Response> {
    try {
        return await fetch(arrival, environment);
    } catch (error) {
        console.error("the application failed:", error);
        return new Response(null, { status: 500 });
    }
}

/** Sends a response; the answer that it stands for, where it is a stand-in and the answer can be sent as it is. */
async function sent(response: Response, outgoing: ServerResponse, more: readonly Pair[]): Promise<void> {
    const source = RESPONSES.sourceOf(response);
    try {
        if (source !== undefined) {
            writtenAnswer(source.said, outgoing, more);
            return;
        }
    } catch {
        // The response says what is wrong with it.
    }
    await written(RESPONSES.made(response), outgoing, more);
}

/** @returns when a reply is sent, or its connection gone. */
function ended(outgoing: ServerResponse, socket: Socket): Promise<void> {
    return new Promise((resolve) => {
        const over = (): void => {
            socket.off("close", over);          // the connection lives on, and has a reply after this one
            resolve();
        };
        outgoing.once("finish", over).once("close", over);
        socket.once("close", over);
    });
}

/** Reads off what is left of a body, and closes the connection where that does not end. */
function lingered(incoming: IncomingMessage): void {
    incoming.removeAllListeners("data").resume();
    if (incoming.complete) {
        return;
    }
    const timer = setTimeout(() => incoming.socket.destroy(), LINGER_MS);
    incoming.once("close", () => { clearTimeout(timer); });
}

/** Stops a server: what is under way has a moment to end, then every connection is closed. */
async function stopped(server: Server): Promise<void> {
    if (!server.listening) {
        return;
    }
    const closed = once(server, "close");
    server.close();
    const timer = setTimeout(() => { server.closeAllConnections(); }, GRACE_MS);
    await closed;
    clearTimeout(timer);
}
