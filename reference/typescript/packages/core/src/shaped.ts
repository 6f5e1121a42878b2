/**
 * Objects of a JSON document that have the members which they are to have and no other, and their members by kind.
 *
 * Source: spec/schemas/declarations.schema.json. Errors: BadDeclaration.
 */
import type { Json, JsonObject } from "./canonical.js";
import { isList, isObject } from "./canonical.js";
import { BadDeclaration } from "./errors.js";

export type MemberKind = "text" | "list" | "object" | "integer" | "flag" | "any";

/** Member -> its kind; a name with ? may be absent. */
export type Members = Readonly<Record<string, MemberKind>>;

/** Gives an object that has these members and no other. @throws BadDeclaration. */
export function shaped(said: Json, members: Members, where: string): JsonObject {
    if (!isObject(said)) {
        throw new BadDeclaration(`${where}: wanted an object with ${Object.keys(members).join(", ")}`);
    }
    const wanted = new Map(Object.entries(members).map(([name, kind]) => [name.replace("?", ""), kind]));
    const needed = Object.keys(members).filter((name) => !name.endsWith("?"));
    if (!needed.every((name) => said.has(name)) || ![...said.keys()].every((name) => wanted.has(name))) {
        throw new BadDeclaration(`${where}: wanted an object with ${Object.keys(members).join(", ")}`);
    }
    for (const [name, value] of said) {
        if (!isOfKind(value, wanted.get(name) ?? "any")) {
            throw new BadDeclaration(`${where}: ${name} is not what it is to be; a flag that is not set is left out`);
        }
    }
    return said;
}

function isOfKind(value: Json, kind: MemberKind): boolean {
    switch (kind) {
        case "text":
            return typeof value === "string";
        case "list":
            return isList(value);
        case "object":
            return isObject(value);
        case "integer":
            return typeof value === "number";
        case "flag":
            return value === true;
        case "any":
            return value !== false;
    }
}

/** Gives a member that is a text, the empty one where it is absent. @throws BadDeclaration, for anything else. */
export function textIn(said: JsonObject, name: string): string {
    const value = said.has(name) ? said.get(name) : "";
    return typeof value === "string" ? value : refused(name, "a text");
}

/** Gives a member that is a list, the empty one where it is absent. @throws BadDeclaration, for anything else. */
export function listIn(said: JsonObject, name: string): readonly Json[] {
    const value = said.has(name) ? said.get(name) : [];
    return isList(value) ? value : refused(name, "a list");
}

/** Gives a member that is an object, the empty one where it is absent. @throws BadDeclaration, for anything else. */
export function objectIn(said: JsonObject, name: string): JsonObject {
    const value = said.has(name) ? said.get(name) : new Map<string, Json>();
    return isObject(value) ? value : refused(name, "an object");
}

function refused(name: string, wanted: string): never {
    throw new BadDeclaration(`${name}: wanted ${wanted}`);
}

/** Gives values that are all texts. @throws BadDeclaration, where one is none. */
export function texts(values: readonly Json[], where: string): string[] {
    return values.map((one) => {
        if (typeof one !== "string") {
            throw new BadDeclaration(`${where}: wanted texts`);
        }
        return one;
    });
}
