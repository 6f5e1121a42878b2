/** A registry of a few functions for tests of the binding. */
import { client, context, Registry, t, type Sight } from "@mizan/core";
import { Hono } from "hono";

import { mount } from "../src/index.js";

export const BASE = "/api/mizan";
export const ORIGIN = "https://shop.example";
export const CALL = { fn: "name", args: { user_id: 5 } };

const USER = context("user");

export class Shop {
    readonly registry = new Registry();
    readonly begun: string[] = [];
    readonly requests: Sight[] = [];
    makes: (status: number) => Response = (status) => new Response("made", { status });

    constructor() {
        const { registry } = this;
        client({ name: "name", context: USER, args: { user_id: t.int() }, returns: t.string(), registry }, async (_, { user_id }) => {
            this.begun.push(`name ${user_id}`);
            await new Promise((resolve) => { setTimeout(resolve, 10 - user_id); });
            this.begun.push(`named ${user_id}`);
            return `u${user_id}`;
        });
        client({ name: "rename", affects: USER, args: { user_id: t.int(), name: t.string() }, returns: t.string(), registry }, (request, { name }) => {
            this.requests.push(request);
            return name;
        });
        client({ name: "download", affects: USER, args: { user_id: t.int(), status: t.int() }, returns: t.response, registry }, (_, { status }) => (
            this.makes(status)
        ));
        client({ name: "size", args: { file: t.upload() }, returns: t.int(), registry }, (_, { file }) => file.size);
    }

    app(environment: Readonly<Record<string, string>> = {}): Hono {
        const app = new Hono();
        mount(app, { registry: this.registry, environment });
        return app;
    }
}

export function posted(document: object, headers: Readonly<Record<string, string>> = {}): RequestInit {
    return { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(document) };
}
