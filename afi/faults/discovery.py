"""What is wrong about discovery and registration. Replacements take the original first."""
import json
from collections.abc import Callable
from typing import Any

from afi.faults import Fault

# -- replies and answers changed on the way -------------------------------------------------------------------------------------------

def of_schema(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns: a change of the replies of 200 to requests of the document."""
    return lambda reply: change(reply) if "/schema/" in reply.request.target and reply.status == 200 else reply


def refused_with_query(reply: Any) -> Any:
    return reply.with_status(404) if "?" in reply.request.target else reply


def head_without_tag(reply: Any) -> Any:
    return reply.without_header("ETag") if reply.request.method == "HEAD" else reply


def unsorted_where_bare(reply: Any) -> Any:
    """The start without origins, which registers in another order, lists in another order too."""
    if any(name.lower() == b"vary" for name, _ in reply.headers) or reply.request.method == "HEAD":
        return reply
    return reply.with_json(lambda document: {**document, "contexts": [*reversed(document["contexts"])]})


def taken(part: str) -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    """Returns: a change of the answers to refused declarations that hold a part: they register."""
    return lambda asked, answer: {"ok": ""} if "err" in answer and part in asked["in"].get("declarations", "") else answer


def confused(wrong: str, right: str, part: str) -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    """Returns: a change of one code to another, where the declarations hold a part."""
    return lambda asked, answer: {"err": wrong} if answer.get("err") == right and part in asked["in"].get("declarations", "") else answer


# -- functions of the reference replaced ----------------------------------------------------------------------------------------------

def with_members(change: Callable[[dict[str, Any]], dict[str, Any]]) -> tuple[str, Callable[..., Any]]:
    return "mizan.schema.schema_of", lambda original, sealed, extensions: change(original(sealed, extensions))


def without(member: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: {name: value for name, value in document.items() if name != member}


def with_items(change: Callable[[str, list[dict[str, Any]]], list[dict[str, Any]]]) -> tuple[str, Callable[..., Any]]:
    return "mizan.schema.items", lambda original, kind, nodes: change(kind, original(kind, nodes))


def with_item(change: Callable[[dict[str, Any]], dict[str, Any]]) -> tuple[str, Callable[..., Any]]:
    """Returns: a patch of every item and part of one."""
    return "mizan.schema.item", lambda original, node: change(original(node))


def with_children(of_kind: str, change: Callable[[list[Any]], list[Any]]) -> tuple[str, Callable[..., Any]]:
    def changed(original: Any, kind: str, node: Any) -> list[Any]:
        found = original(kind, node)
        return change(found) if kind == of_kind else found
    return "mizan.schema.children", changed


def contract_of_names(original: Any, sealed: Any) -> str:
    import hashlib
    return hashlib.sha256(" ".join(sealed.functions).encode()).hexdigest()


def extensions_flat(document: dict[str, Any]) -> dict[str, Any]:
    census = document["extensions"]["census"]
    return {**document, "extensions": {"channels": {}, **census, "census": {"run": census["run"]}}}


def no_channels(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "extensions": without("channels")(document["extensions"])}


def post_too(original: Any, door: Any, method: str) -> None:
    if door.document is None:
        original(door, method)


def views_unknown(original: Any, site: Any, name: str) -> Any:
    from mizan.errors import Problem
    function = original(site, name)
    if function.is_view:
        raise Problem("unknown_function")
    return function


def imported_known(original: Any, site: Any, name: str) -> Any:
    return original(site, next(one for one in site.sealed.functions if one.startswith("fn_")) if name in ("not_declared", "noted") else name)


def extensions_alone_cleared(original: Any, self: Any) -> None:
    kept = self.functions
    original(self)
    self.functions = kept


def functions_alone_cleared(original: Any, self: Any) -> None:
    self.functions, self.compositions, self._sealed = {}, {}, None


def unplugged(original: Any, self: Any) -> None:
    original(self)
    self.extensions = {name: type("Empty", (), {"schema": lambda self: {}, "clear": lambda self: None})() for name in self.extensions}


def unknown_contexts_dropped(original: Any, functions: Any, compositions: Any) -> Any:
    import dataclasses
    known = {one.context for one in functions.values()}
    kept = {name: dataclasses.replace(one, affects=[hit for hit in one.affects if hit.context in known]) for name, one in functions.items()}
    return original({name: kept[name] if len(kept[name].affects) < len(one.affects) else one for name, one in functions.items()}, compositions)


def nobody_named(original: Any, self: Any, name: str) -> None:
    from mizan.errors import BadName
    if name in self.functions or name in self.compositions:
        raise BadName("a name is registered already")


def free(original: Any, self: Any, name: str) -> None:
    return None


def compositions_free(original: Any, self: Any, name: str) -> None:
    if name not in self.functions or name in self.compositions:
        original(self, name)


def longer(original: Any, name: str) -> bool:
    return len(name) <= 130 and all(0 < len(one) <= 65 and original(one[:64]) for one in name.split("."))


def capitals(original: Any, name: str) -> bool:
    return bool(original(name.lower()))


def reads_dotted(original: Any, name: str) -> None:
    return None


def any_segment(original: Any, name: str, noun: str) -> None:
    return None


def first_type(original: Any, where: str, known: Any, one: Any) -> Any:
    import dataclasses
    return original(where, known, dataclasses.replace(one, type=known.type))


def first_default(original: Any, where: str, known: Any, one: Any) -> Any:
    import dataclasses
    both = known.default is not None and one.default is not None
    return original(where, known, dataclasses.replace(one, default=known.default) if both else one)


def composed_freely(original: Any, where: str, functions: Any) -> Any:
    """The functions of a composition need not agree on defaults."""
    import dataclasses
    if where.startswith("context"):
        return original(where, functions)
    return original(where, [dataclasses.replace(one, parameters={
        name: dataclasses.replace(field, default=None) for name, field in one.parameters.items()}) for one in functions])


def compositions_unchecked(original: Any, names: Any, where: str) -> None:
    if not where.startswith("composition"):
        original(names, where)


def any_field_name(original: Any, name: str, where: str) -> None:
    return None


def unlimited(original: Any, name: str) -> bool:
    return bool(original(name[:128]))


def first_slot(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    try:
        return original(context, mutation, merge)
    except ValueError:
        if len(context.slots) < 2:
            raise
        return next(iter(context.slots))


def broken(name: str, clause: int, kills: dict[str, str], **way: Any) -> Fault:
    return Fault(name, f"discovery-{clause}", {f"discovery/{check}": member for check, member in kills.items()}, **way)


DOCUMENT = (
    broken("schema-member-missing", 1, {"members": "2"}, patch=with_members(without("shapes"))),
    broken("schema-member-more", 1, {"members": "2"}, patch=with_members(lambda document: {**document, "version": "1"})),
    broken("schema-spaced", 2, {"canonical": "2"}, wire=of_schema(lambda reply: reply.with_body(reply.body.replace(b",", b", ")))),
    broken("protocol-is-a-number", 3, {"methods.version": "members"}, patch=with_members(lambda document: {**document, "protocol": 1})),
    broken("contract-of-names", 4, {"contract": "2"}, patch=("mizan.schema.contract", contract_of_names)),
    broken("schema-backwards", 5, {"sorted": "1"}, patch=with_items(lambda kind, items: [*reversed(items)])),
    broken("forms-null", 6, {"methods.nothing-built": "members"}, patch=with_members(lambda document: {**document, "forms": None})),
    broken("order-of-registration-shows", 7, {"order-never-shows": "1"}, wire=of_schema(unsorted_where_bare)),
    broken("schema-query-refused", 8, {"methods.query": "status"}, wire=of_schema(refused_with_query)),
    broken("schema-posted", 9, {"methods.post": "status"}, patch=("mizan.web.check_method", post_too)),
    broken("schema-head-without-tag", 10, {"head-is-get": "1"}, wire=of_schema(head_without_tag)),
    broken("schema-tag-constant", 11, {"methods.tag": "headers"}, wire=of_schema(lambda reply: reply.with_header("ETag", '"0"'))),
    broken("schema-never-304", 12, {"validators.same": "status"},
           patch=("mizan.schema.answer", lambda original, sealed, extensions, if_none_match: original(sealed, extensions, ()))),
    broken("schema-without-vary", 49, {"methods.vary": "headers"}, wire=of_schema(lambda reply: reply.without_header("Vary"))),
    broken("schema-never-kept", 13, {"methods.cache-control": "headers"},
           wire=of_schema(lambda reply: reply.with_header("Cache-Control", "no-store"))),
)

LISTED = (
    broken("reads-not-listed", 14, {"functions-listed": ""}, patch=with_items(
        lambda kind, items: [one for one in items if one.get("kind") != "read"])),
    broken("listed-and-unknown", 15, {"functions-called": "1"}, patch=("mizan.dispatch.lookup", views_unknown)),
    broken("imported-listed", 16, {"not-declared": ""}, patch=with_items(
        lambda kind, items: [*items, {"name": "not_declared"}] if kind == "function" else items)),
    broken("imported-called", 17, {"undeclared.imported": "status", "undeclared.noted": "status"}, patch=("mizan.dispatch.lookup", imported_known)),
    broken("context-not-listed", 18, {"contexts-fetched": "0"}, patch=with_items(
        lambda kind, items: [one for one in items if kind != "context" or one["name"] != "user"])),
    broken("compositions-not-listed", 19, {"compositions-listed": ""}, patch=with_items(
        lambda kind, items: [] if kind == "compose" else items)),
)

ITEMS = (
    broken("item-without-kind", 20, {"function-items": ""}, patch=with_item(without("kind"))),
    broken("item-without-affects", 20, {"function-items": ""}, patch=with_children("affects", lambda found: [])),
    broken("bindings-not-said", 20, {"function-items": ""}, patch=with_children("bind", lambda found: [])),
    broken("item-without-merges", 20, {"function-items": ""}, patch=with_children("merge", lambda found: [])),
    broken("merge-by-slot-alone", 20, {"function-items": ""}, patch=with_item(
        lambda item: {name: value for name, value in item.items() if name not in ("op", "key")})),
    broken("item-without-doc", 20, {"function-items": ""}, patch=with_item(without("doc"))),
    broken("one-read-not-listed", 14, {"functions-listed": ""}, patch=with_items(
        lambda kind, items: [one for one in items if one["name"] != "crew_members"])),
    broken("parameter-without-default", 25, {"context-items": ""}, patch=with_children("param", lambda found: [*map(without("default"), found)])),
    broken("item-without-errors", 21, {"errors-of-items": ""}, patch=with_children("error", lambda found: [])),
    broken("type-in-one-line", 22, {"types-of-items": ""},
           patch=("mizan.schema.ir_text", lambda original, node: " ".join(original(node).split()))),
    broken("type-by-kind-alone", 22, {"types-of-items": ""}, patch=("mizan.schema.ir_text", lambda original, node: original(node).split('"')[1])),
    broken("default-as-value", 23, {"defaults-of-items": ""}, patch=with_item(
        lambda item: {**item, "default": json.loads(item["default"])} if "default" in item else item)),
    broken("standing-values-said", 24, {"standing-values": "1"}, patch=with_item(
        lambda item: {"timeout_s": 30, **item} if "kind" in item else item)),
    broken("empty-lists-left-out", 24, {"standing-values": "1"}, patch=with_item(
        lambda item: {name: value for name, value in item.items() if value != []})),
    broken("masks-not-said", 25, {"context-items": ""}, patch=with_children("scope", lambda found: [])),
    broken("slots-not-said", 25, {"context-items": ""}, patch=with_children("slot", lambda found: [])),
    broken("parts-not-said", 26, {"composition-items": "1"}, patch=with_children("part", lambda found: [])),
    broken("views-not-said", 27, {"own-responses": ""}, patch=with_item(without("view"))),
)

EXTENSIONS = (
    broken("extensions-flat", 28, {"methods.extension": "members"}, patch=with_members(extensions_flat)),
    broken("no-channels", 29, {"methods.channels": "members"}, patch=with_members(no_channels)),
    broken("functions-not-cleared", 30, {"clearing.functions": "members"}, patch=("mizan.registry.Registry.clear", extensions_alone_cleared)),
    broken("extensions-not-cleared", 31, {"clearing.extensions": "members"}, patch=("mizan.registry.Registry.clear", functions_alone_cleared)),
    broken("extensions-unplugged", 31, {"clearing.extensions": "members"}, patch=("mizan.registry.Registry.clear", unplugged)),
)

MISTAKES = (
    broken("second-one-wins", 32, {"duplicate-refused": ""}, patch=("mizan.registry.Registry._must_be_free", free), at_start=True),
    broken("unknown-context-served", 33, {"unknown-context-refused": ""}, patch=("mizan.seal.seal", unknown_contexts_dropped), at_start=True),
    broken("nobody-named", 34, {"offenders-named": ""}, patch=("mizan.registry.Registry._must_be_free", nobody_named), at_start=True),
    broken("names-registered-twice", 35, {"names.twice": "", "names.read-twice": "", "names.composition-too": "", "names.composition-twice": ""},
           patch=("mizan.registry.Registry._must_be_free", free), at_start=True),
    broken("composition-over-function", 35, {"names.composition-too": ""},
           patch=("mizan.registry.Registry._must_be_free", compositions_free), at_start=True),
    broken("segments-longer", 36, {"functions.segment-65": "", "functions.name-129": ""}, patch=("mizan.grammar.is_function_name", longer), at_start=True),
    broken("capitals-taken", 36, {"functions.capital": ""}, patch=("mizan.grammar.is_function_name", capitals), at_start=True),
    broken("reads-dotted", 37, {"segments.read-dot": ""}, patch=("mizan.grammar.check_read_name", reads_dotted), at_start=True),
    broken("any-segment", 37, {"segments.context-dot": "", "segments.argument-capital": "", "segments.argument-empty": ""},
           patch=("mizan.grammar.check_segment", any_segment), at_start=True),
    broken("nothing-reserved", 38, {"reserved.jwt": "", "reserved.mwt": "", "reserved.mizan": ""},
           patch=("mizan.grammar.is_reserved", lambda original, name: False), at_start=True),
    broken("reserved-everywhere", 38, {"reserved.later": ""},
           patch=("mizan.grammar.is_reserved", lambda original, name: any(map(original, name.split(".")))), at_start=True),
    broken("any-type-name", 39, {"types.lower": "", "types.underscore": "", "types.enum-lower": ""},
           patch=("mizan.grammar.is_type_name", lambda original, name: True), at_start=True),
    broken("types-declared-twice", 40, {"types.two-objects": "", "types.enum-and-object": ""}, oracle=taken('"B"')),
    broken("contexts-of-nobody", 41, {"contexts.unknown": "", "contexts.unknown-map": "", "contexts.unknown-merge": ""}, oracle=taken('"d"')),
    broken("first-slot-merged", 42, {"contexts.two-slots": ""}, patch=("mizan.merges.slot_of", first_slot), at_start=True),
    broken("type-of-the-first-read", 43, {"parameters.types": "", "parameters.nullable": "", "parameters.composed-types": ""},
           patch=("mizan.seal.united_parameter", first_type), at_start=True),
    broken("default-of-the-first-read", 44, {"parameters.defaults": ""}, patch=("mizan.seal.united_parameter", first_default), at_start=True),
    broken("types-of-nobody", 45, {"said.nobodys": "", "said.nobodys-in-a-list": ""}, oracle=taken('"ref":"B"')),
    broken("type-is-any", 45, {"said.any": ""}, oracle=taken('"any"')),
    broken("type-is-a-declaration", 45, {"said.one-kind-of-json": "err"}, oracle=confused("declaration", "type", '"union"')),
    broken("anything-composed", 46, {"parts.plain": "", "parts.nobodys": ""}, oracle=taken('"z"')),
    broken("nothing-composed", 46, {"parts.none": ""}, oracle=taken('"parts":[]')),
    broken("server-made-keys", 48, {"parameters.server-made": ""}, patch=("mizan.seal.check_constants", lambda original, function: None), at_start=True),
    broken("composed-defaults-taken", 50, {"parameters.composed-defaults": ""}, patch=("mizan.seal.united_parameters", composed_freely), at_start=True),
    broken("parts-twice", 51, {"parts.twice": ""}, patch=("mizan.seal.check_distinct", compositions_unchecked), at_start=True),
    broken("any-field-name", 52, {"types.field-dash": "", "types.field-empty": "", "types.field-proto": "", "types.field-65": ""},
           patch=("mizan.grammar.check_field_name", any_field_name), at_start=True),
    broken("proto-taken", 52, {"types.field-proto": ""}, oracle=taken('"__proto__":{"type"')),
    broken("type-names-unlimited", 53, {"types.name-129": "", "types.lifted-129": ""}, patch=("mizan.grammar.is_type_name", unlimited), at_start=True),
    broken("views-as-slots", 47, {"parts.view-read": ""}, patch=("mizan.seal.check_view", lambda original, function: None), at_start=True),
)

FAULTS = DOCUMENT + LISTED + ITEMS + EXTENSIONS + MISTAKES
