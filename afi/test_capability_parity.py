"""The board: one test a cell, red wherever something is owed or wrong."""
from afi import evidence
from afi.model import Mark, Verdict


def test_cell(verdict: Verdict, seed: int) -> None:
    red = [evidence.complaint(verdict, one, seed) for one in verdict.outcomes if one.word == "failed"]
    heading = f"{verdict.cell.id}: {verdict.mark.value} {verdict.reason or ''}"
    assert verdict.mark is Mark.WIRED, "\n".join([heading.rstrip(), *red])
