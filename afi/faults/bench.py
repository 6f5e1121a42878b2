"""
One row judged under one fault: over a child that has it, or over an honest conversation played back and changed.

Source: spec/harness.md, Self-proof. Raises: OurFault.
"""
import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field, replace

import manifest
from afi import draw, judge, plan, probing
from afi.errors import BadFault, NoAnswer
from afi.faults import Fault, matrix
from afi.faults.between import Counted, Diverged, Noted, Played, Repeated, Script, Written
from afi.faults.children import Host
from afi.faults.matrix import Seen
from afi.model import Check, Clause, Outcome, Refusal, Run
from afi.pinfile import PinFile, Vector
from afi.pins import Answering
from afi.probing import PinsOf
from afi.transport import Mutated, Transport
from afi.wire import Share, Starts, Wire

# Fixed, so that kills.json is the same each time. They are nobody's secret: no adapter is judged by them.
RUN = Run(seed=7, nonce="6b696c6c732e7079", function="fn_6b696c6c7331", slot="slot_6b696c6c7332", context="ctx_6b696c6c7333", seed_row="row-6b696c6c7334",
          origin="https://6b696c6c7335.example")


@dataclass(frozen=True)
class Doors:
    """How the starts of an adapter are reached, the one that is judged and the others."""

    connect: Callable[[str], Transport]
    refused: Callable[[str], Refusal]


def wire_over(row: str, starts: Starts) -> Wire:
    """A conversation with the main start, and with the part of the data that the board gives this row."""
    rows = [capability.id for capability in manifest.CAPABILITIES]
    return Wire(starts.connect("main"), RUN, Share(rows.index(row), len(rows)), starts)


@dataclass(frozen=True)
class Part:
    """Some checks of a row, and the pins that are sent and asked for them."""

    row: str
    checks: frozenset[str]
    pins_of: PinsOf = plan.pins_of

    def of_kind(self, asked: bool) -> dict[str, Clause]:
        known = plan.oracle_checks(self.row)
        return {check: clause for check, clause in plan.checks_of(self.row).items() if check in self.checks and (check in known) == asked}


def whole(row: str) -> Part:
    """Returns: a row as the board judges it."""
    return Part(row, frozenset(plan.checks_of(row)))


def outcomes_of(part: Part, starts: Starts, oracle: Answering) -> tuple[Outcome, ...]:
    """Judges a part of a row by the loop that judges adapters."""
    sent, asked = part.of_kind(False), part.of_kind(True)
    wire = wire_over(part.row, starts)
    with contextlib.closing(wire.transport):
        said = probing.sent(part.row, wire, part.pins_of) if sent else ()
        answered = probing.asked(part.row, oracle, RUN.seed, part.pins_of) if asked else ()
        return (*probing.ended(until_last(said, sent), sent, wire), *probing.ended(until_last(answered, asked), asked, wire))


def until_last(checks: Iterable[Check], wanted: Iterable[str]) -> Iterator[Check]:
    """Returns: the wanted ones of some checks; those after the last of them are never made."""
    left = set(wanted)
    for check in checks:
        if check.id in left:
            left.remove(check.id)
            yield check
        if not left:
            return


def narrowed(file: PinFile | None, checks: Set[str]) -> PinFile | None:
    """
    Returns: a pin file with nothing but what the own parts of these checks need: themselves, those whose bytes they share, and, where bodies
    are counted over both, their twins.
    """
    if file is None:
        return None
    named = {one.partition("/")[2] for one in checks if one.startswith(f"{file.page}/")}
    exchanges = {name: _needed(group, {slug for slug, one in group.items() if one.id in named}) for name, group in file.exchanges.items()}
    oracle = {name: {slug: replace(one, twin=None) for slug, one in group.items() if one.id in named} for name, group in file.oracle.items()}
    return PinFile(file.page, exchanges, oracle)


def _needed(group: dict[str, Vector], slugs: set[str]) -> dict[str, Vector]:
    found = {slug: one if one.calls else replace(one, twin=None) for slug, one in group.items() if slug in slugs}
    named = {other for one in found.values() for other in (one.twin, one.same_bytes_as) if other}
    return found if named <= slugs else _needed(group, slugs | named)


