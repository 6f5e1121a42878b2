"""
A call, below every transport: its message goes in as bytes, an Answer comes out.

Source: spec/dispatch.md. Errors: every refusal and failure is an Answer; what only the log may hold goes to the logger `mizan`.
Order:  JSON, envelope, function known, arguments, body, result; the first that refuses decides, and a refusal runs no body.
"""
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from mizan import canonical, header, merges, reader, scoping, writer
from mizan.answer import NO_STORE, Answer, Pair, json_answer, refusal
from mizan.errors import Problem, problem_of
from mizan.function import ServerFunction
from mizan.request import Sight
from mizan.response import status_of
from mizan.running import Ran, run
from mizan.scoping import Entry
from mizan.serving import Site
from mizan.together import PartFailed, together
from mizan.types import holds_upload

log = logging.getLogger("mizan")

MEMBERS = frozenset({"fn", "args"})
ARGUMENTS = "/args"
INVALIDATE_FIELD = "X-Mizan-Invalidate"


async def call(site: Site, sight: Sight, raw: bytes) -> Answer:
    """Answers one call. Args: `raw`: the message, whole and within the size that its transport allows."""
    try:
        name, args = envelope(raw)
        if name in site.sealed.compositions:
            return await composed(site, sight, name, args)
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
    """Raises: Problem, `unknown_function`."""
    function = site.sealed.functions.get(name)
    if function is None:
        raise Problem("unknown_function")
    return function


async def composed(site: Site, sight: Sight, name: str, args: Mapping[str, Any]) -> Answer:
    """Answers the call of a composition: each part's result under its name, or the first failure. Raises: Problem, `validation`."""
    effective, mismatches = reader.read_members(site.sealed.parameters[name], args, site.sealed.names, ARGUMENTS)
    if mismatches:
        raise Problem("validation", mismatches)
    try:
        return reply(await together(site, sight, parts(site, name), effective), [], [])
    except PartFailed as failed:
        return failure(failed.function, failed.error)


def parts(site: Site, name: str) -> Sequence[ServerFunction]:
    """Returns: the reads of a composition, in the order in which they run: by name, whatever the order of registration."""
    return sorted(site.sealed.compositions[name].functions, key=lambda one: one.name.encode())


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
        entries = stale(site, function, wire, ran)
        if function.is_view:
            return passed_on(ran.result, entries)
        return reply(ran.result, entries, patches(site, function, (wire, ran.result), entries))
    except Exception as error:                              # noqa: BLE001 (whatever a body raises)
        return failure(function, error)


def wire_arguments(function: ServerFunction, effective: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: what a mutation's scopes are bound to, the effective arguments but files as JSON of a body; nothing for any other."""
    if function.kind != "mutation":
        return {}
    said = {name: value for name, value in effective.items() if not holds_upload(function.parameters[name].type, function.names)}
    return writer.write_members(function.parameters, said, function.names)


def stale(site: Site, function: ServerFunction, wire: Mapping[str, Any], ran: Ran) -> list[Entry]:
    """Returns: the entries of a normal return, normalised: those declared, the merges that cannot be made, and those that the body added."""
    _, degraded = merges.merges_for(site.sealed.merges[function.name], wire, ran.result)
    return scoping.normalise([*scoping.entries_for(site.sealed.scopes[function.name], wire, ran.result), *degraded, *ran.entries])


def patches(site: Site, function: ServerFunction, returned: tuple[Mapping[str, Any], Any], stale: Sequence[Entry]) -> list[Entry]:
    """Returns: the merge entries of a normal return, in order; none that is stale. Args: `returned`: (arguments, result) as JSON of a body."""
    made, _ = merges.merges_for(site.sealed.merges[function.name], *returned)
    return merges.kept_merges(made, stale)


def reply(result: Any, stale: list[Entry], patches: list[Entry]) -> Answer:
    """Returns: 200 with the result, what is stale and what is patched; the header says the scopes of both."""
    merge = {"merge": patches} if patches else {}
    scopes = merges.said_in_header(stale, patches) if patches else stale
    return json_answer({"result": result, "invalidate": stale, **merge}, [NO_STORE, *invalidate_fields(scopes)])


def passed_on(response: Any, stale: list[Entry]) -> Answer:
    """Returns: the framework's own response, with what is stale in the header alone; where it refuses or fails, nothing is said."""
    status = status_of(response)
    return Answer(status, (NO_STORE, *(invalidate_fields(stale) if 200 <= status < 400 else ())), own=response)


def invalidate_fields(entries: list[Entry]) -> list[Pair]:
    """Returns: X-Mizan-Invalidate; none where there is nothing to say. Args: `entries`: normalised."""
    said = header.said(entries)
    return [(INVALIDATE_FIELD, said)] if said else []


def failure(function: ServerFunction, error: Exception) -> Answer:
    """Returns: what a caller sees of an exception that ended a body: nothing of its text, unless it was declared."""
    problem = problem_of(error, function.errors)
    if problem.code == "internal":
        log.error("%s failed: %s", function.name, error, exc_info=error)
    return refusal(problem)
