/**
 * Which names may be declared.
 *
 * Source: spec/discovery.md, discovery-36 to discovery-39, discovery-52, discovery-53.
 * Errors: BadName, naming the offender. Units: bytes, which are characters here.
 */
import { BadName } from "./errors.js";

const SEGMENT = /^[a-z][a-z0-9_]{0,63}$/;
const FIELD_NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const TYPE_NAME = /^[A-Z][A-Za-z0-9]{0,127}$/;
const NAME_LIMIT_BYTES = 128;
const RESERVED: readonly string[] = ["jwt", "mizan", "mwt"];

/** Whether a text is one segment: a lower-case letter, then letters, digits and underscores, at most 64 bytes. */
export function isSegment(name: string): boolean {
    return SEGMENT.test(name);
}

/** Whether a text is segments joined by dots, at most 128 bytes in all. */
function isFunctionName(name: string): boolean {
    return name.length <= NAME_LIMIT_BYTES && name.split(".").every(isSegment);
}

export function isTypeName(name: string): boolean {
    return TYPE_NAME.test(name);
}

function isReserved(name: string): boolean {
    return RESERVED.some((one) => name === one || name.startsWith(`${one}.`));
}

/** @throws BadName where the name of a context, parameter, slot, form or page, which `noun` says, is not one segment. */
export function checkSegment(name: string, noun: string): void {
    if (!isSegment(name)) {
        throw new BadName(`${noun} "${name}": not a name; wanted a lower-case letter, then a-z, 0-9 and _, at most 64 bytes`);
    }
}

/** @throws BadName where a function's name is outside the grammar or its first segment is reserved. */
export function checkFunctionName(name: string): void {
    if (!isFunctionName(name)) {
        throw new BadName(`function "${name}": not a name; wanted segments such as update_profile joined by dots, at most 128 bytes`);
    }
    if (isReserved(name)) {
        throw new BadName(`function "${name}": the first segment is reserved (${RESERVED.join(", ")}); choose another`);
    }
}

/** @throws BadName where the name of a function with a context, which names a slot, is not one segment. */
export function checkReadName(name: string): void {
    if (!isSegment(name)) {
        throw new BadName(`function "${name}": it has a context, so its name is a slot's: one segment, without a dot`);
    }
}

/** @throws BadName where the field of an object is no name in every language, or one that JavaScript gives a meaning. */
export function checkFieldName(name: string, where: string): void {
    if (!FIELD_NAME.test(name)) {
        throw new BadName(`${where}: field "${name}" is not a name; wanted a letter or _, then letters, digits and _, at most 64 bytes, and not __proto__`);
    }
}

/** @throws BadName where an enum or object is not named `[A-Z][A-Za-z0-9]*`, at most 128 bytes. */
export function checkTypeName(name: string, where: string): void {
    if (!isTypeName(name)) {
        throw new BadName(`${where}: type "${name}" is not a name; wanted a capital letter, then letters and digits, at most 128; rename it`);
    }
}
