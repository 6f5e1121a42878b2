"""
The modes of the evil panel that misbehave on the wire: `python evil.py --mode H23`.

H33's reply to HEAD with a body, and what a hang costs in time, are held by the transport's own tests: the panel's row sends no HEAD.
Standard library alone. Source: spec/harness.md, the evil panel.
"""
import functools
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from afi.faults.evil import Mode, Turn
from afi.faults.honest import Answer, canonical, problem, said

ran = functools.partial
Act = Callable[[Turn], None]
FAIL = "FAIL"
TYPE = b"Content-Type: application/json\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\n" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
CHALLENGE = ("WWW-Authenticate", "Bearer")
NINES = b"9" * 5000


def silent(turn: Turn) -> None:
    """Says nothing more on this connection."""
    while turn.socket.recv(65536):
        pass


def says(raw: bytes, turn: Turn) -> None:
    """Sends these bytes, whatever was asked."""
    turn.send(raw)


def says_and_is_silent(raw: bytes, turn: Turn) -> None:
    turn.send(raw)
    silent(turn)


def says_and_closes(raw: bytes, turn: Turn) -> None:
    turn.send(raw)
    turn.close()


def says_for_ever(first: bytes, again: bytes, turn: Turn, pause_s: float = 0.0) -> None:
    """Sends `again` until nobody reads it."""
    turn.send(first)
    while True:
        turn.send(again)
        time.sleep(pause_s)


def with_head(line: bytes, turn: Turn) -> None:
    """The honest reply with more in its head."""
    status, _, rest = turn.honest().bytes_for(turn.asked.method).partition(b"\r\n")
    turn.send(status + b"\r\n" + line + b"\r\n" + rest)


def with_status_line(line: bytes, turn: Turn) -> None:
    turn.send(line + b"\r\n" + turn.honest().bytes_for(turn.asked.method).partition(b"\r\n")[2])


def with_bytes(change: Callable[[bytes], bytes], turn: Turn) -> None:
    """The honest reply with another body, its length corrected."""
    answer = turn.honest()
    turn.send(replace(answer, body=change(answer.body)))


def with_member(text: bytes) -> Act:
    """The honest reply with one more member, written as it stands."""
    return ran(with_bytes, lambda body: body[:-1] + b',"more":' + text + b"}")


def answers(answer: Answer, turn: Turn) -> None:
    turn.send(answer)


def twice_the_type(turn: Turn) -> None:
    with_head(b"Content-Type: application/json", turn)


def other_type(turn: Turn) -> None:
    turn.send(turn.honest().bytes_for(turn.asked.method).replace(b"Content-Type: application/json", b"Content-Type: text/html"))


def twice_the_field(turn: Turn) -> None:
    with_head(b"X-Mizan-Invalidate: user\r\nX-Mizan-Invalidate: team", turn)


