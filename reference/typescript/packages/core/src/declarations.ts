/**
 * Everything that an application declares, as JSON: the form that every language reads and writes, and the same registry that code makes.
 *
 *     {"enums"?: [{"name", "values", "doc"?}], "objects"?: [{"name", "fields", "doc"?}], "functions"?: […], "compositions"?: [{"name", "parts", "doc"?}]}
 *     function   {"name", "returns" | "view": true, "args"?, "context"?, "affects"?, "merge"?, "errors"?, "timeout_s"?, "volatile"?, "doc"?}
 *
 * Types and fields are those of `declaration.ts`; besides, {"object": fields} and {"enum": values} stand for a type without a name.
 * Source: spec/schemas/declarations.schema.json. Errors: BadName, BadType, BadDeclaration, for what would not register.
 */
import type { Json, JsonObject } from "./canonical.js";
import { isList, isObject } from "./canonical.js";
import * as declaration from "./declaration.js";
import * as declare from "./declare.js";
import type { ApplicationErrorClass } from "./errors.js";
import { ApplicationError, BadDeclaration, BadName, checkApplicationError } from "./errors.js";
import type { Affect, Merge } from "./function.js";
import { DEFAULT_TIMEOUT_S, ReactContext, ServerFunction } from "./function.js";
import * as grammar from "./grammar.js";
import * as ir from "./ir.js";
import { Lifting } from "./lifting.js";
import { Registry } from "./registry.js";
import type { Sealed } from "./seal.js";
import type { Members } from "./shaped.js";
import { listIn, objectIn, shaped, textIn, texts } from "./shaped.js";
import type { Enumeration, Names, Record_, Type } from "./types.js";
import * as unions from "./unions.js";

const ENUM: Members = { name: "text", values: "list", "doc?": "text" };
const OBJECT: Members = { name: "text", fields: "object", "doc?": "text" };
const FUNCTION: Members = {
    name: "text", "args?": "object", "returns?": "any", "view?": "flag", "context?": "text", "affects?": "list", "merge?": "list", "errors?": "list",
    "timeout_s?": "integer", "volatile?": "flag", "doc?": "text",
};
const COMPOSITION: Members = { name: "text", parts: "list", "doc?": "text" };
const GROUPS: Members = { "enums?": "list", "objects?": "list", "functions?": "list", "compositions?": "list" };
const ERROR: Members = { name: "text", status: "integer" };
const AFFECT: Members = { context: "text", map: "object" };
const MERGE: Members = { context: "text", "slot?": "text", "op?": "text", "key?": "text", "map?": "object" };

/** Registers what the JSON declares, as code would. @throws BadName, BadType, BadDeclaration. */
export function sealed(said: Json): Sealed {
    const groups = shaped(said, GROUPS, "declarations");
    const items = (group: string, members: Members): JsonObject[] => listIn(groups, group).map((one) => shaped(one, members, group));
    const [enums, objects, functions] = [items("enums", ENUM), items("objects", OBJECT), items("functions", FUNCTION)];
    const compositions = items("compositions", COMPOSITION);
    checkNames([...enums, ...objects], functions, compositions);
    const lifting = new Lifting();
    const lifted = functions.map((one) => lifting.function(one));
    const names = namesOf(enums, objects.map((one) => lifting.record(one)), lifting);
    const registry = new Registry();
    for (const one of lifted) {
        registry.register(functionOf(one, names));
    }
    for (const one of compositions) {
        const parts = texts(listIn(one, "parts"), "parts").map((name) => registry.getFunction(name) ?? unregistered(name));
        registry.registerCompose(textIn(one, "name"), parts, textIn(one, "doc"));
    }
    return registry.seal();
}

/** Looks at names before anything that they name. @throws BadName, for one outside the grammar, or reserved. */
function checkNames(types: readonly JsonObject[], functions: readonly JsonObject[], compositions: readonly JsonObject[]): void {
    types.forEach((one) => { grammar.checkTypeName(textIn(one, "name"), "type"); });
    [...functions, ...compositions].forEach((one) => { grammar.checkFunctionName(textIn(one, "name")); });
    types.forEach((one) => { checkFieldNames(objectIn(one, "fields"), `object "${textIn(one, "name")}"`); });
    for (const one of functions) {
        const where = `function "${textIn(one, "name")}"`;
        if (one.has("context")) {
            grammar.checkSegment(textIn(one, "context"), `${where}: context`);
            grammar.checkReadName(textIn(one, "name"));
        }
        for (const [name, argument] of objectIn(one, "args")) {
            grammar.checkSegment(name, `${where}: parameter`);
            checkAnonymous(argument, where);
        }
        checkAnonymous(one.get("returns"), where);
    }
}

