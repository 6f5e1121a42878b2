/** The command `mizan`, as it is built. Source: spec/harness.md, The oracle; spec/ir.md, Where it is found. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const CORE = pathToFileURL(join(MAIN, "../index.js")).href;
const GOOD = `import { client, t } from "${CORE}"; client({ name: "f", returns: t.int() }, () => 5);`;
let folder = "";

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "main-test-"));
    await writeFile(join(folder, "shop.mjs"), GOOD);
    await writeFile(join(folder, "broken.mjs"), `${GOOD} client({ name: "f", returns: t.int() }, () => 5);`);
});

afterAll(async () => {
    await rm(folder, { recursive: true });
});

/** Runs the command in the folder. */
async function mizan(...words: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
    const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: child.exitCode, stdout, stderr };
}

test("a module's IR is printed", async () => {
    const ir = '/- kdl-version 2\nir version=1\nfunction "f" kind="plain" {\n    returns {\n        type "int"\n    }\n}\n';
    expect(await mizan("ir", "shop.mjs")).toEqual({ code: 0, stdout: ir, stderr: "" });
});

test("a module's declarations are printed", async () => {
    const said = '{"compositions":[],"enums":[],"functions":[{"name":"f","returns":"int"}],"objects":[]}\n';
    expect(await mizan("declarations", join(folder, "shop.mjs"))).toEqual({ code: 0, stdout: said, stderr: "" });
});

test("what would not register ends with a message that names it", async () => {
    const { code, stdout, stderr } = await mizan("ir", "broken.mjs");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('"f": the name is registered already');
});

test.each([[[]], [["ir"]], [["ir", "a", "b"]], [["oracle", "more"]], [["other", "shop.mjs"]]])("%j is no command", async (words) => {
    expect(await mizan(...words)).toMatchObject({ code: 2, stdout: "", stderr: "usage: mizan oracle | ir MODULE | declarations MODULE\n" });
});

test("the oracle answers on standard output until its input ends", async () => {
    const child = spawn(process.execPath, [MAIN, "oracle"], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end('{"id":1,"op":"hello","in":{"protocol":"1"}}\n{"id":2,"op":"ir_emit","in":{"declarations":"{}"}}\n');
    const answers = (await text(child.stdout)).trimEnd().split("\n").map((line): unknown => JSON.parse(line));
    expect(answers).toEqual([{ id: 1, ok: "1" }, { id: 2, ok: "/- kdl-version 2\nir version=1\n" }]);
});
