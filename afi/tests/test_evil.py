"""Every evil mode gets the right word for the right reason, in time, and nothing is left behind."""
import pytest

from afi.faults import evil
from afi.tests import panel

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


def test_the_panel_names_every_row_of_the_catalogue():
    wanted = {f"H{n:02}" for n in (*range(1, 10), *range(14, 31), *range(32, 38), 45, 46, 47, 49, 51, 53)}
    assert wanted <= {mode.split("-")[0] for mode in MODES}
