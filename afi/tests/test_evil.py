"""Every evil mode gets the right word for the right reason, in time, and nothing is left behind."""
import json

import pytest

from afi import conduct, plan
from afi.faults import evil, panel
from afi.transport import OTHER

MODES = evil.all_modes()


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return panel.every(tmp_path_factory.mktemp("evil"))


@pytest.mark.parametrize("mode", sorted(MODES))
def test_an_evil_mode_gets_the_right_word(said, mode):
    assert said[mode].word == MODES[mode].word, said[mode]


@pytest.mark.parametrize("mode", sorted(MODES))
def test_an_evil_mode_is_named_for_the_right_reason(said, mode):
    wanted = MODES[mode].reason
    assert any(wanted in line for line in said[mode].reasons) or wanted in ("", "mismatch"), said[mode]


@pytest.mark.parametrize("mode", sorted(MODES))
def test_nothing_of_an_evil_mode_is_left(said, mode):
    assert said[mode].left == ()


@pytest.mark.parametrize("word", sorted(conduct.WORDS))
def test_every_word_of_conduct_is_said_of_some_mode(said, word):
    assert any(line.startswith(f"{word}: ") or f": {word}: " in line for one in said.values() for line in one.reasons)


def test_a_mode_that_looks_at_who_asks_is_seen_by_the_blind_run(said, tmp_path):
    assert said["H48"].word == "PASS"
    assert panel.judged("H48", tmp_path, OTHER).word == "FAIL"


def test_the_committed_totals_are_those_of_today(said):
    panels = json.loads((plan.ROOT / "afi" / "faults" / "kills.json").read_text(encoding="utf-8"))["panels"]
    assert panels["evil modes right"] == f"{sum(said[mode].right(MODES[mode]) for mode in MODES)} of {len(MODES)}"


def test_the_panel_names_every_row_of_the_catalogue():
    wanted = {f"H{n:02}" for n in (*range(1, 10), *range(14, 31), *range(32, 38), 45, 46, 47, 49, 51, 53)}
    assert wanted <= {mode.split("-")[0] for mode in MODES}
