/** Run-time entries. Source: spec/scoping.md, Run-time entries. */
import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import * as declaration from "../src/declaration.js";
import { Misuse } from "../src/errors.js";
import { ReactContext, ServerFunction, type Context, type Declared } from "../src/function.js";
import { collecting, invalidate, type Collector } from "../src/invalidation.js";
import { entry } from "../src/scoping.js";
import * as types from "../src/types.js";
import { object } from "./json.js";

const USER = new ReactContext("user");
const NOWHERE = new ReactContext("nowhere");
const NAMES: types.Names = new Map();
const PARAMETERS = declaration.fieldsFromJson(object({
    user_id: { type: "int" }, at: { type: { nullable: "datetime" }, default: null }, price: { type: "decimal", default: "0" },
}), NAMES, "user");
const CONTEXTS: ReadonlyMap<string, Context> = new Map([
    ["user", { name: "user", parameters: PARAMETERS, slots: new Map(), names: NAMES, volatile: false, identity: "public" }],
]);

function declared(name: string, more: Partial<Declared>): ServerFunction {
    return new ServerFunction({ name, body: () => null, parameters: new Map(), output: types.NULL, names: NAMES, ...more });
}

const TOUCH = declared("touch", { affects: [{ context: "user" }] });

/** @returns the entries that a mutation adds. */
async function added(run: () => unknown): Promise<unknown> {
    return await collecting(TOUCH, CONTEXTS, async (collector) => {
        await run();
        return collector.entries;
    });
}

test.each<[Record<string, unknown>, object]>([
    [{}, {}], [{ user_id: 5 }, { user_id: 5 }], [{ at: new Date(0) }, { at: "1970-01-01T00:00:00Z" }], [{ at: null }, { at: null }],
    [{ price: "1.50" }, { price: "1.5" }],
])("an entry names any subset of the parameters: %j", async (params, wanted) => {
    expect(await added(() => { invalidate(USER, params); })).toEqual([entry("user", object(wanted))]);
});

test.each<[ReactContext, Record<string, unknown>]>([
    [USER, { no: 1 }], [USER, { user_id: "5" }], [USER, { user_id: null }], [USER, { user_id: undefined }], [USER, { constructor: 1 }], [NOWHERE, {}],
])("what was not declared is misuse: %j, %j", async (context, params) => {
    await expect(added(() => { invalidate(context, params); })).rejects.toThrow(Misuse);
});

test("a swallowed misuse comes back with the entries", async () => {
    const swallows = (): void => {
        expect(() => { invalidate(USER, { no: 1 }); }).toThrow(Misuse);
    };
    await expect(added(swallows)).rejects.toThrow(/no parameter "no"/);
});

test.each([
    declared("plain", {}), declared("profile", { context: "user" }),
])("only a mutation may invalidate: $name", async (fn) => {
    await expect(collecting(fn, CONTEXTS, () => { invalidate(USER); })).rejects.toThrow(`"${fn.name}" is a`);
});

test("a mutation that merges may invalidate", async () => {
    const fn = declared("merges", { merges: [{ context: "user", op: "replace" }] });
    expect(await collecting(fn, CONTEXTS, (collector) => {
        invalidate(USER);
        return collector.entries;
    })).toEqual([{ context: "user" }]);
});

describe("outside a call", () => {
    test("it is misuse", () => {
        expect(() => { invalidate(USER); }).toThrow(/no mutation is running here/);
    });

    test("it is misuse, after a call as well", async () => {
        await added(() => null);
        expect(() => { invalidate(USER); }).toThrow(/no mutation is running here/);
    });
});

test("two calls at once never mix", async () => {
    const call = (user_id: number): Promise<unknown> => added(async () => {
        invalidate(USER, { user_id });
        await setImmediate();
        invalidate(USER, { user_id: -user_id });
    });
    const wanted = (user_id: number): object => [entry("user", object({ user_id })), entry("user", object({ user_id: -user_id }))];
    expect(await Promise.all([call(1), call(2)])).toEqual([wanted(1), wanted(2)]);
});

test("what a body starts adds to its call", async () => {
    expect(await added(() => Promise.all([1, 2].map(async (user_id) => {
        await setImmediate();
        invalidate(USER, { user_id });
    })))).toHaveLength(2);
});

test("what outlives its call can add nothing", async () => {
    const kept: Collector[] = [];
    let later: Promise<unknown> = Promise.resolve();
    await collecting(TOUCH, CONTEXTS, (collector) => {
        kept.push(collector);
        later = setImmediate().then(() => { invalidate(USER); });
        return null;
    });
    await expect(later).rejects.toThrow(/has ended/);
    expect(kept.map((one) => one.entries)).toEqual([[]]);
});
