/**
 * Declarations that refuse to start, each in a variant of its own.
 *
 * Source: spec/sample.md, Environment.
 */
import { client, context, t } from "@mizan/core";

import { digest, ENVIRONMENT } from "./environment.js";

const MISTAKEN = { name: "mistaken", args: { text: t.string() }, returns: t.string() };

if (ENVIRONMENT.variant === "duplicate") {
    client({ ...MISTAKEN, name: ENVIRONMENT.function }, (_, { text }) => digest(text));
}
if (ENVIRONMENT.variant === "unknown-context") {
    client({ ...MISTAKEN, affects: context(`${ENVIRONMENT.context}_lost`) }, (_, { text }) => digest(text));
}
