"""
discovery: one document says what there is; what it names can be called, and what it does not cannot; what is declared wrongly never listens.

Source: spec/discovery.md, pinned in pins/discovery.yaml
Sends:  GET schema/ and ir/; a call or a fetch, with a member that nobody declares, of everything that is listed
Wants:  canonical JSON, compared as bytes and item by item with spec/sample.md; starts that refuse
Errors: a call that is refused for its arguments has found its function; 404 says that it has not
"""
import hashlib
import re
from collections.abc import Iterator
from typing import Any

from afi import expected, sample_ir
from afi.model import ABSENT, Check
from afi.pins import Pins, exchanges
from afi.transport import Reply
from afi.wire import Wire

CHECKS = {
    "canonical": "discovery-2",
    "members": "discovery-1",
    "contract": "discovery-4",
    "sorted": "discovery-5",
    "head-is-get": "discovery-10",
    "functions-listed": "discovery-14",
    "functions-called": "discovery-15",
    "not-declared": "discovery-16",
    "contexts-fetched": "discovery-18",
    "compositions-listed": "discovery-19",
    "function-items": "discovery-20",
    "errors-of-items": "discovery-21",
    "types-of-items": "discovery-22",
    "defaults-of-items": "discovery-23",
    "standing-values": "discovery-24",
    "context-items": "discovery-25",
    "composition-items": "discovery-26",
    "own-responses": "discovery-27",
    "order-never-shows": "discovery-7",
    "duplicate-refused": "discovery-32",
    "unknown-context-refused": "discovery-33",
    "offenders-named": "discovery-34",
}
STARTS = ("order-never-shows", "duplicate-refused", "unknown-context-refused", "offenders-named")          # these stories need other starts
GROUPS = ("methods", "validators", "undeclared", "clearing")
MEMBERS = ["compositions", "contexts", "contract", "extensions", "forms", "functions", "protocol", "shapes"]
LISTS = ("compositions", "contexts", "functions")
INT, TEXT, USER = 'type "int"', 'type "string"', 'type "ref" "User"'
BY_USER = {"context": "user", "binds": [{"param": "user_id", "arg": "user_id"}]}
ONE_OF_FORTY = re.compile("c(0[1-9]|[123][0-9])(_value)?")          # contexts and slots of the sample that differ in their names alone
OF_THE_MESSAGE = {"date", "server", "connection", "keep-alive", "content-length", "transfer-encoding"}      # not of the representation
Item = dict[str, Any]


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    reply = wire.get("schema/")
    known = {"tag": f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"',
             "digest": hashlib.sha256((wire.run.nonce + wire.run.seed_row).encode()).hexdigest()}
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), **known)
    yield from whole(wire, reply)
    yield from listed(wire, reply.json())
    yield from items(wire, reply.json())
    with wire.started("bare") as other:
        yield Check("order-never-shows", CHECKS["order-never-shows"], wanted=(200, reply.body), got=(*seen(other.get("schema/")),))
    yield from refused(wire)


