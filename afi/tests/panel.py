"""The evil panel: each mode judged by the real run loop, with short deadlines, several side by side."""
import concurrent.futures
import contextlib
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import manifest
from afi import plan, selection, sockets
from afi.errors import OurFault
from afi.faults import evil, evil_process
from afi.model import Mark
from afi.run import Judging
from afi.served import Limits
from afi.transport import PLAIN, Style

ROW = next(capability for capability in manifest.CAPABILITIES if capability.id == "invalidate-body")
EXCHANGE_S, START_S, STOP_S = 1.5, 6.0, 1.0          # shorter than the real ones, so that the panel ends within a minute
AT_ONCE = 6
ALONE = {"H20"}                                       # a process of an earlier run stops every run beside it
PROGRAM = plan.ROOT / "afi" / "faults" / "evil.py"
WORD = re.compile(r"^(?:[\w.-]+: )*?([a-z]+(?:-[a-z]+)*|exited -?\d+|signal \d+)(?::|$)")


@dataclass(frozen=True)
class Judged:
    """What the kit said of one mode, how long it took, and what was left behind."""

    word: str
    reasons: tuple[str, ...]
    took_s: float
    left: tuple[str, ...]


def judged(mode: str, folder: Path, style: Style = PLAIN) -> Judged:
    """Judges one mode of the evil program as an adapter of its own. Units: seconds."""
    home = folder / mode.lower()
    home.mkdir()
    path = home / "adapter.yaml"
    path.write_text(f"id: evil-{mode.lower()}\ntitle: Evil\nlanguage: python\nspeaks: [http]\n"
                    f"serve: [{sys.executable}, {PROGRAM}, --mode, {mode}]\nready: {{within_s: {START_S}}}\n")
    limits = Limits(exchange_s=EXCHANGE_S, stop_s=STOP_S, out=home / "out", watched=home)
    chosen = selection.of_descriptor(path, (ROW.id,), 7)
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
    """Judges every mode. Returns: mode -> what was said of it."""
    modes = sorted(evil.all_modes().keys() - ALONE)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        said = dict(zip(modes, pool.map(lambda mode: judged(mode, folder), modes), strict=True))
    return said | {mode: judged(mode, folder) for mode in ALONE}
