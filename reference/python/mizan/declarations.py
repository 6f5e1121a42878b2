"""
Everything that an application declares, as JSON: the form that every language reads and writes, and the same registry that code makes.

    {"enums"?: [{"name", "values", "doc"?}], "objects"?: [{"name", "fields", "doc"?}], "functions"?: […], "compositions"?: [{"name", "parts", "doc"?}]}
    function   {"name", "returns" | "view": true, "args"?, "context"?, "affects"?, "merge"?, "errors"?, "timeout_s"?, "volatile"?, "doc"?}

Types and fields are those of `mizan.declaration`; besides, {"object": fields} and {"enum": values} stand for a type without a name.
Source: spec/schemas/declarations.schema.json. Errors: BadName, BadType, BadDeclaration, for what would not register.
"""
from collections.abc import Mapping, Sequence
from typing import Any

from mizan import declaration, declare, grammar, ir, unions
from mizan.errors import ApplicationError, BadDeclaration, BadName
from mizan.function import DEFAULT_TIMEOUT_S, Affect, Merge, ReactContext, ServerFunction
from mizan.lifting import Lifting
from mizan.registry import Registry
from mizan.seal import Sealed
from mizan.types import Enumeration, Named, Names, Record

TEXT, LIST, MAP, INTEGER, FLAG = str, list, dict, int, bool
GROUPS: Mapping[str, Mapping[str, Any]] = {          # group -> the members of its items; a name with ? may be absent
    "enums": {"name": TEXT, "values": LIST, "doc?": TEXT},
    "objects": {"name": TEXT, "fields": MAP, "doc?": TEXT},
    "functions": {
        "name": TEXT, "args?": MAP, "returns?": object, "view?": FLAG, "context?": TEXT, "affects?": LIST, "merge?": LIST, "errors?": LIST,
        "timeout_s?": INTEGER, "volatile?": FLAG, "doc?": TEXT,
    },
    "compositions": {"name": TEXT, "parts": LIST, "doc?": TEXT},
}
ERROR = {"name": TEXT, "status": INTEGER}
AFFECT = {"context": TEXT, "map": MAP}
MERGE = {"context": TEXT, "slot?": TEXT, "op?": TEXT, "key?": TEXT, "map?": MAP}


def sealed(said: Any) -> Sealed:
    """Registers what the JSON declares, as code would. Raises: BadName, BadType, BadDeclaration. Warns: UnboundName."""
    groups = shaped(said, {f"{group}?": LIST for group in GROUPS}, "declarations")
    items = {group: [shaped(one, members, group) for one in groups.get(group, [])] for group, members in GROUPS.items()}
    check_names(items)
    lifting = Lifting()
    functions = [lifting.function(one) for one in items["functions"]]
    names = names_of(items["enums"], [lifting.record(one) for one in items["objects"]], lifting)
    registry = Registry()
    for one in functions:
        registry.register(function_of(one, names))
    for one in items["compositions"]:
        parts = [registry.get_function(texts([name], "parts")[0]) for name in one["parts"]]
        registry.register_compose(one["name"], parts, one.get("doc", ""))        # type: ignore[arg-type]  # sealing refuses a part that is none
    return registry.seal()


