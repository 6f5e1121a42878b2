/** What the environment decides. Source: spec/ground.md, Reading across origins. */
import { expect, test } from "vitest";

import { BadSetting, read } from "../src/settings.js";

test("origins stand between spaces", () => {
    const text = " https://shop.example http://localhost:5173\tapp://x.y ";
    expect([...read({ MIZAN_ORIGINS: text }).origins]).toEqual(["https://shop.example", "http://localhost:5173", "app://x.y"]);
});

test.each([{}, { MIZAN_ORIGINS: "" }, { MIZAN_ORIGINS: "  " }, { MIZAN_ORIGINS: undefined }])("no origins is a setting too: %s", (environment) => {
    expect(read(environment).origins.size).toBe(0);
});

test.each([
    "*", "null", "shop.example", "https://shop.example/", "https://Shop.example", "HTTPS://shop.example", "https://shop.example:443", "http://x:80",
    "https://shop.example:0", "https://shop.example:65536", "https://a@shop.example", "https://shop.example,https://b.example", "https://", "https://[::1",
])("what no browser sends refuses to start: %s", (origin) => {
    expect(() => read({ MIZAN_ORIGINS: `https://a.example ${origin}` })).toThrow(BadSetting);
    expect(() => read({ MIZAN_ORIGINS: origin })).toThrow(/MIZAN_ORIGINS/);
});
