"""
What a program printed, made safe to show: on a terminal, in a CI job's log, in a report.

Source: OWASP ASVS 16.4.1. Pure but for `tail`, which reads the log.
"""
import re
import unicodedata
from pathlib import Path

TAIL_BYTES = 2000

# What a reader of the text would obey: a CI runner's commands (GitHub `::error::` and `##[`, Azure `##vso[`, TeamCity `##teamcity[`),
# a script element and its end, a comment that could pass for a marker. Their first character is escaped.
OBEYED = re.compile(r"(?im)(?<=^)[ \t]*(?P<line>:)(?=:)|(?P<hash>#)(?=#(\[|vso\[|teamcity\[))|(?P<tag><)(?=/script|!--|script)")


def shown(text: bytes) -> str:
    """Returns: the text, with control and format characters, bytes that are no UTF-8, and what a reader would obey as escapes."""
    lines = text.decode("utf-8", "backslashreplace")
    return OBEYED.sub(_escaped, "".join(map(_harmless, lines)))


def _harmless(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    return character if category[0] != "C" and category not in ("Zl", "Zp") else character.encode("unicode_escape").decode()


def _escaped(found: re.Match[str]) -> str:
    text = found[0]
    return f"{text[:-1]}\\x{ord(text[-1]):02x}"


def tail(log: Path) -> str:
    """Returns: the end of a log, safe to show; a remark if there is none."""
    try:
        text = log.read_bytes()
    except OSError:
        return "(there is no log)"
    return shown(text[-TAIL_BYTES:]).strip() or "(it printed nothing)"
