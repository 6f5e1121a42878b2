"""
Replies that scripts of other origins may read; off unless origins are set.

Source: spec/invalidate-header.md, Other origins; the fetch standard, 3.2 (CORS protocol). Units: seconds.
"""
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mizan.answer import NO_STORE, Answer, Pair, has_field, with_fields

METHODS = ("GET", "HEAD", "POST")
REQUEST_FIELDS = ("Content-Type", "Authorization", "X-CSRFToken", "X-Mizan-Token", "If-None-Match")
EXPOSED_FIELDS = ("X-Mizan-Invalidate", "ETag", "Cache-Status", "Retry-After", "Mizan-SSR")
MAX_AGE_S = 600


def is_on(origins: frozenset[str]) -> bool:
    return bool(origins)


def is_listed(origins: frozenset[str], origin: Sequence[str]) -> bool:
    """Whether the `Origin` fields of a request are one, and an origin that is set."""
    return len(origin) == 1 and origin[0] in origins


def preflight_fields() -> list[Pair]:
    """Returns: what lets a listed origin send more than a form could."""
    return [
        ("Access-Control-Allow-Methods", ", ".join(METHODS)),
        ("Access-Control-Allow-Headers", ", ".join(REQUEST_FIELDS)),
        ("Access-Control-Max-Age", str(MAX_AGE_S)),
    ]


def options_answer(methods: Iterable[str], fields: Iterable[Pair]) -> Answer:
    """Returns: the reply to OPTIONS where CORS is on, with `preflight_fields` or without."""
    return Answer(204, (("Allow", ", ".join([*methods, "OPTIONS"])), NO_STORE, *fields))


def marked(answer: Answer, origins: frozenset[str], origin: Sequence[str]) -> Answer:
    """Returns: the answer with the fields of CORS that it lacks; unchanged where CORS is off."""
    if not is_on(origins):
        return answer
    fields = fields_for(answer, origin[0]) if is_listed(origins, origin) else []
    return varying(with_fields(answer, [one for one in fields if not has_field(answer, one[0])]))


def fields_for(answer: Answer, origin: str) -> list[Pair]:
    """Returns: what lets a listed origin read an answer; a preflight's has nothing to expose."""
    exposed = [] if has_field(answer, "Access-Control-Allow-Methods") else exposing_fields()
    return [*allowing_fields(origin), *exposed]


def allowing_fields(origin: str) -> list[Pair]:
    """Returns: the origin itself, never `*`, so that credentials may travel."""
    return [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")]


def exposing_fields() -> list[Pair]:
    return [("Access-Control-Expose-Headers", ", ".join(EXPOSED_FIELDS))]


def varying(answer: Answer) -> Answer:
    """Returns: the answer with `Origin` in its Vary, whoever asked: a store must not hand one origin's reply to another."""
    said = [value for name, value in answer.headers if name.lower() == "vary"]
    names = [name.strip() for value in said for name in value.split(",")]
    if "*" in names or "origin" in (name.lower() for name in names):
        return answer
    others = tuple(pair for pair in answer.headers if pair[0].lower() != "vary")
    return replace(answer, headers=(*others, ("Vary", ", ".join([*names, "Origin"]))))
