/**
 * Node's message as a web Request, whatever its method and target are.
 *
 * Errors: none thrown; a Host that makes no URL gives null. Source: RFC 9112, 3.2.
 */
import type { Pair } from "@mizan/core/answer";
import type { IncomingMessage } from "node:http";

import { fieldsOf } from "./fields.js";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const ABSOLUTE = /^https?:\/\/[^/?]*/i;
const BODILESS: readonly string[] = ["GET", "HEAD", "TRACE"];        // a Request of these may not have a body; nobody reads what came

/** @returns the request, with its method and its target as they came; null where its Host is none, or more than one. */
export function requestOf(incoming: IncomingMessage, proceed: () => void): Request | null {
    const fields = fieldsOf(incoming);
    const host = hostOf(fields);
    if (host === null) {
        return null;
    }
    const { method = "GET", url: target = "/" } = incoming;
    const url = `http://${host}${originForm(target)}`;
    const headers = new Headers(fields.map(([name, value]) => [name, value]));
    const request = BODILESS.includes(method)
        ? new Request(url, { headers })
        : new Request(url, { method, headers, body: bodyOf(incoming, proceed), duplex: "half" });
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

/** Hands the body on as it is asked for, and holds none of it; `proceed` is called when some of it is wanted. */
function bodyOf(incoming: IncomingMessage, proceed: () => void): ReadableStream<Uint8Array> {
    let isOpen = true;
    const closing = (last: () => void) => (): void => {
        if (isOpen) {
            isOpen = false;
            last();
        }
    };
    return new ReadableStream({
        start(controller) {
            incoming.pause();
            incoming.on("data", (chunk: Buffer) => {
                if (isOpen) {
                    incoming.pause();
                    controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
                }
            });
            const gone = closing(() => { controller.error(new Error("the caller has gone")); });
            incoming.once("end", closing(() => { controller.close(); })).once("error", gone).once("close", gone);
        },
        pull() {
            proceed();
            incoming.resume();
        },
        cancel() {
            isOpen = false;
        },
    }, { highWaterMark: 0 });
}
