"""Timings of a run, for people; no test reads them. Units: seconds. Source: spec/harness.md, Timings."""
from collections.abc import Iterable

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
