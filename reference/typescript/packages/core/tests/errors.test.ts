/** errors: the closed table, problem documents, application errors; grammar: names. */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { textOf } from "../src/canonical.js";
import * as errors from "../src/errors.js";
import { ApplicationError, BadDeclaration, BadName, Problem, type Mismatch, type MismatchCode, type ProblemCode } from "../src/errors.js";
import * as grammar from "../src/grammar.js";

class Taken extends ApplicationError {
    static override readonly code = "app.taken";
    static override readonly status = 409;
}

class Sooner extends Taken {}

function mismatch(pointer: string, code: MismatchCode): Mismatch {
    return { pointer, code, message: "m" };
}

test("the table of codes is the spec's", () => {
    const page = readFileSync(new URL("../../../../../spec/ground.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ([0-9]{3}) \| (.+) \|$/gm)];
    expect(errors.PROBLEMS).toStrictEqual(Object.fromEntries(rows.map(([, code, status, title]) => [code, [Number(status), title]])));
});

test("a code outside the table is refused", () => {
    const teapot: string = "teapot";
    expect(() => new Problem(teapot as ProblemCode)).toThrow('"teapot"');
    expect(() => new Problem("toString" as ProblemCode)).toThrow(RangeError);
});

test("a document holds type, title, status and code", () => {
    expect(textOf(errors.document(new Problem("not_found")))).toBe('{"code":"not_found","status":404,"title":"Not found","type":"urn:mizan:not_found"}');
});

test("mismatches are sorted by pointer, then by code, in bytes order, each once", () => {
    const found = [
        mismatch("/b", "type"), mismatch("/a", "unknown"), mismatch("/a", "missing"), mismatch("/B", "type"), mismatch("/\u{1f600}", "type"),
        mismatch("/\ufb33", "type"), mismatch("/b", "type"),
    ];
    expect(errors.sortedMismatches(found).map((one) => [one.pointer, one.code])).toStrictEqual([
        ["/B", "type"], ["/a", "missing"], ["/a", "unknown"], ["/b", "type"], ["/\ufb33", "type"], ["/\u{1f600}", "type"],
    ]);
});

test("a document of a validation lists the first 64", () => {
    const found = Array.from({ length: 100 }, (_, index) => mismatch(`/${index}`, "type"));
    const listed = errors.document(new Problem("validation", { errors: found })).get("errors");
    expect(listed).toHaveLength(64);
    expect(textOf(errors.document(new Problem("validation", { errors: [mismatch("/a", "null")] })))).toBe(
        '{"code":"validation","errors":[{"code":"null","message":"m","pointer":"/a"}],"status":422,"title":"Validation failed","type":"urn:mizan:validation"}',
    );
});

test.each([[new Taken("gone"), "gone"], [new Sooner("soon"), "soon"]])("a declared application error keeps code, status and detail", (error, detail) => {
    const document = errors.document(errors.problemOf(error, [Taken]));
    expect(Object.fromEntries(document)).toStrictEqual({ type: "urn:mizan:app.taken", title: "Application error", status: 409, code: "app.taken", detail });
});

test("an application error need not say anything", () => {
    expect(errors.document(errors.problemOf(new Taken(), [Taken])).has("detail")).toBe(false);
});

test.each([new Taken("secret"), new Error("secret"), "secret", undefined])("anything else is internal without its text", (error) => {
    expect(errors.document(errors.problemOf(error))).toStrictEqual(errors.document(new Problem("internal")));
});

test("a problem that a body throws is itself", () => {
    const problem = new Problem("not_found");
    expect(errors.problemOf(problem)).toBe(problem);
});

test.each<[ProblemCode, readonly errors.HeaderField[]]>([["rate_limited", [["Retry-After", "1"]]], ["unavailable", [["Retry-After", "1"]]], ["conflict", []]])(
    "429 and 503 say when to come back: %s", (code, headers) => {
        expect(errors.headersOf(new Problem(code))).toStrictEqual(headers);
    },
);

test("a problem's own Retry-After stands", () => {
    expect(errors.headersOf(new Problem("rate_limited", { headers: [["retry-after", "9"]] }))).toStrictEqual([["retry-after", "9"]]);
});

test.each([["taken", 409], ["app.Taken", 409], ["app.", 409], ["app.taken", 399], ["app.taken", 500], ["app.taken", 401], ["app.taken", 409.5]])(
    "an application error with code %s and status %d does not register", (code, status) => {
        const wrong = class extends ApplicationError {
            static override readonly code = code;
            static override readonly status = status;
        };
        expect(() => { errors.checkApplicationError(wrong); }).toThrow(BadDeclaration);
    },
);

test("an application error with a code and a status of its own registers", () => {
    expect(() => { errors.checkApplicationError(Taken); }).not.toThrow();
    const classes = [Taken, Sooner, ApplicationError, Error, undefined, () => 1];
    expect(classes.map(errors.isApplicationErrorClass)).toStrictEqual([true, true, true, false, false, false]);
});

test.each(["a", "a_1", "a".repeat(64)])("%s is a segment", (name) => {
    expect(grammar.isSegment(name)).toBe(true);
});

test.each(["", "A", "1a", "_a", "a-b", "a.b", "a\n", "é", "a".repeat(65)])("%j is no segment", (name) => {
    expect(() => { grammar.checkSegment(name, "context"); }).toThrow(BadName);
    expect(() => { grammar.checkReadName(name); }).toThrow(BadName);
});

test.each(["a", "a.b_c.d", `${"a".repeat(64)}.${"b".repeat(63)}`, "jwt_a", "a.jwt"])("%s is a function's name", (name) => {
    expect(() => { grammar.checkFunctionName(name); }).not.toThrow();
});

test.each(["", ".a", "a.", "a..b", "A", `${"a".repeat(64)}.${"b".repeat(64)}`, "jwt", "mwt.a", "mizan.x.y"])("%j is no function's name", (name) => {
    expect(() => { grammar.checkFunctionName(name); }).toThrow(BadName);
});

test.each([["User", true], ["A1", true], ["user", false], ["User_1", false], ["Ünit", false], ["", false], ["U".repeat(128), true], ["U".repeat(129), false]])(
    "a type may be called %s: %s", (name, isOne) => {
        expect(grammar.isTypeName(name)).toBe(isOne);
    },
);
