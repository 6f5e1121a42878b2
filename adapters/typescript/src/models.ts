/**
 * The types of the sample application.
 *
 * Source: spec/sample.md, Types.
 */
import { t } from "@mizan/core";

export const Color = t.enumeration("Color", ["red", "green", "deep-blue"]);
export const Level = t.enumeration("Level", [1, 2, 3]);

export const User = t.object("User", { id: t.int(), name: t.string(), rev: t.int() });
export type User = t.Infer<typeof User>;

export const Team = t.object("Team", { team_id: t.int(), title: t.string(), rev: t.int() });
export type Team = t.Infer<typeof Team>;

export const Point = t.object("Point", { x: t.int(), y: t.int().default(0), label: t.string().nullable().default(null) });

const ShapeCircle = t.enumeration("ShapeCircle", ["circle"]);
const ShapeSquare = t.enumeration("ShapeSquare", ["square"]);
export const Circle = t.object("Circle", { kind: ShapeCircle, radius: t.int() });
export const Square = t.object("Square", { kind: ShapeSquare, side: t.int() });
export const RedCircle = t.object("RedCircle", { hue: t.enumeration("HueRed", ["red"]), kind: ShapeCircle });
export const BlueSquare = t.object("BlueSquare", { hue: t.enumeration("HueBlue", ["blue"]), kind: ShapeSquare });

export interface Node {
    readonly value: number;
    readonly next: Node | null;
}
export const Node: t.Of<Node> = t.object("Node", { value: t.int(), next: t.lazy(() => Node).nullable().default(null) });

/** What `kinds` takes; the arguments have defaults beside. */
export const KINDS = {
    text: t.string(), whole: t.int(), big: t.int64(), real: t.float(), flag: t.bool(), price: t.decimal(), day: t.date(), at: t.datetime(),
    uid: t.uuid(), raw: t.bytes(), color: Color, level: Level, numbers: t.list(t.int()), table: t.map(t.int()), point: Point,
    node: Node.nullable(), either: t.union(t.int(), t.string()), maybe: t.int().nullable(), nothing: t.null(), free: t.json(), bag: t.map(t.json()),
};
export const Kinds = t.object("Kinds", { ...KINDS, stamp: t.string() }, { doc: "What `kinds` was given, defaults filled in, and a digest." });

/** The parameters of the context `mark`; `touch_mark` has arguments of some. */
export const MARK = {
    text: t.string().nullable().default(null), number: t.int().nullable().default(null), big: t.int64().nullable().default(null),
    flag: t.bool().nullable().default(null), real: t.float().nullable().default(null), day: t.date().nullable().default(null),
    at: t.datetime().nullable().default(null), uid: t.uuid().nullable().default(null), price: t.decimal().nullable().default(null),
    raw: t.bytes().nullable().default(null), color: Color.nullable().default(null), level: Level.nullable().default(null),
    items: t.list(t.int()).nullable().default(null),
};
export const Mark = t.object("Mark", { ...MARK, nulls: t.list(t.string()).defaultFrom(() => []) }, {
    doc: "The parameters of the context `mark` that a run-time entry gets; `nulls` names those that it gets as null.",
});

export const Document = t.object("Document", { title: t.string(), file: t.upload() });
export const FileFacts = t.object("FileFacts", { name: t.string(), type: t.string(), size: t.int(), digest: t.string() });
export type FileFacts = t.Infer<typeof FileFacts>;
