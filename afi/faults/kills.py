"""
Fault x check: what each fault makes fail, and what is wrong with the proof.

    python -m afi.faults.kills                    every fault against every row; writes afi/faults/kills.json
    python -m afi.faults.kills --own              every fault against what it names and touches of its own row; compares with that file (`make test`)
    python -m afi.faults.kills --page dispatch    the faults of one page (may be repeated) against its row; writes nothing
    python -m afi.faults.kills --fault ID         one fault, and everything that it makes fail; writes nothing

Source: spec/harness.md, Self-proof. Raises: OurFault. Exit code: 0 when there is nothing to say, 1 when there is, 2 for our own fault.
"""
import argparse
import difflib
import functools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import manifest
from afi import faults, forked, plan
from afi.errors import OurFault
from afi.faults import Fault, bench, generated, matrix, panel
from afi.faults.bench import RUN, Honest, Part
from afi.faults.children import Host
from afi.faults.generated import Generated
from afi.faults.matrix import Proof, Seen

KILLS = plan.ROOT / "afi" / "faults" / "kills.json"
SHOWN_LINES = 12


def lasting(line: str) -> str:
    """Returns: a line of a reason without what is of this run or this machine alone."""
    return RUN.masked(line).split("Traceback")[0].replace(f"{plan.ROOT}/", "")


def row_of(page: str) -> str:
    """Returns: the row with which a page is judged."""
    return manifest.JUDGED_WITH.get(page, page)


@dataclass(frozen=True)
class Matrix:
    """The faults that were judged, what was seen, and the rows without a fault."""

    proof: Proof
    generated: tuple[Generated, ...]
    honest: tuple[Honest, ...]
    took_s: float

    def complaints(self, pages: Iterable[str]) -> list[str]:
        """Returns: everything that is wrong with the proof of some pages, in words."""
        pages = tuple(pages)
        said = [line for honest in self.honest for line in honest.complaints()]
        said += [line for fault in self.proof.faults for line in matrix.of_fault(self.proof, fault)]
        said += [f"{one.id}: survived: {one.check} could pass whatever comes" for one in self.generated if not one.noticed and one.check.split("/")[0] in pages]
        return said + matrix.of_proof(self.proof, pages)

    def totals(self) -> dict[str, Any]:
        killed = sum(bool(self.proof.kills(fault)) for fault in self.proof.faults)
        noticed = sum(bool(one.noticed) for one in self.generated)
        clauses = self.proof.ledger.values()
        return {"clauses": len(clauses), "of them MUST": sum(clause.level == "MUST" for clause in clauses), "checks": len(self.proof.plan),
                "faults killed": f"{killed} of {len(self.proof.faults)}", "generated faults killed": f"{noticed} of {len(self.generated)}"}

    def document(self) -> dict[str, Any]:
        return matrix.document(self.proof, self.totals(), lasting)


Choice = Callable[[Fault, Honest], Part]


def telling(fault: Fault, honest: Honest) -> Part:
    """The checks that show whether a fault is still killed: those that it names, and those for which it makes another value."""
    return honest.telling(fault)


def thorough(fault: Fault, honest: Honest) -> Part:
    """Every check of the fault's own row, to see that it touches no others; of the other rows those that it can touch."""
    return bench.whole(honest.row) if honest.row == row_of(fault.page) else honest.concerned(fault)


def judged(table: tuple[Fault, ...], rows_of: Callable[[Fault], tuple[str, ...]], part_of: Choice, pages: Iterable[str]) -> Matrix:
    """Judges each fault against some rows, its own first. Args: pages: the pages of the faults. Raises: OurFault."""
    began = time.monotonic()
    rows = tuple(dict.fromkeys(row for fault in table for row in rows_of(fault)))
    workers = forked.workers()
    with Host(sorted(pages)) as host:
        for row in rows:
            bench.prepare(row)
        host.wait()
        watched = {row: [fault for fault in table if fault.patch and row in own_row(fault)] for row in rows}
        honest = dict(zip(rows, forked.spread(lambda row: bench.honest(host, row, watched[row]), rows, workers), strict=True))
        tasks: list[Callable[[], Any]] = [functools.partial(generated.of_row, honest[row]) for row in rows]
        tasks += [functools.partial(bench.sighted, host, fault, honest[row], part_of(fault, honest[row])) for fault in mixed(table) for row in rows_of(fault)]
        found = forked.spread(lambda task: task(), tasks, workers)
    made: tuple[Generated, ...] = tuple(one for part in found[:len(rows)] for one in part)
    seen: dict[str, tuple[Seen, ...]] = {fault.id: tuple(one for one in found[len(rows):] if one.fault == fault.id) for fault in table}
    planned = {check: clause for row in rows for check, clause in plan.checks_of(row).items()}
    survived = {one.check for one in made if not one.noticed}
    proof = Proof(table, seen, planned, plan.ledger(), frozenset(one.check for one in made) - survived)
    return Matrix(proof, made, tuple(honest.values()), time.monotonic() - began)


