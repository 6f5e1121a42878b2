import type { Type } from "./types.js";

export type Absence = "required" | "constant" | "made";
export interface Typed<In, Out = In, A extends Absence = "required"> {
    readonly type: Type;
    nullable(): Typed<In | null, Out | null, A>;
    default(value: Out): Typed<In, Out, "constant">;
    defaultFrom(make: () => Out): Typed<In, Out, "made">;
    doc(text: string): Typed<In, Out, A>;
}
export type AnyTyped = Typed<unknown, never, Absence>;
export type Shape = Readonly<Record<string, AnyTyped>>;
export declare const response: unique symbol;
