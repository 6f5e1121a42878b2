/** The discovery document. Source: spec/discovery.md. */
import { createHash } from "node:crypto";

import { expect, test } from "vitest";

import * as exported from "../src/export.js";
import { ApplicationError, Registry, client, context, t } from "../src/index.js";
import * as ir from "../src/ir.js";
import * as schema from "../src/schema.js";

class Taken extends ApplicationError {
    static override readonly code = "app.taken";
    static override readonly status = 409;
}

const USER = context("user");
const User = t.object("User", { user_id: t.int() });

function made(): Registry {
    const registry = new Registry();
    const probe = client({ name: "probe", context: USER, args: { user_id: t.int().default(1) }, returns: User, registry }, () => ({ user_id: 5 }));
    client({ name: "touch", affects: USER, merge: USER, errors: [Taken], args: { user_id: t.int() }, returns: User, registry }, () => ({ user_id: 5 }));
    client({ name: "page", returns: t.response, registry }, () => ({ status: 200 }));
    registry.registerCompose("all", [probe], "Everything.");
    return registry;
}

test("an item holds what its node holds", () => {
    const said = made().getSchema();
    const binds = [{ param: "user_id", arg: "user_id" }];
    expect(said).toEqual({
        protocol: "1", forms: [], shapes: [], extensions: { channels: {} }, contract: said.contract,
        compositions: [{ name: "all", doc: "Everything.", parts: ["probe"] }],
        contexts: [{ name: "user", params: [{ name: "user_id", type: 'type "int"', default: "1" }], slots: ["probe"], scopes: [["user_id"]] }],
        functions: [
            { name: "page", kind: "plain", view: true, args: [], errors: [], affects: [], merges: [] },
            {
                name: "probe", kind: "read", context: "user", args: [{ name: "user_id", type: 'type "int"', default: "1" }], returns: 'type "ref" "User"',
                errors: [], affects: [], merges: [],
            },
            {
                name: "touch", kind: "mutation", args: [{ name: "user_id", type: 'type "int"' }], returns: 'type "ref" "User"',
                errors: [{ name: "app.taken", status: 409 }], affects: [{ context: "user", binds }], merges: [{ context: "user", slot: "probe", binds }],
            },
        ],
    });
});

test("a nested type is its text at the left margin", () => {
    const registry = new Registry();
    client({ name: "many", returns: t.list(t.map(t.int()).nullable()), registry }, () => []);
    expect(registry.getSchema().functions[0]?.["returns"]).toBe('type "list" {\n    type "map" nullable=#true {\n        type "int"\n    }\n}');
});

test("the contract is the digest of the IR, and another for other declarations", () => {
    const sealed = made().seal();
    expect(schema.contract(sealed)).toBe(createHash("sha256").update(ir.text(sealed)).digest("hex"));
    expect(schema.contract(sealed)).toBe(schema.contract(sealed));
    expect(schema.contract(new Registry().seal())).not.toBe(schema.contract(sealed));
});

test("the document is canonical JSON with a validator", () => {
    const one = schema.answer(new Registry().seal(), new Map([["note", { schema: () => ({ b: [1.5, null], a: "é" }), clear: () => undefined }]]));
    const empty = createHash("sha256").update("/- kdl-version 2\nir version=1\n").digest("hex");
    const body = `{"compositions":[],"contexts":[],"contract":"${empty}",` +
        '"extensions":{"channels":{},"note":{"a":"é","b":[1.5,null]}},"forms":[],"functions":[],"protocol":"1","shapes":[]}';
    expect(new TextDecoder().decode(one.body)).toBe(body);
    const tag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
    expect([one.status, one.headers]).toEqual([200, [["Content-Type", "application/json"], ["ETag", tag], ["Cache-Control", "public, no-cache"]]]);
    expect(schema.answer(new Registry().seal(), new Map(), [tag]).status).toBe(200);
});

test("an extension that says another thing is heard at once", () => {
    const sealed = new Registry().seal();
    let said = 1;
    const extensions = new Map([["note", { schema: () => said, clear: () => undefined }]]);
    const heard = (): unknown => JSON.parse(new TextDecoder().decode(schema.answer(sealed, extensions).body));
    expect([heard(), heard()]).toMatchObject([{ extensions: { note: 1 } }, { extensions: { note: 1 } }]);
    said = 2;
    expect(heard()).toMatchObject({ extensions: { note: 2 } });
});

test("the IR is handed out as text with a validator", () => {
    const sealed = made().seal();
    const one = exported.answer(sealed);
    const tag = new Map(one.headers).get("ETag") ?? "";
    expect([one.status, one.body, new Map(one.headers).get("Content-Type")]).toEqual([200, ir.text(sealed), "text/plain; charset=utf-8"]);
    const again = exported.answer(sealed, [tag]);
    expect([again.status, again.body.length, again.headers]).toEqual([304, 0, [["ETag", tag], ["Cache-Control", "public, no-cache"]]]);
});
