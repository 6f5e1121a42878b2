/**
 * The intermediate representation of what a registry declares: the text from which clients are generated, in any language the same bytes.
 *
 * Source: spec/ir.md (grammar, order, standing values). Errors: none; what cannot be said did not register.
 */
import * as canonical from "./canonical.js";
import { byBytes } from "./canonical.js";
import * as docs from "./docs.js";
import type { Composition, Context, ServerFunction } from "./function.js";
import { DEFAULT_TIMEOUT_S } from "./function.js";
import type { Node, Value } from "./kdl.js";
import * as kdl from "./kdl.js";
import { node } from "./kdl.js";
import type { MergeScope } from "./merges.js";
import type { Binding, Scope } from "./scoping.js";
import type { Sealed } from "./seal.js";
import type { Enumeration, Field, Record_, Type } from "./types.js";
import * as types from "./types.js";

export const VERSION = 1;
export const STANDING_OP = "replace";

const UTF8 = { to: new TextEncoder(), from: new TextDecoder() };
const TEXTS = new WeakMap<Sealed, Uint8Array>();

/** @returns the IR of a sealed registry, UTF-8; made once, for that never changes. */
export function text(sealed: Sealed): Uint8Array {
    const made = TEXTS.get(sealed) ?? UTF8.to.encode(kdl.text(nodes(sealed)));
    TEXTS.set(sealed, made);
    return made;
}

/** @returns the nodes of the file: groups in the grammar's order, each sorted by name. */
export function nodes(sealed: Sealed): Node[] {
    const named = reached(sealed);
    return [
        node("ir", { properties: said({ version: VERSION }) }),
        ...named.flatMap((one) => one.is === "enum" ? [enumNode(one)] : []),
        ...named.flatMap((one) => one.is === "object" ? [objectNode(one)] : []),
        ...byName([...sealed.functions.values()].map((one) => functionNode(one, sealed))),
        ...byName([...sealed.compositions].map(([name, one]) => composeNode(name, one))),
        ...byName([...sealed.contexts.values()].map((one) => contextNode(one, sealed))),
    ];
}

/** @returns the named types that a function takes or returns, directly or inside another, by name; no other is written. */
export function reached(sealed: Sealed): (Enumeration | Record_)[] {
    const roots = [...sealed.functions.values()].flatMap((one) => [...[...one.parameters.values()].map((field) => field.type), ...outputs(one)]);
    const names = types.reached(roots, sealed.names);
    return [...names].sort(byBytes).flatMap((name) => sealed.names.get(name) ?? []);
}

function outputs(one: ServerFunction): Type[] {
    return one.output === null ? [] : [one.output];
}

/** @returns nodes sorted by their first argument, as bytes. */
function byName(made: readonly Node[]): Node[] {
    return [...made].sort((one, other) => byBytes(one.arguments[0] ?? "", other.arguments[0] ?? ""));
}

/** @returns the properties that are not at their standing value, which the caller gives as null, undefined, false or the empty text. */
function said(properties: Readonly<Record<string, Value | null | undefined>>): Map<string, Value> {
    return new Map(Object.entries(properties).flatMap(([name, value]) => value === null || value === undefined || value === false || value === ""
        ? []
        : [[name, value]]));
}

function enumNode(one: Enumeration): Node {
    const values = one.values.map((value) => UTF8.from.decode(canonical.write(value))).sort(byBytes);
    return node("enum", { arguments: [one.name], properties: said({ doc: docs.tidy(one.doc) }), children: values.map((value) => bare("value", value)) });
}

function objectNode(one: Record_): Node {
    const fields = byName(one.fields.map((field) => fieldNode("field", field)));
    return node("object", { arguments: [one.name], properties: said({ doc: docs.tidy(one.doc) }), children: fields });
}

/** @returns a `field` or an `arg`. */
function fieldNode(name: string, one: Field): Node {
    const properties = new Map([...defaultOf(one), ...said({ doc: docs.tidy(one.doc), optional: one.optional !== undefined })]);
    return node(name, { arguments: [one.name], properties, children: [typeNode(one.type)] });
}

/** @returns the default as canonical JSON text, where there is one; never left out, whatever it is. */
function defaultOf(one: Field): Map<string, Value> {
    return new Map(one.default === undefined ? [] : [["default", UTF8.from.decode(one.default)]]);
}

