"""
A call, below every transport: its message goes in as bytes, an Answer comes out.

Source: spec/dispatch.md. Errors: every refusal and failure is an Answer; what only the log may hold goes to the logger `mizan`.
Order:  JSON, envelope, function known, arguments, body, result; the first that refuses decides, and a refusal runs no body.
"""
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from mizan import canonical, header, reader, scoping, writer
from mizan.answer import NO_STORE, Answer, Pair, json_answer, refusal
from mizan.errors import Problem, problem_of
from mizan.function import ServerFunction
from mizan.request import Sight
from mizan.running import Ran, run
from mizan.scoping import Entry
from mizan.serving import Site

log = logging.getLogger("mizan")

MEMBERS = frozenset({"fn", "args"})
ARGUMENTS = "/args"
INVALIDATE_FIELD = "X-Mizan-Invalidate"


async def call(site: Site, sight: Sight, raw: bytes) -> Answer:
    """Answers one call. Args: `raw`: the message, whole and within the size that its transport allows."""
    try:
        name, args = envelope(raw)
        function = lookup(site, name)
        effective = arguments(function, args)
    except Problem as problem:
        return refusal(problem)
    return await outcome(site, sight, function, effective)


def envelope(raw: bytes) -> tuple[str, dict[str, Any]]:
    """Reads a call's message: exactly `fn`, a string, and perhaps `args`, an object. Raises: Problem, `malformed`."""
    try:
        message = canonical.read(raw)
    except canonical.NotIJson as error:
        raise Problem("malformed") from error
    if not is_envelope(message):
        raise Problem("malformed")
    return message["fn"], message.get("args", {})


def is_envelope(message: Any) -> bool:
    if not isinstance(message, dict) or not message.keys() <= MEMBERS:
        return False
    return isinstance(message.get("fn"), str) and isinstance(message.get("args", {}), dict)


def lookup(site: Site, name: str) -> ServerFunction:
    """Raises: Problem, `unknown_function`; `unimplemented`, for what a later row serves."""
    if is_unimplemented(site, name):
        raise Problem("unimplemented")
    function = site.sealed.functions.get(name)
    if function is None:
        raise Problem("unknown_function")
    return function


def is_unimplemented(site: Site, name: str) -> bool:
    """Whether a name is a composition's, or a function's that returns the framework's own response."""
    function = site.sealed.functions.get(name)
    return name in site.sealed.compositions or (function is not None and function.is_view)


def arguments(function: ServerFunction, args: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: the effective arguments as Python values, defaults filled in. Raises: Problem, `validation`, with every mismatch."""
    effective, mismatches = reader.read_members(function.parameters, args, function.names, ARGUMENTS)
    if mismatches:
        raise Problem("validation", mismatches)
    return effective


async def outcome(site: Site, sight: Sight, function: ServerFunction, effective: Mapping[str, Any]) -> Answer:
    """Runs the body and answers with its result and what it made stale; a body that raises says nothing of either."""
    try:
        wire = wire_arguments(function, effective)          # before the body, which may change what it is given
        ran = await run(site, sight, function, effective)
        return reply(ran.result, stale(site, function, wire, ran))
    except Exception as error:                              # noqa: BLE001 (whatever a body raises)
        return failure(function, error)


def wire_arguments(function: ServerFunction, effective: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: what a mutation's scopes are bound to, the effective arguments as JSON of a body; nothing for any other function."""
    return writer.write_members(function.parameters, effective, function.names) if function.kind == "mutation" else {}


def stale(site: Site, function: ServerFunction, wire: Mapping[str, Any], ran: Ran) -> list[Entry]:
    """Returns: the entries of a normal return, normalised: those declared and those that the body added."""
    return scoping.normalise([*scoping.entries_for(scopes_of(site, function), wire, ran.result), *ran.entries])


def scopes_of(site: Site, function: ServerFunction) -> Sequence[scoping.Scope]:
    """Returns: what a function affects; until merges travel, what it would patch too: wider than a patch is safe."""
    return (*site.sealed.scopes[function.name], *(merge.scope for merge in site.sealed.merges[function.name]))


def reply(result: Any, entries: list[Entry]) -> Answer:
    """Returns: 200 with the result and what is stale, in the body and in the header."""
    return json_answer({"result": result, "invalidate": entries}, [NO_STORE, *invalidate_fields(entries)])


def invalidate_fields(entries: list[Entry]) -> list[Pair]:
    """Returns: X-Mizan-Invalidate; none where there is nothing to say."""
    said = header.encode(entries)
    return [(INVALIDATE_FIELD, said)] if said else []


def failure(function: ServerFunction, error: Exception) -> Answer:
    """Returns: what a caller sees of an exception that ended a body: nothing of its text, unless it was declared."""
    problem = problem_of(error, function.errors)
    if problem.code == "internal":
        log.error("%s failed: %s", function.name, error, exc_info=error)
    return refusal(problem)
