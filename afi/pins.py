"""
Vectors sent: a pinned exchange or a question to an oracle -> one check.

Source: spec/harness.md, Pins. Raises: BadPin; Broken and NoAnswer of the transport, where they end the conversation.
"""
import json
import random
from collections.abc import Iterator
from typing import Any, Protocol

from afi.errors import Broken
from afi.model import ABSENT, Check
from afi.pinfile import Case, PinFile, Vector, expand
from afi.transport import Reply
from afi.wire import Wire

ENDING = ("hang", "crashed", "closed", "unreachable")        # after these the next exchange would only wait or fail the same way


class Answering(Protocol):
    """An oracle: one question, one answer."""

    def ask(self, op: str, given: dict[str, str]) -> tuple[str, str]: ...


class Pins:
    """What one probe may send: the groups of its page, and the values drawn for it."""

    def __init__(self, file: PinFile, seed: int, drawn: dict[str, list[Any]] | None = None) -> None:
        self.file, self.seed, self._drawn = file, seed, drawn or {}

    def group(self, name: str) -> list[Vector]:
        """Returns: the vectors of one group, in the order that the seed decides."""
        vectors = sorted(self.file.exchanges[name].values(), key=lambda one: one.id)
        random.Random(f"{self.seed}/{self.file.page}/{name}").shuffle(vectors)
        return vectors

    def drawn(self, name: str) -> list[Any]:
        """Returns: the values that were drawn for DRAWS[name] before the probe began."""
        return self._drawn[name]


def exchanges(wire: Wire, group: list[Vector], **values: Any) -> Iterator[Check]:
    """Sends each vector and then its twin; a vector passes only beside its twin. Args: values: names that the group uses."""
    run = wire.run
    given = {"nonce": run.nonce, "function": run.function, "slot": run.slot, "context": run.context, "seed_row": run.seed_row,
             "origin": run.origin, **{name: wire.fresh(name.rstrip("2")) for name in ("user", "user2", "team", "team2")}, **values}
    by_slug = {one.id.split(".")[1]: one for one in group}
    counters: dict[str, Any] = {}
    for vector in group:
        wanted: dict[str, Any] = {}
        got: dict[str, Any] = {}
        names = {**given, **expand(vector.values, given, vector.id)}
        counted = expand(vector.calls, names, vector.id)
        try:
            for fn in counted:
                counters.setdefault(fn, wire.calls(fn))
            wanted, got = _observed(wire, vector, given, by_slug)
            if vector.twin:
                wanted["twin"], got["twin"] = _observed(wire, by_slug[vector.twin], given, by_slug)
            after = {fn: wire.calls(fn) for fn in counted}
            if counted:
                wanted["calls"], got["calls"] = counted, {fn: _moved(counters[fn], now) for fn, now in after.items()}
            counters = after
        except Broken as broken:
            if broken.reason in ENDING:
                raise
            wanted, got, counters = {**wanted, "bytes": "of the protocol"}, {**got, "bytes": str(broken)}, {}
        yield Check(vector.id, vector.clause, wanted, got)


def _observed(wire: Wire, vector: Vector, given: dict[str, Any], by_slug: dict[str, Vector]) -> tuple[dict[str, Any], dict[str, Any]]:
    names = {**given, **expand(vector.values, given, vector.id)}
    want = expand(vector.want, names, vector.id)
    wire.about(vector.id)
    reply = _sent(wire, vector, names)
    wire.about(None)
    got = {name: read(reply, name, value) for name, value in want.items()}
    wanted = {**want, **({"lacks": ABSENT} if "lacks" in want else {})}
    if vector.same_bytes_as:
        other = by_slug[vector.same_bytes_as]
        like = _sent(wire, other, {**given, **expand(other.values, given, other.id)})
        wanted["same_bytes"], got["same_bytes"] = (like.status, _text(like.body)), (reply.status, _text(reply.body))
    return wanted, got


def _sent(wire: Wire, vector: Vector, names: dict[str, Any]) -> Reply:
    send = expand(vector.send, names, vector.id)
    body, kind = b"", True
    if "json" in send:
        body = json.dumps(send["json"], ensure_ascii=False, separators=(",", ":")).encode()
    elif "body_hex" in send:
        body = bytes.fromhex(send["body_hex"])
    elif "body" in send:
        body = str(send["body"]).encode()
    else:
        kind = "chunks" in send
    headers = {**({"Content-Type": "application/json"} if kind else {}), **send.get("headers", {})}
    fields = tuple((name, text) for name, value in headers.items() for text in (value if isinstance(value, list) else [value]))
    more = {"chunks": tuple(text.encode() for text in send["chunks"]), "withhold": bool(send.get("withhold"))} if "chunks" in send else {}
    return wire.send(send["method"], send["target"] if "target" in send else send["path"], fields, body, **more)


def read(reply: Reply, name: str, value: Any) -> Any:
    """One wanted thing of a reply, read the way its name says (spec/harness.md, `want`)."""
    match name:
        case "status":
            return reply.status
        case "headers":
            return {field: reply.header(field) for field in value}
        case "members":
            return {path: reply.member(path) for path in value}
        case "pointers" | "errors":
            return _errors(reply, name)
        case "body":
            return reply.json()
        case "bytes":
            return _text(reply.body)
        case "lacks":
            texts = value if isinstance(value, list) else [value]
            return next((f"holds {text!r}" for text in texts if text.encode() in reply.body or any(text.encode() in v for _, v in reply.headers)), ABSENT)
        case _:
            return reply.member(name)


def _errors(reply: Reply, name: str) -> Any:
    errors = reply.member("errors")
    if not isinstance(errors, list) or not all(isinstance(one, dict) for one in errors):
        return errors
    return [one.get("pointer", ABSENT) if name == "pointers" else [one.get("pointer", ABSENT), one.get("code", ABSENT)] for one in errors]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _moved(before: Any, after: Any) -> Any:
    return after - before if type(after) is int and type(before) is int else f"{before!r}, then {after!r}"


def answers(oracle: Answering, group: dict[str, Case]) -> Iterator[Check]:
    """Asks an oracle each case of a group and then its twin."""
    for case in group.values():
        wanted, got = {case.answer[0]: case.answer[1]}, _answered(oracle, case)
        if case.twin:
            twin = group[case.twin]
            wanted["twin"], got["twin"] = {twin.answer[0]: twin.answer[1]}, _answered(oracle, twin)      # type: ignore[assignment]
        yield Check(case.id, case.clause, wanted, got)


def _answered(oracle: Answering, case: Case) -> dict[str, Any]:
    word, text = oracle.ask(case.op, case.given)
    return {word: text}
