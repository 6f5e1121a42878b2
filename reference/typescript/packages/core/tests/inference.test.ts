/**
 * What a compiler says of a declaration: each line after `@ts-expect-error` must be one, and `tsc --build` fails where it is none.
 *
 * Source: spec/ground.md, Types on the wire.
 */
import { expectTypeOf, test } from "vitest";

import { Registry, client, context, t } from "../src/index.js";
import type { Sight } from "../src/index.js";

const User = t.object("User", { user_id: t.int(), name: t.string(), nick: t.string().nullable(), rev: t.int().default(0) });
const Color = t.enumeration("Color", ["red", "green"]);
const UserContext = context("user");
const registry = new Registry();
const user = { user_id: 1, name: "a", nick: null, rev: 0 };

test("a body's arguments have the types that were declared", () => {
    client({
        name: "kinds", returns: t.null(), registry,
        args: {
            whole: t.int(), big: t.int64(), real: t.float(), flag: t.bool(), text: t.string(), nothing: t.null(), price: t.decimal(), day: t.date(),
            at: t.datetime(), uid: t.uuid(), raw: t.bytes(), color: Color, user: User, list: t.list(t.int()), table: t.map(t.bool()),
            either: t.union(t.int(), t.string()), maybe: t.int().nullable(), filled: t.string().default("x"), made: t.list(t.int()).defaultFrom(() => []),
        },
    }, (request, args) => {
        expectTypeOf(request).toEqualTypeOf<Sight>();
        expectTypeOf(args.whole).toEqualTypeOf<number>();
        expectTypeOf(args.big).toEqualTypeOf<bigint>();
        expectTypeOf(args.real).toEqualTypeOf<number>();
        expectTypeOf(args.flag).toEqualTypeOf<boolean>();
        expectTypeOf(args.text).toEqualTypeOf<string>();
        expectTypeOf(args.nothing).toEqualTypeOf<null>();
        expectTypeOf(args.price).toEqualTypeOf<string>();
        expectTypeOf(args.day).toEqualTypeOf<string>();
        expectTypeOf(args.at).toEqualTypeOf<string>();
        expectTypeOf(args.uid).toEqualTypeOf<string>();
        expectTypeOf(args.raw).toEqualTypeOf<Uint8Array>();
        expectTypeOf(args.color).toEqualTypeOf<"red" | "green">();
        expectTypeOf(args.user.nick).toEqualTypeOf<string | null>();
        expectTypeOf(args.user.rev).toEqualTypeOf<number>();
        expectTypeOf(args.list[0]).toEqualTypeOf<number | undefined>();
        expectTypeOf(args.table["x"]).toEqualTypeOf<boolean | undefined>();
        expectTypeOf(args.either).toEqualTypeOf<string | number>();
        expectTypeOf(args.maybe).toEqualTypeOf<number | null>();
        expectTypeOf(args.filled).toEqualTypeOf<string>();
        expectTypeOf(args.made[0]).toEqualTypeOf<number | undefined>();
        // @ts-expect-error  (no such argument)
        expectTypeOf(args.other).toBeAny();
        return null;
    });
});

test("a body may be sync or async, and returns what was declared", () => {
    client({ name: "sync", returns: User, registry }, () => user);
    client({ name: "async", returns: User, registry }, async () => Promise.resolve(user));
    client({ name: "maybe", returns: User.nullable(), registry }, () => null);
    client({ name: "moment", returns: t.datetime(), registry }, () => new Date(0));
    client({ name: "moments", returns: t.list(t.datetime()), registry }, () => [new Date(0), "2000-01-01T00:00:00Z"]);
    client({ name: "color", returns: Color, registry }, () => "red");
    client({ name: "page", returns: t.response, registry }, () => new Response());
    client({ name: "free", returns: t.json(), registry }, () => ({ a: [1, null] }));
});

test("a result of another type is an error", () => {
    // @ts-expect-error  (a text for an int)
    client({ name: "a", returns: t.int(), registry }, () => "5");
    // @ts-expect-error  (a promise of a text for an int)
    client({ name: "b", returns: t.int(), registry }, async () => Promise.resolve("5"));
    // @ts-expect-error  (a number for an int64)
    client({ name: "c", returns: t.int64(), registry }, () => 5);
    // @ts-expect-error  (an object without a field)
    client({ name: "d", returns: User, registry }, () => ({ user_id: 1, name: "a", rev: 0 }));
    // @ts-expect-error  (a field of another type)
    client({ name: "e", returns: User, registry }, () => ({ ...user, name: 5 }));
    // @ts-expect-error  (null where nothing is nullable)
    client({ name: "f", returns: User, registry }, () => null);
    // @ts-expect-error  (a value that the enum does not have)
    client({ name: "g", returns: Color, registry }, () => "blue");
    // @ts-expect-error  (items of another type)
    client({ name: "h", returns: t.list(t.int()), registry }, () => ["5"]);
    // @ts-expect-error  (no result)
    client({ name: "i", returns: t.int(), registry }, () => { });
    // @ts-expect-error  (a value in place of a response)
    client({ name: "j", returns: t.response, registry }, () => 5);
});

test("arguments that were not declared are an error", () => {
    // @ts-expect-error  (none were declared)
    client({ name: "k", returns: t.int(), registry }, (_, { value }) => Number(value));
    // @ts-expect-error  (another name)
    client({ name: "l", args: { user_id: t.int() }, returns: t.int(), registry }, (_, { userId }) => Number(userId));
    // @ts-expect-error  (another type)
    client({ name: "m", args: { user_id: t.string() }, returns: t.int(), registry }, (_, { user_id }) => user_id);
    // @ts-expect-error  (it may be null)
    client({ name: "n", args: { user_id: t.int().nullable() }, returns: t.int(), registry }, (_, { user_id }) => Math.abs(user_id));
    // @ts-expect-error  (a body that wants another argument)
    client({ name: "o", args: { user_id: t.int() }, returns: t.int(), registry }, (_, { user_id }: { user_id: string }) => user_id.length);
});

/** Never called: what the compiler refuses, the declaration refuses too. */
function unforeseen(): void {
    // @ts-expect-error  (a name in place of a context)
    client({ name: "p", context: "user", returns: t.int(), registry: new Registry() }, () => 5);
    // @ts-expect-error  (no result is declared)
    client({ name: "q", registry }, () => 5);
    // @ts-expect-error  (no such operation)
    client({ name: "r", merge: { context: UserContext, op: "swap" }, returns: User, registry: new Registry() }, () => user);
    // @ts-expect-error  (no such option)
    client({ name: "s", afects: UserContext, returns: User, registry }, () => user);
    // @ts-expect-error  (a default of another type)
    client({ name: "t", args: { user_id: t.int().default("5") }, returns: User, registry }, () => user);
}

test("options that were not foreseen are an error", () => {
    expectTypeOf(unforeseen).toBeFunction();
});

test("a declared function keeps the type of its body", () => {
    const one = client({ name: "typed", args: { user_id: t.int() }, returns: User, registry }, () => user);
    expectTypeOf(one.body).parameters.toEqualTypeOf<[Sight, { readonly user_id: number }]>();
    expectTypeOf<t.Infer<typeof User>["nick"]>().toEqualTypeOf<string | null>();
});
