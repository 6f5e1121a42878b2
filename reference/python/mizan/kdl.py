"""
KDL 2 in the one spelling that every parser reads alike: nodes as data, and the text of a file of them.

Source: the spec's page on the IR, Text; KDL 2.0.0. No comments, no type annotations, every text quoted, properties in bytes order.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | int | bool

FIRST_LINE = "/- kdl-version 2"
INDENTATION = "    "
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
# What a parser takes for a new line or refuses to read literally, and what turns the direction of a line when it is shown.
HIDDEN = ((0x00, 0x1F), (0x7F, 0x7F), (0x85, 0x85), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069), (0xFEFF, 0xFEFF))


@dataclass(frozen=True)
class Node:
    """A node: its name, bare; its arguments, quoted texts; its properties by bare name; its children in the order given."""

    name: str
    arguments: Sequence[str] = ()
    properties: Mapping[str, Value] = field(default_factory=dict)
    children: Sequence["Node"] = ()


def text(nodes: Iterable[Node]) -> str:
    """Returns: the whole file: the version line, then the nodes; LF, and one at the end."""
    return "\n".join([FIRST_LINE, *(line for node in nodes for line in lines(node))]) + "\n"


def lines(node: Node) -> list[str]:
    """Returns: a node's lines; braces only around children."""
    head = " ".join([node.name, *map(quoted, node.arguments), *properties(node)])
    if not node.children:
        return [head]
    return [head + " {", *(INDENTATION + line for child in node.children for line in lines(child)), "}"]


def properties(node: Node) -> list[str]:
    return [f"{name}={spelled(value)}" for name, value in sorted(node.properties.items())]


def spelled(value: Value) -> str:
    """Returns: a property's value: `#true`, `#false`, an integer or a quoted text."""
    if isinstance(value, bool):
        return "#true" if value else "#false"
    return str(value) if isinstance(value, int) else quoted(value)


def quoted(value: str) -> str:
    return '"' + "".join(map(escaped, value)) + '"'


def escaped(character: str) -> str:
    """Returns: a character as it stands between quotes."""
    return SHORT_ESCAPES.get(character) or (f"\\u{{{ord(character):x}}}" if is_hidden(character) else character)


def is_hidden(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in HIDDEN)
