"""Checks -> outcomes -> mark. Pure. Source: spec/harness.md, Verdict of a cell."""
from typing import Any

from afi.model import ABSENT, Cell, Check, Clause, Mark, Outcome, Verdict, same

NONE, SOME, ANY = "none", "some", "any"
MARKS = (                                   # (passed, failed) counts of MUST checks that were run; rows are tried from the top
    ((NONE, NONE), Mark.UNJUDGED),          # silence is never green
    ((SOME, NONE), Mark.WIRED),
    ((SOME, SOME), Mark.PARTIAL),
    ((NONE, SOME), Mark.GAP),
)


def mark_of(passed: int, failed: int) -> Mark:
    row = tuple(SOME if n else NONE for n in (passed, failed))
    return next(mark for pattern, mark in MARKS if pattern == row)


def mismatches(wanted: Any, got: Any, path: str = "") -> list[str]:
    """Returns: every place where two values differ, as `path: wanted X, got Y`."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [line for key in {**wanted, **got}
                for line in mismatches(wanted.get(key, ABSENT), got.get(key, ABSENT), f"{path}.{key}" if path else str(key))]
    if isinstance(wanted, tuple) and isinstance(got, tuple) and len(wanted) == len(got):
        return [line for n, pair in enumerate(zip(wanted, got, strict=True)) for line in mismatches(*pair, f"{path}.{n}" if path else str(n))]
    if same(wanted, got):
        return []
    return [f"{path or 'value'}: wanted {shown(wanted)}, got {shown(got)}{_bytes(wanted, got)}"]


def _bytes(wanted: Any, got: Any) -> str:
    """Equal values of two types are the same number in other bytes, and the bytes are what the clause pins."""
    alike = type(wanted) is not type(got) and isinstance(wanted, (int, float)) and isinstance(got, (int, float)) and wanted == got
    return " (bytes: an equal value, spelt otherwise)" if alike else ""


def shown(value: Any, limit: int = 400) -> str:
    """A value as text, cut where nobody reads on."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def outcome_of(check: Check, clause: Clause, exchanges: tuple[Any, ...] = ()) -> Outcome:
    lines = mismatches(check.wanted, check.got)
    return Outcome(check.id, check.clause, clause.level, "failed" if lines else "passed", tuple(lines), exchanges)


def verdict_of(cell: Cell, outcomes: tuple[Outcome, ...]) -> Verdict:
    """The mark comes from the MUST checks that were run; what was not run colours nothing and is counted."""
    must = [o.word for o in outcomes if o.level == "MUST"]
    return Verdict(cell, mark_of(must.count("passed"), must.count("failed")), outcomes)


def completed(outcomes: list[Outcome], plan: dict[str, Clause], word: str, reason: str) -> tuple[Outcome, ...]:
    """Adds each planned check that was not yielded, under the word and for the reason that ended the probe; ordered by id."""
    seen = {o.id for o in outcomes}
    rest = [Outcome(check, clause.id, clause.level, word, (reason,)) for check, clause in plan.items() if check not in seen]
    return by_id((*outcomes, *rest))


def by_id(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Returns: the outcomes in an order that no run and no seed changes."""
    return tuple(sorted(outcomes, key=lambda o: o.id))


def all_failed(plan: dict[str, Clause], reason: str) -> tuple[Outcome, ...]:
    """Every planned check failed for one reason: nothing seen in such a cell can be trusted."""
    return completed([], plan, "failed", reason)
