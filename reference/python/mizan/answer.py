"""
An answer as plain data, before any framework says it.

Source: spec/ground.md, Errors and Paths. Units: bodies in bytes as they go out.
"""
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mizan import canonical, errors
from mizan.errors import Problem

Pair: TypeAlias = tuple[str, str]

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
NO_STORE: Pair = ("Cache-Control", "no-store")


@dataclass(frozen=True, slots=True)
class Answer:
    """
    A status, header fields in ASCII, each name once, and a body.

    `own` is the framework's own response, where a function returned one: the binding sends it, with these fields added.
    """

    status: int
    headers: tuple[Pair, ...] = ()
    body: bytes = b""
    own: Any = None


def has_field(answer: Answer, name: str) -> bool:
    return any(given.lower() == name.lower() for given, _ in answer.headers)


def with_fields(answer: Answer, fields: Iterable[Pair]) -> Answer:
    """Returns: the answer with these fields after its own."""
    return replace(answer, headers=(*answer.headers, *fields))


def json_answer(document: Any, headers: Iterable[Pair] = ()) -> Answer:
    """Returns: 200 with a JSON value. Raises: canonical.NotIJson, where the value cannot be said in JSON."""
    return Answer(200, (("Content-Type", JSON_TYPE), *headers), canonical.write(document))


def refusal(problem: Problem) -> Answer:
    """Returns: the problem document of a refusal or failure; the same bytes for one code, but for `errors` and `detail`."""
    try:
        body = canonical.write(errors.document(problem))
    except canonical.NotIJson:                      # an application's own detail that no reply may hold
        return refusal(Problem("internal"))
    return Answer(problem.status, (("Content-Type", PROBLEM_TYPE), NO_STORE, *errors.headers_of(problem)), body)
