"""
One fault a pinned vector, made from the pins: the adapter answers it as its opposite. So each vector is seen to fail on its own account; the
hand-made faults show that it fails for the defect that its clause is about.

Source: spec/harness.md, Self-proof. Judged over an honest conversation, vector by vector: a vector with a twin is answered as the twin
was; one without is refused, and answered once more with other values in its body; where a body is pinned, each of its bytes is changed. A
question's right text loses a byte or becomes an error, and an error becomes the twin's text; of the drawn questions the last is answered
wrongly.
"""
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from afi import draw, judge, pins, plan, probing
from afi.errors import Broken
from afi.faults import flips
from afi.faults.bench import Honest
from afi.faults.between import Repeated, question
from afi.model import Check, same
from afi.pinfile import Case, Vector
from afi.transport import Reply

IN_A_BODY = {"code", "result", "members", "invalidate", "merge", "pointers", "errors", "body", "bytes", "same_bytes"}
REFUSAL = b'{"type":"urn:mizan:internal","title":"Internal error","status":500,"code":"internal"}'


@dataclass(frozen=True)
class Generated:
    """One generated fault, and how the check that it is about noticed it: not at all, if `noticed` is empty."""

    id: str
    check: str
    noticed: tuple[str, ...]


def of_row(honest: Honest) -> list[Generated]:
    """Returns: every generated fault of one row, judged."""
    return [*_exchanges(honest), *_questions(honest.row), *_drawn(honest)]


def vectors_of(row: str) -> dict[str, Vector]:
    """Returns: check id -> vector, of every page that is judged with the row."""
    files = [(page, plan.pins_of(page)) for page in plan.pages_of(row)]
    return {f"{page}/{one.id}": one for page, file in files if file for group in file.exchanges.values() for one in group.values()}


def read_again(check: Check, reply: Reply) -> tuple[str, ...]:
    """Returns: what differs in a vector's own part when this reply comes in place of the one that it got."""
    wanted = {name: value for name, value in check.wanted.items() if name not in ("twin", "calls", "lacks")}
    try:
        got = {name: pins.read(reply, name, value) for name, value in wanted.items()}
    except Broken as broken:
        return (str(broken),)
    return tuple(judge.mismatches(wanted, got))


def _exchanges(honest: Honest) -> Iterator[Generated]:
    replies, vectors = honest.script.replies(), vectors_of(honest.row)
    for name, check in honest.checks.items():
        if name in vectors and vectors[name].id in replies:
            yield from (Generated(f"{name}:{how}", name, read_again(check, reply)) for how, reply in _opposites(vectors[name], check, replies))
            if {"bytes", "body"} & set(check.wanted):
                yield Generated(f"{name}:any-byte", name, _every_flip(check, replies[vectors[name].id]))


def _opposites(vector: Vector, check: Check, replies: dict[str, Reply]) -> Iterator[tuple[str, Reply]]:
    own = replies[vector.id]
    if vector.twin:
        yield "as-its-twin", replies[f"{vector.id.split('.')[0]}.{vector.twin}"]
        return
    yield "refused", own.with_status(500).with_body(REFUSAL)
    if IN_A_BODY & set(check.wanted):
        yield "other-values", own.with_body(_other_body(own))


def _every_flip(check: Check, reply: Reply) -> tuple[str, ...]:
    """Returns: how many changes of the body were noticed; nothing, if one was not. Another spelling of a document is a change where bytes are pinned."""
    others = [reply.with_body(text.encode()) for text in flips.changes(reply.body.decode("utf-8", "backslashreplace"))]
    changed = [other for other in others if "bytes" in check.wanted or not _same_document(other, reply)]
    return (f"{len(changed)} changes",) if all(read_again(check, other) for other in changed) else ()


def _same_document(one: Reply, two: Reply) -> bool:
    try:
        return same(one.json(), two.json())
    except Broken:
        return False


def _other_body(reply: Reply) -> bytes:
    try:
        return reply.with_json(other).body
    except Broken:
        return reply.body + b"x"


def other(value: Any) -> Any:
    """Returns: a JSON value of the same kind in which every part is another; an object loses its members to one of another name."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, list):
        return [*map(other, value), "x"]
    return {**{name: other(member) for name, member in value.items()}, "other": "x"} if isinstance(value, dict) else 0


# --- questions

def _questions(row: str) -> Iterator[Generated]:
    for page in plan.pages_of(row):
        file = plan.pins_of(page)
        for group in file.oracle.values() if file else ():
            for case in group.values():
                yield from (Generated(f"{page}/{case.id}:{how}", f"{page}/{case.id}", flips.judged(group, case, answer))
                            for how, answer in _other_answers(group, case))


def _other_answers(group: dict[str, Case], case: Case) -> Iterator[tuple[str, tuple[str, str]]]:
    word, text = case.answer
    if word == "ok":
        yield "other-byte", ("ok", next(flips.changes(text)))
        yield "refused", ("err", next((one.answer[1] for one in group.values() if one.answer[0] == "err"), "syntax"))
    else:
        yield "accepted", ("ok", group[case.twin].answer[1] if case.twin else "")


def _wrong_for(wrong: Any, asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {"ok": "wrong"} if question(asked["op"], asked["in"]) == wrong else answer


def _drawn(honest: Honest) -> Iterator[Generated]:
    """The last of the drawn questions is answered wrongly: one wrong answer in hundreds is enough."""
    for slug, (_, op, strategy, answer_of) in getattr(plan.probe_of(honest.row), "ASKS", {}).items():
        given, _ = answer_of(draw.drawn({slug: strategy}, honest.seed)[slug][-1])
        wrong = question(op, given)
        oracle = Repeated(honest.script, functools.partial(_wrong_for, wrong))
        check = next(one for one in probing.asked(honest.row, oracle, honest.seed) if one.id == f"{honest.row}/{slug}")
        yield Generated(f"{check.id}:last-answer", check.id, tuple(judge.mismatches(check.wanted, check.got)))
