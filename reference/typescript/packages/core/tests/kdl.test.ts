/** The text profile: what is bare, what is quoted, what is escaped. Source: spec/ir.md, Text. */
import { describe, expect, test } from "vitest";

import { lines, node, text } from "../src/kdl.js";
import type { Value } from "../src/kdl.js";

describe("a file", () => {
    test("begins with the version and ends with one LF", () => {
        expect(text([])).toBe("/- kdl-version 2\n");
        expect(text([node("a"), node("b")])).toBe("/- kdl-version 2\na\nb\n");
    });

    test("has braces only around children, four spaces deep", () => {
        const nested = node("a", { children: [node("b", { children: [node("c")] }), node("d")] });
        expect(lines(nested)).toEqual(["a {", "    b {", "        c", "    }", "    d", "}"]);
    });

    test("has properties in bytes order, after the arguments", () => {
        const properties = new Map<string, Value>([["z", 5], ["b", true], ["c", "d"], ["f", false]]);
        expect(lines(node("a", { arguments: ["x", "y"], properties }))).toEqual(['a "x" "y" b=#true c="d" f=#false z=5']);
    });
});

test.each([
    ['"', '\\"'], ["\\", "\\\\"], ["\n", "\\n"], ["\t", "\\t"], ["\b", "\\b"], ["\f", "\\f"], ["\0", "\\u{0}"], ["\x07", "\\u{7}"],
    ["\x1f", "\\u{1f}"], ["\x7f", "\\u{7f}"], ["\x85", "\\u{85}"], ["\u200e", "\\u{200e}"], ["\u200f", "\\u{200f}"], ["\u2028", "\\u{2028}"],
    ["\u202e", "\\u{202e}"], ["\u2066", "\\u{2066}"], ["\u2069", "\\u{2069}"], ["\ufeff", "\\u{feff}"],
    ["\x80", "\x80"], ["\u200d", "\u200d"], ["\u2027", "\u2027"], ["\u202f", "\u202f"], ["\u2065", "\u2065"], ["\u206a", "\u206a"], ["😀", "😀"], ["/", "/"],
])("a character is escaped or stands literally: %j", (character, spelt) => {
    expect(lines(node("a", { arguments: [character] }))).toEqual([`a "${spelt}"`]);
});
