"""Timings of a run, for people; no test reads them. Units: seconds. Source: spec/harness.md, Timings."""
from afi.run import Judging

ORDER = (("prepare", "prepared in"), ("first start", "first start"), ("extra starts", "extra starts"),
         ("refused starts", "refused starts"), ("exchanges", "exchanges"), ("waiting", "waiting for declared time-outs"))


def spoken(judging: Judging) -> str:
    """Returns: one line an adapter."""
    lines = []
    for name, column in judging.known.items():
        parts = [f"{words} {column.timings[key]:.2f} s" for key, words in ORDER if key in column.timings]
        lines.append(f"{name}: " + ", ".join(parts) + f"; {int(column.timings.get('sent', 0))} exchanges sent")
    return "\n".join(lines)


def cells(judging: Judging) -> str:
    """Returns: one line a cell that was judged live: how long it took, drawing and asking the oracle included, and how long a check."""
    judged = ((cell, took_s, count) for cell, (took_s, count) in judging.took.items() if count)
    return "\n".join(f"{cell}: {took_s:.2f} s, {count} checks, {took_s / count * 1000:.1f} ms a check" for cell, took_s, count in judged)
