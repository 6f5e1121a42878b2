"""The nouns of the kit, as frozen data. Imports nothing of ours. Source: the words and contracts of spec/harness.md."""
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Special:
    """A value that JSON cannot hold; equal to itself alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name.upper()            # of another process it is still the one object of its name


ABSENT = Special("absent")          # a member or header that is not there
PRESENT = Special("present")        # wanted: there, whatever its value


class Mark(enum.Enum):
    """What a cell shows."""

    WIRED, PARTIAL, GAP, NOT_APPLICABLE, UNJUDGED = "✅", "◑", "❌", "—", "?"


@dataclass(frozen=True)
class Capability:
    """A row: one spec page, one probe module, one pin file, under one name."""

    id: str
    title: str
    section: str


@dataclass(frozen=True)
class Adapter:
    """A column; `descriptor` is the path of its adapter.yaml, or None while the adapter is owed; `url` is where somebody else runs it."""

    id: str
    title: str
    descriptor: str | None = None
    speaks: tuple[str, ...] = ("http",)
    url: str | None = None


@dataclass(frozen=True)
class Cell:
    """One capability of one adapter; `not_applicable` is the reason why the adapter's transport has no such thing."""

    capability: Capability
    adapter: Adapter
    not_applicable: str | None = None

    @property
    def id(self) -> str:
        return f"{self.capability.id}-{self.adapter.id}"


@dataclass(frozen=True)
class Clause:
    """One requirement of the spec; `unprobed` is the written reason why no check cites it."""

    id: str
    level: str
    text: str
    unprobed: str | None = None

    @property
    def page(self) -> str:
        return self.id.rsplit("-", 1)[0]


@dataclass(frozen=True)
class Check:
    """One observation beside what the clause wants; ids are for life."""

    id: str
    clause: str
    wanted: Any
    got: Any


@dataclass(frozen=True)
class Outcome:
    """A judged check: `word` is passed, failed or not-run; `reason` lists every mismatch."""

    id: str
    clause: str
    level: str
    word: str
    reason: tuple[str, ...] = ()
    exchanges: tuple[Any, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Verdict:
    """The judged cell; `reason` says why there are no outcomes, where there are none."""

    cell: Cell
    mark: Mark
    outcomes: tuple[Outcome, ...] = ()
    reason: str | None = None

    def count(self, word: str) -> int:
        return sum(o.word == word for o in self.outcomes)


STARTS: Mapping[str, Mapping[str, str]] = {          # spec/sample.md, Environment: what a start has of its own
    "main": {"AFI_VARIANT": "plain", "MIZAN_ORIGINS": "{origin}"},
    "bare": {"AFI_VARIANT": "reordered", "MIZAN_ORIGINS": ""},
}
REFUSED: Mapping[str, Mapping[str, str]] = {         # starts whose declarations are wrong: each is meant to end before it listens
    "duplicate": {"AFI_VARIANT": "duplicate", "MIZAN_ORIGINS": ""},
    "unknown-context": {"AFI_VARIANT": "unknown-context", "MIZAN_ORIGINS": ""},
}
VARIABLES = {"nonce": "AFI_RUN", "function": "AFI_FUNCTION", "slot": "AFI_SLOT", "context": "AFI_CONTEXT", "seed_row": "AFI_SEED_ROW"}


@dataclass(frozen=True)
class Refusal:
    """How a start went that is meant to refuse: how it ended by itself (`exited 1`, `signal 9`; empty: it did not), whether it listened, its log."""

    ended: str
    listened: bool
    log: str


@dataclass(frozen=True)
class Run:
    """What one adapter of one run cannot know beforehand, and the seed that decides what it is asked."""

    seed: int
    nonce: str
    function: str
    slot: str
    context: str
    seed_row: str
    origin: str

    def masked(self, text: str) -> str:
        """Puts the names of this run's secrets in their place: two runs with one seed then print the same bytes."""
        for name in ("nonce", "function", "slot", "context", "seed_row", "origin"):
            text = text.replace(getattr(self, name), "{" + name + "}")
        return text

    def environment(self, start: str, port: int, state: str) -> dict[str, str]:
        """Returns: the variables of spec/sample.md for one start."""
        own = {name: value.format(origin=self.origin) for name, value in {**STARTS, **REFUSED}[start].items()}
        return {"PORT": str(port), "AFI_STATE": state, **{v: getattr(self, f) for f, v in VARIABLES.items()}, **own}


def same(a: Any, b: Any) -> bool:
    """Compares JSON values by type: 1, 1.0, "1", true, null and absent are six things."""
    if a is PRESENT or b is PRESENT:
        return a is not ABSENT and b is not ABSENT
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)
