"""
A context's bundle: every slot or none, as canonical JSON with a validator.

Source: spec/context.md; RFC 9110, 8.8.3 and 13.1.2 (ETag, If-None-Match). Errors: every refusal and failure is an Answer.
"""
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mizan import canonical, query
from mizan.answer import JSON_TYPE, Answer, Pair, refusal
from mizan.dispatch import failure
from mizan.errors import Problem
from mizan.function import Context
from mizan.request import Sight
from mizan.serving import Site
from mizan.together import PartFailed, together

ETAG_HEX_DIGITS = 32
ENTITY_TAG = re.compile(r'[ \t]*(?:(?:W/)?("[\x21\x23-\x7e\x80-\xff]*"))?[ \t]*(?:,|\Z)')


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a fetch asks for: a context, the raw query, and the values of If-None-Match."""

    context: str
    query: bytes
    if_none_match: Sequence[str] = ()


async def fetch(site: Site, sight: Sight, wanted: Wanted) -> Answer:
    """Answers one fetch: the slots run one after another, in bytes order of their names, and the first that fails is the answer."""
    try:
        context = known(site, wanted.context)
        values = parameters(context, wanted.query)
    except Problem as problem:
        return refusal(problem)
    try:
        slots = await together(site, sight, context.slots.values(), values)
    except PartFailed as failed:
        return failure(failed.function, failed.error)
    return conditional(reply(context, canonical.write(slots)), wanted.if_none_match)


def known(site: Site, name: str) -> Context:
    """Raises: Problem, `unknown_context`."""
    context = site.sealed.contexts.get(name)
    if context is None:
        raise Problem("unknown_context")
    return context


def parameters(context: Context, raw: bytes) -> dict[str, Any]:
    """Returns: the effective parameters as Python values. Raises: Problem, `validation`, with every mismatch."""
    values, mismatches = query.decode(raw, context.parameters, context.names)
    if mismatches:
        raise Problem("validation", mismatches)
    return values


def reply(context: Context, body: bytes) -> Answer:
    return Answer(200, (("Content-Type", JSON_TYPE), *validators(context, body)), body)


def validators(context: Context, body: bytes) -> list[Pair]:
    """Returns: what a 304 carries too."""
    return [("ETag", etag(body)), ("Cache-Control", cache_control(context))]


def etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:ETAG_HEX_DIGITS]}"'


def cache_control(context: Context) -> str:
    """Returns: who may store a bundle; whoever does asks again each time."""
    if context.volatile:
        return "no-store"
    return "public, no-cache" if context.identity == "public" else "private, no-cache"


def conditional(answer: Answer, if_none_match: Sequence[str]) -> Answer:
    """Returns: 304 with the answer's validators where the caller has these bytes, else the answer."""
    said = dict(answer.headers)
    if not matches(said["ETag"], if_none_match):
        return answer
    return Answer(304, tuple(pair for pair in answer.headers if pair[0] != "Content-Type"))


def matches(tag: str, if_none_match: Sequence[str]) -> bool:
    """Whether If-None-Match names a tag, compared weakly, or is `*`; a field outside the grammar names nothing."""
    field = ", ".join(if_none_match).strip(" \t")
    return field == "*" or tag in tags_in(field)


def tags_in(field: str) -> list[str]:
    """Returns: the opaque tags of a list; none where the field is no list of entity tags."""
    tags, at = [], 0
    while at < len(field):
        seen = ENTITY_TAG.match(field, at)
        if seen is None:
            return []
        tags += [seen[1]] if seen[1] else []
        at = seen.end()
    return tags
