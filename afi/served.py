"""What one start of an adapter may take, and what is known of it while it lives. Units: seconds, wall clock."""
import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from afi import logs
from afi.descriptor import Descriptor
from afi.held import Held
from afi.identity import Identity
from afi.model import Run
from afi.pollution import Snapshot
from afi.transport import Http

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Limits:
    """What one start may take, and where it may write. `scale` stretches what the descriptor says (`ready.within_s`)."""

    start_s: float | None = None                    # None: what the descriptor says
    exchange_s: float = 5.0
    stop_s: float = 5.0
    scale: float = 1.0
    out: Path = ROOT / "out"
    watched: Path = ROOT
    port: int | None = None                         # None: a free one
    announced: frozenset[int] = frozenset()         # loopback ports of services that the adapter is told to use

    def within_s(self, descriptor: Descriptor) -> float:
        return self.scale * descriptor.within_s if self.start_s is None else self.start_s

    def scaled(self, factor: float) -> "Limits":
        """Every deadline times a factor."""
        start_s = None if self.start_s is None else self.start_s * factor
        return replace(self, start_s=start_s, exchange_s=self.exchange_s * factor, stop_s=self.stop_s * factor, scale=self.scale * factor)


@dataclass
class Served:
    """One live start of an adapter; `held` is None where somebody else started it."""

    adapter: str
    start: str
    run: Run
    address: tuple[str, int]
    limits: Limits
    held: Held | None = None
    room: Path | None = None                        # its own folder: state, tmp, home
    watched: dict[Path, Snapshot] = field(default_factory=dict)
    known: Identity | None = None
    ready_s: float = 0.0
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)          # check of conduct -> what was wrong, where it was watched

    def http(self, exchange_s: float | None = None) -> contextlib.closing[Http]:
        return contextlib.closing(Http(*self.address, exchange_s=exchange_s or self.limits.exchange_s))

    @property
    def tail(self) -> str:
        """The end of its log, safe to show."""
        return logs.tail(self.held.log) if self.held else "(somebody else started it)"

    def note(self, check: str, *wrong: str) -> None:
        """Keeps that something was watched, and what was wrong with it."""
        self.seen[check] = tuple(dict.fromkeys((*self.seen.get(check, ()), *map(self.masked, wrong))))

    def masked(self, text: str) -> str:
        """Names what differs from run to run: two runs of one adapter say the same of it."""
        for name, value in (("{room}", str(self.room)), ("{folder}", str(self.limits.watched)), ("{port}", str(self.address[1]))):
            text = text.replace(value, name)
        return self.run.masked(text)
