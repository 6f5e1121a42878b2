"""
A language's oracle: one line of JSON out, one line of JSON in, under one deadline each.

Source: spec/harness.md, The oracle. Raises: Broken; after the first one nothing more is asked, for the answers can no longer be told apart.
Units: seconds, bytes.
"""
import json
import time
from collections.abc import Mapping
from typing import IO

from afi import ijson
from afi.errors import Broken
from afi.messages import KEPT_BYTES
from afi.model import same
from afi.stream import BODY_BYTES, EXCHANGE_S, Line, Received


class Oracle:
    """A child that answers one JSON line with one JSON line; `hello` is asked before the first question."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes], deadline_s: float = EXCHANGE_S) -> None:
        self.questions, self.answers, self.deadline_s = questions, answers, deadline_s
        self.log: list[tuple[bytes, bytes]] = []
        self._line = Line(answers.fileno(), questions.fileno())
        self._number, self._greeted, self._broken = 0, False, ""

    def ask(self, op: str, given: Mapping[str, str]) -> tuple[str, str]:
        """Asks one question. Returns: the member of the answer (`ok`, `err` or `skip`) and its text. Raises: Broken."""
        if self._broken:
            raise Broken("oracle", f"{op}: not asked, for the answers can no longer be told apart since: {self._broken}")
        try:
            if not self._greeted:
                self._greeted = self._asked("hello", {"protocol": "1"})[0] == "ok"
                if not self._greeted:
                    raise Broken("oracle", "hello: refused")
            return self._asked(op, given)
        except Broken as broken:
            self._broken = str(broken)
            raise

    def close(self) -> None:
        """Ends the child's input."""
        self.questions.close()
        self.answers.close()

    def _asked(self, op: str, given: Mapping[str, str]) -> tuple[str, str]:
        self._number += 1
        question = json.dumps({"id": self._number, "op": op, "in": given}).encode() + b"\n"
        received = Received(self._line, time.monotonic() + self.deadline_s)
        try:
            self._line.send(question)
            while b"\n" not in received.waiting:
                if not received.more():
                    raise Broken("crashed", f"{op}: the oracle's answers ended after {bytes(received.waiting[-60:])!r}")
                if len(received.waiting) > BODY_BYTES:
                    raise Broken("over-limit", f"{op}: an answer of over {BODY_BYTES} bytes")
        except TimeoutError as error:
            raise Broken("hang", f"{op}: no answer within {self.deadline_s:g} s") from error
        finally:
            self.log.append((question[:KEPT_BYTES], bytes(received.kept)))
        return self._read(op, bytes(received.waiting))

    def _read(self, op: str, line: bytes) -> tuple[str, str]:
        if line.index(b"\n") + 1 != len(line):
            raise Broken("oracle", f"{op}: more than one line on standard output: {line[:120]!r}")
        try:
            answer = ijson.load(line)
        except ijson.NotIJsonError as error:
            raise Broken("oracle", f"{op}: {error}: {line[:120]!r}") from error
        words = [word for word in ("ok", "err", "skip") if isinstance(answer, dict) and isinstance(answer.get(word), str)]
        if len(words) != 1 or len(answer) != 2 or not same(answer.get("id"), self._number):
            raise Broken("oracle", f"{op}: wanted id {self._number} and one text of ok, err and skip, got {line[:120]!r}")
        return words[0], answer[words[0]]
