/**
 * What discovery shows and what it does not: compositions, the framework's own response, registries.
 *
 * Source: spec/sample.md, Discovery.
 */
import { client, compose, Registry, type ServerFunction, t } from "@mizan/core";

import { UserContext } from "./contexts.js";
import { BEGUN, count, counted } from "./counting.js";
import { digest, ENVIRONMENT } from "./environment.js";
import { brokenCalm, brokenLoud, pageText, userProfile } from "./reads.js";

const PARTS: readonly (readonly [name: string, parts: readonly ServerFunction[]])[] = [
    ["broken_pair", [brokenCalm, brokenLoud]], ["user_page", [pageText, userProfile]],
];

const BODILESS: readonly number[] = [204, 205, 304];               // a Response of these statuses may not be given a body

for (const [name, parts] of inOrder(PARTS)) {
    compose(name, inOrder(parts));
}

/** @returns what is to be registered, in this start's order. */
function inOrder<T>(all: readonly T[]): readonly T[] {
    return ENVIRONMENT.isReordered ? all.toReversed() : all;
}

counted(
    { name: "hands_over", affects: UserContext, args: { user_id: t.int(), text: t.string(), status: t.int() }, returns: t.response },
    (_, { text, status }) => new Response(BODILESS.includes(status) ? null : digest(text), {
        status, headers: { "Content-Type": "text/plain; charset=utf-8", "X-Handed": "over", "X-Mizan-Invalidate": "forged" },
    }),
);

function notDeclared(text: string): string {
    count(BEGUN, "not_declared");
    return digest(text);
}

/** An extension of a registry: a text. */
class Note {
    #text: string | null;

    constructor(text: string) {
        this.#text = text;
    }

    schema(): { readonly text: string | null } {
        return { text: this.#text };
    }

    clear(): void {
        this.#text = null;
    }
}

counted({ name: "own_registry", args: { text: t.string(), clear: t.bool() }, returns: t.json() }, (_, { text, clear }) => {
    const registry = new Registry();
    registry.registerExtension("note", new Note(text));
    client({ name: "noted", args: { text: t.string() }, returns: t.string(), registry }, (_request, args) => notDeclared(args.text));
    if (clear) {
        registry.clear();
    }
    const { functions, extensions } = registry.getSchema();
    return { functions: functions.map(({ name }) => name), note: extensions["note"] ?? null };
});
