"""
Documentation texts as the IR holds them: the same text however deep it was indented and whatever ended its lines.

Source: the spec's page on the IR, Docs. Errors: none.
"""
import re
from collections.abc import Sequence

LINE_END = re.compile(r"\r\n|\r|\n")
BLANK = " \t"


def tidy(doc: str) -> str:
    """
    Returns: the text with LF, without the indentation that its lines share, trailing blanks, and blank lines at both ends.

    The first line stands beside the opening mark in some languages: its own indentation goes, and it has no say in that of the others.
    """
    first, *rest = [line.rstrip(BLANK) for line in LINE_END.split(doc)]
    shared = indentation(rest)
    lines = [first.lstrip(BLANK), *(line[len(shared):] for line in rest)]
    return "\n".join(without_outer_blanks(lines))


def indentation(lines: Sequence[str]) -> str:
    """Returns: the spaces and tabs with which every line that is not blank begins."""
    margins = [line[:len(line) - len(line.lstrip(BLANK))] for line in lines if line]
    least, most = min(margins, default=""), max(margins, default="")
    return next((least[:size] for size in range(len(least), 0, -1) if most.startswith(least[:size])), "")      # these two differ the most


def without_outer_blanks(lines: Sequence[str]) -> Sequence[str]:
    filled = [at for at, line in enumerate(lines) if line]
    return lines[filled[0]:filled[-1] + 1] if filled else []
