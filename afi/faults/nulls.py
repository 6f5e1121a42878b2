"""
The null panel: fakes that are ready, know their nonces, and know nothing else: `python nulls.py --mode echo`. None may turn one cell green.

Standard library alone. Source: spec/harness.md, the null panel.
"""
import functools
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from afi.faults.evil import Mode, Turn, program
from afi.faults.evil_process import passed_to
from afi.faults.evil_wire import CHALLENGE, says_and_closes, silent
from afi.faults.honest import Answer, problem, said

RECORDED, BEHIND = Path("recorded.json"), Path("behind")          # beside adapter.yaml, which is where an adapter runs
REPLAY = "replay"
VALUES: tuple[Any, ...] = (None, True, 5, "x", [], {}, {"result": 0.5}, {"result": True, "invalidate": []}, {"invalidate": 7}, [[[]]], {"code": []},
                           {"errors": [1, {"pointer": 2}]}, {"result": {"id": 5, "name": "x", "rev": 1}, "invalidate": [{"context": "user"}]})
BEST = {"result": {"id": 5, "name": "x", "rev": 1}, "invalidate": [{"context": "user", "params": {"user_id": 5}}]}


def best_guess(turn: Turn) -> None:
    turn.send(said(BEST))


def refuses(answer: Answer) -> Mode:
    return Mode(f"says {answer.status} to everything", "FAIL", "mismatch", lambda turn: turn.send(answer))


def echoes(turn: Turn) -> None:
    """Answers with the arguments that it was sent, beside an empty list."""
    try:
        arguments = json.loads(turn.asked.body).get("args", {})
    except (ValueError, AttributeError):
        arguments = {}
    turn.send(said({"result": arguments, "invalidate": []}))


def random_json(turn: Turn) -> None:
    """Answers with any document under any status; the same request gets the same answer."""
    drawn = random.Random(hashlib.sha256(turn.asked.target.encode() + turn.asked.body).digest())
    value = drawn.choice(VALUES)
    turn.send(drawn.choice([said(value), problem("unknown_function"), problem("validation", (("/args/user_id", "type"),)), said(value, status=404)]))


@functools.cache
def recorded() -> dict[str, str]:
    found: dict[str, str] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def replays(turn: Turn) -> None:
    """Answers as the reference answered the same bytes in another run, else as it answered the same path last."""
    path = turn.asked.target.partition("?")[0]
    key = f"{turn.asked.method} {turn.asked.target} {turn.asked.body.decode('utf-8', 'backslashreplace')}"
    raw = recorded().get(key) or recorded().get(path)
    turn.send(bytes.fromhex(raw) if raw else problem("not_found"))


def passes_on() -> None:
    passed_to(int(BEHIND.read_text()))


NULLS = {
    "all-200": Mode("says 200 and one body to everything", "FAIL", "mismatch", best_guess),
    "all-401": refuses(Answer(401, (CHALLENGE,), b"{}")),
    "all-403": refuses(problem("forbidden")),
    "all-404": refuses(problem("unknown_function")),
    "all-500": refuses(problem("internal")),
    "close": Mode("closes on everything", "FAIL", "closed", lambda turn: says_and_closes(b"", turn)),
    "hang": Mode("never answers", "FAIL", "hang", silent),
    "echo": Mode("answers with what it was sent", "FAIL", "mismatch", echoes),
    "random-json": Mode("answers with any document", "FAIL", "mismatch", random_json),
    REPLAY: Mode("answers as another run did", "FAIL", "mismatch", replays),
    "proxy": Mode("passes everything on to the reference, under another name", "FAIL", "impostor", before=passes_on),
}

if __name__ == "__main__":
    program(NULLS)
