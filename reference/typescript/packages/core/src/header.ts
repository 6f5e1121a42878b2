import type { Entry } from "./scoping.js";

export const NAME = "X-Mizan-Invalidate";

export declare class BadName extends Error {}
export declare class Unreadable extends Error {}
export declare function encode(entries: readonly Entry[]): string;
export declare function decode(value: string): Entry[];
