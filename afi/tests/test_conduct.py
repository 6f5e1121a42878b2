"""Conduct is judged by what was seen of it; what /proc and a log show is read without being believed."""
import hashlib
import ipaddress
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from afi import clauses, conduct, identity, judge, logs, pollution, sockets
from afi.conduct import Fact
from afi.errors import Broken, WrongPeer
from afi.identity import Sight
from afi.sockets import ESTABLISHED, LISTENING, SYN_SENT, Socket
from afi.tests.staging import a_run

SPEC = Path(__file__).resolve().parents[2] / "spec"
WELL = [Fact(check, "main") for check in conduct.CHECKS]


def failed(facts):
    return {check.id for check in conduct.checks(facts) if judge.mismatches(check.wanted, check.got)}


def test_each_clause_of_the_page_has_a_check_and_each_check_its_clause():
    assert sorted(conduct.CHECKS.values()) == sorted(c for c, clause in clauses.load(SPEC).items() if clause.page == "conduct")


def test_every_word_belongs_to_a_check():
    assert set(conduct.WORDS.values()) <= conduct.CHECKS.keys()


def test_good_conduct_passes():
    assert failed(WELL) == set()


@pytest.mark.parametrize("check", conduct.CHECKS)
def test_one_wrong_thing_fails_one_check(check):
    assert failed([*WELL, Fact(check, "bare", ("leak: x",))]) == {f"conduct/{check}"}


@pytest.mark.parametrize("check", conduct.CHECKS)
def test_what_nobody_saw_has_failed(check):
    assert failed([fact for fact in WELL if fact.check != check]) == {f"conduct/{check}"}


# --- sockets

PORT = 4000


def end(text):
    address, _, port = text.rpartition(":")
    return ipaddress.ip_address(address), int(port)


def seen(*lines):
    """A look at sockets `state local remote inode`; inodes below 100 are the tree's own."""
    found = []
    for line in lines:
        state, local, remote, inode = line.split()
        found.append(Socket({"listen": LISTENING, "open": ESTABLISHED, "opening": SYN_SENT}[state], end(local), end(remote), int(inode)))
    return Sight(found, {7}, {s.inode: 7 for s in found if 0 < s.inode < 100})


OWN = "listen 127.0.0.1:4000 0.0.0.0:0 1"
LISTENERS = [
    ((OWN,), None),
    ((OWN, "listen 127.0.0.1:5000 0.0.0.0:0 2"), None),
    ((OWN, "listen 0.0.0.0:5000 0.0.0.0:0 200"), None),
    ((OWN, "listen 0.0.0.0:5000 0.0.0.0:0 2"), "exposed"),
    ((OWN, "listen :::5000 :::0 2"), "exposed"),
    (("listen 0.0.0.0:4000 0.0.0.0:0 1",), "exposed"),
    (("listen 10.0.0.1:4000 0.0.0.0:0 1",), "exposed"),
    ((OWN, "listen 127.0.0.1:4000 0.0.0.0:0 2"), "sockets"),
]
CONNECTIONS = [
    ((OWN, "open 127.0.0.1:4000 127.0.0.1:9999 3"), None),
    ((OWN, "open 127.0.0.1:9999 127.0.0.1:4000 3"), None),
    ((OWN, "open 127.0.0.1:9999 127.0.0.1:6379 300"), None),
    ((OWN, "open 127.0.0.1:9999 127.0.0.1:6379 3"), "egress"),
    ((OWN, "opening 127.0.0.1:9999 127.0.0.1:6379 3"), "egress"),
    ((OWN, "open 10.0.0.1:9999 10.0.0.2:4000 3"), "egress"),
]


@pytest.mark.parametrize(("lines", "reason"), LISTENERS)
def test_listening_sockets_are_judged(lines, reason):
    assert said_of(lambda: identity.check_listeners(seen(*lines), PORT)) == reason


@pytest.mark.parametrize(("lines", "reason"), CONNECTIONS)
def test_connections_are_judged(lines, reason):
    assert said_of(lambda: identity.check_connections(seen(*lines), ())) == reason


def test_a_service_that_was_announced_may_be_used():
    assert said_of(lambda: identity.check_connections(seen(OWN, "open 127.0.0.1:9999 127.0.0.1:6379 3"), {6379})) is None