@dataclass
class Honest:
    """A row judged without a fault: what was said, what came of each check, and which faults would have touched it."""

    row: str
    seed: int = RUN.seed
    script: Script = field(default_factory=Script)
    checks: dict[str, Check] = field(default_factory=dict)
    touched: dict[str, frozenset[str]] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)          # faults that touch more than what is asked: they build or act
    ended: str = ""                          # what ended it too early

    def complaints(self) -> list[str]:
        """Returns: what is wrong although nothing is, in words."""
        failed = {check.id: lines for check in self.checks.values() if (lines := judge.mismatches(check.wanted, check.got))}
        return [f"without a fault: {check} fails: {lines[0][:300]}" for check, lines in sorted(failed.items())] + \
            ([f"without a fault: row {self.row} ended early: {self.ended}"] if self.ended else [])

    def played(self) -> Doors:
        """Returns: what opens the connections of this conversation, played back, one after the other."""
        numbers = itertools.count()
        return Doors(lambda start: Played(self.script, numbers), self.script.refused)

    def telling(self, fault: Fault) -> Part:
        """Returns: the checks that a fault names, and those for which it is seen to make another value."""
        touched = {*fault.kills, *(check for check, faults in self.touched.items() if fault.id in faults)} & plan.checks_of(self.row).keys()
        return Part(self.row, frozenset(touched), {page: narrowed(plan.pins_of(page), touched) for page in plan.pages_of(self.row)}.get)

    def concerned(self, fault: Fault) -> Part:
        """Returns: every check that a fault can touch: the whole row, where its effect may outlive a check."""
        return whole(self.row) if fault.id in self.spread or fault.at_start or self.ended else self.telling(fault)


def prepare(row: str) -> None:
    """Draws what the row's probe will ask for: once here, and in no worker again."""
    probe = plan.probe_of(row)
    draw.drawn(getattr(probe, "DRAWS", {}), RUN.seed)
    for slug, (_, _, strategy, _) in getattr(probe, "ASKS", {}).items():
        draw.drawn({slug: strategy}, RUN.seed)


def honest(host: Host, row: str, watched: Iterable[Fault] = ()) -> Honest:
    """Judges one row over an adapter without a fault, and writes down what is said and what the watched faults would touch."""
    found = Honest(row)
    with host.session(RUN, watched=watched) as session, session.oracle() as oracle:
        wire = wire_over(row, Doors(lambda start: Written(session.connect(start), found.script),
                                    lambda start: found.script.noted(start, session.refused(start))))
        found.spread.update(*session.reached())
        told, touched = 0, frozenset[str]()
        try:
            for check in itertools.chain(probing.sent(row, wire), probing.asked(row, Noted(oracle, found.script), RUN.seed)):
                now, acting = session.reached()
                found.spread.update(acting)
                # a story may yield several checks after all that it sent
                told, touched = len(wire.log) + len(oracle.log), now if len(wire.log) + len(oracle.log) > told else now | touched
                found.checks[check.id], found.touched[check.id] = check, touched
        except Exception as error:
            found.ended = repr(error)
        finally:
            wire.transport.close()
    return found


def sighted(host: Host, fault: Fault, found: Honest, part: Part) -> Seen:
    """Judges a part of a row under one fault. Args: found: that row without it."""
    try:
        if not part.checks:
            return Seen(fault.id, found.row, part.checks)
        if fault.patch:
            return _patched(host, fault, part)
        return _changed(host, fault, found) if fault.wire else _answered(fault, found)
    except (NoAnswer, BadFault) as error:
        return Seen(fault.id, found.row, part.checks, died=str(error))


def _patched(host: Host, fault: Fault, part: Part) -> Seen:
    with host.session(RUN, fault) as session, session.oracle() as oracle:
        outcomes = outcomes_of(part, session, oracle)
    return Seen(fault.id, part.row, part.checks, matrix.failures(outcomes), session.serving + (session.building if fault.at_start else 0))


def _changed(host: Host, fault: Fault, found: Honest) -> Seen:
    """Plays the conversation back with changed replies; over a live adapter, as soon as the probe asks something else because of them."""
    assert fault.wire
    part = Part(found.row, frozenset(plan.checks_of(found.row)) - plan.oracle_checks(found.row))
    change, doors = Counted("wire", fault.wire), found.played()
    try:
        outcomes = outcomes_of(part, Doors(lambda start: Mutated(doors.connect(start), change), doors.refused), Repeated(found.script))
    except Diverged:
        change = Counted("wire", fault.wire)
        with host.session(RUN) as session:
            outcomes = outcomes_of(part, Doors(lambda start: Mutated(session.connect(start), change), session.refused),
                                   Repeated(found.script))
    return Seen(fault.id, found.row, part.checks, matrix.failures(outcomes), change.hits)


def _answered(fault: Fault, found: Honest) -> Seen:
    """Only answers to questions differ: the right ones are played back."""
    assert fault.oracle
    change = Counted("oracle", fault.oracle)
    part = Part(found.row, frozenset(plan.oracle_checks(found.row)))
    outcomes = outcomes_of(part, found.played(), Repeated(found.script, change))
    return Seen(fault.id, found.row, part.checks, matrix.failures(outcomes), change.hits)
