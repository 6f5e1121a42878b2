"""
Collects the verdicts of a run and writes its board and evidence; a run that dies leaves a board that says so.

Source: spec/harness.md, Evidence; Exit codes.
"""
from typing import Any

from afi import board as boards
from afi import evidence, plan
from afi.model import Mark, Verdict
from afi.run import Judging, Say
from afi.selection import Selection, in_order

OK, OWED, OURS = 0, 1, 2          # exit codes


class Record:
    """The growing board of one run."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.verdicts: dict[str, Verdict] = {}
        self.head = boards.header(selection.seed, selection.whole, plan.plan_of, plan.ROOT / "pins")
        self.board = self.write([])

    def write(self, conduct: list[Verdict]) -> dict[str, Any]:
        """Writes the board as it stands. Returns: it."""
        document = boards.document(self.head, self.verdicts.values(), conduct, len(self.selection.whole))
        boards.write(self.selection.board, document)
        return document

    def add(self, verdict: Verdict, judging: Judging) -> None:
        """Takes one verdict in, masked, and writes its evidence."""
        column = judging.known.get(verdict.cell.adapter.id)
        evidence.write(verdict)
        self.verdicts[verdict.cell.id] = boards.masked(verdict, column.run) if column else verdict

    def finish(self, judging: Judging) -> dict[str, Any]:
        """Adds the cells that are not applicable, and the conduct. Returns: the board."""
        for cell in self.selection.cells:
            if cell.not_applicable:
                self.verdicts[cell.id] = judging.judge(cell)
        self.board = self.write([boards.masked(v, judging.known[v.cell.adapter.id].run) for v in judging.conduct])
        return self.board

    def unjudged(self, judging: Judging) -> list[str]:
        """Returns: why a run does not count as whole, in words; empty when every cell was judged and every process behaved."""
        reasons: dict[str, list[str]] = {}
        for verdict in self.verdicts.values():
            if verdict.mark is Mark.UNJUDGED:
                reasons.setdefault(verdict.reason or "", []).append(verdict.cell.id)
        said = [f"could not be judged: {', '.join(cells)}: {reason}" for reason, cells in reasons.items()]
        return said + [f"{v.cell.id}: {'; '.join(line for o in v.outcomes if o.word == 'failed' for line in o.reason) or v.reason}"
                       for v in judging.conduct if v.mark is not Mark.WIRED]


def judged(selection: Selection, say: Say) -> tuple[Record, list[str], Judging]:
    """Judges a selection whole, cell after cell. Returns: its record, why it does not count as whole, and the run that ended. Raises: OurFault."""
    cells = in_order((cell for cell in selection.cells if not cell.not_applicable), selection.seed)
    record = Record(selection)
    with Judging(selection.cells, selection.seed, say) as judging:
        for cell in cells:
            verdict = judging.judge(cell)
            record.add(verdict, judging)
            if plan.live(cell):
                say(f"{cell.id}: {verdict.mark.value} {verdict.count('passed')} of {len(verdict.outcomes)} checks")
        judging.stop()
    record.finish(judging)
    return record, record.unjudged(judging), judging
