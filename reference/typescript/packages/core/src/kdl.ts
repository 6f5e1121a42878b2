/**
 * KDL 2 in the one spelling that every parser reads alike: nodes as data, and the text of a file of them.
 *
 * Source: spec/ir.md, Text; KDL 2.0.0. No comments, no type annotations, every text quoted, properties in bytes order. Errors: none.
 */
export type Value = string | number | boolean;

/** A node: its name, bare; its arguments, quoted texts; its properties by bare name; its children in the order given. */
export interface Node {
    readonly name: string;
    readonly arguments: readonly string[];
    readonly properties: ReadonlyMap<string, Value>;
    readonly children: readonly Node[];
}

const FIRST_LINE = "/- kdl-version 2";
const INDENTATION = "    ";
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
    ['"', '\\"'], ["\\", "\\\\"], ["\n", "\\n"], ["\t", "\\t"], ["\b", "\\b"], ["\f", "\\f"],
]);
/** Both marks of a text; what a parser takes for a new line or refuses to read literally; what turns the direction of a line when it is shown. */
const ESCAPED = /["\\\0-\x1f\x7f\x85\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;           // eslint-disable-line no-control-regex

/** Makes a node; what is not given is empty. */
export function node(name: string, parts: Partial<Omit<Node, "name">> = {}): Node {
    return { name, arguments: parts.arguments ?? [], properties: parts.properties ?? new Map(), children: parts.children ?? [] };
}

/** @returns the whole file: the version line, then the nodes; LF, and one at the end. */
export function text(nodes: readonly Node[]): string {
    return [FIRST_LINE, ...nodes.flatMap(lines)].join("\n") + "\n";
}

/** @returns a node's lines; braces only around children. */
export function lines(one: Node): string[] {
    const head = [one.name, ...one.arguments.map(quoted), ...properties(one)].join(" ");
    if (one.children.length === 0) {
        return [head];
    }
    return [`${head} {`, ...one.children.flatMap(lines).map((line) => INDENTATION + line), "}"];
}

/** @returns the properties as they are written, sorted: their names are ASCII, so that any order of texts is that of bytes. */
function properties(one: Node): string[] {
    return [...one.properties.keys()].sort().map((name) => `${name}=${spelled(one.properties.get(name) ?? "")}`);
}

/** @returns a property's value: `#true`, `#false`, an integer or a quoted text. */
function spelled(value: Value): string {
    if (typeof value === "boolean") {
        return value ? "#true" : "#false";
    }
    return typeof value === "number" ? String(value) : quoted(value);
}

function quoted(value: string): string {
    return `"${value.replace(ESCAPED, escaped)}"`;
}

/** @returns a character as it stands between quotes. */
function escaped(character: string): string {
    return SHORT_ESCAPES.get(character) ?? `\\u{${character.charCodeAt(0).toString(16)}}`;
}
