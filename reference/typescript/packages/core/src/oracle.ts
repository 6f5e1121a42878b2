/**
 * The oracle: shows this implementation's bytes, one JSON line in, one out. `mizan oracle`.
 *
 * A declaration is in the form of `declaration.ts`; one that would not register is the error `declaration`. A question whose texts are no
 * JSON, or not of their form, is answered with that word too, or with the operation's first where it has not that one.
 * Source: the spec's page on the harness (the oracle). Standard output is protocol; the end of input ends it.
 * Sends: {"id", "ok"} | {"id", "err"} with a code of the operation | {"id", "skip": "unimplemented"}; `in`, `ok` and `err` hold texts alone.
 */
import type { Json, JsonObject } from "./canonical.js";
import * as canonical from "./canonical.js";
import * as declaration from "./declaration.js";
import * as declarations from "./declarations.js";
import { BadDeclaration, BadName, BadType, WrongOutput } from "./errors.js";
import * as header from "./header.js";
import * as ir from "./ir.js";
import * as merges from "./merges.js";
import * as query from "./query.js";
import * as question from "./question.js";
import { Refused } from "./question.js";
import type { Entry } from "./scoping.js";
import * as scoping from "./scoping.js";
import * as seal from "./seal.js";
import { objectIn } from "./shaped.js";
import * as writer from "./writer.js";

const PROTOCOL = "1";
/** Of the operations that have not the word `declaration`. */
const FIRST_WORDS: ReadonlyMap<string, string> = new Map([
    ["hello", "protocol"], ["canonical_json", "syntax"], ["invalidate_encode", "name"], ["invalidate_decode", "syntax"],
]);
const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const LINE_FEED = 0x0a;
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a question holds: texts, by name. */
type Given = ReadonlyMap<string, string>;

/** One line of input; `in` holds texts by name. */
export interface Question {
    readonly id: unknown;
    readonly op: string;
    readonly in: Readonly<Record<string, string>>;
}

/** One line of output, with one of `ok`, `err` and `skip`. */
export interface Answer {
    readonly id: unknown;
    readonly ok?: string;
    readonly err?: string;
    readonly skip?: "unimplemented";
}

const OPERATIONS: ReadonlyMap<string, (given: Given) => string> = new Map([
    ["hello", hello], ["canonical_json", canonicalJson], ["query_decode", queryDecode], ["scope", scope],
    ["invalidate_encode", invalidateEncode], ["invalidate_decode", invalidateDecode], ["ir_emit", irEmit],
]);

/** Answers the version of the oracle protocol. @throws Refused. */
function hello(given: Given): string {
    if (given.get("protocol") !== PROTOCOL) {
        throw new Refused("protocol");
    }
    return PROTOCOL;
}

/** `text` or `text_hex` -> canonical text; `syntax`, `number` or `depth`. @throws Refused. */
function canonicalJson(given: Given): string {
    const hex = given.get("text_hex");
    try {
        return canonical.textOf(canonical.read(hex === undefined ? bytes(given, "text") : hexBytes(hex)));
    } catch (error) {
        throw error instanceof canonical.NotIJson ? new Refused(error.kind) : error;
    }
}

/**
 * `declaration`, `query` -> the effective values by parameter, defaults filled in, as canonical JSON; `validation` or `declaration`.
 *
 * `declaration` is {"params": fields, "enums"?, "objects"?}; `query` is what stands after `?`. Values are written as keys write them:
 * decimals without trailing zeros, objects with every field. @throws Refused, BadDeclaration.
 */
function queryDecode(given: Given): string {
    const said = parsedObject(given, "declaration");
    const names = declaration.namesFromJson(said);
    const parameters = declaration.fieldsFromJson(said.get("params") ?? null, names, "declaration");
    const [values, mismatches] = query.decode(bytes(given, "query"), parameters, names);
    if (mismatches.length > 0) {
        throw new Refused("validation");
    }
    const known = [...parameters.values()].filter((one) => Object.hasOwn(values, one.name));
    return canonical.textOf(new Map(known.map((one) => [one.name, writer.writeKey(one.type, values[one.name], names)])));
}

/**
 * `declaration`, `args`, `result`, `entries` -> the `invalidate` list of the reply, as canonical JSON; `declaration` or `entry`.
 *
 * `declaration` is {"contexts": {name: fields}, "slots"?: {context: {slot: type}}, "mutation": {"args": fields, "returns": type,
 * "affects": […], "merge"?: […]}, "enums"?, "objects"?}. A context without slots is one whose functions return what no merge can hit.
 * `args` holds what a caller sends: absent arguments take their default. `result` is what the function returns, both as JSON of a body.
 * `entries` are the run-time entries [{"context", "params"?}] that the body adds, params as JSON of a body.
 * The list is normalised, and holds: an entry for each context in `affects`; one for each merge that cannot be made and degrades; the
 * run-time entries. A merge that is made adds nothing. Arguments or a result that are not of their types are `declaration`.
 * @throws Refused, BadDeclaration.
 */
function scope(given: Given): string {
    const said = parsedObject(given, "declaration");
    const names = declaration.namesFromJson(said);
    const contexts = question.contextsOf(said, names);
    const mutation = question.mutationOf(objectIn(said, "mutation"), names);
    const [scopes, patched] = seal.fixed(mutation, contexts);
    const args = question.wireArgs(parsedObject(given, "args"), mutation);
    const result = question.wireResult(parsed(given, "result"), mutation);
    const [, degraded] = merges.mergesFor(patched, args, result);
    const added = parsedList(given, "entries").map((one) => question.runTimeEntry(one, contexts));
    return entriesText(scoping.normalise([...scoping.entriesFor(scopes, args, result), ...degraded, ...added]));
}