/** @returns the node whose text is `types.irText`. */
function typeNode(type: Type): Node {
    const properties = said({ nullable: type.is === "nullable" });
    const inner = types.base(type);
    switch (inner.is) {
        case "scalar":
            return node("type", { arguments: [inner.kind], properties });
        case "ref":
            return node("type", { arguments: ["ref", inner.name], properties });
        case "list":
        case "map":
            return node("type", { arguments: [inner.is], properties, children: [typeNode(inner.item)] });
        case "union":
            return node("type", { arguments: ["union"], properties, children: inner.members.map(typeNode) });
        case "nullable":
            throw new TypeError("typeNode: a nullable of a nullable is not a type");
    }
}

function functionNode(one: ServerFunction, sealed: Sealed): Node {
    const properties = said({
        context: one.context, doc: docs.tidy(one.doc), kind: one.kind, timeout_s: unless(one.timeout_s, DEFAULT_TIMEOUT_S),
        view: one.isView, volatile: one.volatile,
    });
    const children = [
        ...byName([...one.parameters.values()].map((argument) => fieldNode("arg", argument))),
        ...outputs(one).map((type) => node("returns", { children: [typeNode(type)] })),
        ...byName(one.errors.map((error) => node("error", { arguments: [error.code], properties: said({ status: error.status }) }))),
        ...byName((sealed.scopes.get(one.name) ?? []).map(affectsNode)),
        ...byName((sealed.merges.get(one.name) ?? []).map(mergeNode)),
    ];
    return node("function", { arguments: [one.name], properties, children });
}

/** @returns a value; null where it is the standing one, which is not written. */
export function unless<T extends string | number>(value: T, standing: T): T | null {
    return value === standing ? null : value;
}

function affectsNode(scope: Scope): Node {
    return node("affects", { arguments: [scope.context], children: bindNodes(scope.bindings) });
}

function mergeNode(merge: MergeScope): Node {
    const properties = said({ key: merge.key, op: unless(merge.op, STANDING_OP), slot: merge.slot });
    return node("merge", { arguments: [merge.scope.context], properties, children: bindNodes(merge.scope.bindings) });
}

/** @returns where each bound parameter takes its value from; those that stay unbound are not written. */
function bindNodes(bindings: readonly Binding[]): Node[] {
    return byName(bindings.map((one) => {
        const source = one.source === "args" ? "arg" : "result";
        return node("bind", { arguments: [one.parameter], properties: new Map([[source, one.field]]) });
    }));
}

function composeNode(name: string, one: Composition): Node {
    const parts = byName(one.functions.map((part) => bare("part", part.name)));
    return node("compose", { arguments: [name], properties: said({ doc: docs.tidy(one.doc) }), children: parts });
}

function contextNode(context: Context, sealed: Sealed): Node {
    const params = [...context.parameters.values()].map((one) => (
        node("param", { arguments: [one.name], properties: defaultOf(one), children: [typeNode(one.type)] })
    ));
    const slots = [...context.slots.keys()].map((name) => bare("slot", name));
    const children = [...byName(params), ...byName(slots), ...masks(context, sealed).map((mask) => bare("scope", ...mask))];
    return node("context", { arguments: [context.name], children });
}

function bare(name: string, ...texts: readonly string[]): Node {
    return node(name, { arguments: texts });
}

/** @returns the sets of parameters by which a context is invalidated: every mutation's, and the full set; the empty one is implied. */
function masks(context: Context, sealed: Sealed): string[][] {
    const hits = [...[...sealed.scopes.values()].flat(), ...[...sealed.merges.values()].flat().map((one) => one.scope)];
    const found = hits.filter((scope) => scope.context === context.name).map((scope) => scope.bindings.map((one) => one.parameter));
    const sorted = [...found, [...context.parameters.keys()]].filter((mask) => mask.length > 0).map((mask) => [...mask].sort());
    return [...new Map(sorted.map((mask) => [mask.join(" "), mask])).values()].sort(byParts);
}

/** @returns the order of two sets of names, part by part; names are ASCII, so that any order of texts is that of bytes. */
function byParts(one: readonly string[], other: readonly string[]): number {
    const at = one.findIndex((name, index) => name !== other[index]);
    if (at === -1) {
        return one.length - other.length;
    }
    const [mine = "", theirs] = [one[at], other[at]];
    return theirs === undefined || mine > theirs ? 1 : -1;
}
