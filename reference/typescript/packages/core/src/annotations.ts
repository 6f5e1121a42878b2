/**
 * Typed things to declarations: the named types that they reach, and the fields that they make.
 *
 * Source: spec/ground.md, Types on the wire; spec/ir.md, Grammar. Errors: BadDeclaration, naming the function and the place.
 */
import { byBytes, MAX_SAFE, write } from "./canonical.js";
import { BadName, BadType, WrongOutput } from "./errors.js";
import { checkFieldName, checkTypeName } from "./grammar.js";
import type { AnyTyped, Shape, Shaped } from "./typed.js";
import type { Enumeration, Field, Fields, Named, Names } from "./types.js";
import { check } from "./unions.js";
import * as writer from "./writer.js";

type Declared = Enumeration | Shaped;

/** A field of an object that is being declared. */
interface Place {
    readonly owner: string;
    readonly name: string;
    readonly typed: AnyTyped;
}

/** Gathers the named types that some typed things reach, and checks them. `where` is the function, for messages. @throws BadDeclaration */
export function namesOf(roots: Iterable<AnyTyped>, where: string): Names {
    const gathered = new Map<string, Declared>();
    gather(roots, gathered, new Set(), where);
    const names = new Map<string, Named>([...gathered].map(([name, one]) => [name, one.is === "enum" ? one : withFields(one, bareFields(one.shape))]));
    takeStanding([...gathered.values()].flatMap(placesOf), names, where);
    for (const named of names.values()) {
        for (const field of named.is === "object" ? named.fields : []) {
            check(field.type, names, `${where}: ${named.name}.${field.name}`);
        }
    }
    return new Map([...names].sort(([one], [other]) => byBytes(one, other)));
}

/** Adds the named types that typed things reach, each after those that it holds. @throws BadDeclaration */
function gather(typed: Iterable<AnyTyped>, found: Map<string, Declared>, begun: Set<Declared>, where: string): void {
    for (const one of typed) {
        const { named } = one;
        if (named === undefined) {
            gather(one.parts, found, begun, where);
        } else if (!begun.has(named)) {
            begun.add(named);
            gather(one.parts, found, begun, where);
            claim(named, found, where);
        }
    }
}

/** Enters a named type. @throws BadDeclaration where another one has its name already, or it cannot be */
function claim(named: Declared, found: Map<string, Declared>, where: string): void {
    const known = found.get(named.name);
    if (known !== undefined && !isSame(known, named)) {
        throw new BadName(`${where}: two different types are called "${named.name}"; rename one`);
    }
    if (named.is === "enum") {
        checkEnumeration(named, where);
    }
    checkTypeName(named.name, where);
    for (const field of named.is === "object" ? Object.keys(named.shape) : []) {
        checkFieldName(field, `${where}: ${named.name}`);
    }
    found.set(named.name, named);
}

/** Whether two types are one: an object is where it was declared, an enum is its values. */
function isSame(one: Declared, other: Declared): boolean {
    return one.is === "enum" && other.is === "enum" && JSON.stringify(one) === JSON.stringify(other);
}

/** @throws BadDeclaration where the values are not all strings or all safe ints, or there are none, or one is doubled */
export function checkEnumeration(enumeration: Enumeration, where: string): void {
    checkTypeName(enumeration.name, where);
    const { values } = enumeration;
    const isUniform = values.every((one) => typeof one === "string") || values.every((one) => Number.isInteger(one) && Math.abs(Number(one)) <= MAX_SAFE);
    if (values.length === 0 || !isUniform || new Set(values).size < values.length) {
        throw new BadType(`${where}: the values of ${enumeration.name} must be strings or ints, all of one kind, each once, at least one`);
    }
}

function placesOf(one: Declared): readonly Place[] {
    return one.is === "object" ? Object.entries(one.shape).map(([name, typed]) => ({ owner: one.name, name, typed })) : [];
}

/**
 * Adds what stands for absent fields. A default that leaves a field out takes that field's own, so it waits for it, whichever is declared first.
 *
 * @throws BadDeclaration for a default that is not of its type, or that would hold itself
 */
function takeStanding(places: readonly Place[], names: Map<string, Named>, where: string): void {
    let waiting = places;
    for (let before = Infinity; waiting.length < before;) {
        before = waiting.length;
        waiting = waiting.filter((one) => !hasTaken(one, names, where));
    }
    waiting.forEach((one) => { take(one, names, where); });
}

function hasTaken(place: Place, names: Map<string, Named>, where: string): boolean {
    try {
        take(place, names, where);
        return true;
    } catch (error) {
        if (error instanceof BadType) {
            return false;
        }
        throw error;
    }
}

/** @throws BadDeclaration */
function take({ owner, name, typed }: Place, names: Map<string, Named>, where: string): void {
    const known = names.get(owner);
    if (known?.is === "object") {
        const fields = known.fields.map((one) => one.name === name ? standing(one, typed, names, `${where}: ${owner}: "${name}"`) : one);
        names.set(owner, { ...known, fields });
    }
}

function withFields(one: Shaped, fields: Fields): Named {
    return { is: "object", name: one.name, fields: [...fields.values()], doc: one.doc };
}

/** @returns the fields of a shape in bytes order of their names, with their defaults. @throws BadDeclaration */
export function fieldsOfShape(shape: Shape, names: Names, where: string): Fields {
    return new Map([...bareFields(shape)].map(([name, field]) => [name, standing(field, shape[name], names, `${where}: "${name}"`)]));
}

/** @returns the fields of a shape without their defaults, which wait until all named types are known. */
function bareFields(shape: Shape): Fields {
    const inOrder = Object.entries(shape).sort(([one], [other]) => byBytes(one, other));
    return new Map(inOrder.map(([name, typed]) => [name, { name, type: typed.type, doc: typed.docText }]));
}

/** @returns a field with what stands for it where it is absent. @throws BadDeclaration */
function standing(field: Field, typed: AnyTyped | undefined, names: Names, where: string): Field {
    const said = typed?.standing;
    if (said === undefined) {
        return field;
    }
    return "make" in said ? { ...field, optional: said.make } : withDefault(field, said.constant, names, where);
}

/** @returns the field with a value of its type as its default. @throws BadDeclaration for one that is not of its type */
export function withDefault(field: Field, value: unknown, names: Names, where: string): Field {
    try {
        return { ...field, default: write(writer.write(field.type, value, names)) };
    } catch (error) {
        if (error instanceof WrongOutput) {
            throw new BadType(`${where}: the default is not of the declared type: ${error.message}`, { cause: error });
        }
        throw error;
    }
}
