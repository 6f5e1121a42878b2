"""Timings of a run, for people; no test reads them. Units: seconds. Source: spec/harness.md, Timings."""
from afi.run import Judging

ORDER = (("prepare", "prepared in"), ("first start", "first start"), ("extra starts", "extra starts"),
         ("refused starts", "refused starts"), ("exchanges", "exchanges"), ("waiting", "waiting for declared time-outs"), ("cells", "cells in all"))


def spoken(judging: Judging) -> str:
    """Returns: one line an adapter."""
    lines = []
    for name, column in judging.known.items():
        parts = [f"{words} {column.timings[key]:.2f} s" for key, words in ORDER if key in column.timings]
        lines.append(f"{name}: " + ", ".join(parts) + f"; {int(column.timings.get('sent', 0))} exchanges sent")
    return "\n".join(lines)
