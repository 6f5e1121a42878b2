/** texts: the forms of int64, decimal, date, datetime, uuid and bytes, in and out. */
import { expect, test } from "vitest";

import { WrongOutput } from "../src/errors.js";
import { BadText, BODY, KEY, strippedDecimal, type Spelling } from "../src/texts.js";
import type { Kind } from "../src/types.js";

function codeOf(spelling: Spelling, kind: Kind, text: string): string {
    try {
        spelling.read.get(kind)?.(text);
    } catch (error) {
        return error instanceof BadText ? error.code : "thrown";
    }
    return "read";
}

const SECOND = "2024-02-29T12:34:56Z";

test.each<[Kind, string, unknown]>([
    ["int64", "0", 0n], ["int64", "-9223372036854775808", -(2n ** 63n)], ["int64", "9223372036854775807", 2n ** 63n - 1n],
    ["decimal", "1.50", "1.50"], ["decimal", "-0.5", "-0.5"], ["decimal", "9".repeat(38), "9".repeat(38)], ["decimal", "0.00", "0.00"],
    ["date", "2024-02-29", "2024-02-29"], ["date", "0001-01-01", "0001-01-01"],
    ["datetime", SECOND, SECOND], ["datetime", "2024-02-29t12:34:56z", SECOND], ["datetime", "2024-02-29T18:04:56+05:30", SECOND],
    ["datetime", "2024-02-29T12:34:56-00:00", SECOND], ["datetime", "2024-02-29T12:34:56.000001Z", "2024-02-29T12:34:56.000001Z"],
    ["datetime", "2024-02-29T12:34:56.5Z", "2024-02-29T12:34:56.500Z"], ["datetime", "2024-02-29T12:34:56.000000Z", SECOND],
    ["datetime", "2024-02-29T12:34:56.120000Z", "2024-02-29T12:34:56.120Z"], ["datetime", "0099-12-31T23:30:00-01:00", "0100-01-01T00:30:00Z"],
    ["datetime", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"], ["datetime", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    ["uuid", "0189f0c2-7a1b-7c3d-8e4f-0123456789ab", "0189f0c2-7a1b-7c3d-8e4f-0123456789ab"],
    ["bytes", "", new Uint8Array()], ["bytes", "-_8", Uint8Array.of(0xfb, 0xff)], ["bytes", "AQ", Uint8Array.of(1)],
])("%s: %s is read", (kind, text, value) => {
    expect(BODY.read.get(kind)?.(text)).toStrictEqual(value);
});

test.each<[Kind, string]>([
    ["int64", "01"], ["int64", "+1"], ["int64", "-0"], ["int64", "1.0"], ["int64", "1\n"], ["int64", "\uff11"], ["int64", ""],
    ["decimal", "-0"], ["decimal", "-0.00"], ["decimal", ".5"], ["decimal", "1."], ["decimal", "1e2"], ["decimal", "01"], ["decimal", "NaN"],
    ["date", "2023-02-29"], ["date", "20240229"], ["date", "2024-2-29"], ["date", "2024-13-01"], ["date", "2024-04-31"], ["date", "2024-02-29T00:00:00Z"],
    ["datetime", "2024-02-29T12:34:56"], ["datetime", "2024-02-29 12:34:56Z"], ["datetime", "2016-12-31T23:59:60Z"],
    ["datetime", "2024-02-29T12:34:56.1234567Z"], ["datetime", "2024-02-29T24:00:00Z"], ["datetime", "2024-02-29T12:34:56+24:00"],
    ["datetime", "2024-02-29T12:34:56+05:60"], ["datetime", "2024-02-29T12:34Z"], ["datetime", "0000-13-01T00:00:00Z"], ["date", "0000-02-30"],
    ["datetime", "2024-02-29T12:34:56Z\n"], ["datetime", "2024-02-30T12:34:56Z"],
    ["uuid", "0189F0C2-7A1B-7C3D-8E4F-0123456789AB"], ["uuid", "0189f0c27a1b7c3d8e4f0123456789ab"],
    ["bytes", "AQ=="], ["bytes", "AR"], ["bytes", "A"], ["bytes", "+/8"], ["bytes", "AQ\n"],
])("%s: %j is of another form", (kind, text) => {
    expect(codeOf(BODY, kind, text)).toBe("format");
});

test.each<[Kind, string]>([
    ["int64", "9223372036854775808"], ["int64", "-9223372036854775809"], ["int64", "1".repeat(5000)], ["decimal", "9".repeat(39)],
    ["decimal", `0.${"1".repeat(38)}`], ["date", "0000-01-01"], ["datetime", "0000-12-31T23:59:59-01:00"],
    ["datetime", "0001-01-01T00:00:00+00:01"], ["datetime", "9999-12-31T23:59:59-00:01"], ["date", "0000-02-29"],
])("%s: %.40s is out of reach", (kind, text) => {
    expect(codeOf(BODY, kind, text)).toBe("range");
});

test.each<[Kind, string]>([
    ["decimal", "1.50"], ["decimal", "1.0"], ["datetime", "2024-02-29T12:34:56+00:00"], ["datetime", "2024-02-29T12:34:56.000Z"],
    ["datetime", "2024-02-29T12:34:56.5Z"], ["datetime", "2024-02-29t12:34:56Z"],
])("%s: %s is not the one spelling of a key", (kind, text) => {
    expect([codeOf(BODY, kind, text), codeOf(KEY, kind, text)]).toStrictEqual(["read", "format"]);
});

test.each<[Kind, string]>([["decimal", "1.5"], ["decimal", "100"], ["datetime", SECOND], ["date", "2024-02-29"], ["int64", "5"], ["bytes", "AQ"]])(
    "%s: %s is the one spelling of a key", (kind, text) => {
        expect(codeOf(KEY, kind, text)).toBe("read");
    },
);

test.each<[unknown, string]>([
    [new Date("2024-02-29T12:34:56Z"), SECOND], [new Date("2024-02-29T12:34:56.500Z"), "2024-02-29T12:34:56.500Z"],
    [SECOND, SECOND], ["2024-02-29T04:34:56-08:00", SECOND], ["2024-02-29T12:34:56", SECOND], ["2024-02-29T12:34:56.000001", "2024-02-29T12:34:56.000001Z"],
])("a datetime goes out in UTC: %j", (value, text) => {
    expect(BODY.write.get("datetime")?.(value)).toBe(text);
});

test.each<[Kind, unknown]>([
    ["int64", 5], ["int64", "5"], ["int64", 2n ** 63n], ["decimal", 1.5], ["decimal", "1e2"], ["decimal", "NaN"], ["decimal", "9".repeat(39)], ["decimal", 1n],
    ["date", new Date(0)], ["date", "2023-02-29"], ["date", "0000-01-01"], ["datetime", new Date(Number.NaN)], ["datetime", new Date(-1e14)], ["datetime", 0],
    ["datetime", "2024-02-29"], ["datetime", "9999-12-31T23:59:59-01:00"], ["uuid", "x"], ["bytes", "AQ"], ["bytes", [1]], ["bytes", new ArrayBuffer(1)],
])("%s: a value of another type is refused: %s", (kind, value) => {
    expect(() => BODY.write.get(kind)?.(value)).toThrow(WrongOutput);
});

test.each<[Kind, unknown, string]>([
    ["int64", 2n ** 60n, "1152921504606846976"], ["decimal", "1.50", "1.50"], ["date", "2024-02-29", "2024-02-29"], ["bytes", Buffer.from("é"), "w6k"],
    ["bytes", Uint8Array.of(1, 0xfb, 0xff).subarray(1), "-_8"],
])("%s: a value of its type is written: %s", (kind, value, text) => {
    expect(BODY.write.get(kind)?.(value)).toBe(text);
});

test.each([["1.50", "1.5"], ["1.00", "1"], ["100", "100"], ["0.0", "0"], ["-0.10", "-0.1"], ["10.010", "10.01"]])(
    "a key has no trailing zeros: %s", (text, stripped) => {
        expect(strippedDecimal(text)).toBe(stripped);
        expect(KEY.write.get("decimal")?.(text)).toBe(stripped);
    },
);