def shaped(said: Any, members: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Returns: an object that has these members and no other. Raises: BadDeclaration."""
    wanted = {name.removesuffix("?"): kind for name, kind in members.items()}
    needed = {name for name in members if not name.endswith("?")}
    if not isinstance(said, dict) or not needed <= set(said) <= set(wanted):
        raise BadDeclaration(f"{where}: wanted an object with {', '.join(members)}")
    for name, value in said.items():
        if not isinstance(value, wanted[name]) or (isinstance(value, bool) and wanted[name] is INTEGER) or value is False:
            raise BadDeclaration(f"{where}: {name} is not what it is to be; a flag that is not set is left out")
    return said


def check_names(items: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Looks at names before anything that they name. Raises: BadName, for one outside the grammar, or reserved."""
    for one in (*items["enums"], *items["objects"]):
        grammar.check_type_name(one["name"], "type")
    for one in (*items["functions"], *items["compositions"]):
        grammar.check_function_name(one["name"])
    for one in items["objects"]:
        check_field_names(one["fields"], f"object {one['name']!r}")
    for one in items["functions"]:
        where = f"function {one['name']!r}"
        if "context" in one:
            grammar.check_segment(one["context"], f"{where}: context")
            grammar.check_read_name(one["name"])
        for name, argument in one.get("args", {}).items():
            grammar.check_segment(name, f"{where}: parameter")
            check_anonymous(argument, where)
        check_anonymous(one.get("returns"), where)


def check_field_names(fields: Mapping[str, Any], where: str) -> None:
    for name, one in fields.items():
        grammar.check_field_name(name, where)
        check_anonymous(one, where)


def check_anonymous(said: Any, where: str) -> None:
    """Looks at the fields of each type without a name, whatever else a type or a field is. Raises: BadName."""
    if isinstance(said, list):
        for one in said:
            check_anonymous(one, where)
    if isinstance(said, dict):
        for word, inner in said.items():
            if word == "object" and isinstance(inner, dict):
                check_field_names(inner, where)
            elif word in ("type", "list", "map", "nullable", "union"):
                check_anonymous(inner, where)


def names_of(enums: Sequence[Mapping[str, Any]], objects: Sequence[Mapping[str, Any]], lifting: Lifting) -> dict[str, Named]:
    """Returns: the named types, those that were lifted among them. Raises: BadName, for a name that stands twice; BadType."""
    given = [one["name"] for one in (*enums, *objects)] + [*lifting.enums, *lifting.objects]
    for name in given:
        if given.count(name) > 1:
            raise BadName(f"type {name!r} is declared twice, or another type is lifted to that name; rename one")
    docs = {one["name"]: one.get("doc", "") for one in (*enums, *objects)}
    names = declaration.names_from_json({
        "enums": {one["name"]: one["values"] for one in enums} | lifting.enums,
        "objects": {one["name"]: one["fields"] for one in objects} | lifting.objects,
    })
    return {name: documented(one, docs.get(name, "")) for name, one in names.items()}


def documented(one: Named, doc: str) -> Named:
    return Enumeration(one.name, one.values, doc=doc) if isinstance(one, Enumeration) else Record(one.name, one.fields, doc=doc)


def function_of(said: Mapping[str, Any], names: Names) -> ServerFunction:
    """Returns: a function that can be registered, and never called. Raises: BadName, BadType, BadDeclaration."""
    where = f"function {said['name']!r}"
    if ("returns" in said) == ("view" in said):
        raise BadDeclaration(f"{where}: wanted either returns, or view for the framework's own response")
    output = declaration.type_from_json(said["returns"]) if "returns" in said else None
    if output is not None:
        declaration.check_known(output, names, f"{where}: returns")
        unions.check(output, names, f"{where}: returns")
    options = declare.Options(
        context=ReactContext(said["context"]) if "context" in said else None, affects=() if said.get("affects") else None,
        merge=() if said.get("merge") else None, errors=[error_of(one, where) for one in said.get("errors", [])],
        timeout_s=said.get("timeout_s", DEFAULT_TIMEOUT_S), volatile="volatile" in said,
    )
    declare.check_options(options, where)
    fields = declaration.fields_from_json(said.get("args", {}), names, where)
    declare.check_files(fields if options.context else {}, output, names, where)
    return ServerFunction(
        said["name"], lambda *_: None, fields, output, names,
        context=said.get("context"), affects=[affect_of(one, where) for one in said.get("affects", [])],
        merges=[merge_of(one, where) for one in said.get("merge", [])], errors=options.errors, timeout_s=options.timeout_s,
        volatile=options.volatile, doc=said.get("doc", ""),
    )


def error_of(said: Any, where: str) -> type[ApplicationError]:
    """Returns: a class for an application error. Raises: BadName, BadDeclaration."""
    members = shaped(said, ERROR, f"{where}: error")
    return type("Declared", (ApplicationError,), {"code": members["name"], "status": members["status"]})


def affect_of(said: Any, where: str) -> Affect:
    """Reads a context's name, which lets the tiers bind, or {"context", "map"}."""
    if isinstance(said, str):
        return Affect(said)
    members = shaped(said, AFFECT, f"{where}: affects")
    texts(members["map"].values(), f"{where}: map")
    return Affect(members["context"], members["map"])


def merge_of(said: Any, where: str) -> Merge:
    """Reads a context's name, or {"context", "slot"?, "op"?, "key"?, "map"?}."""
    if isinstance(said, str):
        return Merge(said)
    members = shaped(said, MERGE, f"{where}: merge")
    texts(members.get("map", {}).values(), f"{where}: map")
    return declare.merge_of(members["context"], {name: value for name, value in members.items() if name != "context"}, where)


def texts(values: Any, where: str) -> list[str]:
    """Raises: BadDeclaration, where one is no text."""
    found = list(values)
    if not all(isinstance(one, str) for one in found):
        raise BadDeclaration(f"{where}: wanted texts")
    return found


def to_json(sealed_: Sealed) -> dict[str, Any]:
    """Returns: what a sealed registry declares, in the form that `sealed` reads; each group by name, empty ones too."""
    named = ir.reached(sealed_)
    return {
        "enums": [with_doc({"name": one.name, "values": list(one.values)}, one.doc) for one in named if isinstance(one, Enumeration)],
        "objects": [
            with_doc({"name": one.name, "fields": declaration.fields_to_json({field.name: field for field in one.fields})}, one.doc)
            for one in named if isinstance(one, Record)
        ],
        "functions": [function_to_json(one) for one in sealed_.functions.values()],
        "compositions": [
            with_doc({"name": name, "parts": [part.name for part in one.functions]}, one.doc) for name, one in sealed_.compositions.items()
        ],
    }


def with_doc(said: dict[str, Any], doc: str) -> dict[str, Any]:
    return said | ({"doc": doc} if doc else {})


def function_to_json(one: ServerFunction) -> dict[str, Any]:
    members: dict[str, Any] = {
        "args": declaration.fields_to_json(one.parameters), "context": one.context, "affects": [affect_to_json(hit) for hit in one.affects],
        "merge": [merge_to_json(hit) for hit in one.merges], "errors": [{"name": e.code, "status": e.status} for e in one.errors],
        "timeout_s": ir.unless(one.timeout_s, DEFAULT_TIMEOUT_S), "volatile": one.volatile, "doc": one.doc, "view": one.is_view,
        "returns": None if one.output is None else declaration.type_to_json(one.output),
    }
    return {"name": one.name} | {name: value for name, value in members.items() if value not in (None, False, "", [], {})}


def affect_to_json(hit: Affect) -> Any:
    return hit.context if hit.map is None else {"context": hit.context, "map": dict(hit.map)}


def merge_to_json(hit: Merge) -> dict[str, Any]:
    members = {"slot": hit.slot, "op": ir.unless(hit.op, ir.STANDING_OP), "key": hit.key, "map": None if hit.map is None else dict(hit.map)}
    return {"context": hit.context} | {name: value for name, value in members.items() if value is not None}
