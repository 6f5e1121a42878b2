"""The judgement is a table, and silence is never green."""
import pytest

from afi import judge
from afi.model import ABSENT, PRESENT, Adapter, Capability, Cell, Check, Clause, Mark, Outcome, same

CELL = Cell(Capability("row", "Row", "Section"), Adapter("one", "One"))
MUST, SHOULD = Clause("row-1", "MUST", "text"), Clause("row-2", "SHOULD", "text")


@pytest.mark.parametrize(("passed", "failed", "mark"), [(0, 0, Mark.UNJUDGED), (3, 0, Mark.WIRED), (3, 1, Mark.PARTIAL), (0, 1, Mark.GAP)])
def test_a_mark_is_what_the_counts_say(passed, failed, mark):
    assert judge.mark_of(passed, failed) is mark


def outcomes(*words, level="MUST"):
    return tuple(Outcome(f"row/{n}", "row-1", level, word) for n, word in enumerate(words))


def test_a_should_that_fails_colours_nothing():
    assert judge.verdict_of(CELL, outcomes("passed") + outcomes("failed", level="SHOULD")).mark is Mark.WIRED


def test_only_shoulds_are_no_green():
    assert judge.verdict_of(CELL, outcomes("passed", level="SHOULD")).mark is Mark.UNJUDGED


def test_what_was_not_run_is_no_green():
    assert judge.verdict_of(CELL, outcomes("not-run", "not-run")).mark is Mark.UNJUDGED


def test_a_planned_check_that_nobody_yielded_has_failed():
    found = judge.completed([], {"row/a": MUST, "row/b": SHOULD}, "failed", "hang")
    assert [(o.id, o.word, o.reason) for o in found] == [("row/a", "failed", ("hang",)), ("row/b", "failed", ("hang",))]


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (1, "1"), (0, None), (0, False), (None, ABSENT), ([1], (1,)), ({"a": 1}, {"a": 1.0})])
def test_values_of_two_types_are_two_things(one, other):
    assert not same(one, other)
    assert judge.mismatches(one, other)


def test_present_is_anything_that_is_there():
    assert same(PRESENT, "x")
    assert not same(PRESENT, ABSENT)


def test_every_mismatch_is_reported_by_its_path():
    lines = judge.mismatches({"status": 200, "twin": {"status": 200}}, {"status": 404, "twin": {"status": 500}})
    assert lines == ["status: wanted 200, got 404", "twin.status: wanted 200, got 500"]


def test_a_member_that_nobody_wanted_is_a_mismatch():
    assert judge.mismatches({"a": 1}, {"a": 1, "b": 2}) == ["b: wanted absent, got 2"]


def test_an_equal_number_in_other_bytes_says_so():
    assert "bytes" in judge.mismatches(5, 5.0)[0]


def test_an_outcome_keeps_the_level_of_its_clause():
    assert judge.outcome_of(Check("row/a", "row-2", 1, 1), SHOULD).level == "SHOULD"
