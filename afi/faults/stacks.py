"""
The wire's faults before every live column: which checks notice which fault, on which stack, and by what bytes.

Source: spec/harness.md, Fault proxy. Raises: OurFault. Each fault is judged over a start of its own, by a few vectors of each group of pins.
"""
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import manifest
from afi import descriptor, forked, judge, plan, process
from afi.descriptor import Descriptor
from afi.evidence import OUT
from afi.faults import bench, matrix
from afi.faults.bench import RUN, Doors, Part
from afi.faults.between import Repeated, Script
from afi.faults.proxy import Proxy
from afi.faults.wired import DEADLINE_S, FAULTS, Wired
from afi.model import Refusal
from afi.pinfile import Vector
from afi.served import Limits
from afi.transport import Http, Transport
from afi.wire import NoStart

Killed = dict[str, tuple[str, ...]]           # check -> the members in which it differs, or the words by which it ended


@dataclass(frozen=True)
class Sighted:
    """One fault before one column: what it killed, how many replies it changed, and the first of them on both sides of the proxy."""

    fault: str
    column: str
    killed: Killed
    changed: int
    pair: tuple[bytes, bytes] = field(default=(b"", b""), repr=False)


def columns() -> list[Descriptor]:
    """Returns: the columns that have a descriptor."""
    return [descriptor.load(plan.ROOT / adapter.descriptor) for adapter in manifest.ADAPTERS if adapter.descriptor]


def part_of(row: str) -> Part:
    """Returns: a few vectors of each group of a row's pins: the first, the first that is refused, the first that looks at fields."""
    checks = {f"{page}/{one.id}" for page in plan.pages_of(row) for group in _groups(page) for one in _few(list(group.values()))}
    return Part(row, frozenset(checks), {page: bench.narrowed(plan.pins_of(page), checks) for page in plan.pages_of(row)}.get)


def _groups(page: str) -> Iterable[dict[str, Vector]]:
    file = plan.pins_of(page)
    return file.exchanges.values() if file else ()


def _few(group: list[Vector]) -> list[Vector]:
    kinds: tuple[Callable[[Vector], bool], ...] = (lambda one: True, lambda one: one.want.get("status", 200) >= 400, lambda one: "headers" in one.want)
    return [one for kind in kinds for one in [next(filter(kind, group), None)] if one]


def sighted(fault: Wired, column: Descriptor) -> Sighted:
    """Judges the parts of the fault's rows over one start of a column, with the fault between. Raises: NoAnswer, OurFault."""
    main = process.start(column, RUN, "main", Limits(out=OUT / "proxied" / fault.id))          # several at once: logs of their own
    try:
        with Proxy(main.address, fault.change) as proxy:
            killed = {check: lines for row in fault.rows for check, lines in _judged(part_of(row), proxy).items()}
    finally:
        process.stop(main)
    return Sighted(fault.id, column.id, killed, proxy.changed, proxy.first)


def _judged(part: Part, proxy: Proxy) -> Killed:
    outcomes = bench.outcomes_of(part, Doors(_connecting(proxy.address), _no_refusal), Repeated(Script()))
    return {one.id: _members(one.reason) for one in outcomes if one.word == "failed" and matrix.own_part(one.reason, ENDS)}


ENDS = ("hang", "closed", "truncated", "protocol", "extra-bytes", "json", "ambiguous", "semantics", "unreadable", "over-limit", "crashed")


def _members(lines: Sequence[str]) -> tuple[str, ...]:
    """What a judge's lines are about, without the values, which hold a server's own prose."""
    return tuple(sorted({matrix.member_of(line) or line.split(":", 1)[0] for line in lines}))


def _connecting(address: tuple[str, int]) -> Callable[[str], Transport]:
    def connect(start: str) -> Transport:
        if start != "main":
            raise NoStart(start)
        return Http(*address, exchange_s=DEADLINE_S)
    return connect


def _no_refusal(start: str) -> Refusal:
    raise NoStart(start)


@dataclass(frozen=True)
class Task:
    """One judgement; `fault` is by number, for its functions cannot be sent to another process."""

    fault: Wired
    column: Descriptor


def spread(faults: Sequence[Wired] = FAULTS) -> list[Sighted]:
    """Judges every fault before every column. Returns: what was seen, fault by fault. Raises: OurFault."""
    for row in {row for fault in faults for row in fault.rows}:
        bench.prepare(row)
    tasks = [Task(fault, column) for fault in faults for column in columns()]
    return forked.spread(lambda task: sighted(task.fault, task.column), tasks, forked.workers())


def complaints(found: Sequence[Sighted], faults: Sequence[Wired] = FAULTS) -> list[str]:
    """Returns: faults that were never seen, survived, harmed although they are harmless, or are killed otherwise on one stack than on another."""
    said = []
    for fault in faults:
        first, *others = [one for one in found if one.fault == fault.id]
        for one in (first, *others):
            if not one.changed:
                said.append(f"{fault.id} before {one.column}: changed no reply")
            if bool(one.killed) == bool(fault.harmless):
                said.append(f"{fault.id} before {one.column}: {f'kills {sorted(one.killed)[:4]}, and is harmless' if one.killed else 'kills nothing'}")
        for one in others:
            said += [f"{fault.id}: {check}: {line}" for check in sorted({*first.killed, *one.killed})
                     for line in judge.mismatches({first.column: first.killed.get(check)}, {first.column: one.killed.get(check)})]
    return said


def written(found: Sequence[Sighted], path: Path = OUT / "evidence" / "fault-proxy.json") -> Path:
    """Writes what was seen, with the bytes of the first changed reply on both sides. Returns: the file."""
    document: dict[str, dict[str, object]] = {}
    for one in found:
        server, harness = (side.decode("utf-8", "backslashreplace") for side in one.pair)
        document.setdefault(one.fault, {})[one.column] = {"changed": one.changed, "killed": one.killed, "from_server": server, "to_harness": harness}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
