/**
 * Media types with their parameters, as a Content-Type says them.
 *
 * Source: spec/dispatch.md, What is refused before the function begins; spec/upload.md, The body; RFC 9110, 5.6.6 and 8.3.
 */

// A parameter's value is a token or a quoted string. An empty parameter is allowed in RFC 9110, and here.
const PARAMETER = /[ \t]*(?:;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\.)*)"))?)/y;

type Parameter = readonly [name: string, value: string];

/** Whether one Content-Type says `application/json` and no charset but utf-8; other parameters have no meaning (RFC 8259, 11). */
export function isJson(contentType: readonly string[]): boolean {
    return isMedia(contentType, "application/json");
}

/** Whether one Content-Type says `multipart/form-data` and no charset but utf-8. */
export function isMultipart(contentType: readonly string[]): boolean {
    return isMedia(contentType, "multipart/form-data");
}

function isMedia(contentType: readonly string[], wanted: string): boolean {
    const [first] = contentType;
    if (first === undefined || contentType.length > 1) {
        return false;
    }
    if (first === wanted) {
        return true;
    }
    const [kind, parameters] = split(first);
    return kind === wanted && parameters !== null && valuesOf("charset", parameters).every((one) => one.toLowerCase() === "utf-8");
}

/** @returns the boundary of a multipart body; null where there is not exactly one. */
export function boundaryIn(contentType: readonly string[]): string | null {
    const [, parameters] = split(contentType[0] ?? "");
    const [boundary, another] = valuesOf("boundary", parameters ?? []);
    return boundary !== undefined && another === undefined ? boundary : null;
}

/** @returns a media type in lower case, and its parameters; null for those where they do not follow the grammar. */
function split(contentType: string): [kind: string, parameters: readonly Parameter[] | null] {
    const [kind = ""] = contentType.split(";", 1);
    return [trimmed(kind).toLowerCase(), parametersIn(trimmed(contentType.slice(kind.length)))];
}

/** @returns a text without the spaces and tabs at its ends; a pattern would take quadratic time for what a caller may send. */
export function trimmed(text: string): string {
    let [start, end] = [0, text.length];
    while (start < end && isBlank(text, start)) {
        start += 1;
    }
    while (end > start && isBlank(text, end - 1)) {
        end -= 1;
    }
    return text.slice(start, end);
}

function isBlank(text: string, at: number): boolean {
    return text[at] === " " || text[at] === "\t";
}

function valuesOf(name: string, parameters: readonly Parameter[]): readonly string[] {
    return parameters.filter(([given]) => given === name).map(([, value]) => value);
}

/** @returns a media type's parameters, their names in lower case; null where they do not follow the grammar. */
function parametersIn(text: string): readonly Parameter[] | null {
    const found: Parameter[] = [];
    for (let at = 0; at < text.length; at = PARAMETER.lastIndex) {
        PARAMETER.lastIndex = at;
        const seen = PARAMETER.exec(text);
        if (seen === null || PARAMETER.lastIndex === at) {
            return null;
        }
        const [, name, token, quoted] = seen;
        if (name !== undefined) {
            found.push([name.toLowerCase(), token ?? quoted ?? ""]);
        }
    }
    return found;
}
