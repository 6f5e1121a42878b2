/**
 * A typed thing: a type of the wire that knows its type in TypeScript, and what stands with it as a field.
 *
 * Source: spec/ground.md, Types on the wire. Errors: none.
 */
import * as types from "./types.js";
import type { Enumeration, Type } from "./types.js";

declare const IN: unique symbol;
declare const OUT: unique symbol;
declare const ABSENCE: unique symbol;

/** What becomes of a field that is absent: it may not be; a constant stands for it; the server makes it. */
export type Absence = "required" | "constant" | "made";
export type AnyTyped = Typed<unknown, never, Absence>;
/** Fields of an object, or arguments of a function, by name. */
export type Shape = Readonly<Record<string, AnyTyped>>;

type Value = null | boolean | number | bigint | string | object;

/** The type of a value in a function's hands. */
export type Infer<T> = T extends { readonly [IN]?: infer V } ? Exclude<V, undefined> : never;
/** The type of what may be returned as such a value; its bound lets a body return a bare literal where an enum is declared. */
export type Out<T> = T extends { readonly [OUT]?: (value: infer V extends Value) => void } ? V : never;
/** The type of arguments, or of an object, in a function's hands: with every member. */
export type Members<S extends Shape> = { readonly [K in keyof S]: Infer<S[K]> };
/** The type of what may be returned as an object: members with a constant default may be absent. */
export type ObjectGiven<S extends Shape> =
    & { readonly [K in keyof S as S[K] extends { readonly [ABSENCE]?: "constant" } ? never : K]: Out<S[K]> }
    & { readonly [K in keyof S as S[K] extends { readonly [ABSENCE]?: "constant" } ? K : never]?: Out<S[K]> };
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** An object type whose fields are still typed things. */
export interface Shaped {
    readonly is: "object";
    readonly name: string;
    readonly shape: Shape;
    readonly doc: string;
}

/** What a typed thing is made of. `type` and `parts` are asked for late, when all that is declared is there. */
interface Made {
    readonly type: () => Type;
    readonly parts: () => readonly AnyTyped[];
    readonly named?: Enumeration | Shaped;
    readonly standing?: { readonly constant: unknown } | { readonly make: () => unknown };
    readonly doc?: string;
}

/** `In` is what a function gets, `Given` what it may return, `A` what becomes of a field that is absent. Each method gives another one. */
export class Typed<out In, in Given = In, out A extends Absence = "required"> {
    declare readonly [IN]?: In;
    declare readonly [OUT]?: (value: Given) => void;
    declare readonly [ABSENCE]?: A;
    readonly #made: Made;

    constructor(made: Made) {
        this.#made = made;
    }

    /** The type on the wire. */
    get type(): Type {
        return this.#made.type();
    }

    /** The typed things that stand directly in this one. */
    get parts(): readonly AnyTyped[] {
        return this.#made.parts();
    }

    /** The enum or object that this is, itself or made nullable. */
    get named(): Enumeration | Shaped | undefined {
        return this.#made.named;
    }

    /** What stands for a field of this type that is absent. */
    get standing(): Made["standing"] {
        return this.#made.standing;
    }

    /** The documentation of a field of this type. */
    get docText(): string {
        return this.#made.doc ?? "";
    }

    nullable(): Typed<In | null, Given | null, A> {
        return new Typed({ ...this.#made, type: () => types.nullable(this.type) });
    }

    /** Makes a field of this type one that may be absent, with a constant in its place. */
    default(constant: Given): Typed<In, Given, "constant"> {
        return new Typed({ ...this.#made, standing: { constant } });
    }

    /** Makes a field of this type one that may be absent: the server makes its value each time. */
    defaultFrom(make: () => In): Typed<In, Given, "made"> {
        return new Typed({ ...this.#made, standing: { make } });
    }

    doc(doc: string): Typed<In, Given, A> {
        return new Typed({ ...this.#made, doc });
    }
}
