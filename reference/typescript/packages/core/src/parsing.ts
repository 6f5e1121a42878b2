/**
 * The strict reader of JSON documents: a scan for depth, then one pass over the text, both linear in its length.
 *
 * Source: spec/ground.md, JSON that is read; RFC 7493 (I-JSON), RFC 8259 (grammar).
 * Errors: NotIJson. Of several faults the first of these counts: UTF-8, depth, the grammar and numbers as they come, characters.
 * Units: nesting counts the open brackets of the whole document; a digits-only number is one whose text is `-?[0-9]+`.
 */
import { Float, isText, MAX_SAFE, NotIJson, type Json, type JsonObject } from "./json.js";

const MAX_DEPTH = 64;
const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
const SPACES: readonly (string | undefined)[] = [" ", "\t", "\n", "\r"];
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const HEX = /[0-9a-fA-F]{4}/y;
const UNESCAPED = /[^"\\\0-\x1f]*/y;                    // eslint-disable-line no-control-regex -- controls may not stand in a string
const ESCAPES: ReadonlyMap<string, string> = new Map([
    ['"', '"'], ["\\", "\\"], ["/", "/"], ["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"],
]);
const LITERALS: readonly (readonly [string, null | boolean])[] = [["null", null], ["true", true], ["false", false]];
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one I-JSON document. @throws NotIJson */
export function read(raw: Uint8Array): Json {
    const text = decoded(raw);
    if (depthOf(text) > MAX_DEPTH) {
        throw new NotIJson("depth", `the document nests deeper than ${MAX_DEPTH}`);
    }
    return new Document(text).read();
}

function decoded(raw: Uint8Array): string {
    try {
        return STRICT_UTF8.decode(raw);
    } catch {
        throw new NotIJson("syntax", "the document is not UTF-8");
    }
}

/** @returns the most brackets open at once, those inside strings aside; what follows a quotation mark without an end is in no string. */
function depthOf(text: string): number {
    let [deepest, depth] = [0, 0];
    for (let at = 0, end = 0; at < text.length; at += 1) {
        switch (text.charCodeAt(at)) {
            case QUOTE:
                end = end === -1 ? -1 : endOfString(text, at + 1);
                at = end === -1 ? at : end;
                break;
            case OPEN_LIST:
            case OPEN_OBJECT:
                depth += 1;
                deepest = Math.max(deepest, depth);
                break;
            case CLOSE_LIST:
            case CLOSE_OBJECT:
                depth -= 1;
        }
    }
    return deepest;
}

/** @returns where the quotation mark stands that ends a string; -1 where none does. */
function endOfString(text: string, start: number): number {
    for (let at = start; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code === QUOTE) {
            return at;
        }
        at += code === BACKSLASH ? 1 : 0;
    }
    return -1;
}

/** One reading of a document from its first character to its last; it recurses as deep as `depthOf` has let through. */
class Document {
    #at = 0;
    #hasOnlyText: boolean;

    constructor(readonly text: string) {
        this.#hasOnlyText = isText(text);
    }

    /** Numbers are judged where they stand, characters when all else is well. @throws NotIJson */
    read(): Json {
        const value = this.#value();
        if (this.#at < this.text.length) {
            throw syntax("something follows the document");
        }
        if (!this.#hasOnlyText) {
            throw syntax("a string holds a lone surrogate or a noncharacter");
        }
        return value;
    }

    /** Reads a value and the white space around it. */
    #value(): Json {
        this.#skipSpace();
        const value = this.#bareValue();
        this.#skipSpace();
        return value;
    }

    #skipSpace(): void {
        while (SPACES.includes(this.text[this.#at])) {
            this.#at += 1;
        }
    }

    #bareValue(): Json {
        switch (this.text[this.#at]) {
            case "{":
                return this.#object();
            case "[":
                return this.#list();
            case '"':
                return this.#string();
        }
        const literal = LITERALS.find(([word]) => this.text.startsWith(word, this.#at));
        if (literal === undefined) {
            return this.#number();
        }
        this.#at += literal[0].length;
        return literal[1];
    }

    /** A doubled member is judged at the object's end. */
    #object(): JsonObject {
        const members = new Map<string, Json>();
        const count = this.#items("}", () => {
            this.#skipSpace();
            const name = this.#string();
            this.#skipSpace();
            this.#expect(":");
            members.set(name, this.#value());
        });
        if (members.size < count) {
            throw syntax("an object has the same member twice");
        }
        return members;
    }

    #list(): readonly Json[] {
        const items: Json[] = [];
        this.#items("]", () => items.push(this.#value()));
        return items;
    }

    /** Reads what stands between two brackets, separated by commas. @returns how many there are. */
    #items(close: string, item: () => void): number {
        this.#at += 1;
        this.#skipSpace();
        let count = 0;
        while (count === 0 ? this.text[this.#at] !== close : this.text[this.#at] === ",") {
            this.#at += count === 0 ? 0 : 1;
            item();
            count += 1;
        }
        this.#expect(close);
        return count;
    }

    #string(): string {
        this.#expect('"');
        const first = this.#match(UNESCAPED);
        if (this.text[this.#at] === '"') {
            this.#at += 1;
            return first;
        }
        const parts = [first];
        while (this.text[this.#at] === "\\") {
            parts.push(this.#escape(), this.#match(UNESCAPED));
        }
        this.#expect('"');
        const value = parts.join("");
        this.#hasOnlyText &&= isText(value);
        return value;
    }

    #escape(): string {
        const mark = this.text.charAt(this.#at + 1);
        this.#at += 2;
        if (mark !== "u") {
            return ESCAPES.get(mark) ?? refuse("no such escape");
        }
        return String.fromCharCode(Number.parseInt(this.#match(HEX) || refuse("no such escape"), 16));
    }

    #number(): number | Float {
        NUMBER.lastIndex = this.#at;
        const found = NUMBER.exec(this.text) ?? refuse("no value stands where one should");
        this.#at = NUMBER.lastIndex;
        const [token, fraction, exponent] = found;
        return fraction === undefined && exponent === undefined && token !== "-0" ? intToken(token) : new Float(floatToken(token));
    }

    /** @returns what a sticky pattern matches here, after which the reading goes on; empty where it does not match. */
    #match(pattern: RegExp): string {
        const start = this.#at;
        pattern.lastIndex = start;
        this.#at = pattern.test(this.text) ? pattern.lastIndex : start;
        return this.text.slice(start, this.#at);
    }

    #expect(character: string): void {
        if (this.text[this.#at] !== character) {
            throw syntax(`wanted ${character}`);
        }
        this.#at += 1;
    }
}

function syntax(message: string): NotIJson {
    return new NotIJson("syntax", `the document is not I-JSON: ${message}`);
}

function refuse(message: string): never {
    throw syntax(message);
}

/** Reads a digits-only token. @throws NotIJson beyond ±(2^53-1) */
export function intToken(token: string): number {
    const value = Number(token);
    if (Math.abs(value) > MAX_SAFE) {
        throw new NotIJson("number", "an integer is beyond 2^53-1");
    }
    return value;
}

/** Reads any other number token. @throws NotIJson where no double can hold it */
export function floatToken(token: string): number {
    const value = Number(token) + 0;                    // -0 + 0 is 0
    if (!Number.isFinite(value)) {
        throw new NotIJson("number", "a number overflows a double");
    }
    return value;
}
