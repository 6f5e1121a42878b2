import type { Site } from "@mizan/core/serving";
import type { Registry } from "@mizan/core/registry";
import type { Environment } from "@mizan/core/settings";
import type { Hono } from "hono";
import type { Server } from "node:http";

export interface MountOptions {
    readonly prefix?: string;
    readonly registry?: Registry;
    readonly environment?: Environment;
}

export interface ServeOptions {
    readonly port: number;
    readonly hostname?: string;
}

export declare function mount(app: Hono, options?: MountOptions): Site;
/** Resolves when it listens. */
export declare function serve(app: Hono, options: ServeOptions): Promise<Server>;
