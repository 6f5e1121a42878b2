"""
KDL as the judge reads and writes it: read by `ckdl`, written in the profile of spec/ir.md by a writer of its own.

Raises: ValueError, for a text that is no KDL 2, and for what the profile does not know (annotations, floats, bare texts are not told apart).
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import ckdl

Value = str | int | bool

HEAD = "/- kdl-version 2\n"
SHORT = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x09: "\\t", 0x08: "\\b", 0x0C: "\\f"}
LONG = (*range(0x20), 0x7F, 0x85, *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
ESCAPES = {**{code: f"\\u{{{code:x}}}" for code in LONG}, **SHORT}


@dataclass(frozen=True)
class Node:
    """A node with its arguments (texts), properties and children."""

    name: str
    args: tuple[str, ...] = ()
    props: Mapping[str, Value] = field(default_factory=dict)
    children: tuple["Node", ...] = ()

    def everything(self) -> list["Node"]:
        """Returns: the node and every node below it."""
        return [self, *(below for child in self.children for below in child.everything())]


def read(text: str) -> tuple[Node, ...]:
    """Raises: ValueError."""
    try:
        return tuple(map(_node, ckdl.parse(text, version=2).nodes))
    except ckdl.ParseError as error:
        raise ValueError(f"no KDL 2: {error}") from error


def _node(said: ckdl.Node) -> Node:
    values = [*said.args, *said.properties.values()]
    if said.type_annotation or any(isinstance(value, (ckdl.Value, float)) or value is None for value in values):
        raise ValueError(f"node {said.name!r} holds what the profile does not know")
    return Node(said.name, tuple(said.args), dict(said.properties), tuple(map(_node, said.children)))


def write(nodes: Iterable[Node]) -> str:
    """Returns: a whole file."""
    return HEAD + "".join(_written(node, "") for node in nodes)


def _written(node: Node, margin: str) -> str:
    words = [node.name, *map(_quoted, node.args), *(f"{name}={_spelt(node.props[name])}" for name in sorted(node.props))]
    if not node.children:
        return margin + " ".join(words) + "\n"
    return margin + " ".join(words) + " {\n" + "".join(_written(child, margin + "    ") for child in node.children) + margin + "}\n"


def _spelt(value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return {True: "#true", False: "#false"}[value] if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    return '"' + text.translate(ESCAPES) + '"'
