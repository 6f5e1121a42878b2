"""The kill matrix says what is wrong with a fault, a check or a clause; and the committed kills.json is what the own rows show today."""
from dataclasses import replace

import pytest

from afi import faults, forked
from afi.errors import BadFault, OurFault
from afi.faults import Fault, kills, matrix
from afi.faults.matrix import Proof, Seen
from afi.model import Clause, Outcome

LEDGER = {"page-1": Clause("page-1", "MUST", "It greets."), "page-2": Clause("page-2", "MUST", "It refuses."),
          "page-3": Clause("page-3", "SHOULD", "It sings.")}
PLAN = {"page/greets": LEDGER["page-1"], "page/refuses": LEDGER["page-2"]}
RUDE = Fault("rude", breaks="page-1", kills={"page/greets": "result"}, patch=("shop.greet", lambda original: ""))
STATUS, RESULT, TWIN = "status: wanted 200, got 500", "result.text: wanted 'hello', got ''", "twin.result: wanted 1, got 2"


def seen(*lines, hits=1, died="", check="page/greets"):
    return Seen("rude", "page", frozenset(PLAN), {check: lines} if lines else {}, hits, died)


def proof(sighting, fault=RUDE, generated=()):
    return Proof((fault,), {fault.id: (sighting,)}, PLAN, LEDGER, frozenset(generated))


def said_of(sighting, fault=RUDE):
    return "\n".join(matrix.of_fault(proof(sighting, fault), fault))


def test_a_fault_that_differs_in_the_member_named_is_killed():
    assert (said_of(seen(RESULT)), proof(seen(RESULT)).killed_checks()) == ("", {"page/greets"})


@pytest.mark.parametrize(("sighting", "words"), [
    (seen(RESULT, hits=0), "never hit"),
    (seen(), "survived: page/greets passed; so did every other check"),
    (seen(STATUS, check="page/refuses"), "survived: page/greets passed; failed: page/refuses"),
    (seen(STATUS), "wrong member: page/greets was to differ in 'result'; said: status"),
    (seen("results: wanted 1, got 2"), "wrong member"),
    (seen(TWIN), "through its twin"),
    (seen("hang: no reply in 5 s"), "by an end alone"),
    (seen("unreadable: the probe stopped at TypeError()"), "by an end alone"),
    (seen(died="exited: the sample did not come up"), "could not be judged: exited"),
])
def test_what_is_no_kill_is_said_in_words(sighting, words):
    assert words in said_of(sighting)
    assert proof(sighting).killed_checks() == set()


def test_an_end_that_the_fault_declares_is_a_kill():
    assert said_of(seen("hang: no reply in 5 s"), replace(RUDE, ends=("hang",))) == ""


def test_any_member_will_do_where_none_is_named():
    assert said_of(seen(STATUS), replace(RUDE, kills={"page/greets": ""})) == ""


@pytest.mark.parametrize(("fault", "words"), [
    (replace(RUDE, kills={"page/greetz": ""}), "there is no such check"),
    (replace(RUDE, breaks="page-2"), "breaks page-2, and page/greets proves page-1"),
    (replace(RUDE, breaks="page-9"), "spec/page.md has no such clause"),
])
def test_a_fault_that_names_what_is_not_there_is_told_so(fault, words):
    assert words in said_of(seen(RESULT), fault)


def test_a_check_that_no_fault_kills_and_a_clause_that_no_fault_proves_are_said():
    said = "\n".join(matrix.of_proof(proof(seen(RESULT)), ["page"]))
    assert "page/refuses (page-2): no fault kills it" in said
    assert "page-2 (MUST): no hand-made fault" in said
    assert "page-1" not in said
    assert "page-3" not in said


def test_a_generated_kill_proves_a_check_and_no_clause():
    said = matrix.of_proof(proof(seen(RESULT), generated=["page/refuses"]), ["page"])
    assert said == ["page-2 (MUST): no hand-made fault that breaks it is killed by a check that cites it"]


def test_collateral_counts_own_parts_alone():
    both = Seen("rude", "page", frozenset(PLAN), {"page/greets": (RESULT,), "page/refuses": (TWIN,)}, 1)
    assert matrix.killed_by(RUDE, [both]) == ["page/greets"]


def test_the_document_masks_what_differs_from_run_to_run():
    row = matrix.document(proof(seen(RESULT)), {}, lambda text: text.replace("hello", "{nonce}"))["faults"]["rude"]
    assert row == {"clause": "page-1", "killed_by": ["page/greets"], "reason": "page/greets: result.text: wanted '{nonce}', got ''"}


def test_only_failed_checks_are_failures():
    outcomes = [Outcome("a", "page-1", "MUST", "failed", (STATUS,)), Outcome("b", "page-1", "MUST", "passed"),
                Outcome("c", "page-1", "MUST", "not-run", ("x",))]
    assert matrix.failures(outcomes) == {"a": (STATUS,)}


@pytest.mark.parametrize("members", [
    {}, {"wire": lambda reply: reply, "oracle": lambda asked, answer: answer}, {"wire": lambda reply: reply, "at_start": True},
    {"wire": lambda reply: reply, "kills": {}},
])
def test_a_fault_is_one_wrong_thing_and_names_who_must_notice(members):
    with pytest.raises(BadFault, match="rude"):
        Fault(**{"id": "rude", "breaks": "page-1", "kills": {"page/greets": ""}, **members})


def test_work_is_spread_and_comes_back_in_order():
    assert forked.spread(lambda task: task * 2, range(20), workers=3) == list(range(0, 40, 2))


def test_faults_that_are_waited_for_stand_apart_and_none_is_lost():
    slow, quick = (tuple(replace(RUDE, id=f"{name}-{n}", ends=ends) for n in range(count)) for name, ends, count in (("slow", ("hang",), 3), ("quick", (), 20)))
    mixed = kills.mixed(quick + slow)
    assert [place for place, one in enumerate(mixed) if one.ends] == [1, 5, 9]
    assert {one.id for one in mixed} == {one.id for one in quick + slow}
    assert len(mixed) == 23
    assert [kills.mixed(table) for table in ((), slow, quick)] == [[], [*slow], [*quick]]


def test_a_worker_that_fails_stops_the_run_with_its_task():
    with pytest.raises(OurFault, match="3: ZeroDivisionError"):
        forked.spread(lambda task: 1 // (task - 3), range(6), workers=2)


def test_a_worker_that_dies_stops_the_run():
    with pytest.raises(OurFault, match="died"):
        forked.spread(lambda task: __import__("os")._exit(1), range(3), workers=2)


@pytest.fixture(scope="module")
def today():
    """Every fault judged against its own row."""
    return kills.judged(faults.every(), kills.own_row, kills.telling, kills.pages())


def test_every_fault_is_killed_and_every_check_and_clause_is_proven(today):
    print(kills.spoken(today))
    assert today.complaints(kills.pages()) == []


def test_the_committed_matrix_is_that_of_today(today):
    assert kills.drift(today, kills.committed()) == []
