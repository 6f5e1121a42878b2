"""
A YAML file of ours -> plain data, strictly: duplicate keys, keys that YAML did not read as text, and what the schema refuses are errors.

Source: spec/schemas/. Raises: the error class that the caller names, with file, place, wanted, got.
"""
import difflib
import json
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from afi.errors import OurFault

ROOT = Path(__file__).resolve().parent.parent
LIMIT_BYTES = 1 << 20          # the largest pin file is a tenth of it; what is beyond is no file of ours


class _Strict(yaml.CSafeLoader):
    """Refuses duplicate keys and keys that are no text (`no`, `on`, `1`)."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} was read as {type(key).__name__}; quote it", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def load(path: Path, schema: str, fault: type[OurFault]) -> dict[str, Any]:
    """Reads one file. Args: schema: a name in spec/schemas. Raises: fault."""
    shown = _shown(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise fault(f"{shown}: cannot be read: {error.strerror}") from error
    if len(raw) > LIMIT_BYTES:
        raise fault(f"{shown}: {len(raw)} bytes; wanted at most {LIMIT_BYTES}")
    try:
        document = yaml.load(raw.decode("utf-8"), Loader=_Strict)  # noqa: S506  (a safe loader's subclass)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise fault(f"{shown}: is no YAML that we take: {error}") from error
    rules = json.loads((ROOT / "spec" / "schemas" / schema).read_text(encoding="utf-8"))
    problems = sorted(jsonschema.Draft202012Validator(rules).iter_errors(document), key=lambda e: e.json_path)
    if problems:
        raise fault("\n".join(f"{shown}: at {p.json_path}: {_said(p)}" for p in problems[:8]))
    assert isinstance(document, dict)
    return document


def _shown(path: Path) -> str:
    path = Path(path).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _said(problem: jsonschema.ValidationError) -> str:
    """The schema's complaint; for a member that nobody knows, with the nearest one that exists."""
    known = list((problem.schema.get("properties") or {}) if isinstance(problem.schema, dict) else {})
    if problem.validator == "additionalProperties" and isinstance(problem.instance, dict):
        unknown = [name for name in problem.instance if name not in known]
        return "; ".join(f"unknown member {name!r}{near(name, known)}; wanted {', '.join(known)}" for name in unknown)
    if problem.validator == "type" and problem.validator_value == "string" and not isinstance(problem.instance, (dict, list)):
        return f"wanted a text, got {problem.instance!r}; YAML reads no, on, yes, null, numbers and dates as other things: quote it"
    return problem.message


def near(name: str, known: Any) -> str:
    """Returns: `; did you mean 'x'?`, or nothing."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""
