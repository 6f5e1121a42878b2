"""
descriptor -> process -> transport -> probe -> checks -> verdict, cell by cell; called by pytest, by `make board` and by `parity_table.py --check` alike.

Source: spec/harness.md, A run. Raises: OurFault. Units: seconds, wall clock.
"""
import concurrent.futures
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple

import manifest
from afi import conduct, judge, plan, probing, process, selection, watch
from afi import descriptor as descriptors
from afi.errors import AfiError, Broken, NoAnswer
from afi.model import REFUSED, STARTS, Adapter, Capability, Cell, Mark, Refusal, Run, Verdict
from afi.served import Limits, Served
from afi.transport import PLAIN, Exchange, Http, Style, Transport
from afi.wire import Share, Wire

CONDUCT = Capability("conduct", "Conduct of the process", "")
TIMED_OUT = 504          # an exchange that ends so has waited for a declared `timeout_s`
Say = Callable[[str], None]


def new_run(seed: int) -> Run:
    """The seed decides what is asked and in which order; all else is fresh, so that no recorded run can answer."""
    fresh = secrets.token_hex
    return Run(seed, fresh(8), f"fn_{fresh(6)}", f"slot_{fresh(6)}", f"ctx_{fresh(6)}", f"row-{fresh(6)}", f"https://{fresh(6)}.example")


def _run_for(adapter: Adapter, seed: int) -> Run:
    run = selection.run_of_url(seed) if adapter.url else new_run(seed)
    selection.keep(selection.last_run(adapter.id), run)
    return run


class Took(NamedTuple):
    """How long one cell took, drawing and asking the oracle included; its exchanges alone, but for declared time-outs. Units: seconds."""

    whole_s: float
    exchanges_s: float
    checks: int


@dataclass
class Column:
    """One live adapter: its starts by name, its oracle, how long things took, and what its conduct showed."""

    adapter: Adapter
    run: Run
    limits: Limits
    descriptor: descriptors.Descriptor | None = None
    starts: dict[str, Served | AfiError] = field(default_factory=dict)
    oracle: process.Questioned | AfiError | None = None
    timings: dict[str, float] = field(default_factory=dict)
    facts: list[conduct.Fact] = field(default_factory=list)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    style: Style = PLAIN

    def connect(self, start: str) -> Transport:
        """Opens a connection to one start. Raises: what that start ended with."""
        served = self.starts[start]
        if isinstance(served, AfiError):
            raise served
        return Http(*served.address, self.limits.exchange_s, self.style)

    def refused(self, start: str) -> Refusal:
        """Makes every start that is meant to refuse, side by side, when the first is asked for. Raises: NoAnswer."""
        if not self.refusals:
            found, began = self.descriptor, time.monotonic()
            assert found is not None
            with concurrent.futures.ThreadPoolExecutor(len(REFUSED)) as pool:
                made = pool.map(lambda name: process.refusal(found, self.run, name, self.limits), REFUSED)
                self.refusals = dict(zip(REFUSED, made, strict=True))
            self.timings["refused starts"] = time.monotonic() - began
        return self.refusals[start]

    def spent(self, log: list[Exchange]) -> None:
        """Adds up what the exchanges of a cell took; waiting for a declared time-out apart."""
        for exchange in log:
            name = "waiting" if exchange.reply and exchange.reply.status == TIMED_OUT else "exchanges"
            self.timings[name] = self.timings.get(name, 0.0) + exchange.elapsed_s
        self.timings["sent"] = self.timings.get("sent", 0.0) + len(log)

    def wire(self, cell: Cell) -> Wire:
        rows = [capability.id for capability in manifest.CAPABILITIES]
        share = Share(rows.index(cell.capability.id), len(rows))
        return Wire(self.connect("main"), self.run, share, self if self.descriptor else None)


