"""An adapter is started, told from every other process, watched and stopped, and its folder is all that it may write to."""
import os
import re
import socket
import sys
from dataclasses import replace

import pytest

from afi import conduct, process, sockets, watch
from afi.errors import NoAnswer, OurFault, StaleProcess
from afi.faults import evil_process
from afi.tests.staging import START_S, a_run, adapter, evil, limits, until


@pytest.mark.parametrize("mode", ["H15-stdout", "H15-stderr", "H16"])
def test_what_a_program_prints_costs_it_nothing(tmp_path, mode):
    bounds = limits(tmp_path)
    served = process.start(evil(tmp_path, mode), a_run(), "main", bounds)
    watch.witness(served)
    assert [fact for fact in process.stop(served) if fact.wrong] == []
    assert 0 < len((bounds.out / "logs" / "staged-main.log").read_bytes()) <= 256 << 10


@pytest.fixture
def honest(tmp_path):
    """An honest adapter; stopped twice is stopped."""
    served = process.start(evil(tmp_path, "H16"), a_run(), "main", limits(tmp_path))
    yield served
    process.stop(served)


def test_an_honest_adapter_breaks_nothing(honest):
    watch.witness(honest)
    facts = process.stop(honest)
    assert [fact for fact in facts if fact.wrong] == []
    assert {fact.check for fact in facts} == set(conduct.CHECKS)


def test_the_environment_holds_what_the_sample_says_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_HARNESS", "x")
    monkeypatch.setenv("TZ", "UTC")
    with pytest.raises(NoAnswer, match="exited 1") as ended:
        process.start(adapter(tmp_path, "/bin/sh", "-c", "env; exit 1"), a_run(), "main", limits(tmp_path))
    names = {line.partition("=")[0] for line in ended.value.detail.partition("ends: ")[2].splitlines()}
    assert names - {"PWD", "LANG", "_", "SHLVL", "OLDPWD"} == {
        "PATH", "TZ", "HOME", "TMPDIR", sockets.MARKER, "PORT", "AFI_RUN", "AFI_FUNCTION", "AFI_SLOT", "AFI_CONTEXT", "AFI_SEED_ROW", "AFI_STATE",
        "AFI_VARIANT", "MIZAN_ORIGINS"}


def test_a_program_that_is_no_program_is_named(tmp_path):
    with pytest.raises(NoAnswer, match=r"no-program: .*gone"):
        process.start(adapter(tmp_path, "./gone"), a_run(), "main", limits(tmp_path))
    assert list((tmp_path / "out" / "state").iterdir()) == []


def test_a_start_of_its_own_can_fail_alone(tmp_path):
    described, bounds = evil(tmp_path, "H04-bare"), limits(tmp_path)
    process.stop(process.start(described, a_run(), "main", bounds))
    with pytest.raises(NoAnswer, match="exited 1"):
        process.start(described, a_run(), "bare", bounds)


