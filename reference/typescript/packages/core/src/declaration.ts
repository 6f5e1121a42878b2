/**
 * Declarations as JSON, the form in which test vectors carry them, to the same data that TypeScript functions declare.
 *
 *     type    "int" | {"list": T} | {"map": T} | {"ref": "Name"} | {"union": [T, …]} | {"nullable": T}
 *     field   {"type": T, "default"?: JSON, "optional"?: true, "doc"?: text}          fields: {name: field}
 *     named   "enums": {"Color": ["red", …]}, "objects": {"User": fields}
 *
 * Source: the spec's page on the harness (the oracle). Errors: BadDeclaration, for a declaration that would not register.
 */
import { checkEnumeration } from "./annotations.js";
import type { Json, JsonObject } from "./canonical.js";
import * as canonical from "./canonical.js";
import { isList, isObject } from "./canonical.js";
import { BadDeclaration, BadName, BadType, WrongOutput } from "./errors.js";
import * as grammar from "./grammar.js";
import * as reader from "./reader.js";
import { objectIn, textIn } from "./shaped.js";
import type { Enumeration, Field, Fields, Named, Names, Record_, Type } from "./types.js";
import * as types from "./types.js";
import * as unions from "./unions.js";
import * as writer from "./writer.js";

const FIELD_MEMBERS: readonly string[] = ["type", "default", "doc", "optional"];

/** @throws BadType. */
export function typeFromJson(said: Json): Type {
    if (typeof said === "string" && types.isKind(said)) {
        return types.scalar(said);
    }
    const [part, another] = isObject(said) ? [...said] : [];
    const made = part === undefined || another !== undefined ? null : composite(...part);
    if (made === null) {
        throw new BadType(`${canonical.textOf(said)} is no type; wanted a kind, or one of list, map, ref, union, nullable with its type`);
    }
    return made;
}

/** Gives the type that one word makes of others; null where it makes none. @throws BadType. */
function composite(word: string, inner: Json): Type | null {
    switch (word) {
        case "list":
            return types.list(typeFromJson(inner));
        case "map":
            return types.mapOf(typeFromJson(inner));
        case "ref":
            return typeof inner === "string" ? types.ref(inner) : null;
        case "union":
            return isList(inner) && inner.length > 0 ? types.union(inner.map(typeFromJson)) : null;
        case "nullable":
            return types.nullable(typeFromJson(inner));
        default:
            return null;
    }
}

/** @returns a type in the form that `typeFromJson` reads. */
export function typeToJson(type: Type): Json {
    switch (type.is) {
        case "scalar":
            return type.kind;
        case "list":
        case "map":
            return new Map([[type.is, typeToJson(type.item)]]);
        case "ref":
            return new Map([["ref", type.name]]);
        case "union":
            return new Map([["union", type.members.map(typeToJson)]]);
        case "nullable":
            return new Map([["nullable", typeToJson(type.of)]]);
    }
}

/** Reads `enums` and `objects` of a declaration, and checks every type. @throws BadDeclaration. */
export function namesFromJson(said: JsonObject): Names {
    const [enums, objects] = [objectIn(said, "enums"), objectIn(said, "objects")];
    const doubled = [...enums.keys()].filter((name) => objects.has(name));
    if (doubled.length > 0) {
        throw new BadName(`${doubled.join(", ")}: an enum and an object have one name`);
    }
    const names = new Map<string, Named>([...enums].map(([name, values]) => [name, enumeration(name, values)]));
    for (const [name, fields] of objects) {
        names.set(name, { is: "object", name, fields: bareFields(fields, `object "${name}"`), doc: "" });
    }
    for (const name of objects.keys()) {
        grammar.checkTypeName(name, "object");
        const fields = types.fieldsOf(types.ref(name), names);
        for (const field of fields.keys()) {
            grammar.checkFieldName(field, `object "${name}"`);
        }
        checkTypes([...fields.values()], names, `object "${name}"`);
    }
    return withAllDefaults(objects, names);
}

/** Reads parameters or arguments, in bytes order. @throws BadDeclaration, with `where` before its message. */
export function fieldsFromJson(said: Json, names: Names, where: string): Fields {
    for (const name of isObject(said) ? said.keys() : []) {
        grammar.checkSegment(name, `${where}: parameter`);
    }
    const fields = bareFields(said, where);
    checkTypes(fields, names, where);
    return byName(fields.map((one) => withDefault(one, said, names) ?? refusedDefault(one.name, where)));
}

export function fieldsToJson(fields: Fields): JsonObject {
    return new Map([...fields].map(([name, one]) => {
        const json = new Map<string, Json>([["type", typeToJson(one.type)]]);
        if (one.default !== undefined) {
            json.set("default", types.wireDefault(one));
        }
        if (one.optional !== undefined) {
            json.set("optional", true);
        }
        return [name, one.doc === "" ? json : json.set("doc", one.doc)];
    }));
}

