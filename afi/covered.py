"""
What a script of requests covers: how many, how many refused, which codes, and which types go in and come out.

Source: spec/harness.md, Differential; the types are those that spec/sample.kdl declares. Pure.
"""
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from afi import sample_ir
from afi.chorus import Script
from afi.errors import Broken
from afi.kdl import Node
from afi.messages import KEPT_BYTES
from afi.model import Run
from afi.transport import Reply, Request

LEAST, LEAST_A_ROW, LEAST_REFUSED = 300, 25, 1 / 3
# The codes of ground's table that no row beside these nine owns, and the sample's one application error.
CODES = ("malformed", "unknown_function", "unknown_context", "not_found", "method_not_allowed", "payload_too_large", "unsupported_media_type", "validation",
         "internal", "deadline_exceeded", "app.taken")
KINDS = ("int", "int64", "float", "bool", "string", "null", "decimal", "date", "datetime", "uuid", "bytes", "upload", "json", "list", "map", "union", "enum",
         "object", "nullable")


@dataclass(frozen=True)
class Coverage:
    """How many distinct requests there were, row by row, how many were refused, and which codes and types were seen."""

    requests: Counter[str]
    refused: Counter[str]
    codes: Counter[str]
    taken: Counter[str]
    given: Counter[str]

    def spoken(self) -> str:
        """Returns: the counts, in lines."""
        total, refused = self.requests.total(), self.refused.total()
        lines = [f"{total} distinct requests, {refused} of them refused ({refused / max(1, total):.0%})"]
        lines += [f"  {row}: {count}, refused {self.refused[row]}" for row, count in sorted(self.requests.items())]
        lines += [f"{what}: " + ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
                  for what, counted in (("codes", self.codes), ("types in", self.taken), ("types out", self.given))]
        return "\n".join(lines)

    def complaints(self, rows: Sequence[str]) -> list[str]:
        """Returns: what the script lacks, in words."""
        total = self.requests.total()
        said = [f"row {row}: {self.requests[row]} distinct requests, wanted {LEAST_A_ROW}" for row in rows if self.requests[row] < LEAST_A_ROW]
        said += [f"{total} distinct requests, wanted {LEAST}"] if total < LEAST else []
        said += [f"{self.refused.total()} of {total} refused, wanted a third"] if self.refused.total() < LEAST_REFUSED * total else []
        said += [f"no reply has the code {code!r}" for code in CODES if not self.codes[code]]
        said += [f"no accepted request holds a value of type {kind!r}" for kind in KINDS if not self.taken[kind]]
        return said + [f"no reply holds a value of type {kind!r}" for kind in KINDS if not self.given[kind] and kind != "upload"]


def coverage(script: Script) -> Coverage:
    """Counts what was said, by the first column's replies."""
    found = Coverage(Counter(), Counter(), Counter(), Counter(), Counter())
    for one in script.distinct():
        found.requests[one.row] += 1
        first = one.said[0]
        if isinstance(first, Broken) or first.status >= 400:
            found.refused[one.row] += 1
            found.codes[_code(first)] += 1
        else:
            taken, given = types_of(one.request, script.run)
            found.taken.update(taken)
            found.given.update(given)
    return found


def _code(said: Reply | Broken) -> str:
    if isinstance(said, Broken):
        return said.reason
    try:
        return str(json.loads(said.body)["code"])
    except (ValueError, KeyError, TypeError):
        return "(none)"


FN = re.compile(rb'"fn":\s*"([a-z][a-z0-9_.]*)"')
CONTEXT = re.compile(r"/api/mizan/ctx/([a-z][a-z0-9_]*)/(?:\?(.*))?")


def types_of(request: Request, run: Run) -> tuple[set[str], set[str]]:
    """Returns: the kinds of the values that an accepted request sends and of those that it gets, by what the sample declares."""
    context = CONTEXT.fullmatch(request.target)
    if context and (found := sample_ir.node("context", context[1], run)):
        sent = {re.sub(r"(\.json)?=.*", "", pair) for pair in (context[2] or "").split("&")}
        slots = [sample_ir.node("function", slot.args[0], run) for slot in sample_ir.children(found, "slot")]
        return _kinds([one for one in sample_ir.children(found, "param") if one.args[0] in sent]), _returned(slots)
    body = (request.body or b"".join((request.chunks or ())[:1]))[:KEPT_BYTES]
    called = FN.search(body)
    function = sample_ir.node("function", called[1].decode(), run) if called else None
    if function is None:
        return set(), set()
    sent = {one.args[0] for one in sample_ir.children(function, "arg") if f'"{one.args[0]}"'.encode() in body or f"/args/{one.args[0]}".encode() in body}
    return _kinds([one for one in sample_ir.children(function, "arg") if one.args[0] in sent]), _returned([function])


def _returned(functions: Iterable[Node | None]) -> set[str]:
    return _kinds([returns for one in functions if one for returns in sample_ir.children(one, "returns")])


def _kinds(holders: Iterable[Node], seen: frozenset[str] = frozenset()) -> set[str]:
    """Returns: the kinds that stand in the types of fields, at any depth."""
    return {kind for holder in holders for one in sample_ir.children(holder, "type") for kind in _kinds_of(one, seen)}


def _kinds_of(kind: Node, seen: frozenset[str]) -> Iterator[str]:
    if kind.props.get("nullable"):
        yield "nullable"
    if kind.args[0] != "ref":
        yield kind.args[0]
        for inner in kind.children:
            yield from _kinds_of(inner, seen)
    elif kind.args[1] not in seen:
        found = sample_ir.named(kind.args[1])
        yield found.name
        yield from _kinds(sample_ir.children(found, "field"), seen | {kind.args[1]})
