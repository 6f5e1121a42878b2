"""
One row over an open wire -> outcomes; the same loop for a real adapter, a faulty one and a null one.

Source: spec/harness.md, A run. Raises: NoAnswer when nobody is there to be judged; OurFault.
"""
from collections.abc import Callable, Iterable, Iterator

from afi import draw, judge, pins, plan
from afi.errors import AfiError, BadManifest, Broken
from afi.model import Check, Clause, Outcome
from afi.pinfile import PinFile
from afi.pins import Answering, Pins
from afi.wire import NoStart, Wire

PinsOf = Callable[[str], PinFile | None]          # page -> its pins, or a part of them

def outcomes_of(capability: str, wire: Wire, oracle: Answering | None) -> tuple[Outcome, ...]:
    """Returns: one outcome a planned check; what was not yielded has failed, for the reason that ended the probe."""
    planned = plan.checks_of(capability)
    of_oracle = {check: clause for check, clause in planned.items() if check in plan.oracle_checks(capability)}
    of_wire = {check: clause for check, clause in planned.items() if check not in of_oracle}
    return judge.by_id((*ended(sent(capability, wire), of_wire, wire), *_answered(capability, oracle, of_oracle, wire)))


def _answered(capability: str, oracle: Answering | None, planned: dict[str, Clause], wire: Wire) -> tuple[Outcome, ...]:
    if oracle is None:
        return judge.completed([], planned, "not-run", "there is no oracle to ask")
    return ended(asked(capability, oracle, wire.run.seed), planned, wire)


def ended(checks: Iterable[Check], planned: dict[str, Clause], wire: Wire) -> tuple[Outcome, ...]:
    """Judges check after check, each with the exchanges since the one before it, until the last or until something ends them."""
    found: list[Outcome] = []
    reason, seen = "the probe ended without it", len(wire.log)
    try:
        for check in checks:
            if check.id not in planned or planned[check.id].id != check.clause:
                raise BadManifest(f"check {check.id!r} citing {check.clause!r} is not in the plan: add it to CHECKS of its probe")
            found.append(judge.outcome_of(check, planned[check.id], tuple(wire.log[seen:])))
            seen = len(wire.log)
    except Broken as broken:
        reason = str(broken)
    except NoStart as start:
        reason = f"the probe stopped before it, at the start {str(start)!r}, which nobody here can make"
        found += [Outcome(check, clause.id, clause.level, "not-run", ("needs another start, and somebody else started this adapter",))
                  for check, clause in planned.items() if check in plan.start_checks(check.partition("/")[0])]
    except AfiError:
        raise
    except Exception as error:  # noqa: BLE001  (a reply that a probe cannot read is the adapter's red check, not the end of the run)
        reason = f"unreadable: the probe stopped at {error!r}"
    return judge.completed(found, planned, "failed", reason)


def sent(capability: str, wire: Wire, pins_of: PinsOf = plan.pins_of) -> Iterator[Check]:
    """The exchanges of the pages that have no row, then the row's own probe."""
    module = plan.probe_of(capability)
    assert module is not None
    drawn = draw.drawn(getattr(module, "DRAWS", {}), wire.run.seed)
    for page in plan.pages_of(capability):
        file = pins_of(page)
        assert file is not None
        own = Pins(file, wire.run.seed, drawn)
        if page == capability:
            yield from (_named(page, check) for check in module.probe(wire, own))
        else:
            names = module.VALUES(wire)
            yield from (_named(page, check) for group in file.exchanges for check in pins.exchanges(wire, own.group(group), **names))


def asked(capability: str, oracle: Answering, seed: int, pins_of: PinsOf = plan.pins_of) -> Iterator[Check]:
    """The pinned questions of the row's pages, then those drawn by the seed, whose answers the judge computes itself."""
    for page in plan.pages_of(capability):
        file = pins_of(page)
        assert file is not None
        yield from (_named(page, check) for group in file.oracle.values() for check in pins.answers(oracle, group))
    for slug, (clause, op, strategy, answer_of) in getattr(plan.probe_of(capability), "ASKS", {}).items():
        values = draw.drawn({slug: strategy}, seed)[slug]
        questions = [answer_of(value) for value in values]
        got = [oracle.ask(op, given) for given, _ in questions]
        differing = [(given, wanted, said) for (given, wanted), said in zip(questions, got, strict=True) if said != wanted]
        yield _named(capability, Check(slug, clause, (len(questions), []), (len(got), differing)))


def _named(page: str, check: Check) -> Check:
    return Check(f"{page}/{check.id}", check.clause, check.wanted, check.got)