class Judging:
    """A run: starts every adapter that its cells need, judges cell after cell, always stops them all."""

    def __init__(self, cells: Iterable[Cell], seed: int, say: Say, limits: Limits | None = None) -> None:
        self.cells, self.seed, self.say, self.limits = tuple(cells), seed, say, limits or Limits()
        wanted = {cell.adapter.id: cell.adapter for cell in self.cells if not cell.not_applicable and plan.live(cell)}
        self.known = {name: Column(adapter, _run_for(adapter, seed), self.limits) for name, adapter in wanted.items()}
        self.columns = dict(self.known)
        self.conduct: list[Verdict] = []
        self.took: dict[str, Took] = {}

    def __enter__(self) -> "Judging":
        process.preflight({column.run.nonce for column in self.known.values()})
        try:
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(self._open, self.columns.values()))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _open(self, column: Column) -> None:
        """Prepares and starts one adapter, its extra starts and its oracle, side by side."""
        if column.adapter.url:
            column.starts["main"] = process.attached(column.adapter.url, column.run, self.limits)
            return
        column.descriptor = found = descriptors.load(plan.ROOT / (column.adapter.descriptor or ""))
        try:
            column.timings["prepare"] = process.prepare(found, self.say, self.limits)
        except NoAnswer as none:
            column.starts = dict.fromkeys(STARTS, none)
            return
        self.say(f"{found.id}: starting")
        with concurrent.futures.ThreadPoolExecutor(len(STARTS)) as pool:
            column.starts = dict(zip(STARTS, pool.map(lambda start: _started(found, column, start), STARTS), strict=True))
        column.oracle = _questioned(found, self.limits) if found.oracle else None
        ready = {name: served.ready_s for name, served in column.starts.items() if isinstance(served, Served)}
        column.timings["first start"] = ready.pop("main", 0.0)
        column.timings["extra starts"] = sum(ready.values())
        main = column.starts["main"]
        self.say(f"{found.id}: {f'ready after {main.ready_s:.2f} s' if isinstance(main, Served) else main}")

    def judge(self, cell: Cell) -> Verdict:
        """Judges one cell. Raises: OurFault."""
        planned = plan.plan_of(cell)
        if cell.not_applicable:
            return Verdict(cell, Mark.NOT_APPLICABLE, reason=cell.not_applicable)
        if not plan.live(cell):
            return judge.verdict_of(cell, judge.all_failed(planned, plan.owed(cell)))
        column = self.columns[cell.adapter.id]
        began, before = time.monotonic(), column.timings.get("exchanges", 0.0)
        try:
            verdict = self._probed(column, cell)
        except NoAnswer as none:
            verdict = Verdict(cell, Mark.UNJUDGED, reason=str(none))
        except Broken as broken:
            verdict = judge.verdict_of(cell, judge.all_failed(planned, str(broken)))
            self._again(column)
        self.took[cell.id] = Took(time.monotonic() - began, column.timings.get("exchanges", 0.0) - before, len(verdict.outcomes))
        return verdict

    def _probed(self, column: Column, cell: Cell) -> Verdict:
        main = column.starts["main"]
        if isinstance(main, AfiError):
            raise main
        watch.witness(main)
        wire = column.wire(cell)
        oracle = column.oracle
        if isinstance(oracle, AfiError):
            raise oracle
        try:
            outcomes = probing.outcomes_of(cell.capability.id, wire, oracle)
        except NoAnswer as gone:
            watch.witness(main)
            raise Broken("crashed", f"nobody listens any more: {gone}") from gone
        finally:
            wire.transport.close()
            column.spent(wire.log)
        watch.witness(main)
        return judge.verdict_of(cell, outcomes)

    def _again(self, column: Column) -> None:
        """After a crash the next cell gets a new start, once a cell; the column's conduct stays flagged."""
        main = column.starts["main"]
        if isinstance(main, Served) and column.descriptor and not watch.alive(main):
            column.facts += process.stop(main)
            column.starts["main"] = _started(column.descriptor, column, "main")

    def ended(self, name: str) -> Verdict:
        """Stops one adapter. Returns: the verdict on its conduct."""
        if name in self.columns:
            self.stop(name)
        return next(verdict for verdict in self.conduct if verdict.cell.adapter.id == name)

    def stop(self, only: str | None = None) -> None:
        """Stops the adapters (or one) side by side, and judges their conduct."""
        ending = [column for name, column in self.columns.items() if only in (None, name)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(_stopped, ending))
        for column in ending:
            del self.columns[column.adapter.id]
            if column.descriptor:
                self.conduct.append(_conduct(column))


def _started(found: descriptors.Descriptor, column: Column, start: str) -> Served | AfiError:
    """Returns: the live start, or why there is none. Raises: OurFault, which stops the run."""
    try:
        return process.start(found, column.run, start, column.limits)
    except (NoAnswer, Broken) as error:
        return error


def _questioned(found: descriptors.Descriptor, limits: Limits) -> process.Questioned | AfiError:
    try:
        return process.oracle(found, limits)
    except (NoAnswer, Broken) as error:
        return error


def _stopped(column: Column) -> None:
    for start, served in column.starts.items():
        if isinstance(served, Served):
            if start != "main":                  # nobody asked it between cells
                _asked(served)
            column.facts += process.stop(served)
        else:
            column.facts.append(conduct.Fact("starts", start, (served.reason if isinstance(served, NoAnswer) else str(served),)))
    if isinstance(column.oracle, process.Questioned):
        column.facts += process.stop_oracle(column.oracle)


def _asked(served: Served) -> None:
    """Looks at a start once more before its end; what is wrong with it, its facts keep."""
    try:
        watch.witness(served)
    except (Broken, NoAnswer) as error:
        served.note("stays-up", *([f"crashed: {error}"] if isinstance(error, NoAnswer) else []))


def _conduct(column: Column) -> Verdict:
    cell = Cell(CONDUCT, column.adapter)
    main = column.starts.get("main")
    if isinstance(main, NoAnswer):
        return Verdict(cell, Mark.UNJUDGED, reason=str(main))
    outcomes = tuple(judge.outcome_of(check, plan.ledger()[check.clause]) for check in conduct.checks(column.facts))
    return judge.verdict_of(cell, judge.by_id(outcomes))
