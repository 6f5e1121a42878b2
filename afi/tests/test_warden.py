"""A warden says how its program ended, keeps its log within bounds, and leaves nothing of it alive."""
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from afi import sockets, warden
from afi.errors import NoAnswer
from afi.tests.staging import hold, until

ENDINGS = [("exit 0", "exited 0"), ("exit 1", "exited 1"), ("exit 127", "exited 127"), ("kill -9 $$", "signal 9"),
           ("kill -11 $$", "signal 11")]
STAYING = {                                          # how a program leaves `sleep 3602` behind
    "child": "sleep 3602 & wait",
    "own session": "setsid sleep 3602 & wait",
    "forked twice": "(setsid sh -c 'sleep 3602 &' &); sleep 3603",
    "parent gone first": "sh -c 'sleep 3602 &'; sleep 3603",
    "empty environment": "env -i setsid sleep 3602 & wait",
}


@pytest.fixture
def held(tmp_path):
    started = []

    def holding(*argv, **more):
        started.append(hold(tmp_path, *argv, **more))
        return started[-1]

    yield holding
    for one in started:
        if one.warden.poll() is None:
            one.stop()


@pytest.mark.parametrize(("script", "said"), ENDINGS)
def test_an_end_is_told_at_once_and_a_signal_is_never_an_exit(held, script, said):
    assert held("sh", "-c", script).ended(5.0) == said


def test_a_program_that_does_not_exist_is_named(held):
    with pytest.raises(NoAnswer, match=r"no-program.*no-such-thing"):
        held("no-such-thing")


def test_a_program_that_ends_on_sigterm_ended_gracefully(held):
    assert held("sleep", "3601").stop() | {"pid": 0, "closed": 0} == {"pid": 0, "exit": -15, "graceful": True, "left": [], "closed": 0}


def test_a_program_that_ignores_sigterm_is_killed(held):
    one = held("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done")
    assert until(lambda: one.log.read_bytes() == b"up\n")
    said = one.stop()
    assert (said["graceful"], said["exit"]) == (False, -9)


def test_a_stopped_program_is_killed(held):
    one = held("sleep", "3601")
    os.kill(one.said["pid"], signal.SIGSTOP)
    assert until(lambda: sockets.state_of(one.said["pid"]) == "T")
    assert one.stop()["exit"] == -9


@pytest.mark.parametrize("way", STAYING)
def test_what_is_left_is_named_and_ended(held, way):
    one = held("sh", "-c", STAYING[way])
    assert until(lambda: any(sockets.argv_of(pid) == "sleep 3602" for pid in sockets.below(one.warden.pid)))
    tree = sockets.below(one.warden.pid)
    assert "sleep 3602" in one.stop()["left"]
    assert not tree & sockets.parents().keys()


def test_children_that_end_a_moment_after_their_parent_are_no_leak(held):
    one = held(sys.executable, "-c", "import os, time\nfirst = os.getpid()\nif os.fork(): time.sleep(3600)\n"
               "while os.getppid() == first: time.sleep(0.005)\ntime.sleep(0.05)")
    assert until(lambda: len(sockets.below(one.warden.pid)) == 2)
    assert one.stop()["left"] == []


def test_nothing_outlives_a_harness_that_is_killed(tmp_path):
    script = textwrap.dedent(f"""
        import sys, time
        sys.path.insert(0, {os.getcwd()!r})
        from pathlib import Path
        from afi.tests.staging import hold
        print(hold(Path({str(tmp_path)!r}), "sh", "-c", "env -i setsid sleep 3604 & sleep 3605").warden.pid, flush=True)
        time.sleep(3600)
    """)
    harness = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    root = int(harness.stdout.readline())
    assert until(lambda: len(sockets.below(root)) == 3)
    tree = sockets.below(root) | {root}
    harness.kill()
    harness.communicate()
    assert until(lambda: not tree & sockets.parents().keys())


def test_a_program_dies_with_its_warden_and_the_end_is_told(held):
    one = held("sleep", "3601")
    one.warden.kill()
    assert until(lambda: sockets.state_of(one.said["pid"]) in ("", "Z"))
    assert one.ended(1.0) == "its warden was killed"
    assert one.stop() == {}


def test_a_program_outlives_the_thread_that_started_it(held):
    started = []
    thread = threading.Thread(target=lambda: started.append(held("sleep", "3601")))
    thread.start()
    thread.join()
    assert started[0].ended(0.1) is None


SIGNALS_OF_A_SHELL = (1 << 31) - 1          # 1 to 31; what the C library keeps for itself, 32 and 33, nobody can set back


def test_a_program_starts_with_an_empty_input_and_the_signals_of_a_shell(held):
    one = held("sh", "-c", "read x; echo $?; grep -E 'SigIgn|SigBlk' /proc/self/status")
    assert one.ended(5.0) == "exited 0"
    one.stop()
    said, *masks = one.log.read_text().split()
    assert (said, [int(mask, 16) & SIGNALS_OF_A_SHELL for mask in masks[1::2]]) == ("1", [0, 0])


def test_a_short_log_is_whole_while_the_program_runs(held):
    one = held("sh", "-c", "echo out; echo err >&2; sleep 3601")
    assert until(lambda: one.log.read_bytes() == b"out\nerr\n")


def test_of_an_endless_log_the_beginning_and_the_end_are_kept(held):
    printing = "import os\nos.write(1, b'first')\nfor _ in range(160): os.write(2, b'x' * 65536)\nos.write(1, b'last')"
    one = held(sys.executable, "-c", printing)
    assert one.ended(20.0) == "exited 0"
    one.stop()
    text = one.log.read_bytes()
    assert text.startswith(b"firstxxx")
    assert text.endswith(b"xxxlast")
    assert b"bytes left out" in text
    assert len(text) <= warden.HEAD_BYTES + warden.TAIL_BYTES


def test_a_flood_is_readable_while_it_goes_on(held):
    one = held("sh", "-c", "yes no")
    assert until(lambda: one.log.stat().st_size > warden.HEAD_BYTES)
    assert one.stop()["graceful"]


def test_the_log_before_a_restart_is_kept(held):
    first = held("sh", "-c", "echo crash")
    first.ended(5.0)
    first.stop()
    second = held("sleep", "3601")
    assert second.log.with_suffix(".previous.log").read_text() == "crash\n"