function byName(fields: readonly Field[]): Fields {
    return new Map(fields.map((one) => [one.name, one]));
}

/** @throws BadName, BadType. */
function enumeration(name: string, said: Json): Enumeration {
    const values = (isList(said) ? said : []).filter((one) => typeof one === "string" || typeof one === "number");
    const one: Enumeration = { is: "enum", name, values, doc: "" };
    grammar.checkTypeName(name, "enum");
    if (!isList(said) || values.length < said.length) {
        throw new BadType(`enum "${name}": wanted a list of strings or of ints`);
    }
    checkEnumeration(one, "enum");
    return one;
}

/** Gives fields without their defaults, which wait until all named types are known, in bytes order. @throws BadDeclaration, BadType. */
function bareFields(said: Json, where: string): Field[] {
    const fields = isObject(said) ? [...said] : [];
    const wrong = fields.find(([, one]) => !isField(one));
    if (!isObject(said) || wrong !== undefined) {
        throw new BadDeclaration(`${where}: ${wrong === undefined ? "fields" : `"${wrong[0]}"`}: wanted type, and perhaps doc, and default or optional`);
    }
    fields.sort(([one], [other]) => canonical.byBytes(one, other));
    return fields.flatMap(([name, one]) => isObject(one) ? [bareField(name, one)] : []);
}

/** Whether the members of a field are those that it may have; a default that the server makes has no constant. */
function isField(said: Json): boolean {
    if (!isObject(said) || !said.has("type") || ![...said.keys()].every((name) => FIELD_MEMBERS.includes(name))) {
        return false;
    }
    const [optional = true, doc = ""] = [said.get("optional"), said.get("doc")];
    return optional === true && typeof doc === "string" && !(said.has("default") && said.has("optional"));
}

/** @throws BadType. */
function bareField(name: string, said: JsonObject): Field {
    const type = typeFromJson(said.get("type") ?? null);
    return { name, type, ...(said.has("optional") ? { optional: madeByNobody } : {}), doc: textIn(said, "doc") };
}

/** The default of a declaration that only says that the server makes one; one function, so that equal declarations are equal. */
function madeByNobody(): undefined {
    return undefined;
}

function checkTypes(fields: readonly Field[], names: Names, where: string): void {
    for (const one of fields) {
        checkKnown(one.type, names, `${where}: "${one.name}"`);
        unions.check(one.type, names, `${where}: "${one.name}"`);
    }
}

/** @throws BadType, for a reference to a type that is not declared. */
export function checkKnown(type: Type, names: Names, where: string): void {
    switch (type.is) {
        case "scalar":
            return;
        case "ref":
            if (!names.has(type.name)) {
                throw new BadType(`${where}: no type is called "${type.name}"`);
            }
            return;
        case "union":
            type.members.forEach((one) => { checkKnown(one, names, where); });
            return;
        case "nullable":
            checkKnown(type.of, names, where);
            return;
        case "list":
        case "map":
            checkKnown(type.item, names, where);
    }
}

/**
 * Adds the defaults of all objects' fields. One may leave out what another's fill in, so whichever does not fit waits for the others:
 * the order of declaration decides nothing.
 *
 * @throws BadType.
 */
function withAllDefaults(objects: JsonObject, bare: Names): Names {
    const names = new Map(bare);
    let waiting = [...bare.values()].flatMap((owner) => owner.is === "object" ? owner.fields.map((one) => ({ owner: owner.name, one })) : []);
    for (let before = Infinity; waiting.length < before;) {
        before = waiting.length;
        waiting = waiting.filter(({ owner, one }) => {
            const [done, record] = [withDefault(one, objects.get(owner) ?? null, names), names.get(owner)];
            if (done !== null && record?.is === "object") {
                names.set(owner, replaced(record, done));
            }
            return done === null;
        });
    }
    return waiting[0] === undefined ? names : refusedDefault(waiting[0].one.name, `object "${waiting[0].owner}"`);
}

function replaced(record: Record_, field: Field): Record_ {
    return { ...record, fields: record.fields.map((one) => one.name === field.name ? field : one) };
}

/** @returns a field with its default in full: objects with every field; null for one that is not of the field's type, or leaves a part to the server. */
function withDefault(one: Field, said: Json, names: Names): Field | null {
    const member = isObject(said) ? said.get(one.name) : undefined;
    const given = isObject(member) ? member.get("default") : undefined;
    if (given === undefined) {
        return one;
    }
    const [value, mismatches] = reader.read(one.type, given, names);
    return mismatches.length > 0 ? null : written(one, value, names);
}

function written(one: Field, value: unknown, names: Names): Field | null {
    try {
        return { ...one, default: canonical.write(writer.write(one.type, value, names)) };
    } catch (error) {
        if (error instanceof WrongOutput) {
            return null;
        }
        throw error;
    }
}

/** @throws BadType. */
function refusedDefault(name: string, where: string): never {
    throw new BadType(`${where}: the default of "${name}" is not of its type`);
}
