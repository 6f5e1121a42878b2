"""
The oracle's pins as one test file in another language, for that language's own test runner.

Source: spec/harness.md, Export. Raises: Unknown, for a language without a template; BadPin. A language is a folder of afi/templates: one file, in which
`{rows}` are the cases, `{count}` their number and `{digest}` what the pins hash to.
"""
import hashlib
import json
import re
from pathlib import Path

from afi import plan
from afi.errors import BadTemplate
from afi.pinfile import Case
from afi.selection import Unknown

TEMPLATES = Path(__file__).resolve().parent / "templates"
SUFFIX = ".template"
HOLES = ("rows", "count", "digest")
UNPRINTED = re.compile("[\x7f-\xa0\xad\u0600-\u0605\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff]")


def languages() -> list[str]:
    """Returns: the languages that have a template."""
    return sorted(folder.name for folder in TEMPLATES.iterdir() if folder.is_dir())


def written(language: str, folder: Path) -> str:
    """Writes the test file of one language. Returns: what was done, in a line. Raises: Unknown, BadPin, BadTemplate."""
    template = template_of(language)
    found = cases()
    text = filled(template, {"rows": "\n".join(f"    {literal(check, case)}," for check, case in found.items()), "count": str(len(found)),
                             "digest": digest()})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / template.name.removesuffix(SUFFIX)
    path.write_text(text, encoding="utf-8")
    return f"export: {len(found)} cases as {path}"


def template_of(language: str) -> Path:
    """Returns: the template of a language. Raises: Unknown, naming the languages that have one."""
    if language not in languages():
        raise Unknown(f"export --lang {language!r}: there is no such template; languages: {', '.join(languages())}; "
                      f"one more is one file, afi/templates/<language>/<name of the test file>{SUFFIX}")
    (template,) = (TEMPLATES / language).glob(f"*{SUFFIX}")
    return template


def cases() -> dict[str, Case]:
    """Returns: check id -> case, of every page."""
    files = [plan.pins_of(path.stem) for path in sorted((plan.ROOT / "pins").glob("*.yaml"))]
    return {f"{file.page}/{case.id}": case for file in files if file for group in file.oracle.values() for case in group.values()}


def digest() -> str:
    """Returns: what tells this set of pins from another."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted((plan.ROOT / "pins").glob("*.yaml")))).hexdigest()


def literal(check: str, case: Case) -> str:
    """
    Returns: a case as a JSON list of texts, which most languages read as their own literal.

    What editors do not show is escaped; a character beyond U+FFFF stands for itself, for its two escapes are two characters in some languages.
    """
    word, text = case.answer
    row = json.dumps([check, case.clause, case.op, case.given, {word: text}], ensure_ascii=False)
    return UNPRINTED.sub(lambda match: f"\\u{ord(match[0]):04x}", row)


def filled(template: Path, values: dict[str, str]) -> str:
    """Returns: a template with its holes filled; other braces are the language's. Raises: BadTemplate, where one is missing."""
    text = template.read_text(encoding="utf-8")
    missing = [name for name in HOLES if f"{{{name}}}" not in text]
    if missing:
        raise BadTemplate(f"afi/templates/{template.parent.name}/{template.name}: wanted the holes {', '.join(HOLES)}; missing: {', '.join(missing)}")
    return re.sub("|".join(rf"\{{{name}\}}" for name in HOLES), lambda match: values[match[0][1:-1]], text)
