"""Spec page -> clauses. Source: spec/harness.md, Spec pages. Raises: BadSpec."""
import itertools
import re
from pathlib import Path

from afi.errors import BadSpec
from afi.model import Clause

LINE = re.compile(r"^\*\*([a-z]+(?:-[a-z]+)*-[1-9][0-9]*)\*\* \((MUST|SHOULD)\) (\S.*)$", re.MULTILINE)
LIKE = re.compile(r"^\*\*", re.MULTILINE)
UNPROBED = re.compile(r"^  Unprobed: (\S.*)$", re.MULTILINE)


def load(folder: Path) -> dict[str, Clause]:
    """Reads every page of a folder. Returns: clause id -> clause, in page order. Raises: BadSpec."""
    clauses: dict[str, Clause] = {}
    for page in sorted(folder.glob("*.md")):
        for clause in _of_page(page):
            if clause.id in clauses:
                raise BadSpec(f"spec/{page.name}: clause {clause.id} stands twice; a number is for life, take the next one")
            if clause.page != page.stem:
                raise BadSpec(f"spec/{page.name}: clause {clause.id} stands on another page than its name says")
            clauses[clause.id] = clause
    return clauses


def _of_page(page: Path) -> list[Clause]:
    text = page.read_text(encoding="utf-8")
    found = list(LINE.finditer(text))
    if len(LIKE.findall(text)) != len(found):
        starts = {match.start() for match in found}
        odd = next(match.start() for match in LIKE.finditer(text) if match.start() not in starts)
        line = text[odd:text.find("\n", odd)]
        raise BadSpec(f"spec/{page.name}: {line[:80]!r} begins like a clause and is none; wanted `**page-1** (MUST) one requirement`")
    clauses = []
    for match, after in itertools.zip_longest(found, found[1:]):
        unprobed = UNPROBED.search(text, match.end(), after.start() if after else len(text))
        clauses.append(Clause(match[1], match[2], match[3], unprobed[1] if unprobed else None))
    return clauses