function checkFieldNames(fields: JsonObject, where: string): void {
    for (const [name, one] of fields) {
        grammar.checkFieldName(name, where);
        checkAnonymous(one, where);
    }
}

/** Looks at the fields of each type without a name, whatever else a type or a field is. @throws BadName. */
function checkAnonymous(said: Json | undefined, where: string): void {
    if (isList(said)) {
        said.forEach((one) => { checkAnonymous(one, where); });
    }
    for (const [word, inner] of isObject(said) ? said : []) {
        if (word === "object" && isObject(inner)) {
            checkFieldNames(inner, where);
        } else if (["type", "list", "map", "nullable", "union"].includes(word)) {
            checkAnonymous(inner, where);
        }
    }
}

/** @returns a part that names no function: sealing refuses it. */
function unregistered(name: string): ServerFunction {
    return new ServerFunction({ name, body: () => null, parameters: new Map(), output: null, names: new Map() });
}

/** Gives the named types, those that were lifted among them. @throws BadName, for a name that stands twice; BadType. */
function namesOf(enums: readonly JsonObject[], objects: readonly JsonObject[], lifting: Lifting): Names {
    const named = [...enums, ...objects];
    const given = [...named.map((one) => textIn(one, "name")), ...lifting.enums.keys(), ...lifting.objects.keys()];
    const doubled = given.find((name, at) => given.indexOf(name) < at);
    if (doubled !== undefined) {
        throw new BadName(`type "${doubled}" is declared twice, or another type is lifted to that name; rename one`);
    }
    const docs = new Map(named.map((one) => [textIn(one, "name"), textIn(one, "doc")]));
    const names = declaration.namesFromJson(new Map<string, Json>([
        ["enums", new Map<string, Json>([...enums.map((one) => [textIn(one, "name"), listIn(one, "values")] as const), ...lifting.enums])],
        ["objects", new Map<string, Json>([...objects.map((one) => [textIn(one, "name"), objectIn(one, "fields")] as const), ...lifting.objects])],
    ]));
    return new Map([...names].map(([name, one]) => [name, { ...one, doc: docs.get(name) ?? "" }]));
}

/** Gives a function that can be registered, and never called. @throws BadName, BadType, BadDeclaration. */
function functionOf(said: JsonObject, names: Names): ServerFunction {
    const name = textIn(said, "name");
    const where = `function "${name}"`;
    const output = outputOf(said, names, where);
    const context = said.has("context") ? new ReactContext(textIn(said, "context")) : null;
    const [affects, merges] = [listIn(said, "affects"), listIn(said, "merge")];
    const timeout = said.get("timeout_s");
    const options = {
        context, isMutation: affects.length > 0 || merges.length > 0, errors: listIn(said, "errors").map((one) => errorOf(one, where)),
        timeout_s: typeof timeout === "number" ? timeout : DEFAULT_TIMEOUT_S, volatile: said.has("volatile"), identity: "public",
    };
    declare.checkOptions(options, where);
    const parameters = declaration.fieldsFromJson(objectIn(said, "args"), names, where);
    declare.checkFiles(context === null ? new Map() : parameters, output, names, where);
    return new ServerFunction({
        name, body: () => null, parameters, output, names, context: context?.name ?? null,
        affects: affects.map((one) => affectOf(one, where)), merges: merges.map((one) => mergeOf(one, where)), errors: options.errors,
        timeout_s: options.timeout_s, volatile: options.volatile, doc: textIn(said, "doc"),
    });
}

/** Gives the type of a result, null for the framework's own response. @throws BadDeclaration, BadType. */
function outputOf(said: JsonObject, names: Names, where: string): Type | null {
    const returns = said.get("returns");
    if ((returns === undefined) === !said.has("view")) {
        throw new BadDeclaration(`${where}: wanted either returns, or view for the framework's own response`);
    }
    if (returns === undefined) {
        return null;
    }
    const output = declaration.typeFromJson(returns);
    declaration.checkKnown(output, names, `${where}: returns`);
    unions.check(output, names, `${where}: returns`);
    return output;
}

