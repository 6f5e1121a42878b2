/**
 * One application being served: what it declared, its settings, and what extensions add.
 *
 * Source: spec/ground.md, Reading across origins; spec/discovery.md, Extensions. A process may serve several, each with a Site of its own.
 */
import type { RegistryExtension } from "./schema.js";
import type { Sealed } from "./seal.js";
import type { Settings } from "./settings.js";

/** What every request of one mounted registry needs; made once, when it is mounted, and shared by all of them. */
export interface Site {
    readonly sealed: Sealed;
    readonly settings: Settings;
    readonly extensions: ReadonlyMap<string, RegistryExtension>;
}
