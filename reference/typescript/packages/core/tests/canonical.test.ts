/** canonical: strict reading, RFC 8785 writing, the order of bytes. */
import { expect, test } from "vitest";

import * as canonical from "../src/canonical.js";
import { Float, NotIJson, type Json } from "../src/canonical.js";

const UTF8 = new TextEncoder();
const ENOUGH_MS = 1500;                                  // linear takes a tenth; a square of these lengths takes minutes

function bytes(text: string): Uint8Array {
    return UTF8.encode(text);
}

function kindOf(action: () => unknown): string {
    try {
        action();
    } catch (error) {
        if (error instanceof NotIJson) {
            return error.kind;
        }
        throw error;
    }
    return "read";
}

function roundTrip(text: string): string {
    return canonical.textOf(canonical.read(bytes(text)));
}

test.each([
    "", "[1,]", "[,1]", "[1 2]", "1 2", "01", "+1", ".5", "1.", "1.e5", "1e", "-", "NaN", "[-Infinity]",
    '"\n"', '"\u0000"', '"\\x41"', '"\\u12"', '"\\u+123"', '"\\',
    '"a', "[1]//", "\u00a01", "\ufeff1", '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"b":{"a":1,"a":2}}]', '["\\ud83d"]', '{"\\udc00":1}', '"\\ude00\\ud83d"',
    '"\\uffff"', '"\\ufdd0"', '"\\ud83f\\udfff"', '"\ufffe"', '{"\ufdef":1}', "True", "{a:1}",
    "'a'", '{"a"}', '{"a":}', '{"a":1,}', "{,}", "[", "{", "]", "nul", "/**/1",
])("what is not I-JSON is syntax: %j", (text) => {
    expect(kindOf(() => canonical.read(bytes(text)))).toBe("syntax");
});

test.each([[0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x31, 0x00], [0xff, 0xfe, 0x31, 0x00]])(
    "bytes that are not UTF-8 text of JSON are syntax: %j", (...raw) => {
        expect(kindOf(() => canonical.read(Uint8Array.from(raw)))).toBe("syntax");
    },
);

test.each(["9007199254740992", "[-9007199254740993]", "1".repeat(5000), `-${"1".repeat(5000)}`, "1e400", "-1.8e308", "[1e400,"])(
    "a number out of reach is number: %.30s", (text) => {
        expect(kindOf(() => canonical.read(bytes(text)))).toBe("number");
    },
);

test.each(["[".repeat(65) + "]".repeat(65), '{"a":'.repeat(65) + "1" + "}".repeat(65), "[".repeat(100_000), '[{"a":'.repeat(50_000), `${"[".repeat(65)}1e400`])(
    "more than 64 open brackets are depth, whatever else is wrong: %.20s", (text) => {
        expect(kindOf(() => canonical.read(bytes(text)))).toBe("depth");
    },
);

test("64 open brackets are read, and brackets in texts do not nest", () => {
    const text = "[".repeat(64) + "]".repeat(64);
    expect(roundTrip(text)).toBe(text);
    const brackets = `["${"[".repeat(1000)}\\"${"{".repeat(1000)}"]`;
    expect(roundTrip(brackets)).toBe(brackets);
});

test.each([
    "[".repeat(1_000_000), "1".repeat(1_000_000), `"${"\\".repeat(1_000_001)}"`, '"'.repeat(1_000_001),
    `"${'\\"'.repeat(500_000)}`, `"${'\\"'.repeat(500_000)}"x`,
    `[${'"\\ud800",'.repeat(100_000)}1]`, `${" ".repeat(1_000_000)}x`, `{${'"a":1,'.repeat(100_000)}"a":1}`,
])("hostile documents are refused in linear time: %.10s", (text) => {
    const raw = bytes(text);
    const start = performance.now();
    expect(kindOf(() => canonical.read(raw))).not.toBe("read");
    expect(performance.now() - start).toBeLessThan(ENOUGH_MS);
});

test.each<[string, Json]>([
    ["1", 1], ["-5", -5], ["1.0", new Float(1)], ["1e0", new Float(1)], ["-0", new Float(0)], ["-0.0", new Float(0)], ["-1e-400", new Float(0)],
    ["9007199254740991", 9007199254740991], [" null ", null], ["true", true], ["[ ]", []], ['"\\u00e9\\/\\ud83d\\ude00"', "é/😀"],
])("what %s is, its token says", (text, value) => {
    const read = canonical.read(bytes(text));
    expect(read).toStrictEqual(value);
    expect(Object.is(read instanceof Float ? read.value : read, -0)).toBe(false);
});

test("members are their object's own, whatever they are called", () => {
    const read = canonical.read(bytes('{"__proto__":1,"constructor":{"toString":2}}'));
    expect(read).toStrictEqual(new Map<string, Json>([["__proto__", 1], ["constructor", new Map([["toString", 2]])]]));
});

test.each([
    [0, "0"], [-0, "0"], [1, "1"], [1e21, "1e+21"], [1e-7, "1e-7"], [1e-6, "0.000001"], [5e-324, "5e-324"], [1.7976931348623157e308, "1.7976931348623157e+308"],
    [333333333.3333333, "333333333.3333333"], [-123.456, "-123.456"], [1424953923781206.25, "1424953923781206.2"], [9007199254740991, "9007199254740991"],
])("a number is written as ECMAScript does: %d", (value, text) => {
    expect(canonical.textOf(new Float(value))).toBe(text);
});

test.each<[Json, string]>([
    [2 ** 53, "number"], [-(2 ** 53), "number"], [new Float(1e20), "number"], [new Float(Number.NaN), "number"], [new Float(-Infinity), "number"],
    ["\ud800", "syntax"], ["\uffff", "syntax"], [new Map([["\udfff", 1]]), "syntax"],
])("what canonical JSON cannot say is refused: %j", (value, kind) => {
    expect(kindOf(() => canonical.write([value]))).toBe(kind);
});

test("a value that holds itself is refused", () => {
    const value: Json[] = [];
    value.push(value);
    expect(kindOf(() => canonical.write(value))).toBe("depth");
});

test("members are sorted by UTF-16 code units, everything else by bytes", () => {
    expect(roundTrip('{"\ufb33":1,"\u{1f600}":2,"a":3,"":4}')).toBe('{"":4,"a":3,"\u{1f600}":2,"\ufb33":1}');
    const texts = ["", "a", "aa", "b", "\u007f", "\u0080", "\ud7ff", "\ue000", "\ufb33", "\uffff", "\u{10000}", "\u{1f600}", "\u{10ffff}"];
    expect([...texts].reverse().sort(canonical.byBytes)).toStrictEqual([...texts].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
});

test("texts are escaped only where JSON asks", () => {
    expect(canonical.textOf('\b\t\n\f\r"\\/\u0000\u001f\u007f\u2028é')).toBe('"\\b\\t\\n\\f\\r\\"\\\\/\\u0000\\u001f\u007f\u2028é"');
});

test("what is written reads back", () => {
    const text = '{"a":[1,-2.5,1e+21,null,true,"é"],"b":{"":[],"c":{}}}';
    expect(roundTrip(text)).toBe(text);
    expect(canonical.write(canonical.read(bytes(text)))).toStrictEqual(bytes(text));
});
