/**
 * Functions that neither read a context nor invalidate one.
 *
 * Source: spec/sample.md, Plain functions.
 */
import { ApplicationError, invalidate, t } from "@mizan/core";

import { UserContext } from "./contexts.js";
import { count, counted, FINISHED, GATE } from "./counting.js";
import { digest, ENVIRONMENT } from "./environment.js";
import { BlueSquare, Circle, Kinds, KINDS, RedCircle, Square } from "./models.js";

const LEAP_MOMENT = new Date("2024-02-29T12:34:56.500Z");
const NO_REPLY_HOLDS = new Map<string, number | string>([
    ["nan", Number.NaN], ["infinity", Number.POSITIVE_INFINITY], ["big-int", 2 ** 53], ["big-float", 1e20], ["surrogate", "\ud800"],
]);

class TakenError extends ApplicationError {
    static override readonly code = "app.taken";
    static override readonly status = 409;
}

class UndeclaredError extends ApplicationError {
    static override readonly code = "app.undeclared";
    static override readonly status = 409;
}

/** What `kinds` and the context `typed` take. */
export const KIND_ARGS = {
    ...KINDS,
    whole: KINDS.whole.default(0), big: KINDS.big.default(0n), real: KINDS.real.default(0), flag: KINDS.flag.default(false),
    price: KINDS.price.default("0"), day: KINDS.day.default("2000-01-01"), at: KINDS.at.default("2000-01-01T00:00:00Z"),
    uid: KINDS.uid.default("00000000-0000-0000-0000-000000000000"), raw: KINDS.raw.default(new Uint8Array()), color: KINDS.color.default("red"),
    level: KINDS.level.default(1), numbers: KINDS.numbers.default([]), table: KINDS.table.default({}),
    point: KINDS.point.default({ x: 0, y: 0, label: null }), node: KINDS.node.default(null), either: KINDS.either.default(0),
    maybe: KINDS.maybe.default(null), nothing: KINDS.nothing.default(null), free: KINDS.free.default(null), bag: KINDS.bag.default({}),
};

counted({ name: ENVIRONMENT.function, args: { text: t.string() }, returns: t.string() }, (_, { text }) => digest(text));

counted({ name: "log_visit", args: { user_id: t.int() }, returns: t.bool() }, () => true);

counted({ name: "kinds", args: KIND_ARGS, returns: Kinds }, (_, args) => ({ ...args, stamp: digest(args.text) }));

counted({ name: "pick", args: { value: t.int().nullable() }, returns: t.string() }, (_, { value }) => digest(String(value)));

counted({ name: "many", args: { values: t.list(t.int()) }, returns: t.int() }, (_, { values }) => values.reduce((sum, value) => sum + value, 0));

counted(
    { name: "circle_or_square", args: { shape: t.union(Circle, Square), text: t.string() }, returns: t.string() },
    (_, { shape, text }) => digest(text + shape.kind),
);

counted(
    { name: "red_or_blue", args: { shape: t.union(RedCircle, BlueSquare), text: t.string() }, returns: t.string() },
    (_, { shape, text }) => digest(text + shape.hue),
);

// No value of the language is a moment without an offset, so `naive` asks for the same one.
counted({ name: "moment", args: { naive: t.bool() }, returns: t.datetime() }, () => LEAP_MOMENT);

counted(
    { name: "bad_output", args: { which: t.string(), text: t.string() }, returns: t.json() },
    (_, { which, text }) => NO_REPLY_HOLDS.get(which) ?? digest(text),
);

// @ts-expect-error: against its declaration, on purpose
counted({ name: "wrong_type", args: { wrong: t.bool() }, returns: t.int() }, (_, { wrong }) => (wrong ? "5" : 5));

counted({ name: "says_no", args: { text: t.string(), name: t.string() }, returns: t.string(), errors: [TakenError] }, (_, { text, name }) => {
    if (name === "taken") {
        throw new TakenError("taken");
    }
    if (name === "undeclared") {
        throw new UndeclaredError("undeclared");
    }
    return digest(text);
});

counted({ name: "raises", args: { text: t.string(), loud: t.bool() }, returns: t.string() }, (_, { text, loud }) => {
    if (loud) {
        throw new Error(`it went wrong with ${text}`);
    }
    return digest(text);
});

counted({ name: "plain_invalidates", args: { text: t.string(), wanted: t.bool() }, returns: t.string() }, (_, { text, wanted }) => {
    if (wanted) {
        invalidate(UserContext);
    }
    return digest(text);
});

counted({ name: "wait_async", args: { mark: t.string() }, returns: t.string(), timeout_s: 1 }, async ({ signal }, { mark }) => {
    await GATE.passed(signal);
    count(FINISHED, "wait_async");
    return digest(mark);
});

// What cannot be stopped: nothing here looks at the signal.
counted({ name: "wait_blocking", args: { mark: t.string() }, returns: t.string(), timeout_s: 1 }, async (_, { mark }) => {
    await GATE.passed();
    count(FINISHED, "wait_blocking");
    return digest(mark);
});