/** `entries` -> the field's value, empty where the field is absent; `name`. @throws Refused, BadDeclaration. */
function invalidateEncode(given: Given): string {
    try {
        return header.encode(parsedList(given, "entries").map(question.entryOf));
    } catch (error) {
        throw error instanceof header.BadName ? new Refused("name") : error;
    }
}

/** `header`, its lines joined with `, ` -> canonical entries in the field's order; `syntax`. @throws Refused. */
function invalidateDecode(given: Given): string {
    try {
        return entriesText(header.decode(textOf(given, "header")));
    } catch (error) {
        throw error instanceof header.Unreadable || error instanceof canonical.NotIJson ? new Refused("syntax") : error;
    }
}

/** `declarations`, in the form of `declarations.ts` -> the IR; `name`, `type` or `declaration`. @throws Refused, BadDeclaration. */
function irEmit(given: Given): string {
    try {
        return UTF8.decode(ir.text(declarations.sealed(parsed(given, "declarations"))));
    } catch (error) {
        if (error instanceof BadName || error instanceof BadType) {
            throw new Refused(error instanceof BadName ? "name" : "type");
        }
        throw error;
    }
}

function entriesText(entries: readonly Entry[]): string {
    return canonical.textOf(entries.map(scoping.entryToJson));
}

/** Gives one text of a question as JSON. @throws BadDeclaration, where it is none. */
function parsed(given: Given, name: string): Json {
    try {
        return canonical.read(bytes(given, name));
    } catch (error) {
        throw error instanceof canonical.NotIJson ? new BadDeclaration(`${name}: ${error.message}`, { cause: error }) : error;
    }
}

/** @throws BadDeclaration. */
function parsedObject(given: Given, name: string): JsonObject {
    const value = parsed(given, name);
    if (!canonical.isObject(value)) {
        throw new BadDeclaration(`${name}: wanted an object`);
    }
    return value;
}

/** @throws BadDeclaration. */
function parsedList(given: Given, name: string): readonly Json[] {
    const value = parsed(given, name);
    if (!canonical.isList(value)) {
        throw new BadDeclaration(`${name}: wanted a list`);
    }
    return value;
}

/** Gives one text of a question. @throws BadDeclaration, where it is missing. */
function textOf(given: Given, name: string): string {
    const text = given.get(name);
    if (text === undefined) {
        throw new BadDeclaration(`${name}: wanted a text`);
    }
    return text;
}

/** @returns a text of a question in UTF-8; a lone surrogate, which only JSON's escapes can say, in the three bytes that no reader takes. */
function bytes(given: Given, name: string): Uint8Array {
    const parts = textOf(given, name).split(/(\p{Surrogate})/u);
    return Buffer.concat(parts.map((part, at) => at % 2 === 0 ? Buffer.from(part) : surrogateBytes(part.charCodeAt(0))));
}

/** Gives the bytes that hex digits are. @throws BadDeclaration, for anything else, which Node would cut off. */
function hexBytes(text: string): Uint8Array {
    if (!HEX.test(text)) {
        throw new BadDeclaration("text_hex: wanted hex digits, two a byte");
    }
    return Buffer.from(text, "hex");
}

function surrogateBytes(code: number): Uint8Array {
    return Uint8Array.of(0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f);
}

/** @returns the answer to one question, with its id. */
export function answered(asked: Question): Answer {
    const operation = OPERATIONS.get(asked.op);
    if (operation === undefined) {
        return { id: asked.id, skip: "unimplemented" };
    }
    try {
        return { id: asked.id, ok: operation(new Map(Object.entries(asked.in))) };
    } catch (error) {
        if (error instanceof Refused) {
            return { id: asked.id, err: error.code };
        }
        if (error instanceof BadDeclaration || error instanceof WrongOutput) {          // a value leaves to the server what only a body makes
            return { id: asked.id, err: FIRST_WORDS.get(asked.op) ?? "declaration" };
        }
        throw error;
    }
}

/** @throws SyntaxError, TypeError, for a line that is no question. */
function questionOf(line: string): Question {
    const asked: unknown = JSON.parse(line);
    if (typeof asked !== "object" || asked === null || !("id" in asked) || !("op" in asked) || !("in" in asked)) {
        throw new TypeError("wanted a question: id, op and in");
    }
    const texts = Object.entries(asked.in ?? {}).flatMap(([name, text]: readonly [string, unknown]) => typeof text === "string" ? [[name, text] as const] : []);
    return { id: asked.id, op: String(asked.op), in: Object.fromEntries(texts) };
}

/** Answers line by line until the input ends. @throws SyntaxError, TypeError, for a line that is no question. */
export async function serve(input: AsyncIterable<Uint8Array>, out: NodeJS.WritableStream): Promise<void> {
    let waiting = Buffer.alloc(0);
    for await (const chunk of input) {
        waiting = Buffer.concat([waiting, chunk]);
        for (let end = waiting.indexOf(LINE_FEED); end !== -1; end = waiting.indexOf(LINE_FEED)) {
            out.write(`${JSON.stringify(answered(questionOf(UTF8.decode(waiting.subarray(0, end)))))}\n`);
            waiting = waiting.subarray(end + 1);
        }
    }
}
