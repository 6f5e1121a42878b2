/** Bodies cut anywhere, files in their places, and what is left of them. Source: spec/upload.md. */
import { readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { buffer } from "node:stream/consumers";

import { beforeEach, expect, test, vi } from "vitest";

import type { Answer } from "../src/answer.js";
import { BadDeclaration, client, context, Misuse, Problem, Registry, t, type Upload } from "../src/index.js";
import { Parts, type Event } from "../src/multipart.js";
import { headOf } from "../src/parthead.js";
import { baseName } from "../src/upload.js";
import { answered, code, errors, said } from "./shop.js";

const END = "\r\n--b--\r\n";
const TYPE = ["content-type", "multipart/form-data; boundary=b"] as const;
const MEBIBYTE = 1_048_576;

type Bytes = string | Uint8Array;

let registry: Registry;
let seen: Upload[];
let late: string[];
let open: () => void;

beforeEach(() => {
    registry = new Registry();
    seen = [];
    late = [];
    const gate = new Promise<void>((resolve) => { open = resolve; });
    const Document = t.object("Document", { title: t.string(), file: t.upload(), more: t.upload().nullable().default(null) });
    const Pages = t.object("Pages", { scans: t.list(t.upload()) });
    const file = { file: t.upload() };
    client({ name: "read", args: file, returns: t.string(), registry }, async (_, { file: one }) => {
        seen.push(one);
        return String(await buffer(one.stream()));
    });
    client({ name: "size", args: file, returns: t.int(), registry }, (_, { file: one }) => {
        seen.push(one);
        one.stream();                                   // which nobody reads
        return one.size;
    });
    client({ name: "twice", args: file, returns: t.bool(), registry }, async (_, { file: one }) => {
        const [whole, stream] = [await one.bytes(), await buffer(one.stream())];
        return stream.equals(whole) && whole.length === one.size;
    });
    client({ name: "file_document", args: { document: Document }, returns: t.string(), registry }, async (_, { document }) => (
        `${document.title}${String(await buffer(document.file.stream()))}${document.more === null ? "" : "+"}`
    ));
    client({ name: "file_pages", args: { pages: t.list(Pages) }, returns: t.list(t.int()), registry }, (_, { pages }) => (
        pages.map((one) => one.scans.length)
    ));
    client({ name: "read_late", timeout_s: 1, args: file, returns: t.bool(), registry }, async (_, { file: one }) => {
        await gate;
        late.push(String(await one.bytes()));
        return true;
    });
});

function sent(...parts: Bytes[]): Promise<Answer> {
    return cut(65_536, ...parts);
}

function cut(size: number, ...parts: Bytes[]): Promise<Answer> {
    const whole = Buffer.concat(parts.map((one) => Buffer.from(one)));
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.subarray(at * size, (at + 1) * size));
    const sealed = registry.seal();
    return answered({ sealed, settings: { origins: new Set() }, extensions: new Map() }, { path: "call/", headers: [TYPE], body: chunks });
}

function part(name: string, content = "", more = ""): string {
    return `\r\n--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}`;
}

function payload(fn: string, args: object = {}): string {
    return part("payload", JSON.stringify({ fn, args })).slice(2);
}

/** @returns the temporary files of ours that this process has open, or that lie about. */
function left(): string[] {
    const links = readdirSync("/proc/self/fd").map((fd) => {
        try {
            return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
            return "";
        }
    });
    return [...links, ...readdirSync(tmpdir())].filter((one) => one.includes("mizan-"));
}

test.each([1, 2, 3, 5, 7, 64, 65_536])("a body may be cut anywhere: %i", async (size) => {
    const content = "\r\n--\r\n--b-\r\n--bb\r\r\n--b\r\r\n--b-\n\r";
    expect(said(await cut(size, payload("read"), part("/args/file", content), END))).toEqual({ result: content, invalidate: [] });
});

