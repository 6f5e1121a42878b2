"""A start that is meant to refuse: what ends by itself is told from what listens, what hangs, and what says that all is well."""
import os
import sys
from dataclasses import replace

import pytest

from afi import process, sockets
from afi.model import REFUSED, Refusal
from afi.run import Column
from afi.tests.staging import a_run, adapter, evil, limits
from afi.wire import NoStart, Share, Wire

LISTENS = "import os, socket, time; s = socket.create_server(('127.0.0.1', int(os.environ['PORT']))); time.sleep(60)"


def refusal(folder, *argv, start="duplicate"):
    return process.refusal(adapter(folder, *argv), a_run(), start, replace(limits(folder), start_s=1.0))


def test_what_refuses_ends_and_says_why(tmp_path):
    said = refusal(tmp_path, "/bin/sh", "-c", "echo $AFI_VARIANT is wrong >&2; exit 3", start="unknown-context")
    assert said == Refusal("exited 3", False, "unknown-context is wrong")


def test_an_end_without_a_complaint_is_no_refusal(tmp_path):
    assert refusal(tmp_path, "/bin/true").ended == "exited 0"


def test_what_listens_has_not_refused(tmp_path):
    said = refusal(tmp_path, sys.executable, "-c", LISTENS)
    assert (said.ended, said.listened) == ("", True)


def test_what_hangs_has_not_refused(tmp_path):
    said = refusal(tmp_path, "/bin/sleep", "60")
    assert (said.ended, said.listened) == ("", False)


def test_an_adapter_that_knows_no_variants_has_not_refused(tmp_path):
    described, bounds = evil(tmp_path, "H16"), limits(tmp_path)
    assert process.refusal(described, a_run(), "duplicate", bounds).listened


def test_nothing_is_left_behind(tmp_path):
    run = a_run()
    process.refusal(adapter(tmp_path, sys.executable, "-c", LISTENS), run, "duplicate", limits(tmp_path))
    assert [pid for pid, nonce in sockets.marked().items() if nonce == run.nonce] == []
    assert os.listdir(tmp_path / "out" / "state") == []


def test_all_are_made_when_the_first_is_asked_for_and_leave_conduct_alone(tmp_path):
    described = adapter(tmp_path, "/bin/sh", "-c", "echo $AFI_VARIANT; exit 3")
    column = Column(None, a_run(), limits(tmp_path), described)
    assert column.refused("duplicate").log == "duplicate"
    assert {name: one.ended for name, one in column.refusals.items()} == dict.fromkeys(REFUSED, "exited 3")
    assert column.refused("duplicate") is column.refusals["duplicate"]
    assert (column.facts, column.starts) == ([], {})


def test_what_somebody_else_started_cannot_be_asked():
    with pytest.raises(NoStart):
        Wire(None, a_run(), Share(0, 1)).refused("duplicate")
