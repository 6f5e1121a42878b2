/**
 * The discovery document: what a sealed registry holds, as JSON.
 *
 * Its items are the nodes of the IR, member by member, so that the two cannot say different things: a node's first argument under the name
 * that the grammar gives it, its properties as they are, its types as IR text, its other children as lists.
 * Source: spec/discovery.md, The document and Items. Errors: WrongOutput, where an extension says what JSON cannot.
 */
import { createHash } from "node:crypto";

import type { Answer } from "./answer.js";
import { JSON_TYPE } from "./answer.js";
import { conditional, etag } from "./bundle.js";
import * as canonical from "./canonical.js";
import * as ir from "./ir.js";
import type { Node, Value } from "./kdl.js";
import * as kdl from "./kdl.js";
import type { Sealed } from "./seal.js";
import type { JsonValue } from "./typed.js";
import * as types from "./types.js";
import * as writer from "./writer.js";

export const PROTOCOL = "1";
export const CACHE_CONTROL = "public, no-cache";

/** What plugs into a registry under a key of its own. */
export interface RegistryExtension {
    /** @returns what stands under the extension's key in the registry's schema: a value that JSON can say. */
    schema(): JsonValue;
    /** Forgets everything; the registry calls it when it is cleared. */
    clear(): void;
}

/** What an item says: the table in spec/discovery.md, Items. */
export type Item = { readonly [member: string]: Value | readonly (string | readonly string[] | Item)[] };

/** The item of a function, a context or a composition. */
export type NamedItem = Item & { readonly name: string };

/** The discovery document. */
export interface Schema {
    readonly compositions: readonly NamedItem[];
    readonly contexts: readonly NamedItem[];
    readonly contract: string;
    readonly extensions: Readonly<Record<string, JsonValue>>;
    readonly forms: readonly [];
    readonly functions: readonly NamedItem[];
    readonly protocol: typeof PROTOCOL;
    readonly shapes: readonly [];
}

type Extensions = ReadonlyMap<string, RegistryExtension>;
type Lists = readonly (readonly [member: string, child: string])[];

/** The name of a node's first argument; of any other node: `name`. */
const FIRST_ARGUMENT: ReadonlyMap<string, string> = new Map([["affects", "context"], ["merge", "context"], ["bind", "param"]]);
/** The lists of a node's item: member, and the children that it holds. */
const LISTS: ReadonlyMap<string, Lists> = new Map<string, Lists>([
    ["function", [["args", "arg"], ["errors", "error"], ["affects", "affects"], ["merges", "merge"]]],
    ["affects", [["binds", "bind"]]],
    ["merge", [["binds", "bind"]]],
    ["compose", [["parts", "part"]]],
    ["context", [["params", "param"], ["slots", "slot"], ["scopes", "scope"]]],
]);
const DOCUMENTS = new WeakMap<Sealed, Document>();

/** The document's bytes, and what extensions said when it was made. */
interface Document {
    readonly extensions: string;
    readonly body: Uint8Array;
}

/** Answers GET `schema/`: canonical JSON with a validator. */
export function answer(sealed: Sealed, extensions: Extensions, ifNoneMatch: readonly string[] = []): Answer {
    const body = document(sealed, extensions);
    const headers: Answer["headers"] = [["Content-Type", JSON_TYPE], ["ETag", etag(body)], ["Cache-Control", CACHE_CONTROL]];
    return conditional({ status: 200, headers, body }, ifNoneMatch);
}

/** Gives the bytes of the document: made once for a sealed registry, which never changes, and again when an extension says another thing. */
function document(sealed: Sealed, extensions: Extensions): Uint8Array {
    const said = saidBy(extensions);
    const text = canonical.textOf(wire(said));
    const kept = DOCUMENTS.get(sealed);
    if (kept?.extensions === text) {
        return kept.body;
    }
    const body = canonical.write(wire(schemaWith(said, sealed)));
    DOCUMENTS.set(sealed, { extensions: text, body });
    return body;
}

/** @throws WrongOutput, for what JSON cannot say. */
function wire(said: Schema | Schema["extensions"]): canonical.Json {
    return writer.write(types.scalar("json"), said, new Map());
}

/** @returns functions, contexts and compositions sorted by name, and each extension's own schema under its key. */
export function schemaOf(sealed: Sealed, extensions: Extensions): Schema {
    return schemaWith(saidBy(extensions), sealed);
}

function schemaWith(extensions: Schema["extensions"], sealed: Sealed): Schema {
    const nodes = ir.nodes(sealed);
    return {
        compositions: items("compose", nodes),
        contexts: items("context", nodes),
        contract: contract(sealed),
        extensions,
        forms: [],
        functions: items("function", nodes),
        protocol: PROTOCOL,
        shapes: [],
    };
}

function saidBy(extensions: Extensions): Schema["extensions"] {
    return { channels: {}, ...Object.fromEntries([...extensions].map(([key, one]) => [key, one.schema()])) };
}

/** @returns what tells two sets of declarations apart: the hex SHA-256 of their IR. */
export function contract(sealed: Sealed): string {
    return createHash("sha256").update(ir.text(sealed)).digest("hex");
}

/** @returns the items of all nodes of one kind, in their order, which is that of their names. */
function items(kind: string, nodes: readonly Node[]): NamedItem[] {
    return nodes.filter((one) => one.name === kind).map((one) => ({ ...item(one), name: firstArgument(one) }));
}

/** @returns a node as an object. */
function item(node: Node): Item {
    const lists = (LISTS.get(node.name) ?? []).map(([member, child]) => [member, children(child, node)] as const);
    const texts = [[FIRST_ARGUMENT.get(node.name) ?? "name", firstArgument(node)], ...typesOf(node)] as const;
    return Object.fromEntries<Item[string]>([...texts, ...node.properties, ...lists]);
}

/** @returns a node's children of one kind. */
function children(kind: string, node: Node): (string | readonly string[] | Item)[] {
    return node.children.filter((one) => one.name === kind).map(said);
}

/** @returns a child as its list holds it. */
function said(node: Node): string | readonly string[] | Item {
    switch (node.name) {
        case "part":
        case "slot":
            return firstArgument(node);
        case "scope":
            return node.arguments;
        default:
            return item(node);
    }
}

function firstArgument(node: Node): string {
    return node.arguments[0] ?? "";
}

/** @returns the node's type, or that of what it returns, as IR text at the left margin. */
function typesOf(node: Node): (readonly [string, string])[] {
    return node.children.filter((one) => one.name === "type" || one.name === "returns").map((one) => [one.name, irText(one)]);
}

function irText(node: Node): string {
    const typed = node.name === "returns" ? node.children : [node];
    return typed.flatMap(kdl.lines).join("\n");
}
