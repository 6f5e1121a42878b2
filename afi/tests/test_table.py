"""The table shows what the board holds, and nothing that it does not."""
from afi import board, table
from afi.model import Adapter, Capability, Cell, Mark, Outcome, Verdict

ONE, TWO = Adapter("one", "One", "adapter.yaml"), Adapter("two", "Two", speaks=("ipc",))
ALPHA, BETA = Capability("alpha", "The first", "Core"), Capability("beta", "The second", "Edge")
CELLS = (Cell(ALPHA, ONE), Cell(ALPHA, TWO), Cell(BETA, ONE), Cell(BETA, TWO, "no edge"))


def outcome(word, slug="a"):
    return Outcome(f"alpha/{slug}", "alpha-1", "MUST", word, ("why",) if word == "failed" else ())


VERDICTS = (
    Verdict(CELLS[0], Mark.WIRED, (outcome("passed"), outcome("not-run", "b"))), Verdict(CELLS[1], Mark.GAP, (outcome("failed"),)),
    Verdict(CELLS[2], Mark.PARTIAL, (outcome("passed"), outcome("failed", "b"))), Verdict(CELLS[3], Mark.NOT_APPLICABLE, reason="no edge"))


def rendered(verdicts=VERDICTS, conduct=(), totals=None):
    return table.markdown(board.document({}, verdicts, conduct, len(CELLS)), CELLS, totals)


def row_of(title):
    return next(line for line in rendered().splitlines() if title in line)


def test_each_section_has_its_rows():
    assert rendered().index("### Core") < rendered().index("The first") < rendered().index("### Edge") < rendered().index("The second")


def test_what_was_not_run_is_counted_beside_the_mark():
    assert "✅ 1/2 run" in row_of("The first")


def test_a_reason_stands_as_a_note():
    assert "— [1]" in row_of("The second")
    assert "1. Not applicable: no edge." in rendered()


def test_a_partial_cell_names_what_fails():
    assert "`beta-one`: `alpha/b`" in rendered()


def test_a_cell_that_nobody_judged_is_empty_and_not_green():
    assert "✅" not in "".join(line for line in rendered(VERDICTS[1:]).splitlines() if "The first" in line)


def test_the_counts_are_the_boards():
    assert "Cells: ✅ 1, ◑ 1, ❌ 1, — 1; 4 in all. Checks: 2 passed, 2 failed, 1 not-run." in rendered()


def test_red_conduct_is_a_note():
    red = Verdict(Cell(Capability("conduct", "Conduct", ""), ONE), Mark.PARTIAL, (outcome("failed"),))
    assert "`conduct-one` ◑: why" in rendered(conduct=(red,))


def test_the_totals_of_the_self_proof_stand_last():
    assert rendered(totals={"clauses": 3, "faults killed": "4 of 4"}).endswith("Self-proof: clauses 3, faults killed 4 of 4.\n")
