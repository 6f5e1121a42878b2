/**
 * What one application has declared: an explicit Registry, and module functions over the current one.
 *
 * Two applications in one process have a Registry each: `await new Registry().active(() => import("./shop.js"))`. Registration takes place
 * while modules are imported; `seal` then checks everything against everything, before anything listens.
 * Source: the spec's ground rules on names, its pages on contexts, scoping and discovery. Errors: BadDeclaration, naming the offender.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import { BadDeclaration, BadName } from "./errors.js";
import type { Composition, Context, ServerFunction } from "./function.js";
import * as grammar from "./grammar.js";
import type { RegistryExtension, Schema } from "./schema.js";
import * as schema from "./schema.js";
import type { Sealed } from "./seal.js";
import * as seal from "./seal.js";

/** Functions, compositions and extensions of one application. Look-ups are own-key look-ups: `__proto__` is a name like any other. */
export class Registry {
    readonly #functions = new Map<string, ServerFunction>();
    readonly #compositions = new Map<string, Composition>();
    readonly #extensions = new Map<string, RegistryExtension>();
    #sealed: Sealed | null = null;

    get functions(): ReadonlyMap<string, ServerFunction> {
        return this.#functions;
    }

    get compositions(): ReadonlyMap<string, Composition> {
        return this.#compositions;
    }

    get extensions(): ReadonlyMap<string, RegistryExtension> {
        return this.#extensions;
    }

    /** Registers a function under its own name. @throws BadDeclaration, for a name taken. */
    register(fn: ServerFunction): ServerFunction {
        return this.registerAs(fn.name, fn);
    }

    /** Registers a function under another name, for example another application's. @throws BadDeclaration. */
    registerAs(name: string, fn: ServerFunction): ServerFunction {
        this.#mustBeOpen(name);
        const renamed = seal.named(name, fn);
        this.#mustBeFree(name);
        this.#functions.set(name, renamed);
        return renamed;
    }

    /** Registers a named list of read functions, to be called as one. @throws BadDeclaration. */
    registerCompose(name: string, functions: readonly ServerFunction[], doc = ""): Composition {
        this.#mustBeOpen(name);
        grammar.checkFunctionName(name);
        this.#mustBeFree(name);
        const composition: Composition = { name, functions: [...functions], doc };
        this.#compositions.set(name, composition);
        return composition;
    }

    /** Plugs an extension in under its key. @throws BadDeclaration, for a key taken or outside the grammar. */
    registerExtension(key: string, extension: RegistryExtension): void {
        grammar.checkSegment(key, "extension");
        if (this.#extensions.has(key)) {
            throw new BadDeclaration(`extension "${key}": the key is taken; choose another`);
        }
        this.#extensions.set(key, extension);
    }

    getFunction(name: string): ServerFunction | undefined {
        return this.#functions.get(name);
    }

    getCompose(name: string): Composition | undefined {
        return this.#compositions.get(name);
    }

    /** @returns the functions by name, in bytes order: the order of registration never shows. */
    getAllFunctions(): ReadonlyMap<string, ServerFunction> {
        return sorted(this.#functions);
    }

    getAllCompositions(): ReadonlyMap<string, Composition> {
        return sorted(this.#compositions);
    }

    /** Gives the contexts by name, with their parameters and slots; it checks, and does not seal. @throws BadDeclaration. */
    getContexts(): ReadonlyMap<string, Context> {
        return this.checked().contexts;
    }

    /** @returns the read functions of each context, by name; it neither checks nor seals. */
    getContextGroups(): ReadonlyMap<string, readonly ServerFunction[]> {
        return seal.contextGroups(this.getAllFunctions());
    }

    /** Gives what it holds as the discovery document does; it checks, and does not seal. @throws BadDeclaration. */
    getSchema(): Schema {
        return schema.schemaOf(this.checked(), this.#extensions);
    }

    /** Checks every declaration against every other, and gives what sealing would fix. @throws BadDeclaration. */
    checked(): Sealed {
        return this.#sealed ?? seal.seal(this.getAllFunctions(), this.getAllCompositions());
    }

    /**
     * Checks every declaration against every other, fixes the bindings of every mutation, and takes no more registrations.
     *
     * Sealing again returns the same object. @throws BadDeclaration, naming the offender.
     */
    seal(): Sealed {
        this.#sealed = this.checked();
        return this.#sealed;
    }

    /** Forgets functions and compositions, opens the registry again, and clears every extension, which stays plugged in. */
    clear(): void {
        this.#functions.clear();
        this.#compositions.clear();
        this.#sealed = null;
        for (const extension of this.#extensions.values()) {
            extension.clear();
        }
    }

    /** Makes this the current registry for whatever `run` does and awaits. @returns what `run` returns. */
    active<T>(run: () => T): T {
        return CURRENT.run(this, run);
    }

    #mustBeOpen(name: string): void {
        if (this.#sealed !== null) {
            throw new BadDeclaration(`"${name}": the registry is sealed: it is being served; declare it before it is mounted, or clear() first`);
        }
    }

    #mustBeFree(name: string): void {
        if (this.#functions.has(name) || this.#compositions.has(name)) {
            throw new BadName(`"${name}": the name is registered already; choose another`);
        }
    }
}

const CURRENT = new AsyncLocalStorage<Registry>();
const DEFAULT = new Registry();

/** @returns a copy by name; names are ASCII, so that any order of texts is that of bytes. */
function sorted<T>(named: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    return new Map([...named].sort(([one], [other]) => one < other ? -1 : 1));
}

/** @returns the current registry: the one made active, else the process's own. */
export function getRegistry(): Registry {
    return CURRENT.getStore() ?? DEFAULT;
}

export function register(fn: ServerFunction): ServerFunction {
    return getRegistry().register(fn);
}

export function registerAs(name: string, fn: ServerFunction): ServerFunction {
    return getRegistry().registerAs(name, fn);
}

export function registerCompose(name: string, functions: readonly ServerFunction[], doc = ""): Composition {
    return getRegistry().registerCompose(name, functions, doc);
}

export function registerExtension(key: string, extension: RegistryExtension): void {
    getRegistry().registerExtension(key, extension);
}

export function getFunction(name: string): ServerFunction | undefined {
    return getRegistry().getFunction(name);
}

export function getCompose(name: string): Composition | undefined {
    return getRegistry().getCompose(name);
}

export function getAllFunctions(): ReadonlyMap<string, ServerFunction> {
    return getRegistry().getAllFunctions();
}

export function getAllCompositions(): ReadonlyMap<string, Composition> {
    return getRegistry().getAllCompositions();
}

export function getContexts(): ReadonlyMap<string, Context> {
    return getRegistry().getContexts();
}

export function getContextGroups(): ReadonlyMap<string, readonly ServerFunction[]> {
    return getRegistry().getContextGroups();
}

export function getSchema(): Schema {
    return getRegistry().getSchema();
}

/** Seals the current registry: refuses what cannot be served, before anything listens. @throws BadDeclaration. */
export function validateRegistry(): Sealed {
    return getRegistry().seal();
}

export function clearRegistry(): void {
    getRegistry().clear();
}
