"""
Judges a selection, column beside column, and writes its board and evidence; a run that dies leaves a board that says so.

Source: spec/harness.md, A run; Evidence; Exit codes.
"""
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from afi import board as boards
from afi import evidence, forked, plan
from afi.model import Adapter, Cell, Mark, Run, Verdict
from afi.run import Judging, Say, Took
from afi.selection import Selection, in_order

OK, OWED, OURS = 0, 1, 2          # exit codes


class Record:
    """The growing board of one run; `conduct` are the verdicts on the processes."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.verdicts: dict[str, Verdict] = {}
        self.conduct: list[Verdict] = []
        self.head = boards.header(selection.seed, selection.whole, plan.plan_of, plan.ROOT / "pins")
        self.board = self._written()

    def _written(self) -> dict[str, Any]:
        """Writes the board as it stands. Returns: it."""
        document = boards.document(self.head, self.verdicts.values(), self.conduct, len(self.selection.whole))
        boards.write(self.selection.board, document)
        return document

    def add(self, verdict: Verdict) -> None:
        """Takes one masked verdict in."""
        self.verdicts[verdict.cell.id] = verdict

    def finish(self, conduct: Iterable[Verdict]) -> dict[str, Any]:
        """Takes the masked verdicts on the processes in, and the cells that are not applicable. Returns: the board."""
        self.conduct += conduct
        for cell in self.selection.cells:
            if cell.not_applicable:
                self.add(Verdict(cell, Mark.NOT_APPLICABLE, reason=cell.not_applicable))
        self.board = self._written()
        return self.board

    def unjudged(self) -> list[str]:
        """Returns: why a run does not count as whole, in words; empty when every cell was judged and every process behaved."""
        reasons: dict[str, list[str]] = {}
        for verdict in self.verdicts.values():
            if verdict.mark is Mark.UNJUDGED:
                reasons.setdefault(verdict.reason or "", []).append(verdict.cell.id)
        said = [f"could not be judged: {', '.join(cells)}: {reason}" for reason, cells in reasons.items()]
        return said + [f"{v.cell.id}: {'; '.join(line for o in v.outcomes if o.word == 'failed' for line in o.reason) or v.reason}"
                       for v in self.conduct if v.mark is not Mark.WIRED]


@dataclass(frozen=True)
class Ended:
    """A column that was judged whole: its verdicts and that on its process, masked, and what took how long. Units: seconds."""

    adapter: Adapter
    verdicts: tuple[Verdict, ...]
    conduct: tuple[Verdict, ...]
    timings: Mapping[str, float]
    took: Mapping[str, Took]


def judged(selection: Selection, say: Say, at_once: int | None = None) -> tuple[Record, list[str], list[Ended]]:
    """
    Judges a selection whole, each column by a process of its own; as many columns at once as there are cores unless said otherwise.

    Returns: its record, why it does not count as whole, and its columns. Raises: OurFault.
    """
    record = Record(selection)
    cells = in_order((cell for cell in selection.cells if not cell.not_applicable), selection.seed)
    columns = {name: tuple(own) for name, own in itertools.groupby(cells, lambda cell: cell.adapter.id)}
    ended = forked.spread(lambda name: _column(columns[name], selection.seed, say), tuple(columns), at_once or forked.cores())
    for column in ended:
        for verdict in column.verdicts:
            record.add(verdict)
    record.finish(verdict for column in ended for verdict in column.conduct)
    return record, record.unjudged(), ended


def _column(cells: Sequence[Cell], seed: int, say: Say) -> Ended:
    """Judges one column, cell after cell, and writes its evidence."""
    verdicts = []
    with Judging(cells, seed, say) as judging:
        for cell in cells:
            verdict = judging.judge(cell)
            evidence.write(verdict)
            verdicts.append(verdict)
            if plan.live(cell):
                say(f"{cell.id}: {verdict.mark.value} {verdict.count('passed')} of {len(verdict.outcomes)} checks")
        judging.stop()
    adapter, known = cells[0].adapter, judging.known.get(cells[0].adapter.id)
    run = known.run if known else None
    return Ended(adapter, tuple(told(one, run) for one in verdicts), tuple(told(one, run) for one in judging.conduct),
                 known.timings if known else {}, judging.took)


def told(verdict: Verdict, run: Run | None) -> Verdict:
    """Returns: a verdict as the board and the terminal tell it: masked, with the exchanges of what has failed alone."""
    outcomes = tuple(one if one.word == "failed" else replace(one, exchanges=()) for one in verdict.outcomes)
    short = replace(verdict, outcomes=outcomes)
    return boards.masked(short, run) if run else short
