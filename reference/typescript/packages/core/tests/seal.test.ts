/** What every declaration is checked for beside the others, and what follows from them. Source: spec/scoping.md, spec/context.md, spec/ir.md. */
import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { BadDeclaration, BadName } from "../src/errors.js";
import { ServerFunction, type Composition, type Declared } from "../src/function.js";
import { named, seal, type Sealed } from "../src/seal.js";
import * as types from "../src/types.js";
import type { Field, Type } from "../src/types.js";

const INT = types.scalar("int");
const UTF8 = new TextEncoder();

function field(name: string, type: Type = INT, more: Partial<Field> = {}): [string, Field] {
    return [name, { name, type, doc: "", ...more }];
}

function declared(name: string, more: Partial<Declared> = {}): ServerFunction {
    return new ServerFunction({ name, body: () => null, parameters: new Map(), output: INT, names: new Map(), ...more });
}

function sealed(functions: readonly ServerFunction[], compositions: readonly Composition[] = []): Sealed {
    return seal(new Map(functions.map((one) => [one.name, one])), new Map(compositions.map((one) => [one.name, one])));
}

function read(name: string, ...parameters: readonly [string, Field][]): ServerFunction {
    return declared(name, { context: "c", parameters: new Map(parameters) });
}

describe("a name", () => {
    test("is given to a copy, and the function stays as it is", () => {
        const one = declared("a", { doc: "says", timeout_s: 5 });
        const other = named("shop.a", one);
        expect([one.name, other.name, other.doc, other.timeout_s, named("a", one) === one]).toEqual(["a", "shop.a", "says", 5, true]);
    });

    test.each(["A", "a-b", "mizan.a", "", "a..b"])("is refused outside the grammar: %j", (name) => {
        expect(() => named(name, declared("a"))).toThrow(BadName);
    });

    test("of a read has no dot", () => {
        expect(() => named("a.b", read("a"))).toThrow(BadName);
    });

    test("belongs to a server function alone", () => {
        expect(() => named("a", () => null)).toThrow(BadDeclaration);
    });
});

describe("a context", () => {
    test("refuses two defaults also where a function between them requires the parameter", () => {
        const defaults = ["1", "2"].map((said) => field("p", INT, { default: UTF8.encode(said) }));
        const [one, other] = defaults.map((one, at) => read(`a${at}`, one));
        expect(() => sealed([one, read("b", field("p")), other].filter((fn) => fn !== undefined))).toThrow("one name has one default");
    });

    test("refuses a parameter whose default the server makes", () => {
        expect(() => sealed([read("a", field("p", INT, { optional: () => 1 }))])).toThrow("say a constant");
    });

    test("has the union of its functions' parameters, by name, and is required where any function requires one", () => {
        const optional = field("p", INT, { default: UTF8.encode("1") });
        const { contexts } = sealed([read("b", field("q"), optional), read("a", field("p"))]);
        const context = contexts.get("c");
        expect([...context?.parameters.keys() ?? []]).toEqual(["p", "q"]);
        expect([...context?.slots.keys() ?? []]).toEqual(["a", "b"]);
        expect([...context?.parameters.values() ?? []].map(types.isRequired)).toEqual([true, true]);
    });

    test("is volatile if any slot is", () => {
        expect(sealed([read("a"), declared("b", { context: "c", volatile: true })]).contexts.get("c")?.volatile).toBe(true);
    });

    test.each<[[string, Field], RegExp]>([
        [field("p", types.scalar("string")), /one name has one type/], [field("p", types.nullable(INT)), /one name has one type/],
        [field("p", INT, { default: UTF8.encode("2") }), /one name has one default/],
    ])("whose parameters differ refuses", (other, said) => {
        expect(() => sealed([read("a", field("p", INT, { default: UTF8.encode("1") })), read("b", other)])).toThrow(said);
    });

    test("holds no framework's own response", () => {
        expect(() => sealed([declared("a", { context: "c", output: null })])).toThrow(/cannot be a slot/);
    });
});

describe("types of one name", () => {
    const enumeration = (values: readonly string[], doc = ""): Partial<Declared> => ({
        names: new Map([["Color", { is: "enum", name: "Color", values, doc }]]),
    });
    const record = (...fields: readonly [string, Field][]): Partial<Declared> => ({
        names: new Map([["Color", { is: "object", name: "Color", fields: fields.map(([, one]) => one), doc: "" }]]),
    });

    test.each<[Partial<Declared>]>([
        [enumeration(["blue", "red"])], [enumeration(["red"])], [enumeration(["red", "blue"], "said")], [record(field("p"))],
    ])("that differ are refused", (other) => {
        expect(() => sealed([declared("a", enumeration(["red", "blue"])), declared("b", other)])).toThrow(BadName);
    });

    test.each<[Partial<Declared>]>([
        [record(field("p"), field("q"))], [record(field("q"))], [record(field("p", types.scalar("string")))], [record(field("p", INT, { doc: "said" }))],
        [record(field("p", INT, { default: UTF8.encode("1") }))], [record(field("p", INT, { optional: () => 1 }))],
    ])("that differ in a field are refused", (other) => {
        expect(() => sealed([declared("a", record(field("p"))), declared("b", other)])).toThrow(BadName);
    });

    test("that are alike are one", () => {
        const default_ = (): Field => ({ name: "p", type: types.list(INT), default: UTF8.encode("[]"), doc: "" });
        expect([...sealed([declared("a", record(["p", default_()])), declared("b", record(["p", default_()]))]).names.keys()]).toEqual(["Color"]);
    });
});

describe("a composition", () => {
    const [one, other] = [read("a", field("p")), read("b", field("q"))];

    test("has the parameters of its parts", () => {
        expect([...sealed([one, other], [{ name: "both", functions: [other, one], doc: "" }]).parameters.get("both")?.keys() ?? []]).toEqual(["p", "q"]);
    });

    test.each<[readonly ServerFunction[], RegExp]>([
        [[], /no functions/], [[one, one], /twice/], [[read("a", field("p"))], /no registered read/], [[declared("c")], /no registered read/],
        [[declared("constructor")], /no registered read/],
    ])("that cannot be is refused", (functions, said) => {
        expect(() => sealed([one, other, declared("c")], [{ name: "both", functions, doc: "" }])).toThrow(said);
    });
});

test("a name that stands twice in affects, merge or errors is refused", () => {
    const affects = [{ context: "c" }, { context: "c" }];
    expect(() => sealed([read("a"), declared("m", { affects })])).toThrow(/affects names c twice/);
});

describe("a parameter called id", () => {
    /** @returns the warnings of sealing a mutation of the context c(id). */
    async function warnings(more: Partial<Declared>): Promise<string[]> {
        const found: string[] = [];
        const listen = (warning: Error): void => { found.push(`${warning.name}: ${warning.message}`); };
        process.on("warning", listen);
        sealed([read("a", field("id")), declared("m", { parameters: new Map([field("id")]), ...more })]);
        await setImmediate();
        process.off("warning", listen);
        return found;
    }

    test("is warned of where its name alone would bind it", async () => {
        const [said, ...others] = await warnings({ affects: [{ context: "c" }] });
        expect(said).toMatch(/^UnboundName: function "m": "id" of context "c" is never bound/);
        expect(others).toEqual([]);
    });

    test("is not warned of where a map binds it, or nothing would", async () => {
        expect(await warnings({ affects: [{ context: "c", map: new Map([["id", "args.id"]]) }] })).toEqual([]);
        expect(await warnings({ affects: [{ context: "c" }], parameters: new Map([field("id", types.scalar("string"))]) })).toEqual([]);
    });
});
