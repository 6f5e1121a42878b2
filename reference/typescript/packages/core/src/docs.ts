/**
 * Documentation texts as the IR holds them: the same text however deep it was indented and whatever ended its lines.
 *
 * Source: spec/ir.md, Text. Errors: none.
 */
const LINE_END = /\r\n|\r|\n/;
const MARGIN = /^[ \t]*/;
const TRAIL = /[ \t]+$/;

/**
 * Gives the text with LF, without the indentation that its lines share, trailing blanks, and blank lines at both ends.
 *
 * The first line stands beside the opening mark in some languages: its own indentation goes, and it has no say in that of the others.
 */
export function tidy(doc: string): string {
    const [first = "", ...rest] = doc.split(LINE_END).map((line) => line.replace(TRAIL, ""));
    const shared = indentation(rest);
    return withoutOuterBlanks([first.replace(MARGIN, ""), ...rest.map((line) => line.slice(shared.length))]).join("\n");
}

/** @returns the spaces and tabs with which every line that is not blank begins. */
function indentation(lines: readonly string[]): string {
    const margins = lines.filter((line) => line !== "").map((line) => MARGIN.exec(line)?.[0] ?? "");
    return margins.length === 0 ? "" : margins.reduce(sharedStart);
}

function sharedStart(one: string, other: string): string {
    let size = 0;
    while (size < one.length && one[size] === other[size]) {
        size += 1;
    }
    return one.slice(0, size);
}

function withoutOuterBlanks(lines: readonly string[]): readonly string[] {
    const isFilled = (line: string): boolean => line !== "";
    return lines.slice(Math.max(lines.findIndex(isFilled), 0), lines.findLastIndex(isFilled) + 1);
}
