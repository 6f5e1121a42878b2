/** The IR of declared code, and declarations as JSON. Source: spec/ir.md. */
import { describe, expect, test } from "vitest";

import * as canonical from "../src/canonical.js";
import * as declarations from "../src/declarations.js";
import { BadDeclaration, BadName, BadType, Registry, client, context, t } from "../src/index.js";
import * as ir from "../src/ir.js";

interface Person {
    readonly user_id: number;
    readonly name: string;
    readonly boss: Person | null;
}

const Person: t.Of<Person> = t.object("Person", {
    user_id: t.int(), name: t.string().default("").doc("As it is shown."), boss: t.lazy(() => Person).nullable().default(null),
}, { doc: `
    A person.

      Never deleted.
` });
const UserContext = context("user");

function registry(isReordered = false): Registry {
    const made = new Registry();
    const read = (): unknown => client(
        { name: "user_profile", context: UserContext, args: { user_id: t.int() }, returns: Person, registry: made },
        () => ({ user_id: 1, name: "", boss: null }),
    );
    const write = (): unknown => client({
        name: "rename_user", affects: UserContext, merge: UserContext, timeout_s: 5, args: { user_id: t.int(), name: t.string() }, returns: Person,
        registry: made,
    }, () => ({ user_id: 1, name: "", boss: null }));
    for (const declare of isReordered ? [write, read] : [read, write]) {
        declare();
    }
    return made;
}

const TEXT = `/- kdl-version 2
ir version=1
object "Person" doc="A person.\\n\\n  Never deleted." {
    field "boss" default="null" {
        type "ref" "Person" nullable=#true
    }
    field "name" default="\\"\\"" doc="As it is shown." {
        type "string"
    }
    field "user_id" {
        type "int"
    }
}
function "rename_user" kind="mutation" timeout_s=5 {
    arg "name" {
        type "string"
    }
    arg "user_id" {
        type "int"
    }
    returns {
        type "ref" "Person"
    }
    affects "user" {
        bind "user_id" arg="user_id"
    }
    merge "user" slot="user_profile" {
        bind "user_id" arg="user_id"
    }
}
function "user_profile" context="user" kind="read" {
    arg "user_id" {
        type "int"
    }
    returns {
        type "ref" "Person"
    }
}
context "user" {
    param "user_id" {
        type "int"
    }
    slot "user_profile"
    scope "user_id"
}
`;

function textOf(one: Registry): string {
    return new TextDecoder().decode(ir.text(one.seal()));
}

function read(text: string): canonical.Json {
    return canonical.read(new TextEncoder().encode(text));
}

describe("the IR", () => {
    test("says what code declares", () => {
        expect(textOf(registry())).toBe(TEXT);
    });

    test("never shows the order of registration", () => {
        expect(textOf(registry(true))).toBe(TEXT);
    });

    test("says an optional field, an upload, a view and an error", () => {
        const made = new Registry();
        client({ name: "page", returns: t.response, registry: made }, () => ({ status: 200 }));
        client({ name: "put", args: { file: t.upload(), made: t.list(t.int()).defaultFrom(() => []) }, returns: t.null(), registry: made }, () => null);
        expect(textOf(made).split("\n").map((line) => line.trim()).filter((line) => /^(function|arg|type)/.test(line))).toEqual([
            'function "page" kind="plain" view=#true', 'function "put" kind="plain" {', 'arg "file" {', 'type "upload"', 'arg "made" optional=#true {',
            'type "list" {', 'type "int"', 'type "null"',
        ]);
    });
});

describe("declarations as JSON", () => {
    test("make the same registry", () => {
        const said = declarations.toJson(registry().seal());
        const again = declarations.sealed(read(canonical.textOf(said)));
        expect(new TextDecoder().decode(ir.text(again))).toBe(TEXT);
        expect(canonical.textOf(declarations.toJson(again))).toBe(canonical.textOf(said));
    });

    test("say every option", () => {
        const said = read(JSON.stringify({
            enums: [{ name: "Color", values: ["red"], doc: "d" }], objects: [{ name: "Row", fields: { id: { type: "int" } } }],
            functions: [
                {
                    name: "add", returns: { ref: "Row" }, args: { c: { type: { ref: "Color" } } },
                    merge: [{ context: "rows", slot: "rows", op: "upsert", key: "id" }],
                },
                {
                    name: "other", context: "others", volatile: true, returns: { union: ["int", { map: "string" }] },
                    args: { at: { type: "json", default: null } },
                },
                {
                    name: "page", view: true, affects: ["rows", { context: "others", map: {} }], errors: [{ name: "app.gone", status: 410 }],
                    timeout_s: 5, doc: "p",
                    args: { made: { type: { list: { nullable: "int" } }, optional: true, doc: "m" } },
                },
                { name: "rows", context: "rows", returns: { list: { ref: "Row" } } },
            ],
            compositions: [{ name: "all", parts: ["other", "rows"], doc: "c" }],
        }));
        expect(canonical.textOf(declarations.toJson(declarations.sealed(said)))).toBe(canonical.textOf(said));
    });

    test.each<[string, typeof BadDeclaration]>([
        ["[]", BadDeclaration],
        ['{"others":[]}', BadDeclaration],
        ['{"functions":{}}', BadDeclaration],
        ['{"functions":[{"name":"f"}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","view":true}]}', BadDeclaration],
        ['{"functions":[{"name":"f","view":false}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","doc":5}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","timeout_s":true}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","timeout_s":5.0}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","args":{"x":"int"}}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","affects":[{"context":"c","map":{"x":5}}]}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":"int","merge":[{"context":"c","op":"swap"}]}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":{"object":[]}}]}', BadDeclaration],
        ['{"compositions":[{"name":"x","parts":[5]}]}', BadDeclaration],
        ['{"compositions":[{"name":"x","parts":["nobody"]}]}', BadDeclaration],
        ['{"functions":[{"name":"f","returns":{"union":[{"enum":["a"]},{"enum":["b"]}]}}]}', BadName],
        ['{"enums":[{"name":"A","values":[1]}],"objects":[{"name":"A","fields":{}}]}', BadName],
        ['{"functions":[{"name":"f","returns":"int"},{"name":"f","returns":"int"}]}', BadName],
        ['{"functions":[{"name":"f","returns":"int","errors":[{"name":"gone","status":410}]}]}', BadName],
        ['{"functions":[{"name":"f","returns":{"ref":"Nobody"}}]}', BadType],
        ['{"functions":[{"name":"f","returns":null}]}', BadType],
    ])("that could not register are refused: %s", (said, refusal) => {
        expect(() => declarations.sealed(read(said))).toThrow(expect.objectContaining({ name: refusal.name }));
    });
});
