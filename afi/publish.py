"""
The pin set linted and published: canonical JSON and SHA-256 sums, for ports that read neither YAML nor Python.

Source: spec/harness.md, Pins. Raises: BadPin. Where a standard rules, two unrelated libraries must agree with a pin before it is taken in.
"""
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import jcs
import rfc8785

from afi import expected, pinfile, plan, yamlfile
from afi.errors import BadPin
from afi.pinfile import Case


def published(folder: Path) -> str:
    """Lints every pin file and writes the set. Returns: what was done, in a line. Raises: BadPin."""
    folder.mkdir(parents=True, exist_ok=True)
    sums, count = [], 0
    for path in sorted((plan.ROOT / "pins").glob("*.yaml")):
        file = pinfile.load(path)
        count += len(file.plan())
        for case in (case for group in file.oracle.values() for case in group.values()):
            _agreed(path.name, case)
        document = yamlfile.load(path, "pins.schema.json", BadPin)
        raw = rfc8785.dumps(document)
        (folder / f"{file.page}.json").write_bytes(raw)
        sums.append(f"{hashlib.sha256(raw).hexdigest()}  {file.page}.json\n")
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    return f"pins: {count} vectors of {len(sums)} pages; written to out/{folder.name} with SHA256SUMS"


def _canonical_by_jcs(given: Mapping[str, str]) -> tuple[str, str]:
    """A second library's text for what the judge takes; what is refused, the judge refuses alone."""
    word, text = expected.ORACLE["canonical_json"](given)
    return (word, jcs.canonicalize(json.loads(text)).decode()) if word == "ok" else (word, text)


PEERS: dict[str, tuple[Callable[[Mapping[str, str]], tuple[str, str]], ...]] = {
    **{op: (peer,) for op, peer in expected.ORACLE.items()},
    "canonical_json": (expected.ORACLE["canonical_json"], _canonical_by_jcs),
}


def _agreed(name: str, case: Case) -> None:
    for peer in PEERS.get(case.op, ()):
        said = peer(case.given)
        if said != case.answer:
            raise BadPin(f"pins/{name}: case {case.id!r} wants {case.answer}, and {peer.__name__.strip('_')} says {said}; settle by the clause who is right")
