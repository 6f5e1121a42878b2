"""A board is whole or it is refused, and nothing of one run stands in it."""
import json

import jsonschema

from afi import board, plan
from afi.model import Adapter, Capability, Cell, Clause, Mark, Outcome, Run, Verdict

ADAPTER = Adapter("one", "One", "adapter.yaml")
CELLS = tuple(Cell(Capability(row, row, "Section"), ADAPTER) for row in ("alpha", "beta"))
RUN = Run(7, "nonce0", "fn_0", "slot_0", "ctx_0", "row-0", "https://o.example")
HEAD = {"kit": "0", "spec": "0", "protocol": "1", "seed": 7, "plan": "0" * 64, "pins": {}}


def verdict(cell, word="passed", reason=()):
    return Verdict(cell, Mark.WIRED, (Outcome(f"{cell.capability.id}/a", "alpha-1", "MUST", word, reason),))


def whole():
    return board.document(HEAD, map(verdict, CELLS), [], 2)


def test_a_whole_board_is_of_its_schema():
    schema = json.loads((plan.ROOT / "spec/schemas/board.schema.json").read_text())
    jsonschema.validate(whole(), schema)


def test_a_board_is_written_whole(tmp_path):
    board.write(tmp_path / "out" / "board.json", whole())
    assert json.loads((tmp_path / "out" / "board.json").read_text(encoding="utf-8")) == whole()
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["board.json"]


def test_a_board_of_fewer_cells_says_so():
    assert board.document(HEAD, [verdict(CELLS[0])], [], 2)["footer"]["complete"] is False


def test_fresh_values_stand_under_their_names():
    found = board.masked(verdict(CELLS[0], "failed", ("wanted 'nonce0', got 'fn_0'",)), RUN)
    assert found.outcomes[0].reason == ("wanted '{nonce}', got '{function}'",)


def test_the_order_of_judging_does_not_show():
    assert board.document(HEAD, map(verdict, reversed(CELLS)), [], 2) == whole()


def test_another_clause_is_another_plan():
    def plan_of(level):
        return lambda cell: {"alpha/a": Clause("alpha-1", level, "text")}
    assert board.plan_digest(CELLS, plan_of("MUST")) != board.plan_digest(CELLS, plan_of("SHOULD"))
