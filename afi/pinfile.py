"""
Pin file -> vectors. Source: spec/schemas/pins.schema.json; spec/harness.md, Pins. Raises: BadPin.

Templating is two rules: a text that is exactly `{name}` becomes the value with its type; inside a longer text `{name}` becomes its text.
A name that nobody gives is BadPin. What must be computed is computed by the probe and passed in by name.
"""
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afi import yamlfile
from afi.errors import BadPin
from afi.model import ABSENT, PRESENT

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
SPECIALS = {"ABSENT": ABSENT, "PRESENT": PRESENT}


@dataclass(frozen=True)
class Vector:
    """One exchange with a live adapter and what must come back; `calls` counts bodies over the vector and its twin together."""

    id: str
    clause: str
    send: dict[str, Any]
    values: dict[str, Any]
    want: dict[str, Any]
    calls: dict[str, int]
    twin: str | None
    same_bytes_as: str | None


@dataclass(frozen=True)
class Case:
    """One question to an oracle; `answer` is ("ok" | "err", text)."""

    id: str
    clause: str
    op: str
    given: dict[str, str]
    answer: tuple[str, str]
    twin: str | None


@dataclass(frozen=True)
class PinFile:
    """The vectors of one page: group id -> case id -> vector (exchanges) or case (oracle)."""

    page: str
    exchanges: dict[str, dict[str, Vector]]
    oracle: dict[str, dict[str, Case]]

    def plan(self) -> dict[str, str]:
        """Returns: check id (`group.case`) -> clause."""
        return {one.id: one.clause for groups in (self.exchanges, self.oracle) for group in groups.values() for one in group.values()}

    def find(self, check: str) -> Vector | Case | None:
        """Returns: the vector or case of a check id (`group.case`)."""
        group, _, slug = check.partition(".")
        return self.exchanges.get(group, {}).get(slug) or self.oracle.get(group, {}).get(slug)


def load(path: Path) -> PinFile:
    """Reads one pin file whole. Raises: BadPin."""
    document = yamlfile.load(path, "pins.schema.json", BadPin)
    page = document["spec"]["page"]
    if not document["suite"] == page == path.stem:
        raise BadPin(f"pins/{path.name}: suite {document['suite']!r}, page {page!r} and the file's name are wanted equal")
    flags = document.get("flags", {})
    exchanges: dict[str, dict[str, Vector]] = {}
    oracle: dict[str, dict[str, Case]] = {}
    for group in document["groups"]:
        where = f"pins/{path.name}: group {group['id']!r}"
        if group["id"] in exchanges or group["id"] in oracle:
            raise BadPin(f"{where} stands twice")
        for case in group["cases"]:
            for flag in case.get("flags", ()):
                if flag not in flags:
                    raise BadPin(f"{where}: case {case['id']!r} carries flag {flag!r}, which `flags` does not declare{yamlfile.near(flag, flags)}")
        if "op" in group:
            oracle[group["id"]] = _cases(group, where)
        else:
            exchanges[group["id"]] = _vectors(group, where)
    return PinFile(page, exchanges, oracle)


def _cases(group: dict[str, Any], where: str) -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for case in group["cases"]:
        answer = ("ok", case["ok"]) if "ok" in case else ("err", case["err"])
        given = {**group.get("let", {}), **case["in"]}
        cases[_once(case["id"], cases, where)] = Case(f"{group['id']}.{case['id']}", case.get("clause", group["clause"]), group["op"], given,
                                                      answer, case.get("twin"))
    for slug, one in cases.items():
        _named(one.twin, cases, where, slug)
        if one.answer[0] == "err" and one.twin is None:
            raise BadPin(f"{where}: case {slug!r} is refused and names no twin: an oracle that refuses everything would pass it")
        if one.twin and cases[one.twin].answer == one.answer:
            raise BadPin(f"{where}: case {slug!r} and its twin {one.twin!r} want the same answer")
    return cases


def _vectors(group: dict[str, Any], where: str) -> dict[str, Vector]:
    vectors: dict[str, Vector] = {}
    for case in group["cases"]:
        values = {**group.get("let", {}), **case.get("in", {})}
        vectors[_once(case["id"], vectors, where)] = Vector(
            f"{group['id']}.{case['id']}", case.get("clause", group["clause"]), group["send"], values, _special(case.get("want", {})),
            case.get("calls", {}), case.get("twin"), case.get("same_bytes_as"))
    for slug, one in vectors.items():
        _named(one.twin, vectors, where, slug)
        _named(one.same_bytes_as, vectors, where, slug)
        status = one.want.get("status", 400 if one.same_bytes_as else 200)
        if status >= 400 and one.twin is None:
            raise BadPin(f"{where}: case {slug!r} is refused and names no twin: an adapter that refuses everything would pass it")
        if not (earns(one) or (one.twin and earns(vectors[one.twin]))):
            raise BadPin(f"{where}: case {slug!r} could be passed by a recorded answer: want a value of this run or count a call, here or in a twin")
    return vectors


def _once(slug: str, seen: dict[str, Any], where: str) -> str:
    if slug in seen:
        raise BadPin(f"{where}: case {slug!r} stands twice")
    return slug


def _named(slug: str | None, known: dict[str, Any], where: str, by: str) -> None:
    if slug is not None and (slug not in known or slug == by):
        raise BadPin(f"{where}: case {by!r} names {slug!r}, and there is no other such case{yamlfile.near(slug, known)}")


def earns(vector: Vector) -> bool:
    """Whether only a live adapter of this run can pass: a wanted value is a value of the run, or a body must have run."""
    wanted = {name: value for name, value in vector.want.items() if name != "lacks"}
    return any(_of_the_run(name, vector.values) for name in _names(wanted)) or any(vector.calls.values())


def _names(template: Any) -> list[str]:
    return NAME.findall(json.dumps(template, default=repr))


def _of_the_run(name: str, given: dict[str, Any]) -> bool:
    return name not in given or any(_of_the_run(inner, given) for inner in _names(given[name]) if inner != name)


def _special(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _special(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_special(v) for v in value]
    return SPECIALS.get(value, value) if isinstance(value, str) else value


def expand(template: Any, values: dict[str, Any], where: str) -> Any:
    """Puts values in the place of their names, in keys too. Raises: BadPin for a name that nobody gives."""
    if isinstance(template, dict):
        return {expand(k, values, where): expand(v, values, where) for k, v in template.items()}
    if isinstance(template, list):
        return [expand(v, values, where) for v in template]
    if not isinstance(template, str):
        return template

    def value(match: re.Match[str]) -> Any:
        if match[1] not in values:
            raise BadPin(f"{where}: names {match[0]}, and nobody gives it{yamlfile.near(match[1], values)}")
        return values[match[1]]

    whole = NAME.fullmatch(template)
    return value(whole) if whole else NAME.sub(lambda match: str(value(match)), template)
