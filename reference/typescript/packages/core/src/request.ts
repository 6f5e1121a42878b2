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

/** When a body's time is over; its signal is made for whoever asks, because few do and it costs as much as a small call. */
export class Deadline {
    #controller: AbortController | null = null;
    #reason: Error | null = null;

    get signal(): AbortSignal {
        this.#controller ??= new AbortController();
        if (this.#reason !== null) {
            this.#controller.abort(this.#reason);
        }
        return this.#controller.signal;
    }

    /** Aborts the signal, made already or later. */
    pass(reason: Error): void {
        this.#reason = reason;
        this.#controller?.abort(reason);
    }
}

/** A request as all functions but public reads see it. */
class WholeSight implements Sight {
    readonly #shown: Shown;
    readonly #deadline: Deadline;

    constructor(shown: Shown, deadline: Deadline) {
        this.#shown = shown;
        this.#deadline = deadline;
    }

    get signal(): AbortSignal {
        return this.#deadline.signal;
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
    readonly #deadline: Deadline;

    constructor(function_: ServerFunction, deadline: Deadline) {
        this.#function = function_.name;
        this.#context = function_.context ?? "";
        this.#deadline = deadline;
    }

    get signal(): AbortSignal {
        return this.#deadline.signal;
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
export function seenBy(function_: ServerFunction, shown: Shown, deadline: Deadline): Sight {
    return isPublicRead(function_) ? new PublicSight(function_, deadline) : new WholeSight(shown, deadline);
}

/** Whether a function is a read whose reply is keyed by no identity, through whatever door it is called. */
function isPublicRead(function_: ServerFunction): boolean {
    return function_.context !== null && function_.identity === "public";
}
