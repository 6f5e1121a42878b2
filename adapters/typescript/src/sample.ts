/**
 * The sample application of spec/sample.md on Hono: everything declared, mounted on an application of its own.
 */
import { registerExtension } from "@mizan/core";
import { mount } from "@mizan/hono";
import { Hono } from "hono";

import { BEGUN, FINISHED } from "./counting.js";
import { TABLES } from "./database.js";
import { ENVIRONMENT } from "./environment.js";

const DECLARED = ["plain", "reads", "mutations", "merging", "uploads", "probing", "discovered", "mistaken"];
for (const module of ENVIRONMENT.isReordered ? DECLARED.toSorted() : DECLARED) {
    await import(`./${module}.js`);                     // importing a module declares its functions
}

/** An extension of the registry: this run and which tables there are, under its own key of the schema; clearing it forgets the counters. */
const census = {
    schema: () => ({ run: ENVIRONMENT.run, tables: TABLES }),
    clear: () => {
        BEGUN.clear();
        FINISHED.clear();
    },
};

registerExtension("census", census);
export const app = new Hono();
if (ENVIRONMENT.isReordered) {                          // the other start has a handler before ours: what passes it is the web's own Request and Response
    app.use(async (_, next) => { await next(); });
}
mount(app, { prefix: "/api/mizan" });
