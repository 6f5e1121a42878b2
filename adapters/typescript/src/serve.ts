/**
 * Serves the sample application on 127.0.0.1:PORT.
 *
 * Source: spec/sample.md, Environment.
 */
import { serve } from "@mizan/hono";

import * as database from "./database.js";
import { app } from "./sample.js";

await database.create();
await serve(app, { hostname: "127.0.0.1", port: Number(process.env["PORT"]) });
