"""Timings of a run, for people; no test reads them. Units: seconds, ticks of the kernel. Source: spec/harness.md, Timings; proc(5), `stat`."""
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from afi.record import Ended

ORDER = (("prepare", "prepared in"), ("first start", "first start"), ("extra starts", "extra starts"),
         ("refused starts", "refused starts"), ("exchanges", "exchanges"), ("waiting", "waiting for declared time-outs"))


def spoken(columns: Iterable[Ended]) -> str:
    """Returns: one line a live column."""
    lines = []
    for one in columns:
        parts = [f"{words} {one.timings[key]:.2f} s" for key, words in ORDER if key in one.timings]
        if parts:
            lines.append(f"{one.adapter.id}: " + ", ".join(parts) + f"; {int(one.timings.get('sent', 0))} exchanges sent")
    return "\n".join(lines)


def cells(columns: Iterable[Ended]) -> str:
    """Returns: one line a cell that was judged live: how long it took, its exchanges alone, and how long a check."""
    judged = ((cell, took) for one in columns for cell, took in one.took.items() if took.checks)
    return "\n".join(f"{cell}: {took.whole_s:.2f} s, exchanges {took.exchanges_s:.2f} s; {took.checks} checks, "
                     f"{took.whole_s / took.checks * 1000:.1f} ms a check" for cell, took in judged)


class Cores(NamedTuple):
    """What became of the time of some cores since they began: what they had work for, and what the host of a virtual machine took of it."""

    busy: int
    taken: int


def cores(stat: str, which: Iterable[int]) -> Cores:
    """Reads the text of /proc/stat for some cores."""
    rows = {name: [int(ticks) for ticks in said] for name, *said in map(str.split, stat.splitlines()) if name.startswith("cpu")}
    times = [rows[f"cpu{core}"] for core in which]                     # user nice system idle iowait irq softirq steal
    return Cores(sum(sum(one[:3]) + sum(one[5:8]) for one in times), sum(one[7] for one in times))


def own_cores() -> Cores:
    return cores(Path("/proc/stat").read_text(encoding="ascii"), os.sched_getaffinity(0))


def hosted(before: Cores, after: Cores) -> str:
    """Returns: how much of what our cores had work for in between the host took, in words."""
    busy = max(1, after.busy - before.busy)
    return f"of the time for which its cores had work the host of this machine took {100 * (after.taken - before.taken) / busy:.0f} %"
