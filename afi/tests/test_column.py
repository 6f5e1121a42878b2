"""
Each of our columns as a whole: spoken to in another style, in another order, alone and many times over, it gets the same verdicts.

Source: spec/harness.md, Self-proof. Once a column here, not on the board: who is honest is not asked this at every start.
"""
import hashlib
import itertools
import json
import re

import jsonschema
import pytest

import manifest
from afi import judge, plan, selection
from afi.model import Cell
from afi.pins import Pins, exchanges
from afi.run import Judging
from afi.transport import OTHER, PLAIN

SEED, ANOTHER, REPEATS = 7, 8, 30
CELLS = [cell for cell in manifest.CELLS if not cell.not_applicable and plan.live(cell)]


def schema(name):
    return jsonschema.Draft202012Validator(json.loads((plan.ROOT / "spec" / "schemas" / name).read_text(encoding="utf-8")))


PROBLEM, CALLED = schema("problem.schema.json"), schema("call-reply.schema.json")


def words(verdict):
    return {one.id: one.word for one in verdict.outcomes}


@pytest.fixture(scope="module")
def judging():
    with Judging(CELLS, SEED, print) as run:
        yield run


@pytest.fixture(scope="module")
def verdicts(judging):
    return {cell.id: words(judging.judge(cell)) for cell in selection.in_order(CELLS, SEED)}


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_every_check_passes(verdicts, own):
    assert {check for check, word in verdicts[own.id].items() if word != "passed"} == set()


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_who_asks_does_not_show(judging, verdicts, own):
    column = judging.columns[own.adapter.id]
    column.style = OTHER
    try:
        assert words(judging.judge(own)) == verdicts[own.id]
    finally:
        column.style = PLAIN


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_a_cell_judged_again_and_after_others_agrees(judging, verdicts, own):
    assert words(judging.judge(own)) == verdicts[own.id]


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_an_answer_does_not_wear_out(judging, own):
    """Every n-th answer wrong would show: one positive of the row is sent over and over, and never the best of them is taken."""
    wire, file = judging.columns[own.adapter.id].wire(own), plan.pins_of(own.capability.id)
    module = plan.probe_of(own.capability.id)
    run = wire.run
    names = {"digest": hashlib.sha256((run.nonce + run.seed_row).encode()).hexdigest(), **(module.VALUES(wire) if hasattr(module, "VALUES") else {})}
    vector = next(one for group in file.exchanges for one in Pins(file, SEED).group(group) if one.want and stands_alone(one, set(names)))
    said = list(itertools.chain.from_iterable(exchanges(wire, [vector], **names) for _ in range(REPEATS)))
    assert len(said) == REPEATS
    assert [judge.mismatches(check.wanted, check.got) for check in said] == [[]] * REPEATS, vector.id


def stands_alone(vector, names):
    """Whether a vector needs no other and no row: those that it changes are not the same the next time."""
    used = set(re.findall(r"\{(\w+)\}", repr((vector.send, vector.values, vector.want))))
    known = {"nonce", "function", "slot", "context", "seed_row", "origin", *names, *vector.values}
    return vector.twin is None and vector.same_bytes_as is None and used <= known


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_every_reply_is_of_its_published_schema(judging, own):
    replies = [one.reply for outcome in judging.judge(own).outcomes for one in outcome.exchanges if one.reply and one.reply.body]
    refused = [reply for reply in replies if reply.header("Content-Type") == "application/problem+json"]
    called = [reply for reply in replies if reply.status == 200 and reply.request.method == "POST" and reply.request.target.endswith("/call/")
              and b'"hands_over"' not in reply.request.body]          # the framework's own response, which has no schema
    assert replies
    assert [str(error) for reply in refused for error in PROBLEM.iter_errors(reply.json())] == []
    assert [str(error) for reply in called for error in CALLED.iter_errors(reply.json())] == []


def test_another_seed_sends_other_values_and_gets_the_same_verdicts(verdicts):
    with Judging(CELLS, ANOTHER, print) as run:
        assert {cell.id: words(run.judge(cell)) for cell in selection.in_order(CELLS, ANOTHER)} == verdicts


def test_a_cell_alone_from_a_clean_start_agrees(verdicts):
    alone: Cell = CELLS[-1]
    with Judging([alone], SEED, print) as run:
        assert words(run.judge(alone)) == verdicts[alone.id]