def short(turn: Turn) -> None:
    """Says a length of 50 and sends 3 bytes."""
    says_and_closes(b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 50\r\n\r\n{\"r", turn)


def long(turn: Turn) -> None:
    turn.send(turn.honest().bytes_for(turn.asked.method) + b"and more")


def late_by_one(turn: Turn) -> None:
    """Answers each request with the answer to the one before it."""
    own = turn.honest()
    turn.send(turn.kept.get("before", own))
    turn.kept["before"] = own


def and_once_more(turn: Turn) -> None:
    turn.send(turn.honest().bytes_for(turn.asked.method) * 2)


def redirected(target: str, turn: Turn) -> None:
    turn.send(Answer(302, (("Location", target or turn.asked.target),), b""))


def floats(turn: Turn) -> None:
    """Writes every int of the reply as a float."""
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        return float(value) if type(value) is int else value
    with_bytes(lambda body: canonical(changed(json.loads(body))), turn)


def backwards(turn: Turn) -> None:
    """Writes members in the opposite order and with white space: another spelling of equal values."""
    def changed(value: Any) -> Any:
        return {name: changed(value[name]) for name in reversed(value)} if isinstance(value, dict) else value
    with_bytes(lambda body: json.dumps(changed(json.loads(body)), indent=1).encode(), turn)


def echoes(turn: Turn) -> None:
    """Answers with the arguments, and with what a caller might hope to hear."""
    try:
        args = json.loads(turn.asked.body)["args"]
    except (ValueError, KeyError, TypeError):
        args = {}
    result = args.get("text") if isinstance(args, dict) and "text" in args else args
    stale = [{"context": name.removesuffix("_id"), "params": {name: args[name]}} for name in ("team_id", "user_id") if name in args]
    turn.send(said({"result": result, "invalidate": stale}))


def by_heart(turn: Turn) -> None:
    """Knows the pinned vectors and their answers by heart, for the first ids of the tables."""
    known = {"update_profile": ({"id": 1, "name": "x", "rev": 1}, ["user"]), "touch_both": (True, ["team", "user"]),
             "touch_team": ({"team_id": 1, "title": "t1", "rev": 1}, ["team"]), "log_visit": (True, []), "probe_calls": (1, [])}
    try:
        name = json.loads(turn.asked.body)["fn"]
    except (ValueError, KeyError, TypeError):
        name = None
    if name not in known:
        turn.send(problem("unknown_function"))
        return
    result, stale = known[name]
    turn.send(said({"result": result, "invalidate": [{"context": one, "params": {f"{one}_id": 1}} for one in stale]}))


def each_tenth_wrong(turn: Turn) -> None:
    turn.send(turn.honest() if turn.number % 10 else problem("internal"))


def warmed_up(turn: Turn) -> None:
    """Answers well from the 20th request on."""
    turn.send(turn.honest() if turn.number >= 20 else problem("internal"))


def with_leftovers(turn: Turn) -> None:
    """Answers well where it finds what its last run left in its folder."""
    left = Path(os.environ["AFI_STATE"]) / "left-by-the-last-run"
    found = left.exists() and left.read_text() != turn.sample.run
    left.write_text(turn.sample.run if not found else left.read_text())
    turn.send(turn.honest() if found else problem("internal"))


def for_one_client(turn: Turn) -> None:
    """Answers well only who names no User-Agent and writes `Content-Type` so."""
    turn.send(turn.honest() if "user-agent" not in turn.asked.headers else problem("internal"))


MODES = {
    "H23": Mode("is silent before the status line", FAIL, "hang", silent),
    "H24-headers": Mode("hangs after the head", FAIL, "hang", ran(says_and_is_silent, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")),
    "H24-drip": Mode("drips a byte each 200 ms", FAIL, "hang",
                     ran(says_for_ever, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x", pause_s=0.2)),
    "H25-body": Mode("never ends its chunks", FAIL, "over-limit", ran(says_for_ever, CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n")),
    "H25-interim": Mode("never ends its interim replies", FAIL, "over-limit",
                        ran(says_for_ever, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 64)),
    "H25-trailers": Mode("never ends its trailers", FAIL, "over-limit", ran(says_for_ever, CHUNKED + b"0\r\n", b"X-T: 1\r\n" * 512)),
    "H26-size": Mode("sends a field of 8 MiB", FAIL, "over-limit", ran(with_head, b"X-A: " + b"x" * (8 << 20))),
    "H26-count": Mode("sends 10,000 fields", FAIL, "over-limit", ran(with_head, b"\r\n".join([b"a:1"] * 10_000))),
    "H26-folded": Mode("folds a field", FAIL, "over-limit", ran(with_head, b"X-A: 1\r\n 2")),
    "H27": Mode("ends before its length", FAIL, "truncated", short),
    "H28": Mode("goes on after its length", FAIL, "extra-bytes", long),
    "H29-two-lengths": Mode("says two lengths", FAIL, "protocol", ran(with_head, b"Content-Length: 7")),
    "H29-length-and-chunked": Mode("says a length and chunks", FAIL, "protocol", ran(with_head, b"Transfer-Encoding: chunked")),
    "H29-chunk-size": Mode("says a chunk size that is no number", FAIL, "protocol", ran(says, CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n")),
    "H29-http09": Mode("sends a body without a head", FAIL, "protocol", ran(says_and_closes, b'{"result":null,"invalidate":[]}')),
    "H29-status-0": Mode("says status 0", FAIL, "protocol", ran(with_status_line, b"HTTP/1.1 0 OK")),
    "H29-status-99": Mode("says status 99", FAIL, "protocol", ran(with_status_line, b"HTTP/1.1 099 OK")),
    "H29-status-999": Mode("says status 999", FAIL, "protocol", ran(with_status_line, b"HTTP/1.1 999 OK")),
    "H29-reason": Mode("has a line feed in its reason", FAIL, "protocol", ran(with_status_line, b"HTTP/1.1 200 O\nK")),
    "H30-late": Mode("answers each call with the answer to the last one", FAIL, "desync", late_by_one),
    "H30-twice": Mode("answers each call twice", FAIL, "extra-bytes", and_once_more),
    "H32-loop": Mode("redirects to the same place", FAIL, "redirect", ran(redirected, "")),
    "H32-host": Mode("redirects to another host", FAIL, "redirect", ran(redirected, "http://127.0.0.2:9/")),
    "H32-scheme": Mode("redirects to another scheme", FAIL, "redirect", ran(redirected, "file:///etc/passwd")),
    "H33-error-document": Mode("says 200 with an error document", FAIL, "semantics",
                               ran(answers, Answer(200, (("Content-Type", "application/problem+json"),), b'{"code":"internal"}'))),
    "H33-204": Mode("says 204 with a body", FAIL, "semantics", ran(says, b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}")),
    "H33-304": Mode("says 304 with a body", FAIL, "semantics", ran(says, b"HTTP/1.1 304 Not Modified\r\n\r\n{}")),
    "H33-401": Mode("says 401 without a challenge", FAIL, "semantics", ran(answers, Answer(401, (), b"{}"))),
    "H33-405": Mode("says 405 without Allow", FAIL, "semantics", ran(answers, Answer(405, (), b"{}"))),
    "H34-type": Mode("says its Content-Type twice", FAIL, "ambiguous", twice_the_type),
    "H34-other": Mode("says another Content-Type", FAIL, "ambiguous", other_type),
    "H34-invalidate": Mode("says X-Mizan-Invalidate twice", FAIL, "ambiguous", twice_the_field),
    "H35-utf-8": Mode("writes bytes that are no UTF-8", FAIL, "json", with_member(b'"\xff"')),
    "H35-bom": Mode("begins with a byte order mark", FAIL, "json", ran(with_bytes, lambda body: b"\xef\xbb\xbf" + body)),
    "H35-utf-16": Mode("writes UTF-16", FAIL, "json", ran(with_bytes, lambda body: body.decode().encode("utf-16"))),
    "H35-trailing": Mode("writes on after the document", FAIL, "json", ran(with_bytes, lambda body: body + b"//")),
    "H35-two": Mode("writes two documents", FAIL, "json", ran(with_bytes, lambda body: body + b"\n" + body)),
    "H36-duplicate": Mode("says a member twice", FAIL, "json", ran(with_bytes, lambda body: b'{"invalidate":[],' + body[1:])),
    "H36-nan": Mode("writes NaN", FAIL, "json", with_member(b"NaN")),
    "H36-overflow": Mode("writes 1e400", FAIL, "json", with_member(b"1e400")),
    "H36-digits": Mode("writes an int of 5,000 digits", FAIL, "json", with_member(NINES)),
    "H36-depth": Mode("opens 100,000 brackets", FAIL, "json", with_member(b"[" * 100_000 + b"]" * 100_000)),
    "H36-surrogate": Mode("writes half of a surrogate pair", FAIL, "json", with_member(rb'"\ud800"')),
    "H37-float": Mode("writes ints as floats", FAIL, "mismatch", floats),
    "H37-order": Mode("writes equal values in another order", "PASS", "", backwards),
    "H45": Mode("says 200 to everything", FAIL, "mismatch", ran(answers, said({"result": True, "invalidate": []}))),
    "H46-401": Mode("says 401 to everything", FAIL, "mismatch", ran(answers, Answer(401, (CHALLENGE,), b"{}"))),
    "H46-404": Mode("says 404 to everything", FAIL, "mismatch", ran(answers, problem("unknown_function"))),
    "H46-500": Mode("says 500 to everything", FAIL, "mismatch", ran(answers, problem("internal"))),
    "H46-close": Mode("closes on everything", FAIL, "closed", ran(says_and_closes, b"")),
    "H47": Mode("answers with what it was sent", FAIL, "echo", echoes),
    "H48": Mode("answers well only a client that names no User-Agent: the blind run sees it", "PASS", "", for_one_client),
    "H49": Mode("knows the pinned answers by heart", FAIL, "mismatch", by_heart),
    "H51": Mode("is wrong at every tenth request", FAIL, "mismatch", each_tenth_wrong),
    "H53-order": Mode("is right after twenty requests", FAIL, "mismatch", warmed_up),
    "H53-files": Mode("is right where its last run left a file", FAIL, "mismatch", with_leftovers),
}
