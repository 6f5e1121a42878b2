"""
The oracle: shows this implementation's bytes, one JSON line in, one out. `python -m mizan oracle`.

Source: the spec's page on the harness (the oracle). Standard output is protocol; the end of input ends it.
Sends:  {"id", "ok"} | {"id", "err"} with a code of the operation | {"id", "skip": "unimplemented"}; `in`, `ok` and `err` hold texts alone.

A declaration is in the form of `mizan.declaration`; one that would not register is the error `declaration`. A question whose texts are no
JSON, or not of their form, is answered with that word too, or with the operation's first where it has not that one.
"""
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from mizan import canonical, declaration, declarations, grammar, header, ir, merges, query, reader, scoping, seal, writer
from mizan.errors import BadDeclaration, BadName, BadType
from mizan.function import Affect, Context, Merge, ServerFunction
from mizan.scoping import Entry
from mizan.types import Names

PROTOCOL = "1"
MALFORMED = (canonical.NotIJson, KeyError, TypeError, ValueError, AttributeError, IndexError)      # what reading a text of another form raises
FIRST_WORDS: Mapping[str, str] = {          # of the operations that have not the word `declaration`
    "hello": "protocol", "canonical_json": "syntax", "invalidate_encode": "name", "invalidate_decode": "syntax",
}


class Refused(Exception):
    """An answer that is an error: one code of the operation's closed list."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def hello(given: Mapping[str, str]) -> str:
    """Answers the version of the oracle protocol."""
    if given.get("protocol") != PROTOCOL:
        raise Refused("protocol")
    return PROTOCOL


def canonical_json(given: Mapping[str, str]) -> str:
    """`text` or `text_hex` -> canonical text; `syntax`, `number` or `depth`."""
    raw = bytes.fromhex(given["text_hex"]) if "text_hex" in given else given["text"].encode("utf-8", "surrogatepass")
    try:
        return canonical.write(canonical.read(raw)).decode("utf-8")
    except canonical.NotIJson as error:
        raise Refused(error.kind) from error


def query_decode(given: Mapping[str, str]) -> str:
    """
    `declaration`, `query` -> the effective values by parameter, defaults filled in, as canonical JSON; `validation` or `declaration`.

    `declaration` is {"params": fields, "enums"?, "objects"?}; `query` is what stands after `?`. Values are written as keys write them:
    decimals without trailing zeros, objects with every field.
    """
    said = parsed(given["declaration"])
    names = declaration.names_from_json(said)
    parameters = declaration.fields_from_json(said["params"], names, "declaration")
    values, mismatches = query.decode(given["query"].encode("utf-8", "surrogatepass"), parameters, names)
    if mismatches:
        raise Refused("validation")
    return text_of({name: writer.write_key(parameters[name].type, value, names) for name, value in values.items()})


def scope(given: Mapping[str, str]) -> str:
    """
    `declaration`, `args`, `result`, `entries` -> the `invalidate` list of the reply, as canonical JSON; `declaration` or `entry`.

    `declaration` is {"contexts": {name: fields}, "slots"?: {context: {slot: type}}, "mutation": {"args": fields, "returns": type,
    "affects": […], "merge"?: […]}, "enums"?, "objects"?}. An item of `affects` is a context's name, which lets the tiers bind, or
    {"context", "map"}; an item of `merge` a name, or {"context", "slot"?, "op"?, "key"?, "map"?}. A context without slots is one whose
    functions return what no merge can hit.
    `args` holds what a caller sends: absent arguments take their default. `result` is what the function returns, both as JSON of a body.
    `entries` are the run-time entries [{"context", "params"?}] that the body adds, params as JSON of a body.
    The list is normalised, and holds: an entry for each context in `affects`; one for each merge that cannot be made and degrades; the
    run-time entries. A merge that is made adds nothing. An entry of a run-time that names an unknown context or parameter, or gives a
    value of another type, is `entry`. Arguments or a result that are not of their types are `declaration`.
    """
    said = parsed(given["declaration"])
    names = declaration.names_from_json(said)
    contexts = contexts_of(said, names)
    mutation = mutation_of(said["mutation"], names)
    scopes, patched = seal.fixed(mutation, contexts)
    args = wire_args(parsed(given["args"]), mutation)
    result = wire_result(parsed(given["result"]), mutation)
    _, degraded = merges.merges_for(patched, args, result)
    added = [run_time_entry(one, contexts) for one in parsed(given["entries"])]
    return text_of(scoping.normalise([*scoping.entries_for(scopes, args, result), *degraded, *added]))


def invalidate_encode(given: Mapping[str, str]) -> str:
    """`entries` -> the field's value, empty where the field is absent; `name`."""
    try:
        return header.encode(parsed(given["entries"]))
    except header.BadName as error:
        raise Refused("name") from error


