"""A run whose columns are judged side by side: what comes back of them, and how it ends when it cannot."""
import os
import signal
import subprocess
import sys

import pytest

import manifest
from afi import plan, record, selection, sockets
from afi.errors import BadPin, NoAnswer
from afi.model import Mark, Outcome, Run, Verdict
from afi.tests.staging import until

CELL = next(cell for cell in manifest.CELLS if not cell.not_applicable)
RUN = Run(7, "0123", "fn_x", "slot_x", "ctx_x", "row-x", "https://x.example")
ONE_COLUMN = selection.of_house(("invalidate-body",), seed=7)


def test_a_column_comes_back_masked_and_with_the_exchanges_of_what_failed():
    passed, failed = Outcome("a", "page-1", "MUST", "passed", (), ("sent",)), Outcome("b", "page-1", "MUST", "failed", ("got 0123",), ("sent",))
    said = record.told(Verdict(CELL, Mark.PARTIAL, (passed, failed)), RUN)
    assert [(one.reason, one.exchanges) for one in said.outcomes] == [((), ()), (("got {nonce}",), ("sent",))]


def test_an_owed_column_needs_no_process_and_is_told_whole():
    said = record.told(Verdict(CELL, Mark.GAP, (), "owed"), None)
    assert (said.mark, said.reason) == (Mark.GAP, "owed")


@pytest.mark.parametrize("error", [BadPin("pins/x.yaml: line 3"), NoAnswer("port", "taken")])
def test_what_stops_one_column_stops_the_run_as_what_it_is(monkeypatch, error):
    class Stopped:
        def __init__(self, *_):
            raise error
    monkeypatch.setattr(record, "Judging", Stopped)
    with pytest.raises(type(error), match=str(error)):
        record.judged(ONE_COLUMN, print)


@pytest.fixture
def heard_signals():
    """Children hear SIGINT as they do in a terminal, even where these tests run in a shell's background, whose children are deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_who_interrupts_a_board_is_told_so_and_leaves_no_process(heard_signals):
    """The signal goes to every process of the command, as a terminal sends it."""
    command = subprocess.Popen([sys.executable, "-u", "-m", "afi", "board", "--seed", "7"], cwd=plan.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    next(line for line in command.stderr if "checks" in line)          # a cell is judged: adapters are up
    started = sockets.below(command.pid)
    os.killpg(command.pid, signal.SIGINT)
    said = command.communicate(timeout=30)[1]
    assert (command.returncode, "interrupted" in said, "Traceback" in said) == (130, True, False)
    assert started
    assert until(lambda: {sockets.state_of(pid) for pid in started} <= {"", "Z"}, 10)
