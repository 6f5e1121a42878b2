"""The board: one test a cell, red wherever something is owed or wrong."""
import pytest

from afi import evidence
from afi.model import Mark, Verdict


def test_cell(verdict: Verdict, seed: int) -> None:
    if verdict.mark is not Mark.WIRED:
        red = [evidence.complaint(verdict, one, seed) for one in verdict.outcomes if one.word == "failed"]
        pytest.fail("\n".join([f"{verdict.cell.id}: {verdict.mark.value} {verdict.reason or ''}".rstrip(), *red]), pytrace=False)