def seen(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body


def fields(reply: Reply) -> list[tuple[str, str]]:
    """Returns: the header fields of the representation, sorted."""
    told = ((name.decode().lower(), value.decode("latin-1")) for name, value in reply.headers)
    return sorted(pair for pair in told if pair[0] not in OF_THE_MESSAGE)


def named(document: Any, group: str) -> dict[str, Item]:
    """Returns: the items of one list by name; those without one under the empty text."""
    return {str(one.get("name", "")): one for one in document.get(group, [])}


def whole(wire: Wire, reply: Reply) -> Iterator[Check]:
    """The document as bytes, and what it says of itself."""
    document = reply.json()
    run = document.get("extensions", {}).get("census", {}).get("run", ABSENT)
    yield Check("canonical", CHECKS["canonical"], wanted=(200, wire.run.nonce, expected.canonical(document)), got=(reply.status, run, reply.body))
    yield Check("members", CHECKS["members"], wanted=(200, wire.run.nonce, MEMBERS), got=(reply.status, run, sorted(document)))
    ir = wire.get("ir/")
    holds = f'context "{wire.run.context}" '.encode() in ir.body
    yield Check("contract", CHECKS["contract"], wanted=(200, True, hashlib.sha256(ir.body).hexdigest()), got=(ir.status, holds, document.get("contract")))
    names = {group: [one.get("name") for one in document.get(group, [])] for group in LISTS}
    in_order = {group: sorted(found, key=lambda name: str(name).encode()) for group, found in names.items()}
    has = [name in names["functions"] for name in (wire.run.function, wire.run.slot)]
    yield Check("sorted", CHECKS["sorted"], wanted=([True, True], in_order), got=(has, names))
    head = wire.send("HEAD", "schema/")
    yield Check("head-is-get", CHECKS["head-is-get"], wanted=(reply.status, fields(reply), b"", "no-cache"),
                got=(head.status, fields(head), head.body, str(head.header("Cache-Control")).rpartition(", ")[2]))


def listed(wire: Wire, document: Any) -> Iterator[Check]:
    """What is listed answers; what is not declared is not listed. A member that nobody declares is refused by whoever is there, before it runs."""
    run = wire.run
    functions, contexts, compositions = (named(document, group) for group in ("functions", "contexts", "compositions"))
    wanted = [node.args[0] for node in sample_ir.nodes(run) if node.name == "function"]
    yield Check("functions-listed", CHECKS["functions-listed"], wanted=wanted, got=[name for name in wanted if name in functions])
    found = {name: wire.call(name, no_such=1).status for name in [*functions, *compositions] if not ONE_OF_FORTY.fullmatch(name)}
    yield Check("functions-called", CHECKS["functions-called"], wanted=({run.function: 422}, dict.fromkeys(found, 422)),
                got=({run.function: found.get(run.function, ABSENT)}, found))
    yield Check("not-declared", CHECKS["not-declared"], wanted=[run.function], got=[n for n in (run.function, "not_declared", "noted") if n in functions])
    wanted = [run.context, "probe", "user"]
    fetched = {name: wire.get(f"ctx/{name}/?no_such=1").status for name in contexts if not ONE_OF_FORTY.fullmatch(name)}
    yield Check("contexts-fetched", CHECKS["contexts-fetched"], wanted=(wanted, dict.fromkeys(fetched, 422)),
                got=([name for name in wanted if name in contexts], fetched))
    yield Check("compositions-listed", CHECKS["compositions-listed"], wanted=["broken_pair", "user_page"], got=[*compositions])


def items(wire: Wire, document: Any) -> Iterator[Check]:
    """Items of the sample, whole; each with one whose name nobody knew beforehand."""
    run = wire.run
    functions, contexts = named(document, "functions"), named(document, "contexts")

    def told(slug: str, wanted: dict[str, Item], group: dict[str, Item]) -> Check:
        return Check(slug, CHECKS[slug], wanted=wanted, got={name: group.get(name, ABSENT) for name in wanted})

    def members(slug: str, wanted: dict[str, Item], name_of: str) -> Check:
        return Check(slug, CHECKS[slug], wanted=wanted,
                     got={fn: {one["name"]: one.get(name_of, ABSENT) for one in functions.get(fn, {}).get("args", [])} for fn in wanted})

    note = item(f"{run.context}_note", "read", TEXT, {"key": TEXT}, context=run.context)
    by_result = {"context": "team", "binds": [{"param": "team_id", "result": "team_id"}]}
    by_team = [{"param": "team_id", "arg": "team_id"}]
    in_crew = {"context": "crew", "slot": "crew_members", "op": "upsert", "key": "id", "binds": by_team}
    in_note = {"context": run.context, "slot": note["name"], "binds": [{"param": "key", "arg": "key"}]}
    moves = "Moves a user: the new team is bound by its name, the old one must be said."
    yield told("function-items", {
        run.function: item(run.function, "plain", TEXT, {"text": TEXT}), note["name"]: note,
        "update_profile": item("update_profile", "mutation", USER, {"name": TEXT, "user_id": INT}, affects=[BY_USER]),
        "retitle": item("retitle", "mutation", 'type "ref" "Team"', {"pick": INT, "title": TEXT}, affects=[by_result]),
        "fresh_text": item("fresh_text", "read", TEXT, {"text": TEXT}, context="fresh", volatile=True),
        "wait_async": item("wait_async", "plain", TEXT, {"mark": TEXT}, timeout_s=1),
        "note_env": item("note_env", "mutation", TEXT, {"key": TEXT}, merges=[in_note]),
        "join_crew": item("join_crew", "mutation", USER, {"team_id": INT, "user_id": INT}, merges=[in_crew]),
        "move_user": item("move_user", "mutation", USER, {"team_id": INT, "user_id": INT}, affects=[{"context": "team", "binds": by_team}, BY_USER], doc=moves),
    }, functions)
    errors = {"says_no": [{"name": "app.taken", "status": 409}], run.function: []}
    yield Check("errors-of-items", CHECKS["errors-of-items"], wanted=errors, got={name: functions.get(name, {}).get("errors", ABSENT) for name in errors})
    yield members("types-of-items", {
        run.function: {"text": TEXT}, "pick": {"value": 'type "int" nullable=#true'}, "many": {"values": 'type "list" {\n    type "int"\n}'},
        "circle_or_square": {"shape": 'type "union" {\n    type "ref" "Circle"\n    type "ref" "Square"\n}', "text": TEXT},
    }, "type")
    yield members("defaults-of-items", {run.function: {"text": ABSENT}, "report_org": {"org_id": "1"}, "page_text": {"lang": '"en"', "user_id": ABSENT}},
                  "default")
    standing = {"timeout_s": ABSENT, "volatile": ABSENT, "view": ABSENT, "context": ABSENT, "affects": [], "merges": [], "errors": []}
    yield Check("standing-values", CHECKS["standing-values"], wanted=(TEXT, standing),
                got=(functions.get(run.function, {}).get("returns"), {name: functions.get(run.function, {}).get(name, ABSENT) for name in standing}))
    yield told("context-items", {
        "user": {"name": "user", "params": [{"name": "user_id", "type": INT}], "scopes": [["user_id"]],
                 "slots": sorted(["user_digest", "user_profile", run.slot])},
        run.context: {"name": run.context, "params": [{"name": "key", "type": TEXT}], "scopes": [["key"]], "slots": [note["name"]]},
        "report": {"name": "report", "params": [{"name": "org_id", "type": INT}, {"name": "user_id", "type": INT}],
                   "scopes": [["org_id"], ["org_id", "user_id"]], "slots": ["report_org", "report_total"]},
        "page_lang": {"name": "page_lang", "params": [{"name": "lang", "type": TEXT, "default": '"en"'}, {"name": "user_id", "type": INT}],
                      "scopes": [["lang", "user_id"], ["user_id"]], "slots": ["page_text"]},
    }, contexts)
    yield Check("composition-items", CHECKS["composition-items"], wanted=(run.nonce, [
        {"name": "broken_pair", "parts": ["broken_calm", "broken_loud"]}, {"name": "user_page", "parts": ["page_text", "user_profile"]},
    ]), got=(document.get("extensions", {}).get("census", {}).get("run"), document.get("compositions")))
    views = {name: (one.get("view", ABSENT), "returns" in one) for name, one in functions.items() if name in ("hands_over", run.function)}
    yield Check("own-responses", CHECKS["own-responses"], wanted={"hands_over": (True, False), run.function: (ABSENT, True)}, got=views)


def item(name: str, kind: str, returns: str, args: dict[str, str], **members: Any) -> Item:
    """Returns: the item of a function whose arguments have no default; lists that are not given are empty."""
    listed = [{"name": arg, "type": args[arg]} for arg in sorted(args)]
    return {"name": name, "kind": kind, "args": listed, "returns": returns, "errors": [], "affects": [], "merges": [], **members}


def refused(wire: Wire) -> Iterator[Check]:
    """Two programs that declare something wrong: each ends by itself, listens nowhere, and says what is wrong."""
    offenders = {"duplicate": wire.run.function, "unknown-context": f"{wire.run.context}_lost"}
    starts = {name: wire.refused(name) for name in offenders}
    for name, start in starts.items():
        ended = "with another code" if start.ended.startswith("exited ") and start.ended != "exited 0" else start.ended or "still there"
        yield Check(f"{name}-refused", CHECKS[f"{name}-refused"], wanted=("with another code", False), got=(ended, start.listened))
    yield Check("offenders-named", CHECKS["offenders-named"], wanted=offenders,
                got={name: offenders[name] if offenders[name] in start.log else start.log for name, start in starts.items()})
