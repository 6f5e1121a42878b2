"""
The IR of the sample application: what a run must get, from spec/sample.kdl; `python -m afi.sample_ir` prints anew what the house's first adapter emits.

Source: spec/ir.md; spec/sample.md, Environment. The file holds fixed names where a run draws some, and names decide the order.
"""
import functools
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import manifest
from afi import descriptor, kdl
from afi.descriptor import Descriptor
from afi.kdl import Node
from afi.model import Run

FILE = Path(__file__).resolve().parent.parent / "spec" / "sample.kdl"
FIXED = Run(seed=1, nonce="nonce", function="chosen_function", slot="chosen_slot", context="chosen", seed_row="seed", origin="https://sample.test")
GROUPS = ("ir", "enum", "object", "function", "compose", "context")
CHILDREN = ("value", "field", "arg", "param", "returns", "error", "affects", "merge", "part", "slot", "scope", "bind")
NAMING = ("function", "context", "slot", "part", "affects", "merge")
LIMIT_S = 30


@functools.cache
def file() -> tuple[Node, ...]:
    return kdl.read(FILE.read_text(encoding="utf-8"))


def text(run: Run) -> str:
    """Returns: the IR that a start of this run must have."""
    return kdl.write(nodes(run))


def nodes(run: Run) -> list[Node]:
    """Returns: the nodes of `text`."""
    names = {FIXED.function: run.function, FIXED.slot: run.slot, FIXED.context: run.context, f"{FIXED.context}_note": f"{run.context}_note"}
    renamed = [_renamed(node, names) for node in file()]
    return sorted(renamed, key=lambda node: (GROUPS.index(node.name), *(argument.encode() for argument in node.args)))


def _renamed(node: Node, names: dict[str, str]) -> Node:
    """Returns: the node with other names, and its children in the order that those give."""
    if node.name == "type":
        return node
    args = tuple(names.get(argument, argument) for argument in node.args) if node.name in NAMING else node.args
    props = {name: names.get(str(value), value) if name in ("context", "slot") else value for name, value in node.props.items()}
    children = [_renamed(child, names) for child in node.children]
    return replace(node, args=args, props=props, children=tuple(sorted(children, key=_place)))


def _place(node: Node) -> tuple[int, list[bytes]]:
    return (-1, []) if node.name == "type" else (CHILDREN.index(node.name), [argument.encode() for argument in node.args])


def node(group: str, name: str, run: Run) -> Node | None:
    """Returns: the declaration of this name in the sample's IR; names of the run are those of the file."""
    fixed = {run.function: FIXED.function, run.slot: FIXED.slot, run.context: FIXED.context,
             f"{run.context}_note": f"{FIXED.context}_note"}
    return next((one for one in file() if one.name == group and one.args[0] == fixed.get(name, name)), None)


def children(parent: Node, name: str) -> list[Node]:
    """Returns: the children of one name."""
    return [child for child in parent.children if child.name == name]


def named(name: str) -> Node:
    """Returns: the declaration of an object or enum."""
    return next(one for one in file() if one.name in ("object", "enum") and one.args[0] == name)


def emitted(adapter: Descriptor, state: Path) -> str:
    """Runs an adapter's `emit_ir` with the fixed names. Raises: CalledProcessError, TimeoutExpired, UnicodeError."""
    assert adapter.emit_ir is not None
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **FIXED.environment("main", 0, str(state))}
    done = subprocess.run(adapter.emit_ir, cwd=adapter.folder, env=environment, capture_output=True, check=True, timeout=LIMIT_S)
    return done.stdout.decode()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        first = next(adapter.descriptor for adapter in manifest.ADAPTERS if adapter.descriptor)
        sys.stdout.write(emitted(descriptor.load(FILE.parents[1] / first), Path(folder)))