def invalidate_decode(given: Mapping[str, str]) -> str:
    """`header`, its lines joined with `, ` -> canonical entries in the field's order; `syntax`."""
    try:
        return text_of(header.decode(given["header"]))
    except (header.Unreadable, canonical.NotIJson) as error:
        raise Refused("syntax") from error


def ir_emit(given: Mapping[str, str]) -> str:
    """`declarations`, in the form of `mizan.declarations` -> the IR; `name`, `type` or `declaration`."""
    try:
        return ir.text(declarations.sealed(parsed(given["declarations"]))).decode()
    except BadName as error:
        raise Refused("name") from error
    except BadType as error:
        raise Refused("type") from error


OPERATIONS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "hello": hello, "canonical_json": canonical_json, "query_decode": query_decode, "scope": scope,
    "invalidate_encode": invalidate_encode, "invalidate_decode": invalidate_decode,
    "ir_emit": ir_emit,
}


def contexts_of(said: Mapping[str, Any], names: Names) -> dict[str, Context]:
    """Returns: the declared contexts, each with its parameters and slots. Raises: BadDeclaration."""
    for name in said["contexts"]:
        grammar.check_segment(name, "context")
    slots = said.get("slots", {})
    if not set(slots) <= set(said["contexts"]):
        raise BadDeclaration("slots of a context that is not declared")
    return {
        name: Context(
            name, declaration.fields_from_json(fields, names, f"context {name!r}"),
            {slot: bare_function(slot, type_, names) for slot, type_ in sorted(slots.get(name, {}).items())}, names,
        )
        for name, fields in said["contexts"].items()
    }


def bare_function(name: str, returns: Any, names: Names) -> ServerFunction:
    """Returns: a function of which only name and output matter."""
    output = declaration.type_from_json(returns)
    declaration.check_known(output, names, f"slot {name!r}")
    grammar.check_segment(name, "slot")
    return ServerFunction(name, lambda: None, {}, output, names)


def mutation_of(said: Mapping[str, Any], names: Names) -> ServerFunction:
    """Returns: the declared mutation. Raises: BadDeclaration."""
    output = declaration.type_from_json(said["returns"])
    declaration.check_known(output, names, "mutation: returns")
    return ServerFunction(
        "mutation", lambda: None, declaration.fields_from_json(said["args"], names, "mutation"), output, names,
        affects=[Affect(one) if isinstance(one, str) else Affect(one["context"], one.get("map")) for one in said.get("affects", [])],
        merges=[Merge(one) if isinstance(one, str) else Merge(**{"op": "replace", **one}) for one in said.get("merge", [])],
    )


def wire_args(sent: Any, mutation: ServerFunction) -> dict[str, Any]:
    """Returns: the effective arguments as JSON of a body."""
    values, mismatches = reader.read_members(mutation.parameters, sent, mutation.names)
    if mismatches:
        raise BadDeclaration(f"args: {mismatches[0].pointer}: {mismatches[0].message}")
    return writer.write_members(mutation.parameters, values, mutation.names)


def wire_result(returned: Any, mutation: ServerFunction) -> Any:
    """Returns: the result as JSON of a body."""
    assert mutation.output is not None
    value, mismatches = reader.read(mutation.output, returned, mutation.names)
    if mismatches:
        raise BadDeclaration(f"result: {mismatches[0].pointer}: {mismatches[0].message}")
    return writer.write(mutation.output, value, mutation.names)


def run_time_entry(said: Mapping[str, Any], contexts: Mapping[str, Context]) -> Entry:
    """Returns: a run-time entry as a reply holds it. Raises: Refused, `entry`."""
    context = contexts.get(said["context"])
    params = said.get("params", {})
    if context is None or not set(params) <= set(context.parameters):
        raise Refused("entry")
    read = {name: reader.read(context.parameters[name].type, value, context.names) for name, value in params.items()}
    if any(mismatches for _, mismatches in read.values()):
        raise Refused("entry")
    return scoping.entry(
        context.name, {name: writer.write_key(context.parameters[name].type, value, context.names) for name, (value, _) in read.items()}
    )


def parsed(text: str) -> Any:
    return canonical.read(text.encode("utf-8", "surrogatepass"))


def text_of(value: Any) -> str:
    return canonical.write(value).decode("utf-8")


def answered(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: the answer to one request, with its id."""
    operation = OPERATIONS.get(asked["op"])
    if operation is None:
        return {"id": asked["id"], "skip": "unimplemented"}
    try:
        return {"id": asked["id"], "ok": operation(asked["in"])}
    except Refused as refused:
        return {"id": asked["id"], "err": refused.code}
    except BadDeclaration:
        return {"id": asked["id"], "err": "declaration"}
    except MALFORMED:
        return {"id": asked["id"], "err": FIRST_WORDS.get(asked["op"], "declaration")}


def serve(lines: Iterable[str], out: TextIO) -> None:
    """Answers line by line until the input ends; a text that JSON escapes only can say stays escaped."""
    for line in lines:
        out.write(json.dumps(answered(json.loads(line))) + "\n")
        out.flush()
