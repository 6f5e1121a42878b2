"""
What stands between a probe and an adapter: it writes down an honest conversation, plays it back, or changes what an oracle says.

A conversation played back needs no adapter, so a fault on the wire costs milliseconds. A probe that then asks anything else than was asked
in the honest conversation gets Diverged, and the fault is judged over a live adapter. Source: spec/harness.md, Self-proof.
"""
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from afi.errors import AfiError, BadFault, Broken
from afi.model import Refusal
from afi.pins import Answering
from afi.transport import Exchange, Reply, Request, Transport

Question = tuple[str, tuple[tuple[str, str], ...]]


class Diverged(AfiError):
    """The probe asked what nobody asked in the conversation that is played back."""


@dataclass
class Script:
    """
    An honest conversation: what each connection asked and was answered, in the order in which they were opened; the oracle's answers; and how
    starts went that are meant to refuse.
    """

    connections: list[list[Exchange]] = field(default_factory=list)
    answers: dict[Question, tuple[str, str]] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)

    def noted(self, start: str, refusal: Refusal) -> Refusal:
        self.refusals[start] = refusal
        return refusal

    def refused(self, start: str) -> Refusal:
        """Returns: how a start went in the honest conversation. Raises: Diverged."""
        if start not in self.refusals:
            raise Diverged(f"start {start}")
        return self.refusals[start]

    def replies(self) -> dict[str, Reply]:
        """Returns: the last reply to each pinned vector, by its label."""
        return {one.label: one.reply for connection in self.connections for one in connection if one.label and one.reply}


class Written:
    """A transport that writes all that passes into a script."""

    def __init__(self, inner: Transport, script: Script) -> None:
        self.inner, self.script, self.lines = inner, script, list[Exchange]()
        script.connections.append(self.lines)

    @property
    def label(self) -> str | None:
        return self.inner.label

    @label.setter
    def label(self, vector: str | None) -> None:
        self.inner.label = vector

    @property
    def log(self) -> list[Exchange]:
        return self.inner.log

    def exchange(self, request: Request) -> Reply:
        reply = broken = None
        try:
            reply = self.inner.exchange(request)
            return reply
        except Broken as error:
            broken = error
            raise
        finally:
            self.lines.append(Exchange(request, b"", b"", 0.0, 0.0, reply, broken, label=self.label))

    def again(self) -> "Written":
        return Written(self.inner.again(), self.script)

    def close(self) -> None:
        self.inner.close()


class Played:
    """A transport that plays a script back, connection by connection, line by line. Raises: Diverged."""

    def __init__(self, script: Script, numbers: "itertools.count[int] | None" = None) -> None:
        self.script, self.numbers = script, numbers or itertools.count()
        number = next(self.numbers)
        if number >= len(script.connections):
            raise Diverged("one connection more than in the honest conversation")
        self.left = iter(script.connections[number])
        self.label: str | None = None
        self.log: list[Exchange] = []

    def exchange(self, request: Request) -> Reply:
        line = next(self.left, None)
        if line is None or line.request != request:
            raise Diverged(f"{request.method} {request.target}")
        self.log.append(line)
        if line.broken:
            raise Broken(line.broken.reason, line.broken.detail)
        assert line.reply
        return line.reply

    def again(self) -> "Played":
        other = Played(self.script, self.numbers)
        other.log = self.log
        return other

    def close(self) -> None:
        pass


def question(op: str, given: Mapping[str, str]) -> Question:
    return op, tuple(sorted(given.items()))


class Noted:
    """An oracle whose answers are written into a script."""

    def __init__(self, inner: Answering, script: Script) -> None:
        self.inner, self.script = inner, script

    def ask(self, op: str, given: dict[str, str]) -> tuple[str, str]:
        answer = self.inner.ask(op, given)
        self.script.answers[question(op, given)] = answer
        return answer


class Repeated:
    """An oracle that repeats a script's answers, changed on the way."""

    def __init__(self, script: Script, change: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] = lambda asked, answer: answer) -> None:
        self.script, self.change = script, change

    def ask(self, op: str, given: dict[str, str]) -> tuple[str, str]:
        word, text = self.script.answers[question(op, given)]
        ((word, text),) = self.change({"op": op, "in": given}, {word: text}).items()
        return word, text


class Counted:
    """A fault's function as it is called; counts the calls that changed anything. Raises: BadFault for whatever the function raises."""

    def __init__(self, name: str, change: Callable[..., Any]) -> None:
        self.name, self.change, self.hits = name, change, 0

    def __call__(self, *given: Any) -> Any:
        """Args: given: what may be changed stands last."""
        try:
            changed = self.change(*given)
        except AfiError:
            raise
        except Exception as error:
            raise BadFault(f"its {self.name} raised {error!r}") from error
        self.hits += changed is not given[-1] and changed != given[-1]
        return changed