def mixed(table: tuple[Fault, ...]) -> list[Fault]:
    """Returns: the faults in an order in which those that are waited for stand apart, none near the end: the workers never all wait at once."""
    waiting = [fault.id for fault in table if "hang" in fault.ends]
    apart = len(table) // (2 * len(waiting) + 1)
    places = {fault.id: place for place, fault in enumerate(table)} | {fault: number * apart for number, fault in enumerate(waiting)}
    return sorted(table, key=lambda fault: places[fault.id])


def own_row(fault: Fault) -> tuple[str, ...]:
    return (row_of(fault.page),)


def every_row(fault: Fault) -> tuple[str, ...]:
    """The fault's own row, then the others that have a probe."""
    rows = [capability.id for capability in manifest.CAPABILITIES if plan.checks_of(capability.id)]
    return (*own_row(fault), *(row for row in rows if row not in own_row(fault)))


def drift(found: Matrix, committed: dict[str, Any]) -> list[str]:
    """Returns: a diff between what was judged and the same part of the committed matrix, with what to do about it."""
    judged = {fault: frozenset[str]().union(*(one.checks for one in seen)) for fault, seen in found.proof.found.items()}
    then, now = (written({"faults": matrix.narrowed(one, judged), "totals": one["totals"]}).splitlines() for one in (committed, found.document()))
    lines = list(difflib.unified_diff(then, now, "afi/faults/kills.json", "the faults today", lineterm=""))
    return [*lines, "afi/faults/kills.json is not what the faults do today: look at the diff, then run `make kills`"] if lines else []


def committed() -> dict[str, Any]:
    """Returns: afi/faults/kills.json."""
    document: dict[str, Any] = json.loads(KILLS.read_text(encoding="utf-8"))
    return document


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def one_fault(name: str, table: tuple[Fault, ...]) -> list[str]:
    """Returns: everything that one fault makes fail, and what is wrong with it."""
    fault = next((fault for fault in table if fault.id == name), None)
    if fault is None:
        raise OurFault(f"--fault {name!r}: there is no such fault; the nearest: {difflib.get_close_matches(name, [one.id for one in table], 3)}")
    found = judged((fault,), own_row, thorough, [fault.page])
    seen = found.proof.found[fault.id][0]
    print(f"{fault.id}: breaks {fault.breaks}; row {seen.row}; reached {seen.hits} times; {len(seen.failed)} checks failed; {found.took_s:.1f} s")
    told = {check: lines for check, lines in sorted(seen.failed.items()) if check in fault.kills or matrix.own_part(lines)}
    for check, lines in told.items():
        print(f"  {check} ({found.proof.plan[check].id}){'  <- named' if check in fault.kills else ''}")
        print(*(f"    {line[:240]}" for line in lines[:SHOWN_LINES]), sep="\n")
    if len(told) < len(seen.failed):
        print(f"  and {len(seen.failed) - len(told)} more, each through its twin alone, or because the probe had ended")
    return [line for honest in found.honest for line in honest.complaints()] + matrix.of_fault(found.proof, fault)


def of_pages(pages: Iterable[str]) -> tuple[Fault, ...]:
    return faults.every(page.replace("-", "_") for page in pages)


def some_pages(pages: list[str]) -> list[str]:
    """Returns: what is wrong with the proof of some pages."""
    found = judged(of_pages(pages), own_row, telling, pages)
    print(spoken(found))
    return found.complaints(pages)


def own() -> list[str]:
    """Returns: what is wrong with the proof, and how it drifted from the committed one."""
    found = judged(faults.every(), own_row, telling, pages())
    print(spoken(found))
    return found.complaints(pages()) + drift(found, committed())


def all_of_all() -> list[str]:
    """Writes afi/faults/kills.json. Returns: what is wrong with the proof."""
    found = judged(faults.every(), every_row, thorough, pages())
    with tempfile.TemporaryDirectory() as folder:
        panels = panel.totals(Path(folder))
    KILLS.write_text(written({**found.document(), "panels": panels}), encoding="utf-8")
    print(spoken(found), ", ".join(f"{name} {value}" for name, value in panels.items()), sep="\n")
    return found.complaints(pages())


def pages() -> list[str]:
    return [table.replace("_", "-") for table in faults.TABLES]


def spoken(found: Matrix) -> str:
    judgements = sum(len(seen) for seen in found.proof.found.values())
    return f"{judgements} judgements in {found.took_s:.1f} s: " + ", ".join(f"{name} {value}" for name, value in found.totals().items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m afi.faults.kills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--own", action="store_true")
    choice.add_argument("--page", action="append", choices=pages())
    parser.add_argument("--fault", metavar="ID")
    options = parser.parse_args()
    if options.fault:
        said = one_fault(options.fault, of_pages(options.page or pages()))
    else:
        said = some_pages(options.page) if options.page else own() if options.own else all_of_all()
    print(*said, sep="\n")
    return 1 if said else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OurFault as error:
        print(f"our own fault: {error}")
        sys.exit(2)