test("a file of any size is read whole, twice", async () => {
    for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000, 3 * MEBIBYTE]) {
        expect(said(await sent(payload("twice"), part("/args/file"), new Uint8Array(size).fill(size), END))).toEqual({ result: true, invalidate: [] });
    }
    expect(left()).toEqual([]);
});

test("nothing is left of a file, read or not, accepted or refused", async () => {
    const content = "x".repeat(MEBIBYTE);
    const opened = payload("size") + part("/args/file", content);
    for (const [body, status] of [[opened + END, 200], [opened + part("x") + END, 422], [opened, 400], [opened + part('"'), 400]] as const) {
        expect((await sent(body)).status).toBe(status);
        expect(left()).toEqual([]);
    }
    expect(() => seen[0]?.stream()).toThrow(Misuse);
    await expect(seen[0]?.bytes()).rejects.toThrow(Misuse);
});

test("a caller who goes in the middle of a file leaves nothing behind", async () => {
    function* going(): Generator<Uint8Array> {
        yield Buffer.from(payload("read") + part("/args/file", "x".repeat(MEBIBYTE)));
        found.push(left().length);
        throw new Problem("malformed");
    }
    const found: number[] = [];
    const sealed = registry.seal();
    await answered({ sealed, settings: { origins: new Set() }, extensions: new Map() }, { path: "call/", headers: [TYPE], body: going() });
    expect([found, left(), seen]).toEqual([[1], [], []]);
});

test("files stand in objects", async () => {
    const [file, more] = [part("/args/document/file", "text"), part("/args/document/more")];
    expect(said(await sent(payload("file_document", { document: { title: "t" } }), file, END))).toMatchObject({ result: "ttext" });
    expect(said(await sent(payload("file_document", { document: { title: "t" } }), more, file, END))).toMatchObject({ result: "ttext+" });
    expect(errors(await sent(payload("file_document", { document: { title: "t" } }), END))).toEqual([["/args/document/file", "missing"]]);
    expect(errors(await sent(payload("file_document", { document: {} }), file, END))).toEqual([["/args/document/title", "missing"]]);
    expect(errors(await sent(payload("file_document"), file, END))).toEqual([["/args/document", "missing"]]);
});

test("lists of files stand in lists of objects", async () => {
    const scans = [[1, 1], [0, 0], [1, 0]].map(([page, scan]) => part(`/args/pages/${page}/scans/${scan}`));
    expect(said(await sent(payload("file_pages", { pages: [{}, {}, { scans: [] }] }), ...scans, END))).toMatchObject({ result: [1, 2, 0] });
    expect(errors(await sent(payload("file_pages", { pages: [{}] }), ...scans.slice(1), END))).toEqual([["/args", "unknown"]]);
});

test.each(["", "/", "/args", "/args/", "/args/file/", "/args/file/0", "args/file", "/args//file", "/args/~0file", "/ARGS/file", "/args/constructor"])(
    "any other name is a stray: %s", async (name) => {
        expect(errors(await sent(payload("read"), part("/args/file"), part(name), END))).toEqual([["/args", "unknown"]]);
    },
);

test("stray parts count too", async () => {
    expect(code(await sent(payload("read"), part("/args/other"), new Uint8Array(25 * MEBIBYTE + 1)))).toBe("payload_too_large");
});

test("a body that runs past its deadline still reads its file", async () => {
    expect(code(await sent(payload("read_late"), part("/args/file", "x".repeat(MEBIBYTE)), END))).toBe("deadline_exceeded");
    expect(left()).toHaveLength(1);
    open();
    await vi.waitFor(() => { expect([late.map((one) => one.length), left()]).toEqual([[MEBIBYTE], []]); });
});

test("a read and a result hold no files", () => {
    const own = new Registry();
    const args = { files: t.list(t.upload()) };
    expect(() => client({ name: "reads", context: context("x"), args, returns: t.int(), registry: own }, () => 5)).toThrow(BadDeclaration);
    expect(() => client({ name: "returns", returns: t.list(t.upload()), registry: own }, () => [])).toThrow(BadDeclaration);
});

