/**
 * How often each body began, and the gate that holds some of them back.
 *
 * Source: spec/sample.md, Counters.
 */
import { EventEmitter, once } from "node:events";

import { client } from "@mizan/core";

export const BEGUN = new Map<string, number>();
export const FINISHED = new Map<string, number>();

export function count(counter: Map<string, number>, name: string): void {
    counter.set(name, (counter.get(name) ?? 0) + 1);
}

/** Declares a function that counts, under its own name, how often its body begins. */
export const counted: typeof client = (options, body) => client(options, (request, args) => {
    count(BEGUN, options.name);
    return body(request, args);
});

/** Open or shut; whoever comes while it is shut waits. */
class Gate {
    readonly #opened = new EventEmitter().setMaxListeners(0);
    #isOpen = true;

    turn(isOpen: boolean): void {
        this.#isOpen = isOpen;
        if (isOpen) {
            this.#opened.emit("open");
        }
    }

    /** @throws an AbortError, where the signal says that nobody waits for this any more. */
    async passed(signal?: AbortSignal): Promise<void> {
        if (!this.#isOpen) {
            await once(this.#opened, "open", { signal });
        }
    }
}

export const GATE = new Gate();
