/** Header fields of Node's message, one pair a line. Node's own objects of them drop lines, and trip over a field called `__proto__`. */
import type { Pair } from "@mizan/core/answer";
import type { IncomingMessage } from "node:http";

/** @returns the fields as they came, their names in lower case. */
export function fieldsOf({ rawHeaders }: IncomingMessage): readonly Pair[] {
    const fields: Pair[] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
        fields.push([(rawHeaders[at] ?? "").toLowerCase(), rawHeaders[at + 1] ?? ""]);
    }
    return fields;
}