test.each([
    ["a.txt", "a.txt"], ["a/b\\c", "c"], ["\0a\x1f", "a"], ["..", "upload"], ["x/", "upload"], ["\u202ea", "a"], ["é".repeat(200), "é".repeat(127)],
    [" ", " "], ["😀".repeat(64), "😀".repeat(63)], ["", "upload"],
])("a name is a base name: %s", (given, wanted) => {
    expect(baseName(given)).toBe(wanted);
});

test.each([
    'form-data; name="a', "form-data; name=a b", 'form-data; name="a" b', "form-data; name=a; NAME=b", "", "x; name=a", "form-data", "form-data name=a",
    'form-data; name="a\r"',
])("a disposition outside the grammar is malformed: %s", (value) => {
    expect(() => headOf(Buffer.from(`Content-Disposition: ${value}`))).toThrow("malformed");
});

test.each([
    ['form-data; name="a"; filename="a\\"b.txt"', 'a"b.txt'], ['form-data; name=a; filename="C:\\x"', "C:\\x"], ['form-data; name=a; filename="x\\"', "x\\"],
    ["FORM-DATA ; ; Name=a ; FileName=b ", "b"], ['form-data; name=a; filename="a; name=b"', "a; name=b"], ["form-data; name=a; filename*=b", ""],
])("a disposition is read as browsers write it: %s", (value, filename) => {
    expect(headOf(Buffer.from(`content-disposition:${value}`))).toEqual({ is: "head", name: "a", filename, type: null });
});

test.each(["", "x", "a/b/c", "multipart/mixed", "a b/c", "image/png image/png"])("a media type outside the grammar is malformed: %s", (value) => {
    expect(() => headOf(Buffer.from(`Content-Disposition: form-data; name=a\r\nContent-Type: ${value}`))).toThrow("malformed");
});

test.each([": x", "Content-Disposition form-data", " X: folded", "X : y", "\xff: y", "X\0: y"])("a line that is no field is malformed: %s", (line) => {
    expect(() => headOf(Buffer.from(`Content-Disposition: form-data; name=a\r\n${line}`, "latin1"))).toThrow("malformed");
});

function eventsOf(...chunks: string[]): Event[] {
    const parts = new Parts("b");
    return chunks.flatMap((one) => [...parts.feed(Buffer.from(one))]);
}

const HEAD = 'Content-Disposition: form-data; name="a"; filename="f"\r\nContent-Type: A/B; c\r\n\r\n';

test("parts are events", () => {
    const [head, data, ...more] = eventsOf(`--b\r\n${HEAD}xy\r\n--b--`);
    expect(head).toEqual({ is: "head", name: "a", filename: "f", type: "a/b" });
    expect(data?.is === "data" && Buffer.from(data.bytes).toString()).toBe("xy");
    expect(more).toEqual([{ is: "end" }]);
});

test("blanks may stand behind a boundary", () => {
    expect(eventsOf(`--b \t\r\n${HEAD}\r\n--b  `, `\r\n${HEAD}\r\n--b--`).map((one) => one.is)).toEqual(["head", "end", "head", "end"]);
});

test.each(["x", "--c\r\n", "--bb\r\n", "-b\r\n", "--b\n", "--b x\r\n", "preamble\r\n--b\r\n", "--b\r\n\r\n"])(
    "what opens otherwise is malformed: %s", (body) => {
        expect(() => eventsOf(body)).toThrow("malformed");
    },
);

test("a head without end is refused while it comes, and what would be another does not count", () => {
    expect(() => eventsOf("--b\r\n", "X: ", "x".repeat(20_000), "x".repeat(20_000))).toThrow("malformed");
});

test("a file of boundaries that are none takes no time", async () => {
    const began = performance.now();
    expect(code(await sent(payload("size"), part("/args/file"), "\r\n--bx".repeat(2_000_000), END))).toBe(null);
    expect(performance.now() - began).toBeLessThan(2_000);
});
