"""
The discovery document: what a sealed registry holds, as JSON.

Its items are the nodes of the IR, member by member, so that the two cannot say different things: a node's first argument under the name that
the grammar gives it, its properties as they are, its types as IR text, its other children as lists.
Source: spec/discovery.md, The document and Items.
"""
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mizan import canonical, ir, kdl
from mizan.answer import JSON_TYPE, Answer
from mizan.bundle import conditional, etag
from mizan.kdl import Node
from mizan.seal import Sealed

PROTOCOL = "1"
CACHE_CONTROL = "public, no-cache"
NAME, CONTEXT, PARAM = "name", "context", "param"
FIRST_ARGUMENT = {"affects": CONTEXT, "merge": CONTEXT, "bind": PARAM}            # of any other node: its name
LISTS = {                                                                         # node -> the lists of its item: member -> child
    "function": {"args": "arg", "errors": "error", "affects": "affects", "merges": "merge"},
    "affects": {"binds": "bind"}, "merge": {"binds": "bind"},
    "compose": {"parts": "part"},
    "context": {"params": "param", "slots": "slot", "scopes": "scope"},
}


def answer(sealed: Sealed, extensions: Mapping[str, Any], if_none_match: Sequence[str] = ()) -> Answer:
    """Answers GET `schema/`: canonical JSON with a validator."""
    return conditional(document(sealed, canonical.write(said_by(extensions))), if_none_match)


def said_by(extensions: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: each extension's own schema, which may change, under its key."""
    return {key: one.schema() for key, one in extensions.items()}


@functools.lru_cache(maxsize=8)
def document(sealed: Sealed, extensions: bytes) -> Answer:
    """Made once for a sealed registry, which never changes, and what its extensions say. Args: `extensions`: that, as canonical JSON."""
    body = canonical.write(schema_of(sealed, canonical.read(extensions)))
    return Answer(200, (("Content-Type", JSON_TYPE), ("ETag", etag(body)), ("Cache-Control", CACHE_CONTROL)), body)


def schema_of(sealed: Sealed, extensions: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: functions, contexts and compositions sorted by name. Args: `extensions`: what each says, under its key."""
    nodes = ir.nodes(sealed)
    return {
        "compositions": items("compose", nodes),
        "contexts": items("context", nodes),
        "contract": contract(sealed),
        "extensions": {"channels": {}, **extensions},
        "forms": [],
        "functions": items("function", nodes),
        "protocol": PROTOCOL,
        "shapes": [],
    }


def contract(sealed: Sealed) -> str:
    """Returns: what tells two sets of declarations apart: the hex SHA-256 of their IR."""
    return hashlib.sha256(ir.text(sealed)).hexdigest()


def items(kind: str, nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """Returns: the items of all nodes of one kind, in their order, which is that of their names."""
    return [item(node) for node in nodes if node.name == kind]


def item(node: Node) -> dict[str, Any]:
    """Returns: a node as an object."""
    lists = {member: children(child, node) for member, child in LISTS.get(node.name, {}).items()}
    return {FIRST_ARGUMENT.get(node.name, NAME): node.arguments[0], **node.properties, **types(node), **lists}


def children(kind: str, node: Node) -> list[Any]:
    """Returns: a node's children of one kind."""
    said: Callable[[Node], Any] = SHORT.get(kind, item)
    return [said(one) for one in node.children if one.name == kind]


def first_argument(node: Node) -> str:
    return node.arguments[0]


def all_arguments(node: Node) -> list[str]:
    return list(node.arguments)


SHORT: Mapping[str, Callable[[Node], Any]] = {"part": first_argument, "slot": first_argument, "scope": all_arguments}


def types(node: Node) -> dict[str, str]:
    """Returns: the node's type, or that of what it returns, as IR text at the left margin."""
    return {one.name: ir_text(one) for one in node.children if one.name in ("type", "returns")}


def ir_text(node: Node) -> str:
    typed = node.children[0] if node.name == "returns" else node
    return "\n".join(kdl.lines(typed))
