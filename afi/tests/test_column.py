"""
Each of our columns as a whole: spoken to in another style, in another order, alone and many times over, it gets the same verdicts.

Source: spec/harness.md, Self-proof. Once a column here, not on the board: who is honest is not asked this at every start.
"""
import concurrent.futures
import contextlib
import hashlib
import itertools
import json
import re
from dataclasses import dataclass

import jsonschema
import pytest

import manifest
from afi import evidence, forked, judge, plan, selection
from afi.pins import Pins, exchanges
from afi.run import Judging
from afi.served import Limits
from afi.transport import OTHER, PLAIN

SEED, ANOTHER, REPEATS = 7, 8, 30
CELLS = [cell for cell in manifest.CELLS if not cell.not_applicable and plan.live(cell)]
COLUMNS = selection.live_columns(CELLS)
Words = dict[str, dict[str, str]]          # cell -> check -> word


def schema(name):
    return jsonschema.Draft202012Validator(json.loads((plan.ROOT / "spec" / "schemas" / name).read_text(encoding="utf-8")))


PROBLEM, CALLED = schema("problem.schema.json"), schema("call-reply.schema.json")


@dataclass(frozen=True)
class Said:
    """What was said of one column's cells, each way that they were asked, and what of their replies is not of the published schemas."""

    otherwise: Words
    again: Words
    with_another_seed: Words
    alone: Words
    worn: dict[str, list[list[str]]]          # cell -> what differed, each of the times that one vector was sent
    replies: dict[str, int]
    malformed: dict[str, list[str]]


def judged(run, cells, style=PLAIN):
    """Returns: cell -> verdict; the cells are asked one after the other, in the order of the run's seed."""
    for column in run.columns.values():
        column.style = style
    return {cell.id: run.judge(cell) for cell in selection.in_order(cells, run.seed)}


def words(verdicts):
    return {cell: {one.id: one.word for one in verdict.outcomes} for cell, verdict in verdicts.items()}


def said_of(name):
    """Judges one column in every way. All is started before the first question: nothing of an adapter may start while it is prepared."""
    cells = [cell for cell in CELLS if cell.adapter.id == name]
    chosen = {"main": (cells, SEED), "another-seed": (cells, ANOTHER), "alone": (cells[-1:], SEED)}
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(1) as pool:
        main, another, alone = (stack.enter_context(Judging(*given, print, Limits(out=evidence.OUT / "columns" / way))) for way, given in chosen.items())
        beside = pool.submit(lambda: [words(judged(run, run.cells)) for run in (another, alone)])
        otherwise, again = judged(main, cells, OTHER), words(judged(main, cells))
        worn = {cell.id: worn_out(main.columns[name], cell) for cell in cells}
        with_another_seed, by_itself = beside.result()
    replies = {cell: replies_of(verdict) for cell, verdict in otherwise.items()}
    return Said(words(otherwise), again, with_another_seed, by_itself, worn, {cell: len(found) for cell, found in replies.items()},
                {cell: malformed(found) for cell, found in replies.items()})


@pytest.fixture(scope="module")
def plainly(house):
    """What the board says of each cell, of its run without anything special."""
    return words(house.verdicts)


@pytest.fixture(scope="module")
def columns(plainly):
    """Each column, judged in a process of its own, side by side: they share nothing."""
    return dict(zip(COLUMNS, forked.spread(said_of, COLUMNS, len(COLUMNS)), strict=True))


@pytest.fixture
def said(columns, own):
    return columns[own.adapter.id]


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_every_check_passes(plainly, own):
    assert plainly[own.id] == dict.fromkeys(plan.plan_of(own), "passed")


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_who_asks_does_not_show(said, plainly, own):
    assert said.otherwise[own.id] == plainly[own.id]


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_a_cell_judged_again_and_after_others_agrees(said, plainly, own):
    assert said.again[own.id] == plainly[own.id]


def worn_out(column, own):
    """Every n-th answer wrong would show: one positive of the row is sent over and over, and never the best of them is taken."""
    wire, file = column.wire(own), plan.pins_of(own.capability.id)
    module = plan.probe_of(own.capability.id)
    run = wire.run
    names = {"digest": hashlib.sha256((run.nonce + run.seed_row).encode()).hexdigest(), **(module.VALUES(wire) if hasattr(module, "VALUES") else {})}
    vector = next(one for group in file.exchanges for one in Pins(file, SEED).group(group) if one.want and stands_alone(one, set(names)))
    said = itertools.chain.from_iterable(exchanges(wire, [vector], **names) for _ in range(REPEATS))
    return [judge.mismatches(check.wanted, check.got) for check in said]


def stands_alone(vector, names):
    """Whether a vector needs no other and no row: those that it changes are not the same the next time."""
    used = set(re.findall(r"\{(\w+)\}", repr((vector.send, vector.values, vector.want))))
    known = {"nonce", "function", "slot", "context", "seed_row", "origin", *names, *vector.values}
    return vector.twin is None and vector.same_bytes_as is None and used <= known


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_an_answer_does_not_wear_out(said, own):
    assert said.worn[own.id] == [[]] * REPEATS


def replies_of(verdict):
    return [one.reply for outcome in verdict.outcomes for one in outcome.exchanges if one.reply and one.reply.body]


def malformed(replies):
    """Returns: what is wrong with problems and with replies to calls, in words."""
    refused = [reply for reply in replies if reply.header("Content-Type") == "application/problem+json"]
    called = [reply for reply in replies if reply.status == 200 and reply.request.method == "POST" and reply.request.target.endswith("/call/")
              and b'"hands_over"' not in reply.request.body]          # the framework's own response, which has no schema
    return [str(error) for known, found in ((PROBLEM, refused), (CALLED, called)) for reply in found for error in known.iter_errors(reply.json())]


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_every_reply_is_of_its_published_schema(said, own):
    assert said.replies[own.id] > 0
    assert said.malformed[own.id] == []


@pytest.mark.parametrize("own", CELLS, ids=lambda cell: cell.id)
def test_another_seed_sends_other_values_and_gets_the_same_verdicts(said, plainly, own):
    assert said.with_another_seed[own.id] == plainly[own.id]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_cell_alone_from_a_clean_start_agrees(columns, plainly, name):
    (alone, found), = columns[name].alone.items()
    assert found == plainly[alone]
