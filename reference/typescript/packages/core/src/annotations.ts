import type { Enumeration, Field, Fields, Names } from "./types.js";
import type { AnyTyped, Shape } from "./t.js";

/** @throws BadDeclaration where the values are not all strings or all safe ints, or there are none, or one is doubled. */
export declare function checkEnumeration(enumeration: Enumeration, where: string): void;
/** @returns every named type that some typed things reach, checked, with the defaults of their fields. @throws BadDeclaration */
export declare function namesOf(roots: Iterable<AnyTyped>, where: string): Names;
/** @returns the fields of a shape in bytes order of their names, with their defaults. @throws BadDeclaration */
export declare function fieldsOfShape(shape: Shape, names: Names, where: string): Fields;
export declare function withDefault(field: Field, value: unknown, names: Names, where: string): Field;