def test_another_port_is_tried_when_somebody_was_quicker(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as thief:
        ports = iter([thief.getsockname()[1], process.free_port()])
        monkeypatch.setattr(process, "free_port", lambda: next(ports))
        served = process.start(evil(tmp_path, "H16"), a_run(), "main", limits(tmp_path))
        process.stop(served)
        assert served.address[1] != thief.getsockname()[1]


def test_a_port_that_was_asked_for_is_the_one_or_none(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as thief:
        asked = replace(limits(tmp_path), port=thief.getsockname()[1])
        with pytest.raises(NoAnswer, match=rf"port: .*1 ports tried.* {os.getpid()} \("):
            process.start(evil(tmp_path, "H16"), a_run(), "main", asked)
    served = process.start(evil(tmp_path, "H16"), a_run(), "main", asked)
    process.stop(served)
    assert served.address[1] == asked.port


def test_a_program_gets_as_long_as_its_descriptor_says(tmp_path):
    assert limits(tmp_path).within_s(evil(tmp_path, "H01")) == START_S
    assert limits(tmp_path).scaled(0.5).within_s(evil(tmp_path, "H01")) == START_S / 2


def test_an_adapter_of_somebody_else_is_judged_by_its_identity(honest):
    url = f"http://127.0.0.1:{honest.address[1]}/"
    attached = process.attached(url, honest.run, honest.limits)
    watch.witness(attached)
    assert process.stop(attached) == []
    with pytest.raises(StaleProcess, match="AFI_RUN"):
        process.attached(url, a_run(), honest.limits)


def test_nobody_at_the_url_is_no_answer(honest):
    process.stop(honest)
    with pytest.raises(NoAnswer, match="unreachable"):
        process.attached(f"http://127.0.0.1:{honest.address[1]}", honest.run, honest.limits)


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1:1/api/"])
def test_a_url_that_we_cannot_take_is_our_fault(honest, url):
    with pytest.raises(OurFault, match="wanted http://HOST:PORT"):
        process.attached(url, honest.run, honest.limits)


def test_a_process_of_an_earlier_run_is_named_before_the_start(tmp_path):
    with evil_process.accomplice(tmp_path, {sockets.MARKER: "earlier"}) as pid, pytest.raises(StaleProcess) as refused:
        process.preflight({"another"})
    assert re.search(rf"\b{pid} \(.*kill .*\b{pid}\b", str(refused.value))


def test_a_process_of_a_living_run_and_one_started_by_hand_are_not_stale(honest, tmp_path):
    with evil_process.accomplice(tmp_path, {"AFI_RUN": "by-hand"}) as pid:
        stale = sockets.stale()
        assert pid not in stale
        assert not {marked for marked, nonce in sockets.marked().items() if nonce == honest.run.nonce} & stale.keys()


def test_what_survives_a_killed_warden_is_ended_by_its_marker(tmp_path):
    served = process.start(evil(tmp_path, "H09-session"), a_run(), "main", limits(tmp_path))
    served.held.warden.kill()
    assert until(lambda: served.run.nonce in sockets.stale().values())
    facts = {fact.check: fact.wrong for fact in process.stop(served)}
    assert facts["no-process-left"] == ("leak: all of it, for its warden was killed",)
    assert until(lambda: served.run.nonce not in sockets.marked().values())


def test_prepare_runs_each_list_in_order_in_the_folder(tmp_path):
    lines = []
    lists = [["sh", "-c", "echo one > made"], ["sh", "-c", "cat made; echo two >> made"]]
    described = adapter(tmp_path, "./x", needs=["sh"], prepare=lists)
    assert process.prepare(described, lines.append, limits(tmp_path)) > 0
    assert (described.folder / "made").read_text() == "one\ntwo\n"
    assert (tmp_path / "out" / "logs" / "staged-prepare-2.log").read_text() == "one\n"
    assert [line.split()[0] for line in lines] == ["staged:", "staged:"]


def test_a_build_that_fails_says_how_and_shows_its_end(tmp_path):
    described = adapter(tmp_path, "./x", needs=["sh"], prepare=[["sh", "-c", "echo it broke; exit 3"], ["sh", "-c", "touch never"]])
    with pytest.raises(NoAnswer, match=r"(?s)prepare: .*exited 3.*it broke"):
        process.prepare(described, lambda line: None, limits(tmp_path))
    assert not (described.folder / "never").exists()


def test_a_build_gets_our_environment_but_nothing_of_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("AFI_RUN", "x")
    monkeypatch.setenv("CARGO_HOME", "/cargo")
    described = adapter(tmp_path, "./x", needs=["sh"], prepare=[["sh", "-c", "echo $AFI_RUN-$CARGO_HOME-$HOME"]])
    process.prepare(described, lambda line: None, limits(tmp_path))
    assert (tmp_path / "out" / "logs" / "staged-prepare-1.log").read_text() == f"-/cargo-{os.environ['HOME']}\n"


def test_a_program_that_the_machine_lacks_is_named_with_its_package(tmp_path):
    described = adapter(tmp_path, "./x", needs=["no-such-program"])
    with pytest.raises(NoAnswer, match=r"no-program: staged needs 'no-such-program', .*Debian: no-such-program"):
        process.prepare(described, lambda line: None, limits(tmp_path))


ORACLE = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"id": asked["id"], "ok": "1" if asked["op"] == "hello" else asked["in"].get("text", "")}), flush=True)
"""


def test_an_oracle_answers_and_ends_with_its_input(tmp_path):
    questioned = process.oracle(adapter(tmp_path, "./x", oracle=[sys.executable, "-c", ORACLE]), limits(tmp_path))
    assert questioned.ask("canonical_json", {"text": "[1]"}) == ("ok", "[1]")
    assert [fact.wrong for fact in process.stop_oracle(questioned)] == [(), (), ()]
    assert list((tmp_path / "out" / "state").iterdir()) == []


def test_an_oracle_that_outlives_its_input_is_ungraceful(tmp_path):
    lingering = ORACLE + "\nimport time; time.sleep(3600)"
    questioned = process.oracle(adapter(tmp_path, "./x", oracle=[sys.executable, "-c", lingering]), limits(tmp_path))
    questioned.ask("canonical_json", {"text": "[1]"})
    assert [fact.check for fact in process.stop_oracle(questioned) if fact.wrong] == ["graceful-stop"]


