"""Twelve fakes that know their nonces and nothing else turn no cell green."""
import json

import pytest

from afi import plan
from afi.faults import nulls, panel
from afi.model import Mark, Verdict

FAKES = [*nulls.NULLS, panel.STALE]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return panel.fakes(tmp_path_factory.mktemp("nulls"))


def test_there_are_twelve():
    assert len(FAKES) == 12


@pytest.mark.parametrize("name", FAKES)
def test_a_fake_turns_no_cell_green(said, name):
    assert said[name].keys() == {*panel.ROWS}
    assert panel.green(said[name]) == []


@pytest.mark.parametrize("name", [name for name in FAKES if name not in ("proxy", panel.STALE)])
def test_a_fake_passes_no_check_by_saying_nothing(said, name):
    """What a fake passes by luck is far from a row, and its half-green cells say which checks it was."""
    for verdict in said[name].values():
        assert isinstance(verdict, Verdict)
        assert verdict.mark in (Mark.GAP, Mark.PARTIAL)
        assert verdict.count("passed") <= 0.02 * len(verdict.outcomes), [o.id for o in verdict.outcomes if o.word == "passed"]


def test_who_passes_on_is_named_an_impostor(said):
    assert all("impostor" in reason for verdict in said["proxy"].values() for one in verdict.outcomes if one.word == "failed" for reason in one.reason)


def test_the_committed_totals_are_those_of_today(said):
    panels = json.loads((plan.ROOT / "afi" / "faults" / "kills.json").read_text(encoding="utf-8"))["panels"]
    assert panels["null fakes with a green cell"] == f"{sum(bool(panel.green(one)) for one in said.values())} of {len(FAKES)}"
