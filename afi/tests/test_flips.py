"""Every pinned output with one byte changed, cut, lengthened or re-cased is noticed, and the output itself is not."""
import pytest

from afi import judge, pins, plan
from afi.faults import flips
from afi.pinfile import NAME, expand
from afi.tests.test_ledger import ROWS

PAGES = sorted({page for row in ROWS for page in plan.pages_of(row)})
GROUPS = [(page, name) for page in PAGES for name in plan.pins_of(page).oracle]


@pytest.mark.parametrize(("page", "name"), GROUPS)
def test_no_changed_answer_of_an_oracle_passes(page, name):
    assert flips.survivors(plan.pins_of(page).oracle[name]) == []


@pytest.mark.parametrize(("page", "name"), GROUPS)
def test_every_pinned_answer_passes(page, name):
    group = plan.pins_of(page).oracle[name]
    assert [case.id for case in group.values() if flips.judged(group, case, case.answer)] == []


PINNED = [(page, one) for page in PAGES for group in plan.pins_of(page).exchanges.values() for one in group.values() if "bytes" in one.want]


@pytest.mark.parametrize(("page", "one"), PINNED, ids=lambda value: getattr(value, "id", value))
def test_no_changed_bytes_of_a_reply_pass(page, one):
    names = dict.fromkeys(NAME.findall(one.want["bytes"]), "value")
    text = expand(one.want["bytes"], names, one.id)
    assert [other for other in flips.changes(text) if not judge.mismatches({"bytes": text}, {"bytes": other})] == []


def test_every_byte_is_changed_once():
    assert {"`b\n", "ac\n", "ab\v", "ab", "b\n", "ab\n\n", "AB\n"} < {*flips.changes("ab\n")}
    assert "ab\n" not in flips.changes("ab\n")


def test_a_header_is_compared_by_its_bytes():
    assert all(judge.mismatches({"headers": {"ETag": '"ab"'}}, {"headers": {"ETag": other}}) for other in flips.changes('"ab"'))


def test_an_oracle_that_cannot_answer_is_no_green():
    page, name = GROUPS[0]
    case = next(iter(plan.pins_of(page).oracle[name].values()))
    check = next(pins.answers(flips.Told({id(case.given): ("skip", "unimplemented")}), {case.id.split(".")[1]: case} if not case.twin else {}), None)
    assert check is None or judge.outcome_of(check, plan.ledger()[case.clause]).word == "failed"