def test_a_stranger_on_the_port_is_our_fault_before_anything_else():
    with pytest.raises(WrongPeer, match="2 sockets"):
        identity.check_listeners(seen(OWN, "listen 0.0.0.0:4000 0.0.0.0:0 200", "listen 0.0.0.0:5000 0.0.0.0:0 2"), PORT)


def said_of(check):
    try:
        check()
    except Broken as broken:
        return broken.reason
    return None


@pytest.mark.parametrize(("text", "address"), [
    ("0100007F:0FA0", "127.0.0.1:4000"), ("00000000:0FA0", "0.0.0.0:4000"), ("00000000000000000000000001000000:0FA0", "::1:4000"),
    ("0000000000000000FFFF00000100007F:0FA0", "127.0.0.1:4000")])
def test_an_address_of_proc_is_read(text, address):
    assert sockets._end(text) == end(address)


# --- correlation

@dataclass
class Answering:
    """A transport that answers calls by a function of (texts so far, secret)."""

    answer: object
    texts: list[str] = field(default_factory=list)

    def exchange(self, request):
        self.texts.append(json.loads(request.body)["args"]["text"])
        return self

    status = 200

    def json(self):
        return {"result": self.answer(self.texts)}


RUN = a_run()


def digest(text):
    return hashlib.sha256((text + RUN.seed_row).encode()).hexdigest()


def test_right_answers_are_counted():
    assert identity.correlate(Answering(lambda texts: digest(texts[-1])), RUN) == 3


@pytest.mark.parametrize(("answer", "reason"), [
    (lambda texts: digest(texts[max(0, len(texts) - 2)]), "desync"),
    (lambda texts: digest(texts[0]), "desync"),
    (lambda texts: texts[-1], "echo"),
])
def test_an_answer_to_another_text_and_the_text_itself_are_told_apart(answer, reason):
    assert said_of(lambda: identity.correlate(Answering(answer), RUN)) == reason


@pytest.mark.parametrize("answer", [lambda texts: 5, lambda texts: "x", lambda texts: None])
def test_any_other_answer_is_a_matter_of_the_rows(answer):
    assert identity.correlate(Answering(answer), RUN) == 0


# --- logs

@pytest.mark.parametrize(("raw", "text"), [
    (b"plain\n\ttext", "plain\n\ttext"),
    ("Zoë ✓".encode(), "Zoë ✓"),
    (b"\x1b[31m", "\\x1b[31m"),
    (b"a\r\nb\rc\x00\x7f\x9b", "a\\r\nb\\rc\\x00\\x7f\\x9b"),
    ("\x9b31m\u202e\u2028\ufeff".encode(), "\\x9b31m\\u202e\\u2028\\ufeff"),
    (b"\xff\xfe", "\\xff\\xfe"),
    (b"::error::x", "\\x3a:error::x"),
    (b"a\n \t::set-output name=x::y", "a\n \t\\x3a:set-output name=x::y"),
    (b"a::b", "a::b"),
    (b"x ##[error]y ##vso[z] ##teamcity[t", "x \\x23#[error]y \\x23#vso[z] \\x23#teamcity[t"),
    (b"## title", "## title"),
    (b"</SCRIPT><script><!-- MIZAN", "\\x3c/SCRIPT>\\x3cscript>\\x3c!-- MIZAN"),
])
def test_a_log_is_shown_without_what_a_reader_would_obey(raw, text):
    assert logs.shown(raw) == text


def test_the_end_of_no_log_is_a_remark(tmp_path):
    assert logs.tail(tmp_path / "none") == "(there is no log)"
    (tmp_path / "empty").touch()
    assert logs.tail(tmp_path / "empty") == "(it printed nothing)"


# --- files

def test_what_was_made_changed_and_removed_is_named(tmp_path):
    for name in ("changed", "removed", "kept", "out/passed", "deep/__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    before = pollution.snapshot(tmp_path)
    (tmp_path / "changed").write_text("22")
    (tmp_path / "removed").unlink()
    (tmp_path / "deep" / "made").symlink_to("nowhere")
    (tmp_path / "out" / "more").write_text("x")
    (tmp_path / "deep" / "node_modules").symlink_to("nowhere")
    assert pollution.changes(before, pollution.snapshot(tmp_path)) == ["changed changed", "made deep/made", "removed removed"]


def test_a_hole_takes_nothing_on_the_disk(tmp_path):
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "full").write_bytes(b"x" * 100_000)
    assert 100_000 <= pollution.disk_bytes(tmp_path) < 1 << 20
