/**
 * A web Response written to Node's.
 *
 * Source: RFC 9110, 8.6; RFC 9112, 6. Errors: what a body's stream throws; whoever calls ends the connection then.
 */
import type { Answer, Pair } from "@mizan/core/answer";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";

/** Writes an answer as its Response would be written. @throws TypeError, where a field of it cannot be sent; nothing is written then. */
export function writtenAnswer({ status, headers, body }: Answer, outgoing: ServerResponse, more: readonly Pair[]): void {
    const fields = headers.map(([name, value]): Pair => [name.toLowerCase(), value]).sort(([one], [other]) => one < other ? -1 : 1);
    const length = body.length === 0 && BODILESS.includes(status) ? null : body.length;
    outgoing.writeHead(status, lines([...fields, ...more], length)).end(body);
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Chunk = Awaited<ReturnType<Reader["read"]>>;

const BODILESS: readonly number[] = [204, 304];

/** Writes a response: with its length where the whole body is there at once, else in chunks, as fast as they are taken. `more` are further fields. */
export async function written(response: Response, outgoing: ServerResponse, more: readonly Pair[]): Promise<void> {
    const fields = [...response.headers, ...more];
    const body: ReadableStream<Uint8Array> | null = response.body;
    const reader = body?.getReader();
    const first = await reader?.read();
    if (reader === undefined || first === undefined || first.done) {
        outgoing.writeHead(response.status, lines(fields, isBodiless(response, outgoing) ? null : 0)).end();
        return;
    }
    const second = reader.read();
    const next = await Promise.race([second, setImmediate(null)]);
    if (next?.done === true) {
        outgoing.writeHead(response.status, lines(fields, first.value.length)).end(first.value);
        return;
    }
    outgoing.writeHead(response.status, lines(fields, null));
    await pipeline(chunks(reader, first.value, second, outgoing), outgoing);
}

/** Yields a body whose first read is done and whose second has begun; frees it when nobody listens any more. */
async function* chunks(reader: Reader, first: Uint8Array, second: Promise<Chunk>, outgoing: ServerResponse): AsyncGenerator<Uint8Array, void, void> {
    outgoing.once("close", () => { reader.cancel().catch(() => undefined); });
    yield first;
    for (let chunk = await second; !chunk.done; chunk = await reader.read()) {
        yield chunk.value;
    }
}

/** Whether a response has no length of its own: by its status, or because it answers HEAD, whose length is that of another body. */
function isBodiless(response: Response, outgoing: ServerResponse): boolean {
    return BODILESS.includes(response.status) || outgoing.req.method === "HEAD";
}

/** @returns the fields as Node takes them, a name and a value in turn. */
function lines(fields: readonly Pair[], length: number | null): string[] {
    const isSaid = length === null || fields.some(([name]) => name === "content-length");
    return [...fields, ...isSaid ? [] : [["content-length", String(length)]]].flat();
}
