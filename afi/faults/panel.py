"""
The evil panel and the null panel: each wrong adapter judged by the real run loop, with short deadlines, several side by side.

Source: spec/harness.md, Self-proof. Units: seconds.
"""
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import manifest
from afi import descriptor, forked, plan, process, selection, sockets
from afi.errors import OurFault
from afi.faults import bench, evil, evil_process, nulls
from afi.model import Mark, Verdict
from afi.run import Judging, new_run
from afi.served import Limits
from afi.transport import PLAIN, Style

SEED = 7
ROW = "invalidate-body"                               # what the honest half of the evil program hosts
ROWS = tuple(capability.id for capability in manifest.CAPABILITIES if plan.probe_of(capability.id))
EXCHANGE_S, START_S, STOP_S = 1.5, 6.0, 1.0          # shorter than the real ones, so that the panel ends within a minute
AT_ONCE = 12                                          # more than there are cores: they wait for deadlines most of the time
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
    said = dict(zip(modes, forked.spread(lambda mode: judged(mode, folder), modes, AT_ONCE), strict=True))
    return said | {mode: judged(mode, folder) for mode in ALONE}


OWN = [cell for cell in manifest.CELLS if plan.live(cell) and not cell.not_applicable]
REFERENCE = OWN[0].adapter                            # the first of our own columns


def recorded() -> str:
    """Judges the reference whole. Returns: what it answered, by request and by path, as hex."""
    own, said = [cell for cell in OWN if cell.adapter is REFERENCE], dict[str, str]()
    with Judging(own, SEED, lambda line: None) as judging:
        for exchange in (one for cell in own for outcome in judging.judge(cell).outcomes for one in outcome.exchanges if one.reply):
            asked = exchange.request
            said[f"{asked.method} {asked.target} {asked.body.decode('utf-8', 'backslashreplace')}"] = exchange.received.hex()
            said[asked.target.partition("?")[0]] = exchange.received.hex()
    return json.dumps(said)


@contextlib.contextmanager
def reference(out: Path) -> Iterator[int]:
    """One start of the reference, up until the end. Returns: its port."""
    found, limits = descriptor.load(plan.ROOT / (REFERENCE.descriptor or "")), Limits(out=out)
    process.prepare(found, lambda line: None, limits)
    served = process.start(found, new_run(SEED), limits=limits)
    try:
        yield served.address[1]
    finally:
        process.stop(served)


def fake(name: str, folder: Path, behind: int) -> dict[str, Verdict | str]:
    """Judges one null fake on every row. Args: behind: a port of the reference. Returns: row -> verdict, or the words of the fault that stopped the run."""
    home = folder / f"null-{name}"
    path, limits = staged("nulls.py", name, home)
    (home / nulls.BEHIND).write_text(str(behind))
    if name == nulls.REPLAY:
        (home / nulls.RECORDED).write_text(recorded(), encoding="utf-8")
    cells = selection.of_descriptor(path, ROWS, SEED).cells
    try:
        with Judging(cells, SEED, lambda line: None, limits) as judging:
            return {cell.capability.id: _light(judging.judge(cell)) for cell in cells}
    except OurFault as fault:
        return dict.fromkeys(ROWS, f"{type(fault).__name__}: {fault}")


def _light(verdict: Verdict) -> Verdict:
    """Returns: a verdict without its exchanges, for it is sent to another process."""
    return replace(verdict, outcomes=tuple(replace(outcome, exchanges=()) for outcome in verdict.outcomes))


def fakes(folder: Path) -> dict[str, dict[str, Verdict | str]]:
    """Judges every null fake on every row; the process of an earlier run is the evil panel's, and stops every run."""
    for row in ROWS:
        bench.prepare(row)
    with reference(folder / "reference") as behind:
        said = dict(zip(nulls.NULLS, forked.spread(lambda name: fake(name, folder, behind), tuple(nulls.NULLS), AT_ONCE), strict=True))
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
