"""
The evil panel and the null panel: each wrong adapter judged by the real run loop, with short deadlines, several side by side.

Source: spec/harness.md, Self-proof. Units: seconds.
"""
import concurrent.futures
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import manifest
from afi import plan, selection, sockets
from afi.errors import OurFault
from afi.faults import evil, evil_process, nulls
from afi.model import Mark, Verdict
from afi.run import Judging
from afi.served import Limits, Served
from afi.transport import PLAIN, Style

SEED = 7
ROW = "invalidate-body"                               # what the honest half of the evil program hosts
ROWS = tuple(capability.id for capability in manifest.CAPABILITIES if plan.probe_of(capability.id))
EXCHANGE_S, START_S, STOP_S = 1.5, 6.0, 1.0          # shorter than the real ones, so that the panel ends within a minute
AT_ONCE = 6
ALONE = {"H20"}                                       # a process of an earlier run stops every run beside it
STALE = "stale"                                       # the twelfth fake is that process


@dataclass(frozen=True)
class Judged:
    """What the kit said of one mode, how long it took, and what was left behind."""

    word: str
    reasons: tuple[str, ...]
    took_s: float
    left: tuple[str, ...]

    def right(self, mode: evil.Mode) -> bool:
        """Whether the word and the reason are the required ones, and nothing is left."""
        named = mode.reason in ("", "mismatch") or any(mode.reason in line for line in self.reasons)
        return self.word == mode.word and named and not self.left


def staged(program: str, mode: str, home: Path) -> tuple[Path, Limits]:
    """Writes the adapter.yaml of one wrong program into a folder of its own. Returns: its path, and limits that stay inside the folder."""
    home.mkdir(exist_ok=True)
    path = home / "adapter.yaml"
    serve = f"[{sys.executable}, {plan.ROOT / 'afi' / 'faults' / program}, --mode, {mode}]"
    path.write_text(f"id: wrong-{mode.lower()}\ntitle: Wrong\nlanguage: python\nspeaks: [http]\nserve: {serve}\nready: {{within_s: {START_S}}}\n")
    return path, Limits(exchange_s=EXCHANGE_S, stop_s=STOP_S, out=home / "out", watched=home)


def judged(mode: str, folder: Path, style: Style = PLAIN) -> Judged:
    """Judges one evil mode as an adapter of its own."""
    home = folder / mode.lower()
    path, limits = staged("evil.py", mode, home)
    chosen = selection.of_descriptor(path, (ROW,), SEED)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        if mode in evil_process.ACCOMPLICES:
            stack.enter_context(evil_process.accomplice(home, evil_process.ACCOMPLICES[mode]))
        word, reasons, nonces = _said(chosen, limits, style)
    took_s = time.monotonic() - began
    left = [sockets.said_of(pid) for pid, nonce in sockets.marked().items() if nonce in nonces]
    left += [str(found) for found in (home / "out" / "state").glob("*")]
    return Judged(word, tuple(reasons), took_s, tuple(left))


def _said(chosen: selection.Selection, limits: Limits, style: Style) -> tuple[str, list[str], set[str]]:
    judging = Judging(chosen.cells, chosen.seed, lambda line: None, limits)
    nonces = {column.run.nonce for column in judging.known.values()}
    try:
        with judging:
            for column in judging.columns.values():
                column.style = style
            verdict = judging.judge(chosen.cells[0])
            conduct = judging.ended(chosen.cells[0].adapter.id)
    except OurFault as fault:
        return "OUR-FAULT", [type(fault).__name__, str(fault)], nonces
    if verdict.mark is Mark.UNJUDGED:
        return "UNTESTABLE", [verdict.reason or ""], nonces
    said = [line for found in (verdict, conduct) for one in found.outcomes if one.word == "failed" for line in one.reason]
    green = verdict.mark is Mark.WIRED and conduct.mark is Mark.WIRED
    return "PASS" if green else "FAIL", said, nonces


def every(folder: Path) -> dict[str, Judged]:
    """Judges every evil mode. Returns: mode -> what was said of it."""
    modes = sorted(evil.all_modes().keys() - ALONE)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        said = dict(zip(modes, pool.map(lambda mode: judged(mode, folder), modes), strict=True))
    return said | {mode: judged(mode, folder) for mode in ALONE}


@dataclass(frozen=True)
class Reference:
    """A good run of the reference: what it answered, by request and by path, as hex; and the port on which it still listens."""

    recorded: str
    port: int


@contextlib.contextmanager
def reference() -> Iterator[Reference]:
    """Judges the first of our own columns whole and records it; it stays up until the end."""
    cells = [cell for cell in manifest.CELLS if plan.live(cell) and not cell.not_applicable]
    own = [cell for cell in cells if cell.adapter is cells[0].adapter]
    with Judging(own, SEED, lambda line: None) as judging:
        said: dict[str, str] = {}
        for exchange in (one for cell in own for outcome in judging.judge(cell).outcomes for one in outcome.exchanges if one.reply):
            asked = exchange.request
            said[f"{asked.method} {asked.target} {asked.body.decode('utf-8', 'backslashreplace')}"] = exchange.received.hex()
            said[asked.target.partition("?")[0]] = exchange.received.hex()
        main = judging.columns[cells[0].adapter.id].starts["main"]
        assert isinstance(main, Served)
        yield Reference(json.dumps(said), main.address[1])


def fake(name: str, folder: Path, known: Reference) -> dict[str, Verdict | str]:
    """Judges one null fake on every row. Returns: row -> verdict, or the words of the fault that stopped the run."""
    home = folder / f"null-{name}"
    path, limits = staged("nulls.py", name, home)
    (home / nulls.RECORDED).write_text(known.recorded, encoding="utf-8")
    (home / nulls.BEHIND).write_text(str(known.port))
    cells = selection.of_descriptor(path, ROWS, SEED).cells
    try:
        with Judging(cells, SEED, lambda line: None, limits) as judging:
            return {cell.capability.id: judging.judge(cell) for cell in cells}
    except OurFault as fault:
        return dict.fromkeys(ROWS, f"{type(fault).__name__}: {fault}")


def fakes(folder: Path) -> dict[str, dict[str, Verdict | str]]:
    """Judges every null fake on every row; the process of an earlier run is the evil panel's, and stops every run."""
    with reference() as known, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        said = dict(zip(nulls.NULLS, pool.map(lambda name: fake(name, folder, known), nulls.NULLS), strict=True))
    stale = judged("H20", folder)
    return said | {STALE: dict.fromkeys(ROWS, f"{stale.word}: {stale.reasons}")}


def green(said: dict[str, Verdict | str]) -> list[str]:
    """Returns: the rows that a fake turned green."""
    return [row for row, verdict in said.items() if isinstance(verdict, Verdict) and verdict.mark is Mark.WIRED]


def totals(folder: Path) -> dict[str, str]:
    """Judges both panels. Returns: how many fakes are green, and how many evil modes got the right word for the right reason and left nothing."""
    modes, said, made = evil.all_modes(), every(folder), fakes(folder)
    right = sum(said[mode].right(modes[mode]) for mode in modes)
    return {"null fakes with a green cell": f"{sum(bool(green(one)) for one in made.values())} of {len(made)}",
            "evil modes right": f"{right} of {len(modes)}"}
