"""
One row judged under one fault: over a child that has it, or over an honest conversation played back and changed.

Source: spec/harness.md, Faults. Raises: OurFault.
"""
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import manifest
from afi import judge, probing
from afi.errors import BadFault, NoAnswer
from afi.faults import Fault, matrix
from afi.faults.between import Counted, Diverged, Noted, Played, Repeated, Script, Written
from afi.faults.children import Host
from afi.faults.matrix import Seen
from afi.model import Check, Outcome, Run
from afi.pins import Answering
from afi.transport import Mutated, Transport
from afi.wire import Share, Wire

# Fixed, so that kills.json is the same each time. They are nobody's secret: no adapter is judged by them.
RUN = Run(seed=7, nonce="6b696c6c732e7079", function="fn_6b696c6c7331", slot="slot_6b696c6c7332", context="ctx_6b696c6c7333", seed_row="row-6b696c6c7334",
          origin="https://6b696c6c7335.example")
Connect = Callable[[str], Transport]


def wire_over(row: str, connect: Connect) -> Wire:
    """A conversation with the main start, and with the part of the data that the board gives this row."""
    rows = [capability.id for capability in manifest.CAPABILITIES]
    return Wire(connect("main"), RUN, Share(rows.index(row), len(rows)), connect)


def judged(row: str, connect: Connect, oracle: Answering | None) -> tuple[Outcome, ...]:
    """Judges a row through the loop that judges adapters."""
    wire = wire_over(row, connect)
    with contextlib.closing(wire.transport):
        return probing.outcomes_of(row, wire, oracle)


@dataclass
class Honest:
    """A row judged without a fault: what was said, and what came of each check."""

    row: str
    seed: int = RUN.seed
    script: Script = field(default_factory=Script)
    checks: dict[str, Check] = field(default_factory=dict)
    ended: str = ""                          # what ended it too early

    def complaints(self) -> list[str]:
        """Returns: what is wrong although nothing is, in words."""
        failed = {check.id: lines for check in self.checks.values() if (lines := judge.mismatches(check.wanted, check.got))}
        return [f"without a fault: {check} fails: {lines[0][:300]}" for check, lines in sorted(failed.items())] + \
            ([f"without a fault: row {self.row} ended early: {self.ended}"] if self.ended else [])

    def played(self) -> Connect:
        """Returns: what opens the connections of this conversation, played back, one after the other."""
        numbers = itertools.count()
        return lambda start: Played(self.script, numbers)


def honest(host: Host, row: str) -> Honest:
    """Judges one row over an adapter without a fault, and writes the conversation down."""
    found = Honest(row)
    with host.session(RUN) as session, session.oracle() as oracle:
        wire = wire_over(row, lambda start: Written(session.connect(start), found.script))
        try:
            for check in itertools.chain(probing.sent(row, wire), probing.asked(row, Noted(oracle, found.script), RUN.seed)):
                found.checks[check.id] = check
        except Exception as error:
            found.ended = repr(error)
        finally:
            wire.transport.close()
    return found


def sighted(host: Host, fault: Fault, found: Honest) -> Seen:
    """Judges one row under one fault. Args: found: that row without it."""
    try:
        if fault.patch:
            return _patched(host, fault, found.row)
        return _changed(host, fault, found) if fault.wire else _answered(fault, found)
    except (NoAnswer, BadFault) as error:
        return Seen(fault.id, found.row, died=str(error))


def _patched(host: Host, fault: Fault, row: str) -> Seen:
    with host.session(RUN, fault) as session, session.oracle() as oracle:
        outcomes = judged(row, session.connect, oracle)
    return Seen(fault.id, row, matrix.failures(outcomes), session.serving + (session.building if fault.at_start else 0))


def _changed(host: Host, fault: Fault, found: Honest) -> Seen:
    """Plays the conversation back with changed replies; over a live adapter, as soon as the probe asks something else because of them."""
    assert fault.wire
    try:
        change = Counted("wire", fault.wire)
        connect = found.played()
        outcomes = judged(found.row, lambda start: Mutated(connect(start), change), None)
    except Diverged:
        change = Counted("wire", fault.wire)
        with host.session(RUN) as session:
            outcomes = judged(found.row, lambda start: Mutated(session.connect(start), change), None)
    return Seen(fault.id, found.row, matrix.failures(outcomes), change.hits)


def _answered(fault: Fault, found: Honest) -> Seen:
    """Only answers to questions differ: both the exchanges and the right answers are played back."""
    assert fault.oracle
    change = Counted("oracle", fault.oracle)
    outcomes = judged(found.row, found.played(), Repeated(found.script, change))
    return Seen(fault.id, found.row, matrix.failures(outcomes), change.hits)
