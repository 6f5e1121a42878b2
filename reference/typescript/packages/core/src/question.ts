/**
 * What the oracle's operation `scope` asks: contexts and a mutation, declared in JSON, what it is sent, what it returns and what it adds.
 *
 * Source: the spec's page on the harness (the oracle). Errors: BadDeclaration, for what would not register; Refused, `entry`.
 */
import type { Json, JsonObject } from "./canonical.js";
import { isObject } from "./canonical.js";
import * as declaration from "./declaration.js";
import { BadDeclaration } from "./errors.js";
import type { Affect, Context, Merge } from "./function.js";
import { ServerFunction } from "./function.js";
import * as grammar from "./grammar.js";
import * as reader from "./reader.js";
import type { Entry } from "./scoping.js";
import * as scoping from "./scoping.js";
import type { Members } from "./shaped.js";
import { listIn, objectIn, shaped, textIn, texts } from "./shaped.js";
import type { Names } from "./types.js";
import * as types from "./types.js";
import * as writer from "./writer.js";

const AFFECT: Members = { context: "text", "map?": "object" };
const MERGE: Members = { context: "text", "slot?": "text", "op?": "text", "key?": "text", "map?": "object" };
const ENTRY: Members = { context: "text", "params?": "object" };

/** An answer that is an error: one code of the operation's closed list. */
export class Refused extends Error {
    constructor(readonly code: string) {
        super(code);
    }
}

/** Gives the declared contexts, each with its parameters and slots. @throws BadDeclaration. */
export function contextsOf(said: JsonObject, names: Names): ReadonlyMap<string, Context> {
    const [contexts, slots] = [said.get("contexts"), objectIn(said, "slots")];
    if (!isObject(contexts)) {
        throw new BadDeclaration("contexts: wanted an object with the fields of each");
    }
    if (![...slots.keys()].every((name) => contexts.has(name))) {
        throw new BadDeclaration("slots of a context that is not declared");
    }
    return new Map([...contexts].map(([name, fields]) => {
        grammar.checkSegment(name, "context");
        const parameters = declaration.fieldsFromJson(fields, names, `context "${name}"`);
        const own = [...objectIn(slots, name)].map(([slot, returns]) => [slot, bareFunction(slot, returns, names)] as const);
        return [name, { name, parameters, slots: new Map(own), names, volatile: false, identity: "public" }];
    }));
}

/** Gives a function of which only name and output matter. @throws BadDeclaration. */
function bareFunction(name: string, returns: Json, names: Names): ServerFunction {
    const output = declaration.typeFromJson(returns);
    declaration.checkKnown(output, names, `slot "${name}"`);
    grammar.checkSegment(name, "slot");
    return new ServerFunction({ name, body: () => null, parameters: new Map(), output, names });
}

/** Gives the declared mutation. @throws BadDeclaration. */
export function mutationOf(said: JsonObject, names: Names): ServerFunction {
    const output = declaration.typeFromJson(said.get("returns") ?? null);
    declaration.checkKnown(output, names, "mutation: returns");
    return new ServerFunction({
        name: "mutation", body: () => null, parameters: declaration.fieldsFromJson(said.get("args") ?? null, names, "mutation"), output, names,
        affects: listIn(said, "affects").map(affectOf), merges: listIn(said, "merge").map(mergeOf),
    });
}

/** Reads a context's name, which lets the tiers bind, or {"context", "map"?}. @throws BadDeclaration. */
function affectOf(said: Json): Affect {
    if (typeof said === "string") {
        return { context: said };
    }
    const members = shaped(said, AFFECT, "affects");
    return { context: textIn(members, "context"), ...mapIn(members) };
}

/** Reads a context's name, or {"context", "slot"?, "op"?, "key"?, "map"?}. @throws BadDeclaration. */
function mergeOf(said: Json): Merge {
    if (typeof said === "string") {
        return { context: said, op: "replace" };
    }
    const members = shaped(said, MERGE, "merge");
    return {
        context: textIn(members, "context"), op: members.has("op") ? textIn(members, "op") : "replace", ...mapIn(members),
        ...(members.has("slot") ? { slot: textIn(members, "slot") } : {}), ...(members.has("key") ? { key: textIn(members, "key") } : {}),
    };
}

/** Gives the map, where there is one. @throws BadDeclaration. */
function mapIn(members: JsonObject): Pick<Affect, "map"> {
    const map = objectIn(members, "map");
    const places = texts([...map.values()], "map");
    return members.has("map") ? { map: new Map([...map.keys()].map((name, at) => [name, places[at] ?? ""])) } : {};
}

/** Gives the effective arguments as JSON of a body. @throws BadDeclaration. */
export function wireArgs(sent: JsonObject, mutation: ServerFunction): JsonObject {
    const [values, [mismatch]] = reader.readMembers(mutation.parameters, sent, mutation.names);
    if (mismatch !== undefined) {
        throw new BadDeclaration(`args: ${mismatch.pointer}: ${mismatch.message}`);
    }
    return writer.writeMembers(mutation.parameters, values, mutation.names);
}

/** Gives the result as JSON of a body. @throws BadDeclaration. */
export function wireResult(returned: Json, mutation: ServerFunction): Json {
    const output = mutation.output ?? types.NULL;
    const [value, [mismatch]] = reader.read(output, returned, mutation.names);
    if (mismatch !== undefined) {
        throw new BadDeclaration(`result: ${mismatch.pointer}: ${mismatch.message}`);
    }
    return writer.write(output, value, mutation.names);
}

/** Gives an entry, of any context, as it stands in JSON. @throws BadDeclaration. */
export function entryOf(said: Json): Entry {
    const members = shaped(said, ENTRY, "entry");
    return scoping.entry(textIn(members, "context"), objectIn(members, "params"));
}

/** Gives a run-time entry as a reply holds it. @throws Refused, BadDeclaration. */
export function runTimeEntry(said: Json, contexts: ReadonlyMap<string, Context>): Entry {
    const { context: name, params } = entryOf(said);
    const context = contexts.get(name);
    if (context === undefined) {
        throw new Refused("entry");
    }
    return scoping.entry(name, new Map([...(params ?? [])].map(([parameter, value]) => [parameter, wireKey(context, parameter, value)])));
}

/** Gives a parameter's value as an entry spells it. @throws Refused. */
function wireKey(context: Context, parameter: string, value: Json): Json {
    const field = context.parameters.get(parameter);
    if (field === undefined) {
        throw new Refused("entry");
    }
    const [read, mismatches] = reader.read(field.type, value, context.names);
    if (mismatches.length > 0) {
        throw new Refused("entry");
    }
    return writer.writeKey(field.type, read, context.names);
}
