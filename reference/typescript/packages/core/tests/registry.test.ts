/** What an application declared, found by name and checked as a whole. Source: spec/discovery.md; spec/context.md. */
import { beforeEach, describe, expect, test } from "vitest";

import * as mizan from "../src/index.js";
import { Registry, client, context, t } from "../src/index.js";
import type { RegistryExtension } from "../src/index.js";

const USER = context("user");
const TEAM = context("team");
let registry: Registry;

beforeEach(() => {
    registry = new Registry();
});

function read(name: string, args: t.Shape = { user_id: t.int() }) {
    return client({ name, context: USER, args, returns: t.int(), registry }, () => 5);
}

class Plugin implements RegistryExtension {
    topics = ["chat"];

    schema(): t.JsonValue {
        return { topics: this.topics };
    }

    clear(): void {
        this.topics = [];
    }
}

describe("names", () => {
    test("a function is found by its own name alone", () => {
        const probe = read("probe");
        expect(registry.getFunction("probe")).toBe(probe);
        expect(["__proto__", "constructor", "toString", "register"].filter((name) => registry.getFunction(name) !== undefined)).toEqual([]);
    });

    test("a function can have another name in another registry", () => {
        const other = new Registry();
        const renamed = other.registerAs("renamed", read("probe"));
        expect([renamed.name, [...other.getAllFunctions().keys()]]).toEqual(["renamed", ["renamed"]]);
    });

    test("a name taken refuses, by a composition too", () => {
        const probe = read("probe");
        expect(() => registry.register(probe)).toThrow('"probe": the name is registered already');
        expect(() => registry.registerCompose("probe", [probe])).toThrow('"probe": the name is registered already');
    });

    test("a read has a name of one segment", () => {
        expect(() => read("a.b")).toThrow(mizan.BadName);
    });

    test("the order of registration never shows", () => {
        read("b");
        read("a");
        expect([...registry.getAllFunctions().keys()]).toEqual(["a", "b"]);
        expect([...registry.getContexts().get("user")?.slots.keys() ?? []]).toEqual(["a", "b"]);
        expect([...registry.getContextGroups().get("user") ?? []].map((one) => one.name)).toEqual(["a", "b"]);
    });
});

describe("the current registry", () => {
    test("is the one made active, across what is awaited, and no other's", async () => {
        const other = new Registry();
        const seen = await registry.active(async () => {
            await Promise.resolve();
            mizan.register(client({ name: "here", returns: t.int(), registry: new Registry() }, () => 5));
            return [mizan.getRegistry(), other.active(() => mizan.getRegistry()), mizan.getRegistry()];
        });
        expect(seen).toEqual([registry, other, registry]);
        expect([...registry.getAllFunctions().keys(), ...other.getAllFunctions().keys()]).toEqual(["here"]);
    });

    test("is the process's own elsewhere", () => {
        expect(mizan.getRegistry()).toBe(mizan.getRegistry());
        expect(mizan.getRegistry()).not.toBe(registry);
    });

    test("answers the module's functions", () => {
        registry.active(() => {
            const probe = client({ name: "probe", context: USER, returns: t.int() }, () => 5);
            const both = mizan.compose("both", [probe]);
            mizan.registerExtension("note", new Plugin());
            expect([mizan.getFunction("probe"), mizan.getCompose("both")]).toEqual([probe, both]);
            expect([...mizan.getAllFunctions().keys(), ...mizan.getAllCompositions().keys()]).toEqual(["probe", "both"]);
            expect([...mizan.getContexts().keys(), ...mizan.getContextGroups().keys()]).toEqual(["user", "user"]);
            expect(mizan.getSchema().extensions).toEqual({ channels: {}, note: { topics: ["chat"] } });
            expect(mizan.validateRegistry()).toBe(registry.seal());
            mizan.clearRegistry();
            expect(registry.getAllFunctions().size).toBe(0);
        });
    });
});

describe("sealing", () => {
    test("takes no more, and gives the same again", () => {
        const probe = read("probe");
        const sealed = registry.seal();
        expect(registry.seal()).toBe(sealed);
        expect(() => registry.registerAs("other", probe)).toThrow('"other": the registry is sealed');
        expect(() => registry.registerCompose("other", [probe])).toThrow('"other": the registry is sealed');
    });

    test("asking does not seal", () => {
        registry.getSchema();
        expect(read("probe").name).toBe("probe");
    });

    test.each([[{ user_id: t.string() }], [{ user_id: t.int().nullable() }]])("one name has one type", (args) => {
        read("a");
        read("b", args);
        expect(() => registry.seal()).toThrow(mizan.BadDeclaration);
    });

    test("one name has one default", () => {
        read("a", { lang: t.string().default("en") });
        read("b", { lang: t.string().default("de") });
        expect(() => registry.seal()).toThrow(mizan.BadDeclaration);
    });

    test("a context that nobody reads refuses", () => {
        client({ name: "touch", affects: TEAM, returns: t.bool(), registry }, () => true);
        expect(() => registry.seal()).toThrow(/"?touch"?.*team/);
    });

    test("a type's name means one type", () => {
        client({ name: "a", returns: t.object("User", { id: t.int() }), registry }, () => ({ id: 1 }));
        client({ name: "b", returns: t.object("User", { id: t.int(), more: t.int() }), registry }, () => ({ id: 1, more: 2 }));
        expect(() => registry.seal()).toThrow(mizan.BadName);
    });

    test("the framework's own response is no slot", () => {
        client({ name: "page", context: USER, returns: t.response, registry }, () => ({ status: 200 }));
        expect(() => registry.seal()).toThrow(mizan.BadDeclaration);
    });

    test("a composition unites the parameters of its parts, and has reads alone", () => {
        const parts = [read("a"), read("b", { org_id: t.int() })];
        registry.registerCompose("both", parts);
        expect([...registry.checked().parameters.get("both")?.keys() ?? []]).toEqual(["org_id", "user_id"]);
        registry.registerCompose("none", []);
        expect(() => registry.checked()).toThrow(mizan.BadDeclaration);
    });
});

describe("extensions", () => {
    test("stand under their own key, and are cleared with the registry", () => {
        registry.registerExtension("channels", new Plugin());
        read("probe");
        expect(registry.getSchema().extensions).toEqual({ channels: { topics: ["chat"] } });
        registry.seal();
        registry.clear();
        expect([registry.getSchema().functions, registry.getSchema().extensions]).toEqual([[], { channels: { topics: [] } }]);
    });

    test.each(["channels", "Caps", "a.b"])("a key that is taken or no name refuses: %s", (key) => {
        registry.registerExtension("channels", new Plugin());
        expect(() => { registry.registerExtension(key, new Plugin()); }).toThrow(`"${key}"`);
    });
});
