"""A row under a fault: what is sent for a part of it, what is played back, and the children of the fault host."""
import contextlib
import dataclasses
import os
import time

import pytest

from afi import faults, plan
from afi.errors import Broken, NoAnswer, OurFault
from afi.faults import bench, generated
from afi.faults.bench import RUN, Part
from afi.faults.between import Diverged, Noted, Played, Repeated, Script, Written
from afi.faults.children import Host
from afi.messages import Reply, Request
from afi.model import Check
from afi.pinfile import PinFile, Vector

ROW = "invalidate-body"
ASKED, OTHER = Request("GET", "/a"), Request("GET", "/b")
FINE = Reply(200, (), b'{"a":1}', ASKED)


def vector(slug, twin=None, like=None, calls=()):
    return Vector(f"group.{slug}", "page-1", {}, {}, {}, dict(calls), twin, like)


def sent_for(*checks):
    """Returns: slug -> twin, of what is sent for some checks."""
    group = {"good": vector("good"), "bad": vector("bad", "good"), "counted": vector("counted", "good", calls={"fn": 1}),
             "alike": vector("alike", "good", "bad")}
    found = bench.narrowed(PinFile("page", {"group": group}, {}), {f"page/group.{slug}" for slug in checks})
    return {slug: one.twin for slug, one in found.exchanges["group"].items()}


@pytest.mark.parametrize(("checks", "sent"), [
    ((), {}), (("bad",), {"bad": None}), (("counted",), {"counted": "good", "good": None}), (("alike",), {"alike": None, "bad": None}),
])
def test_only_what_an_own_part_needs_is_sent(checks, sent):
    assert sent_for(*checks) == sent


def test_nothing_is_asked_after_the_last_wanted_check():
    def checks():
        yield from (Check(name, "page-1", 1, 1) for name in "abc")
        raise AssertionError
    assert [check.id for check in bench.until_last(checks(), ["c", "a"])] == ["a", "c"]


class Scripted:
    """A transport that answers /a, and breaks on everything else."""

    label = None

    def __init__(self):
        self.log = []

    def exchange(self, request):
        if request == ASKED:
            return FINE
        raise Broken("hang", "no reply")

    def again(self):
        return Scripted()

    def close(self):
        pass


@pytest.fixture
def script():
    """Two connections: one that asks /a, one that asks /b and breaks."""
    found = Script()
    first = Written(Scripted(), found)
    first.label = "group.good"
    first.exchange(ASKED)
    with pytest.raises(Broken):
        first.again().exchange(OTHER)
    return found


def test_a_conversation_is_played_back_connection_by_connection(script):
    first = Played(script)
    second = first.again()
    with pytest.raises(Broken, match="hang: no reply"):
        second.exchange(OTHER)
    assert first.exchange(ASKED) == FINE
    assert script.replies() == {"group.good": FINE}


@pytest.mark.parametrize("requests", [[OTHER], [ASKED, ASKED]])
def test_a_probe_that_asks_otherwise_diverges(script, requests):
    played = Played(script)
    with pytest.raises(Diverged):
        [played.exchange(request) for request in requests]


def test_one_connection_more_diverges(script):
    with pytest.raises(Diverged):
        Played(script).again().again()


def test_an_oracle_s_answers_are_repeated_and_changed():
    class Right:
        def ask(self, op, given):
            return "ok", given["text"]
    script = Script()
    Noted(Right(), script).ask("op", {"text": "x"})
    assert Repeated(script).ask("op", {"text": "x"}) == ("ok", "x")
    assert Repeated(script, lambda asked, answer: {"err": answer["ok"] + asked["op"]}).ask("op", {"text": "x"}) == ("err", "xop")


def test_every_part_of_a_value_becomes_another():
    value = {"a": [1, "x", None, True, 1.5], "b": {}}
    assert generated.other(value) == {"a": [2, "xx", 0, False, 2.5, "x"], "b": {"other": "x"}, "other": "x"}


@pytest.fixture(scope="module")
def host():
    with Host(["invalidate-body"]) as found:
        found.wait()
        yield found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[0] != b"Z"
    except OSError:
        return False


def test_a_row_without_a_fault_passes_and_is_written_down(host):
    found = bench.honest(host, ROW)
    assert found.complaints() == []
    assert found.checks.keys() == plan.checks_of(ROW).keys()


def test_a_child_has_its_fault_and_dies_with_its_session(host):
    fault = next(one for one in faults.every(["invalidate_body"]) if one.patch)
    with host.session(RUN, fault) as session:
        pid = session.started("main").pid
        outcomes = bench.outcomes_of(Part(ROW, frozenset(fault.kills)), session, Repeated(Script()))
    assert [one.word for one in outcomes] == ["failed"] * len(fault.kills)
    assert session.serving > 0
    assert not alive(pid)


def test_children_die_with_the_host():
    with Host(["invalidate-body"]) as host:
        host.wait()
        with contextlib.suppress(OurFault), host.session(RUN) as session:          # it has ended in the middle of a session
            pids = [session.started(name).pid for name in ("main", "bare")]
            host.process.kill()
            host.process.wait()
    deadline = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, pids))


def test_a_child_that_does_not_come_up_says_why(host):
    with host.session(RUN) as session:
        session.run = dataclasses.replace(RUN, context="No Name")
        with pytest.raises(NoAnswer, match="exited"):
            session.started("main")


def test_the_host_leaves_nothing(host):
    assert len(os.listdir(host.folder)) == 2          # its socket and its log: no session's room