/** Gives a class for an application error. @throws BadName, BadDeclaration. */
function errorOf(said: Json, where: string): ApplicationErrorClass {
    const members = shaped(said, ERROR, `${where}: error`);
    class Declared extends ApplicationError {
        static override readonly code = textIn(members, "name");
        static override readonly status = Number(members.get("status"));
    }
    checkApplicationError(Declared);
    return Declared;
}

/** Reads a context's name, which lets the tiers bind, or {"context", "map"}. */
function affectOf(said: Json, where: string): Affect {
    if (typeof said === "string") {
        return { context: said };
    }
    const members = shaped(said, AFFECT, `${where}: affects`);
    return { context: textIn(members, "context"), map: mapIn(members, where) };
}

/** Reads a context's name, or {"context", "slot"?, "op"?, "key"?, "map"?}. @throws BadDeclaration. */
function mergeOf(said: Json, where: string): Merge {
    if (typeof said === "string") {
        return { context: said, op: ir.STANDING_OP };
    }
    const members = shaped(said, MERGE, `${where}: merge`);
    return {
        context: textIn(members, "context"), op: members.has("op") ? textIn(members, "op") : ir.STANDING_OP,
        ...(members.has("slot") ? { slot: textIn(members, "slot") } : {}), ...(members.has("key") ? { key: textIn(members, "key") } : {}),
        ...(members.has("map") ? { map: mapIn(members, where) } : {}),
    };
}

/** Gives the member `map`. @throws BadDeclaration. */
function mapIn(said: JsonObject, where: string): ReadonlyMap<string, string> {
    const map = objectIn(said, "map");
    const values = texts([...map.values()], `${where}: map`);
    return new Map([...map.keys()].map((name, at) => [name, values[at] ?? ""]));
}

/** @returns what a sealed registry declares, in the form that `sealed` reads; each group by name, empty ones too. */
export function toJson(sealed_: Sealed): JsonObject {
    const named = ir.reached(sealed_);
    return new Map<string, Json>([
        ["enums", named.flatMap((one) => one.is === "enum" ? [enumToJson(one)] : [])],
        ["objects", named.flatMap((one) => one.is === "object" ? [objectToJson(one)] : [])],
        ["functions", [...sealed_.functions.values()].map(functionToJson)],
        ["compositions", [...sealed_.compositions].map(([name, one]) => saidOf({ name, parts: one.functions.map((part) => part.name), doc: one.doc }))],
    ]);
}

function enumToJson(one: Enumeration): JsonObject {
    return new Map<string, Json>([...saidOf({ name: one.name, doc: one.doc }), ["values", one.values]]);
}

function objectToJson(one: Record_): JsonObject {
    const fields = declaration.fieldsToJson(new Map(one.fields.map((field) => [field.name, field])));
    return new Map<string, Json>([...saidOf({ name: one.name, doc: one.doc }), ["fields", fields]]);
}

function functionToJson(one: ServerFunction): JsonObject {
    return saidOf({
        name: one.name, args: declaration.fieldsToJson(one.parameters), context: one.context,
        affects: one.affects.map(affectToJson), merge: one.merges.map(mergeToJson),
        errors: one.errors.map((error) => new Map<string, Json>([["name", error.code], ["status", error.status]])),
        timeout_s: ir.unless(one.timeout_s, DEFAULT_TIMEOUT_S), volatile: one.volatile, doc: one.doc, view: one.isView,
        returns: one.output === null ? null : declaration.typeToJson(one.output),
    });
}

function affectToJson(hit: Affect): Json {
    return hit.map === undefined ? hit.context : new Map<string, Json>([["context", hit.context], ["map", hit.map]]);
}

/** @returns a merge; an empty map is said, since it binds nothing where no map would let the tiers bind. */
function mergeToJson(hit: Merge): JsonObject {
    const members = saidOf({ context: hit.context, slot: hit.slot ?? null, op: ir.unless(hit.op, ir.STANDING_OP), key: hit.key ?? null });
    return hit.map === undefined ? members : new Map<string, Json>([...members, ["map", hit.map]]);
}

/** @returns an object without the members that are not set: null, false, and what is empty. */
function saidOf(members: Readonly<Record<string, Json>>): JsonObject {
    return new Map(Object.entries(members).filter(([, value]) => isSet(value)));
}

function isSet(value: Json): boolean {
    if (isList(value)) {
        return value.length > 0;
    }
    return isObject(value) ? value.size > 0 : value !== null && value !== false && value !== "";
}
