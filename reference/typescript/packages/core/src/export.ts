/**
 * What an application declares, handed out: the IR over HTTP, and IR or declarations on standard output.
 *
 *     mizan ir dist/shop.js              # imports the module, which declares, and prints the IR
 *     mizan declarations dist/shop.js    # the same as JSON
 *
 * Source: spec/ir.md, Where it is found. Errors: BadDeclaration, for what would not register.
 */
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";

import type { Answer } from "./answer.js";
import { conditional, etag } from "./bundle.js";
import * as canonical from "./canonical.js";
import * as declarations from "./declarations.js";
import * as ir from "./ir.js";
import { getRegistry } from "./registry.js";
import type { Sealed } from "./seal.js";

export const IR_TYPE = "text/plain; charset=utf-8";
export const CACHE_CONTROL = "public, no-cache";

type Form = (sealed: Sealed) => Uint8Array;

/** What can be printed, by the word that asks for it. */
export const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([["ir", ir.text], ["declarations", declaredJson]]);

/** Answers GET `ir/`: the IR's bytes with a validator. */
export function answer(sealed: Sealed, ifNoneMatch: readonly string[] = []): Answer {
    const body = ir.text(sealed);
    const headers: Answer["headers"] = [["Content-Type", IR_TYPE], ["ETag", etag(body)], ["Cache-Control", CACHE_CONTROL]];
    return conditional({ status: 200, headers, body }, ifNoneMatch);
}

/** @returns the declarations as canonical JSON and a line end. */
function declaredJson(sealed: Sealed): Uint8Array {
    return Buffer.concat([canonical.write(declarations.toJson(sealed)), Buffer.from("\n")]);
}

/**
 * Imports a compiled module that declares, by its path, seals what it declared, and prints it; returns when all of it is written.
 *
 * @throws BadDeclaration; whatever the module throws.
 */
export async function printed(form: Form, modulePath: string): Promise<void> {
    await import(pathToFileURL(resolve(modulePath)).href);
    await pipeline([form(getRegistry().seal())], process.stdout, { end: false });
}
