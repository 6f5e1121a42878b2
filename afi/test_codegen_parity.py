"""
The IR from more than one side: every adapter's sample byte for byte, an unrelated parser, and declarations drawn by the hundred.

Source: spec/ir.md. Raises nothing of its own; `-s` shows how often each production was drawn.
"""
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

import manifest
from afi import declared, descriptor, draw, drawn_declarations, kdl, process, sample_ir
from afi.descriptor import Descriptor

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "spec" / "schemas" / "declarations.schema.json").read_text(encoding="utf-8")))
COUNT, LEAST, SEED = 500, 20, 7
EMITTERS = [one for one in (descriptor.load(ROOT / adapter.descriptor) for adapter in manifest.ADAPTERS if adapter.descriptor) if one.emit_ir]
ORACLES = [one for one in EMITTERS if one.oracle]

NODES = ("enum", "object", "field", "function", "arg", "returns", "error", "affects", "bind", "merge", "compose", "part", "context", "param", "slot", "scope",
         "value")
KINDS = ("int", "int64", "float", "bool", "string", "null", "decimal", "date", "datetime", "uuid", "bytes", "upload", "json", "list", "map", "ref", "union")
PROPERTIES = ("default", "doc", "optional", "nullable", "context", "kind", "timeout_s", "view", "volatile", "arg", "result", "slot", "op", "key")
BEGINS = r"(?<!\\)(?:\\\\)*"                      # an escape of ours, not one of the JSON inside
ESCAPES = {           # no CR: a doc has LF for it, and a value is JSON, which has escaped it before
    "quote": r'\\"', "backslash": r"\\\\", "LF": r"\\n", "tab": r"\\t", "backspace": r"\\b", "form feed": r"\\f", "U+0000-001F": r"\\u\{[07]\}",
    "U+007F": r"\\u\{7f\}", "U+0085": r"\\u\{85\}", "U+200E-200F": r"\\u\{200[ef]\}", "U+2028-202E": r"\\u\{202[89e]\}", "U+2066-2069": r"\\u\{206[69]\}",
    "U+FEFF": r"\\u\{feff\}", "literal": "[^\x00-\x7f]",
}


@dataclass(frozen=True)
class Derived:
    """What an oracle is asked about one declaration, and its IR as the spec says that it is."""

    given: dict[str, str]
    text: str
    nodes: tuple[kdl.Node, ...]


@pytest.fixture(scope="module")
def drawn() -> list[drawn_declarations.Made]:
    return draw.drawn({"parity": (drawn_declarations.DECLARED, COUNT)}, SEED)["parity"]


@pytest.fixture(scope="module")
def derived(drawn: list[drawn_declarations.Made]) -> list[Derived]:
    """What the judge itself makes of each drawn declaration."""
    return [Derived(given, text, declared.nodes(said)) for said in drawn for given, (_, text) in (drawn_declarations.question(said),)]


@pytest.fixture(scope="module", params=EMITTERS, ids=lambda one: one.id)
def emitter(request: pytest.FixtureRequest) -> Descriptor:
    adapter: Descriptor = request.param
    process.prepare(adapter)
    return adapter


def test_the_sample_is_byte_identical_in_every_adapter_that_emits_one(emitter: Descriptor, tmp_path: Path) -> None:
    text = sample_ir.emitted(emitter, tmp_path)
    assert text == sample_ir.FILE.read_text(encoding="utf-8"), "python -m afi.sample_ir > spec/sample.kdl, after reading the difference"


def test_the_sample_read_by_an_unrelated_parser_and_written_by_the_judge_is_a_fixed_point() -> None:
    text = sample_ir.FILE.read_text(encoding="utf-8")
    assert kdl.write(kdl.read(text)) == text


def test_the_page_shows_a_function_as_the_sample_has_it() -> None:
    page = (ROOT / "spec" / "ir.md").read_text(encoding="utf-8")
    shown = page.split("A function, as it stands in a file:\n\n```text\n")[1].split("```")[0]
    assert shown.startswith('function "rename_user" ')
    assert shown in sample_ir.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("adapter", ORACLES, ids=lambda one: one.id)
def test_drawn_declarations_are_written_as_they_were_declared(adapter: Descriptor, derived: list[Derived]) -> None:
    process.prepare(adapter)
    oracle = process.oracle(adapter)
    try:
        answers = [oracle.ask("ir_emit", own.given) for own in derived]
    finally:
        process.stop_oracle(oracle)
    assert [(own.given, answer) for own, answer in zip(derived, answers, strict=True) if answer != ("ok", own.text)] == []


def test_what_is_written_of_drawn_declarations_is_read_back_by_an_unrelated_parser(derived: list[Derived]) -> None:
    assert [own.text for own in derived if kdl.read(own.text) != own.nodes] == []


def test_drawn_declarations_are_in_the_form_of_the_schema(drawn: list[drawn_declarations.Made]) -> None:
    assert [error.message for said in drawn for error in SCHEMA.iter_errors(said)] == []


def test_every_production_kind_and_escape_is_drawn_often(drawn: list[drawn_declarations.Made], derived: list[Derived]) -> None:
    """A production counts once for each declaration that has it."""
    assert len({json.dumps(one) for one in drawn}) == COUNT
    seen = Counter(word for said, own in zip(drawn, derived, strict=True) for word in set(words_of(said, own)))
    wanted = [*(f"node {one}" for one in NODES), *(f"kind {one}" for one in KINDS), *(f"property {one}" for one in PROPERTIES),
              *(f"escape {one}" for one in ESCAPES), "nesting of 4", "recursion", "a type without a name", "merge without slot", "merge of what may be null",
              "kind=read", "kind=mutation", "kind=plain"]
    print("\n" + ", ".join(f"{word} {seen[word]}" for word in wanted))
    assert {word: seen[word] for word in wanted if seen[word] < LEAST} == {}


def words_of(said: drawn_declarations.Made, own: Derived) -> Iterator[str]:
    """Returns: what occurs in the IR of one declaration."""
    every = [node for root in own.nodes for node in root.everything()]
    yield from (f"node {node.name}" for node in every)
    yield from (f"property {name}" for node in every for name in node.props)
    yield from (f"kind {node.args[0]}" for node in every if node.name == "type")
    yield from (f"kind={node.props['kind']}" for node in every if "kind" in node.props)
    yield from (f"escape {name}" for name, pattern in ESCAPES.items() if re.search(BEGINS + pattern, own.text))
    if any(depth(node) >= 4 for node in every if node.name == "type"):
        yield "nesting of 4"
    if any(node.args[:1] == ("ref",) and node.args[1:] == root.args for root in own.nodes if root.name == "object" for node in root.everything()):
        yield "recursion"
    if '"object":' in json.dumps(said["functions"]) or '{"enum":' in json.dumps(said["functions"]):
        yield "a type without a name"
    hits = [(one["returns"], hit) for one in said["functions"] for hit in one.get("merge", ())]
    if any("slot" not in hit for _, hit in hits):
        yield "merge without slot"
    if any("nullable" in returns for returns, _ in hits):
        yield "merge of what may be null"


def depth(node: kdl.Node) -> int:
    """Returns: how many types stand inside one another."""
    return 1 + max(map(depth, node.children), default=0)
