/** Documentation is the same text however deep it stood. Source: spec/ir.md, ir-17. */
import { expect, test } from "vitest";

import { tidy } from "../src/docs.js";

test.each([
    ["", ""], [" \n\t\n", ""], ["a\r\nb\rc", "a\nb\nc"], ["A.\n\n    b\n      c\n    ", "A.\n\nb\n  c"], ["\n  a\n\n  b  \n", "a\n\nb"],
    ["a\n\tb\n  c", "a\n\tb\n  c"], ["  a", "a"], ["a\n    b\n   \n  c", "a\n  b\n\nc"], ["a \t", "a"], ["a\u00a0\n\u00a0b", "a\u00a0\n\u00a0b"],
    ["a\n \tb\n \t c", "a\nb\n c"], ["a\n\nb", "a\n\nb"], ["\n\na", "a"], ["x\u2028  y", "x\u2028  y"],
])("%j is %j", (doc, tidied) => {
    expect(tidy(doc)).toBe(tidied);
});
