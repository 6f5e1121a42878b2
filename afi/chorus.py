"""
One conversation with several adapters: each request goes to all of them at once, and the first one's reply is what the speaker hears.

Source: spec/harness.md, Differential. Raises: Broken, as the first one's transport does.
"""
import concurrent.futures
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from afi.errors import Broken
from afi.model import Refusal, Run
from afi.transport import Exchange, Reply, Request, Transport

Connect = Callable[[str], Transport]          # start -> a connection to it


@dataclass(frozen=True)
class Heard:
    """One request of the script and what each column said to it, in the order of the columns."""

    row: str
    label: str | None
    request: Request
    said: tuple[Reply | Broken, ...]


@dataclass
class Script:
    """What was asked and answered, row by row."""

    run: Run
    heard: list[Heard] = field(default_factory=list)
    row: str = ""
    ended: list[str] = field(default_factory=list)          # rows that ended early, and why

    def distinct(self) -> list[Heard]:
        """Returns: the first of equal requests, whatever row sent it."""
        found: dict[Request, Heard] = {}
        for one in self.heard:
            found.setdefault(one.request, one)
        return [*found.values()]


class Chorus:
    """A transport that puts each request to every column at once; the first one's reply is handed on."""

    def __init__(self, voices: Sequence[Transport], script: Script) -> None:
        self.voices, self.script = tuple(voices), script
        self._pool = concurrent.futures.ThreadPoolExecutor(len(self.voices))

    @property
    def label(self) -> str | None:
        return self.voices[0].label

    @label.setter
    def label(self, vector: str | None) -> None:
        self.voices[0].label = vector

    @property
    def log(self) -> list[Exchange]:
        return self.voices[0].log

    def exchange(self, request: Request) -> Reply:
        """Raises: Broken, where the first column's reply is."""
        said = tuple(self._pool.map(lambda voice: _said(voice, request), self.voices))
        self.script.heard.append(Heard(self.script.row, self.label, request, said))
        if isinstance(said[0], Broken):
            raise said[0]
        return said[0]

    def again(self) -> "Chorus":
        return Chorus([voice.again() for voice in self.voices], self.script)

    def close(self) -> None:
        for voice in self.voices:
            voice.close()
        self._pool.shutdown(wait=False)


def _said(voice: Transport, request: Request) -> Reply | Broken:
    try:
        return voice.exchange(request)
    except Broken as broken:
        return broken


@dataclass(frozen=True)
class Doors:
    """How the starts of all columns are reached at once; a start that is meant to refuse is only the first column's affair."""

    connections: tuple[Connect, ...]
    script: Script
    refuse: Callable[[str], Refusal]

    def connect(self, start: str) -> Transport:
        return Chorus([connect(start) for connect in self.connections], self.script)

    def refused(self, start: str) -> Refusal:
        return self.refuse(start)
