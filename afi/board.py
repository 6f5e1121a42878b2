"""
Verdicts -> board.json, and back; a board that is not whole is refused. Source: spec/harness.md, Evidence; spec/schemas/board.schema.json.

No port, pid, path, duration or value of one run stands in a board: two runs with one seed write the same bytes.
"""
import collections
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from afi import version
from afi.model import Cell, Clause, Mark, Run, Verdict

Plan = dict[str, Clause]


def plan_digest(cells: Iterable[Cell], plan_of: Callable[[Cell], Plan]) -> str:
    """Returns: SHA-256 of what a whole run judges: every cell, every check id of its plan, and the clause each cites."""
    plan = [[cell.id, cell.not_applicable, sorted((check, clause.id, clause.level) for check, clause in plan_of(cell).items())] for cell in cells]
    return hashlib.sha256(json.dumps(plan, ensure_ascii=False).encode()).hexdigest()


def header(seed: int, cells: Iterable[Cell], plan_of: Callable[[Cell], Plan], folder: Path) -> dict[str, Any]:
    """Returns: the head of a board. Args: folder: the pin files, whose digests go in."""
    pins = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.yaml"))}
    return {"kit": version.KIT, "spec": version.SPEC, "protocol": version.PROTOCOL, "seed": seed, "plan": plan_digest(cells, plan_of), "pins": pins}


def document(head: dict[str, Any], verdicts: Iterable[Verdict], conduct: Iterable[Verdict], wanted: int) -> dict[str, Any]:
    """Args: wanted: how many cells a whole run has. Returns: the board."""
    rows = sorted(map(_row, verdicts), key=lambda row: (row["capability"], row["adapter"]))
    counts = collections.Counter(row["mark"] for row in rows)
    checks = collections.Counter(check["outcome"] for row in rows for check in row["checks"])
    footer = {"complete": len(rows) == wanted, "cells": len(rows), "marks": {mark.value: counts[mark.value] for mark in Mark},
              "checks": {word: checks[word] for word in ("passed", "failed", "not-run")}}
    return {"board": 1, "header": head, "cells": rows, "conduct": sorted(map(_row, conduct), key=lambda row: row["adapter"]), "footer": footer}


def _row(verdict: Verdict) -> dict[str, Any]:
    checks = [{"id": o.id, "clause": o.clause, "level": o.level, "outcome": o.word, **({"reason": list(o.reason)} if o.reason else {})}
              for o in verdict.outcomes]
    reason = {"reason": verdict.reason} if verdict.reason else {}
    return {"capability": verdict.cell.capability.id, "adapter": verdict.cell.adapter.id, "mark": verdict.mark.value, **reason, "checks": checks}


def masked(verdict: Verdict, run: Run) -> Verdict:
    """The verdict with the names of the run's fresh values in their place."""
    outcomes = tuple(replace(o, reason=tuple(map(run.masked, o.reason))) for o in verdict.outcomes)
    return replace(verdict, outcomes=outcomes, reason=verdict.reason and run.masked(verdict.reason))


def write(path: Path, board: dict[str, Any]) -> None:
    """Writes a board whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(board, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.rename(path)
