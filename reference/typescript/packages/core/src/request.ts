/**
 * What a function sees of the request that called it: as much as its identity mode keys, and no more.
 *
 * Source: spec/context.md, What a public read may see. Errors: Misuse, where a read looks at what its replies are not keyed by.
 */
import { Misuse } from "./errors.js";
import type { ServerFunction } from "./function.js";

/** What every binding shows of a request; `native` is the framework's own. */
export interface Shown {
    readonly user: unknown;
    readonly session: unknown;
    readonly headers: Headers;
    readonly cookies: ReadonlyMap<string, string>;
    readonly native: unknown;
}

/** The `request` of a function; `signal` is aborted when its time is over. */
export interface Sight extends Shown {
    readonly signal: AbortSignal;
}

/** A request as all functions but public reads see it. */
class WholeSight implements Sight {
    readonly #shown: Shown;

    constructor(shown: Shown, readonly signal: AbortSignal) {
        this.#shown = shown;
    }

    get user(): unknown {
        return this.#shown.user;
    }

    get session(): unknown {
        return this.#shown.session;
    }

    get headers(): Headers {
        return this.#shown.headers;
    }

    get cookies(): ReadonlyMap<string, string> {
        return this.#shown.cookies;
    }

    get native(): unknown {
        return this.#shown.native;
    }
}

/**
 * The request as a read in a public context sees it: not at all, because its reply is one for all callers.
 *
 * It holds the function's name and context alone, so that nothing behind it can be reached around it.
 */
class PublicSight implements Sight {
    readonly #function: string;
    readonly #context: string;

    constructor(function_: ServerFunction, readonly signal: AbortSignal) {
        this.#function = function_.name;
        this.#context = function_.context ?? "";
    }

    get user(): never {
        return this.#refused("user");
    }

    get session(): never {
        return this.#refused("session");
    }

    get headers(): never {
        return this.#refused("headers");
    }

    get cookies(): never {
        return this.#refused("cookies");
    }

    get native(): never {
        return this.#refused("native");
    }

    /** @throws Misuse. */
    #refused(name: string): never {
        throw new Misuse(`${this.#function} looks at request.${name}, but the context "${this.#context}" is public: its reply is the same for `
            + "every caller and may be stored for all; take what it needs as a parameter, or declare it with identity: \"sub\"");
    }
}

/** @returns the `request` that the body of a function is given. */
export function seenBy(function_: ServerFunction, shown: Shown, signal: AbortSignal): Sight {
    return isPublicRead(function_) ? new PublicSight(function_, signal) : new WholeSight(shown, signal);
}

/** Whether a function is a read whose reply is keyed by no identity, through whatever door it is called. */
function isPublicRead(function_: ServerFunction): boolean {
    return function_.context !== null && function_.identity === "public";
}
