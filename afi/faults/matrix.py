"""
Fault x check -> what was killed, what is wrong with the proof, and kills.json. Pure.

Source: spec/harness.md, Self-proof. A kill counts only when a check that cites the broken clause differs in the member named, on its own part: not
through its twin, and not because the adapter hung, crashed or could not be asked, unless the fault says that it ends so.
"""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from afi.faults import Fault
from afi.model import Clause, Outcome

DIFFERS = ": wanted "                # stands in each line of a judge's mismatch, after its member
REASON_LETTERS = 160                 # of the reason in kills.json
NAMED = 4                            # checks or lines that a complaint quotes


@dataclass(frozen=True)
class Seen:
    """
    One fault against some checks of a row: how each failed check failed, how often the fault was reached, and what kept it from being judged.
    """

    fault: str
    row: str
    checks: frozenset[str]
    failed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hits: int = 0
    died: str = ""


def failures(outcomes: Iterable[Outcome]) -> dict[str, tuple[str, ...]]:
    """Returns: check id -> every line of its reason, of the checks that failed."""
    return {o.id: o.reason for o in outcomes if o.word == "failed"}


def member_of(line: str) -> str | None:
    """Returns: the member that a line says to differ; None for a line that tells how a probe ended."""
    return line.split(DIFFERS, 1)[0] if DIFFERS in line else None


def own_part(lines: Iterable[str], ends: tuple[str, ...] = ()) -> list[str]:
    """Returns: the lines about the check itself, not about its twin; of those that tell an end, the ones that begin with a declared word."""
    return [line for line in lines if _own(line, ends)]


def _own(line: str, ends: tuple[str, ...]) -> bool:
    member = member_of(line)
    return line.split(":", 1)[0] in ends if member is None else not _in(member, "twin")


def _in(member: str, named: str) -> bool:
    return named in ("", member) or member.startswith(f"{named}.")


def noticed(fault: Fault, check: str, seen: Seen) -> list[str]:
    """Returns: the lines by which a named check notices its fault; empty when it does not."""
    lines = own_part(seen.failed.get(check, ()), fault.ends)
    return [line for line in lines if (member := member_of(line)) is None or _in(member, fault.kills[check])]


def killed_by(fault: Fault, seen: Iterable[Seen]) -> list[str]:
    """Returns: every check that fails on its own part under a fault, named or not."""
    return sorted({check for one in seen for check, lines in one.failed.items() if own_part(lines, fault.ends if check in fault.kills else ())})


@dataclass(frozen=True)
class Proof:
    """Everything that the matrix is judged by; `found` holds each fault's sightings, its own row first; `generated` the checks so killed."""

    faults: tuple[Fault, ...]
    found: Mapping[str, tuple[Seen, ...]]
    plan: Mapping[str, Clause]
    ledger: Mapping[str, Clause]
    generated: frozenset[str] = frozenset()

    def kills(self, fault: Fault) -> list[str]:
        """Returns: the named checks that rightly notice this fault."""
        if fault.id not in self.found or not self.found[fault.id][0].hits:
            return []
        return [check for check in fault.kills if check in self.plan and self.plan[check].id == fault.breaks
                and noticed(fault, check, self.found[fault.id][0])]

    def killed_checks(self) -> set[str]:
        return {check for fault in self.faults for check in self.kills(fault)} | self.generated

    def proven_clauses(self) -> set[str]:
        return {fault.breaks for fault in self.faults if self.kills(fault)}


def of_fault(proof: Proof, fault: Fault) -> list[str]:
    """Returns: what is wrong with one fault, in words that say what to do."""
    seen = proof.found[fault.id][0]
    what = fault.patch[0] if fault.patch else "wire" if fault.wire else "oracle"
    if fault.breaks not in proof.ledger:
        return [f"{fault.id}: breaks {fault.breaks!r}, and spec/{fault.page}.md has no such clause"]
    if seen.died:
        return [f"{fault.id}: could not be judged: {seen.died}"]
    if not seen.hits:
        return [f"{fault.id}: never hit: nothing that row {seen.row} sends reaches {what}; divert what is on the way, or say at_start"]
    return [complaint for check in fault.kills if (complaint := _of_kill(proof, fault, check, seen))]


def _of_kill(proof: Proof, fault: Fault, check: str, seen: Seen) -> str | None:
    if check not in proof.plan:
        return f"{fault.id}: names the check {check!r}, and there is no such check: see `python -m afi list`"
    cited = proof.plan[check].id
    if cited != fault.breaks:
        return f"{fault.id}: breaks {fault.breaks}, and {check} proves {cited}: name a check that cites {fault.breaks}, or break {cited}"
    if noticed(fault, check, seen):
        return None
    lines = seen.failed.get(check)
    if lines is None:
        others = killed_by(fault, [seen])
        return f"{fault.id}: survived: {check} passed; {_shown('failed', others) if others else 'so did every other check of the row'}"
    if not own_part(lines, fault.ends):
        words = sorted({line.split(":", 1)[0] for line in lines if member_of(line) is None})
        hint = f"; if it is to be noticed so, say ends=({words[0]!r},)" if words else ""
        return f"{fault.id}: {check} failed through its twin or by an end alone, which is no kill{hint}; {_shown('said', lines)}"
    return f"{fault.id}: wrong member: {check} was to differ in {fault.kills[check]!r}; {_shown('said', own_part(lines, fault.ends))}"


def _shown(word: str, texts: Iterable[str]) -> str:
    texts = list(texts)
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return f"{word}: " + "; ".join(text[:REASON_LETTERS] for text in texts[:NAMED]) + more


def of_proof(proof: Proof, pages: Iterable[str]) -> list[str]:
    """Returns: the checks and MUST clauses of some pages that no fault proves."""
    pages, killed, proven = tuple(pages), proof.killed_checks(), proof.proven_clauses()
    said = [f"{check} ({clause.id}): no fault kills it on its own part, hand-made or generated: it could not fail for its clause"
            for check, clause in sorted(proof.plan.items()) if check not in killed and clause.page in pages]
    must = [clause for clause in proof.ledger.values() if clause.level == "MUST" and clause.page in pages]
    return said + [f"{clause.id} (MUST): no hand-made fault that breaks it is killed by a check that cites it" for clause in must if clause.id not in proven]


def document(proof: Proof, totals: Mapping[str, Any], masked: Callable[[str], str]) -> dict[str, Any]:
    """Returns: kills.json: what each fault breaks, every check that fails on its own part, and the first line of the kill."""
    return {"faults": {fault.id: _row(proof, fault, masked) for fault in sorted(proof.faults, key=lambda one: one.id)}, "totals": dict(totals)}


def _row(proof: Proof, fault: Fault, masked: Callable[[str], str]) -> dict[str, Any]:
    seen = proof.found[fault.id]
    lines = [f"{check}: {line}" for check in sorted(proof.kills(fault)) for line in noticed(fault, check, seen[0])]
    return {"clause": fault.breaks, "killed_by": killed_by(fault, seen), "reason": masked(lines[0])[:REASON_LETTERS] if lines else "survived"}


def narrowed(document: Mapping[str, Any], judged: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Returns: the faults of a kills.json with what some checks decide. Args: judged: fault -> these checks."""
    return {fault: {**row, "killed_by": [check for check in row["killed_by"] if check in judged.get(fault, ())]} for fault, row in document["faults"].items()}
