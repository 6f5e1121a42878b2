/**
 * How values of several types are told apart, and which types therefore cannot stand together.
 *
 * Source: spec/ground.md, ground-61 and ground-62; spec/upload.md. Errors: BadType.
 */
import { byBytes } from "./canonical.js";
import { BadType } from "./errors.js";
import { base, fieldsOf, holdsUpload, irText, isRequired, type Field, type Kind, type Names, type Nullable, type Ref, type Type, type Union } from "./types.js";

export type JsonKind = "null" | "bool" | "number" | "string" | "array" | "object";
const JSON_KINDS: readonly JsonKind[] = ["null", "bool", "number", "string", "array", "object"];
const KIND_OF: ReadonlyMap<Kind, JsonKind> = new Map([["int", "number"], ["float", "number"], ["bool", "bool"], ["null", "null"]]);

/** @returns the JSON kinds that values of a type can have. */
export function jsonKinds(type: Type, names: Names): ReadonlySet<JsonKind> {
    switch (type.is) {
        case "scalar":
            return new Set(type.kind === "json" ? JSON_KINDS : [KIND_OF.get(type.kind) ?? "string"]);
        case "list":
            return new Set<JsonKind>(["array"]);
        case "map":
            return new Set<JsonKind>(["object"]);
        case "ref":
            return new Set([namedKind(type, names)]);
        case "union":
            return new Set(type.members.flatMap((one) => [...jsonKinds(one, names)]));
        case "nullable":
            return new Set<JsonKind>([...jsonKinds(type.of, names), "null"]);
    }
}

function namedKind(type: Ref, names: Names): JsonKind {
    const named = names.get(type.name);
    if (named?.is !== "enum") {
        return "object";
    }
    return typeof named.values[0] === "string" ? "string" : "number";
}

/** @returns the first field, by name, that every member requires and whose enum types are disjoint; null if there is none. */
export function discriminator(members: readonly Type[], names: Names): string | null {
    const [first, ...rest] = members.map((one) => fieldsOf(one, names));
    const common = [...first?.keys() ?? []].filter((name) => rest.every((one) => one.has(name))).sort(byBytes);
    return common.find((name) => tellsApart([first, ...rest].map((one) => one?.get(name)), names)) ?? null;
}

/** Whether required fields are of enums that share no value. */
function tellsApart(fields: readonly (Field | undefined)[], names: Names): boolean {
    const values = fields.map((one) => one !== undefined && isRequired(one) ? valuesOf(one, names) : []);
    return values.every((one) => one.length > 0) && new Set(values.flat()).size === values.flat().length;
}

/** @returns the values of the enum that a field is of; none where it is of another type. */
function valuesOf(field: Field | undefined, names: Names): readonly (string | number)[] {
    const named = field?.type.is === "ref" ? names.get(field.type.name) : undefined;
    return named?.is === "enum" ? named.values : [];
}

/** @returns the first object of several whose enum at a field holds a value. */
export function memberSaying(members: readonly Type[], field: string, value: unknown, names: Names): Type | undefined {
    return members.find((one) => valuesAt([one], field, names).some((each) => each === value));
}

/** @returns the values of the enums that several objects have at a field. */
export function valuesAt(members: readonly Type[], field: string, names: Names): readonly (string | number)[] {
    return members.flatMap((one) => valuesOf(fieldsOf(one, names).get(field), names));
}

/**
 * Refuses unions whose members cannot be told apart, nullables of what holds null already, files where none can stand.
 *
 * `where` is what declares the type, for the message.
 * @throws BadType
 */
export function check(type: Type, names: Names, where: string): void {
    switch (type.is) {
        case "scalar":
        case "ref":
            return;
        case "nullable":
            checkNullable(type, names, where);
            return;
        case "list":
            if (base(type.item).is === "list") {
                checkNoUpload(type.item, names, where);
            }
            check(type.item, names, where);
            return;
        case "map":
            checkNoUpload(type.item, names, where);
            check(type.item, names, where);
            return;
        case "union":
            for (const one of type.members) {
                checkNoUpload(one, names, where);
                check(one, names, where);
            }
            checkMembers(type, names, where);
    }
}

function checkNullable(type: Nullable, names: Names, where: string): void {
    if (jsonKinds(type.of, names).has("null")) {
        throw new BadType(`${where}: ${said(type.of)} holds null already, so it cannot be made nullable; say it alone`);
    }
    check(type.of, names, where);
}

function checkMembers(type: Union, names: Names, where: string): void {
    for (const [place, one] of type.members.entries()) {
        const clash = type.members.slice(place + 1).find((other) => areAlike(one, other, names));
        if (clash !== undefined) {
            throw new BadType(`${where}: ${said(one)} and ${said(clash)} have one JSON kind, so a reader cannot tell them apart`);
        }
    }
    const objects = type.members.filter((one) => fieldsOf(one, names).size > 0);
    if (objects.length > 1 && discriminator(objects, names) === null) {
        throw new BadType(`${where}: ${objects.map(said).join(", ")} share no required field whose enum types are disjoint; add one`);
    }
}

/** Whether two types share a JSON kind and are not two objects, which a field can tell apart. */
function areAlike(one: Type, other: Type, names: Names): boolean {
    const kinds = jsonKinds(other, names);
    return [...jsonKinds(one, names)].some((kind) => kinds.has(kind)) && !(fieldsOf(one, names).size > 0 && fieldsOf(other, names).size > 0);
}

function checkNoUpload(type: Type, names: Names, where: string): void {
    if (holdsUpload(type, names)) {
        throw new BadType(`${where}: a file cannot stand in a map, a union or a list in a list`);
    }
}

/** @returns a type's IR text on one line. */
function said(type: Type): string {
    return irText(type).split(/\s+/).join(" ");
}
