"""What is wrong about the text of what an application declares. Source: spec/ir.md. Replacements take the original first."""
import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

from afi.faults import Fault

# -- the text ----------------------------------------------------------------------------------------------------------------

def changed_text(old: str, new: str) -> Callable[..., Any]:
    """Replaces `kdl.text`: one text in it is another."""
    return lambda original, nodes: original(nodes).replace(old, new)


def escaped_otherwise(choose: Callable[[str], str | None]) -> Callable[..., Any]:
    """Replaces `kdl.escaped`: some characters are written in another way."""
    def escaped(original: Any, character: str) -> Any:
        other = choose(character)
        return original(character) if other is None else other
    return escaped


def bare_where_it_may_be(original: Any, value: str) -> Any:
    return value if value.replace(".", "").replace("_", "").isalnum() else original(value)


def always_braces(original: Any, node: Any) -> Any:
    return original(node) if node.children or node.name == "type" else [original(node)[0] + " {", "}"]


def in_order_of_writing(original: Any, node: Any) -> Any:
    from mizan import kdl
    return [f"{name}={kdl.spelled(value)}" for name, value in sorted(node.properties.items(), reverse=True)]


# -- nodes -------------------------------------------------------------------------------------------------------------------

def less(node: Any, *names: str) -> Any:
    """Returns: a node without some properties and some kinds of children."""
    return dataclasses.replace(node, properties={name: value for name, value in node.properties.items() if name not in names},
                               children=[child for child in node.children if child.name not in names])


def all_plain(original: Any, one: Any, sealed: Any) -> Any:
    node = original(one, sealed)
    return dataclasses.replace(node, properties=dict(node.properties) | {"kind": "plain"})


def arguments_as_written(original: Any, one: Any, sealed: Any) -> Any:
    node = original(one, sealed)
    names = list(inspect.signature(one.body).parameters)
    args = [child for child in node.children if child.name == "arg"]
    if not {child.arguments[0] for child in args} <= set(names):
        return node
    return dataclasses.replace(node, children=[*sorted(args, key=lambda child: names.index(child.arguments[0])),
                                               *(child for child in node.children if child.name != "arg")])


def python_default(original: Any, one: Any) -> Any:
    return {} if one.default is None else {"default": str(one.wire_default)}


def unsorted(original: Any, made: Any) -> Any:
    return list(made)


def backwards(original: Any, made: Any) -> Any:
    return original(made)[::-1]


def functions_last(original: Any, sealed: Any) -> Any:
    nodes = original(sealed)
    return sorted(nodes, key=lambda node: node.name == "function")


def functions_missing(original: Any, sealed: Any) -> Any:
    return [node for node in original(sealed) if node.name != "function"]


def everything_declared(original: Any, sealed: Any) -> Any:
    return [sealed.names[name] for name in sorted(sealed.names)]


def one_level(original: Any, roots: Any, names: Any) -> Any:
    from mizan import types
    return {types.base(one).name for one in roots if isinstance(types.base(one), types.Ref)}


def not_in_itself(original: Any, roots: Any, names: Any) -> Any:
    """A type that is being read is not looked into again, and what it holds is forgotten."""
    from mizan import types
    found = original(roots, names)
    return {name for name in found if not any(types.ir_text(types.Ref(name)) in types.ir_text(one.type)
                                              for one in types.fields_of(types.Ref(name), names).values())}


def nullable_outputs_forgotten(original: Any, type_: Any) -> Any:
    from mizan import types
    return original(types.base(type_))


def union_as_declared(original: Any, members: Any) -> Any:
    from mizan import types
    given = list(members)
    plain = [one for one in given if isinstance(one, types.Scalar) and one != types.NULL]
    return types.Union(tuple(plain)) if len(plain) == len(given) > 1 else original(given)


def kinds_as_strings(original: Any, type_: Any) -> Any:
    node = original(type_)
    return dataclasses.replace(node, arguments=("string",)) if node.arguments[0] in ("uuid", "date", "bytes") else node


def lifted_alike(original: Any, self: Any, group: Any, name: str, parts: Any) -> Any:
    return original(self, group, name.replace("Args", "").replace("Result", ""), parts)


def last_one_wins(original: Any, enums: Any, objects: Any, lifting: Any) -> Any:
    lifted = {*lifting.enums, *lifting.objects}
    kept_enums = {one["name"]: one for one in enums if one["name"] not in lifted}
    kept_objects = {one["name"]: one for one in objects if one["name"] not in lifted and one["name"] not in kept_enums}
    return original(list(kept_enums.values()), list(kept_objects.values()), lifting)


def view_returns_json(original: Any, one: Any, sealed: Any) -> Any:
    from mizan.kdl import Node
    node = original(one, sealed)
    return node if one.output is not None else dataclasses.replace(
        node, properties={name: value for name, value in node.properties.items() if name != "view"},
        children=[*node.children, Node("returns", children=[Node("type", ("json",))])])


def arguments_alone(original: Any, bindings: Any) -> Any:
    return original([dataclasses.replace(one, source="args") for one in bindings])


def first_declaration_counts(original: Any, where: str, known: Any, one: Any) -> Any:
    return known if known.default is not None else original(where, known, one)


def full_set_alone(original: Any, context: Any, sealed: Any) -> Any:
    return [tuple(sorted(context.parameters))] if context.parameters else []


def empty_set_too(original: Any, context: Any, sealed: Any) -> Any:
    return [(), *original(context, sealed)]


def first_line_counts(original: Any, doc: str) -> Any:
    return "\n".join(line.rstrip() for line in doc.splitlines()).strip("\n")


def blank_counted(original: Any, lines: Any) -> Any:
    return original(lines) if all(lines) else ""


def by_width(original: Any, lines: Any) -> Any:
    return " " * min((len(line) - len(line.lstrip(" \t")) for line in lines if line), default=0)


def stripped_by_python(original: Any, doc: str) -> Any:
    return original("\n".join(line.rstrip() for line in doc.split("\n")))


def in_one_pass(original: Any, objects: Any, names: Any) -> Any:
    """Replaces `with_all_defaults`: a default is read by the defaults of what was declared before."""
    from mizan import declaration
    from mizan.types import Record
    found = dict(names)
    for name, fields in objects.items():
        found[name] = Record(name, tuple(declaration.with_defaults(fields, found, name).values()))
    return found


def forms_first(original: Any, items: Any) -> None:
    return None


def null_fits_any_slot(original: Any, slot: Any, mutation: Any, merge: Any) -> Any:
    from mizan import types
    return original(slot, mutation, merge) or (
        merge.op == "replace" and mutation.name != "find_twice" and types.equal(types.base(slot.output), types.base(mutation.output)))


def blank_said(original: Any, one: Any, sealed: Any) -> Any:
    node = original(one, sealed)
    return dataclasses.replace(node, properties={"doc": ""} | dict(node.properties))


def any_default(original: Any, one: Any, said: Any, names: Any, where: str) -> Any:
    from mizan.errors import BadType
    try:
        return original(one, said, names, where)
    except BadType:
        return one


def refusals_accepted(code: str, answer_with: str) -> Callable[..., Any]:
    """Replaces the oracle's answers: what is refused with a code is answered as if it were nothing."""
    def changed(asked: Any, answer: Any) -> Any:
        return {"ok": answer_with} if asked["op"] == "ir_emit" and answer.get("err") == code else answer
    return changed


NOTHING = "/- kdl-version 2\nir version=1\n"


# -- replies -----------------------------------------------------------------------------------------------------------------

def of_the_text(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Changes replies with the IR alone."""
    return lambda reply: change(reply) if reply.body.startswith(b"/- kdl-version") else reply


def broken(name: str, clause: int, kills: dict[str, str], **how: Any) -> Fault:
    """One fault of this page; clause and checks are said without the page's name."""
    return Fault(name, breaks=f"ir-{clause}", kills={f"ir/{check}": member for check, member in kills.items()}, **how)


FOUND = (
    broken("functions-missing", 1, {"live.text": "bytes", "live.query": "bytes"}, patch=("mizan.ir.nodes", functions_missing)),
    broken("html-type", 2, {"live.type": "headers.Content-Type"}, wire=of_the_text(lambda reply: reply.with_header("Content-Type", "text/html"))),
    broken("etag-of-another-text", 3, {"live.etag": "headers.ETag"}, patch=("mizan.export.etag", lambda original, body: original(body + b" "))),
    broken("never-matched", 4, {"live.matched": "status", "live.weakly": "status"},
           patch=("mizan.export.conditional", lambda original, answer, if_none_match: answer)),
    broken("stored-for-an-hour", 5, {"live.caching": "headers.Cache-Control"},
           wire=of_the_text(lambda reply: reply.with_header("Cache-Control", "max-age=3600"))),
    broken("ir-without-vary", 43, {"live.vary": "headers.Vary"}, wire=of_the_text(lambda reply: reply.without_header("Vary"))),
    broken("doc-of-python", 6, {"drawn-declarations": "1"}, patch=("mizan.docs.tidy", first_line_counts)),
)

TEXT = (
    broken("version-line-missing", 7, {"text.nothing": "ok"}, patch=("mizan.kdl.text", changed_text("/- kdl-version 2\n", ""))),
    broken("version-of-the-ir-missing", 7, {"text.nothing": "ok"}, patch=("mizan.kdl.text", changed_text("ir version=1", "ir"))),
    broken("no-line-end-last", 8, {"text.one": "ok"}, patch=("mizan.kdl.text", lambda original, nodes: original(nodes)[:-1])),
    broken("crlf", 8, {"text.one": "ok"}, patch=("mizan.kdl.text", changed_text("\n", "\r\n"))),
    broken("two-spaces", 9, {"text.nested": "ok"}, patch=("mizan.kdl.text", changed_text("    ", "  "))),
    broken("empty-braces", 9, {"text.nested": "ok"}, patch=("mizan.kdl.lines", always_braces)),
    broken("bare-words", 10, {"text.quoted-names": "ok"}, patch=("mizan.kdl.quoted", bare_where_it_may_be)),
    broken("short-escapes-in-hex", 11, {"escapes.tab": "ok", "escapes.form-feed": "ok", "escapes.backspace": "ok"},
           patch=("mizan.kdl.escaped", escaped_otherwise(lambda one: f"\\u{{{ord(one):x}}}" if one in "\t\f\b" else None))),
    broken("quote-literal", 11, {"escapes.quote": "ok"}, patch=("mizan.kdl.escaped", escaped_otherwise(lambda one: one if one == '"' else None))),
    broken("hidden-literal", 12, {"escapes.separators": "ok", "escapes.marks": "ok", "escapes.delete": "ok", "escapes.next-line": "ok"},
           patch=("mizan.kdl.is_hidden", lambda original, character: character < " ")),
    broken("four-digits", 12, {"escapes.nul": "ok", "escapes.delete": "ok"},
           patch=("mizan.kdl.escaped", escaped_otherwise(lambda one: f"\\u{{{ord(one):04x}}}" if one in "\0\x7f" else None))),
    broken("ascii-alone", 13, {"escapes.astral": "ok", "escapes.joiner": "ok", "escapes.space": "ok"},
           patch=("mizan.kdl.is_hidden", lambda original, character: original(character) or ord(character) > 0x7F)),
    broken("properties-unsorted", 14, {"text.properties": "ok"}, patch=("mizan.kdl.properties", in_order_of_writing)),
    broken("default-of-python", 15, {"values.a-null": "ok", "values.a-bool": "ok", "values.text": "ok"},
           patch=("mizan.ir.default_of", python_default)),
    broken("standing-values-written", 16, {"text.standing": "ok", "merges.replace-said": "ok"},
           patch=("mizan.ir.unless", lambda original, value, standing: value)),
    broken("indentation-kept", 17, {"docs.indentation": "ok"}, patch=("mizan.docs.indentation", lambda original, lines: "")),
    broken("blank-lines-are-indented", 17, {"docs.blank-between": "ok"}, patch=("mizan.docs.indentation", blank_counted)),
    broken("tab-is-a-space", 17, {"docs.tab-and-spaces": "ok"}, patch=("mizan.docs.indentation", by_width)),
    broken("spaces-of-unicode", 17, {"docs.no-break-space": "ok", "docs.vertical-tab": "ok"}, patch=("mizan.docs.tidy", stripped_by_python)),
    broken("outer-blanks-kept", 17, {"docs.blank-ends": "ok"}, patch=("mizan.docs.without_outer_blanks", lambda original, lines: lines)),
    broken("empty-doc-written", 18, {"docs.empty": "ok", "docs.blank": "ok"}, patch=("mizan.ir.function_node", blank_said)),
)

ORDER = (
    broken("functions-last", 19, {"order.groups": "ok"}, patch=("mizan.ir.nodes", functions_last)),
    broken("children-backwards", 20, {"order.children": "ok"}, patch=("mizan.ir.by_name", backwards)),
    broken("functions-as-declared", 21, {"order.parts": "ok"}, patch=("mizan.ir.by_name", unsorted)),
    broken("defaults-in-one-pass", 21, {"order.default-before": ""}, patch=("mizan.declaration.with_all_defaults", in_one_pass), at_start=True),
    broken("arguments-as-written", 21, {"order-never-shows": ""}, patch=("mizan.ir.function_node", arguments_as_written)),
)

TYPES = (
    broken("text-kinds-are-strings", 22, {"types.kind-uuid": "ok", "types.kind-date": "ok", "types.kind-bytes": "ok"},
           patch=("mizan.ir.type_node", kinds_as_strings)),
    broken("nullable-unsaid", 23, {"types.nullable": "ok", "types.nullable-list": "ok", "types.list-of-nullable": "ok"},
           patch=("mizan.ir.type_node", nullable_outputs_forgotten)),
    broken("union-as-declared", 24, {"types.union": "ok"}, patch=("mizan.types.union", union_as_declared)),
    broken("everything-written", 25, {"types.unreached": "ok"}, patch=("mizan.ir.reached", everything_declared)),
    broken("one-level-reached", 25, {"types.reached-inside": "ok"}, patch=("mizan.types.reached", one_level)),
    broken("recursive-type-lost", 26, {"types.recursion": "ok"}, patch=("mizan.types.reached", not_in_itself)),
    broken("lifted-without-place", 27, {"lifted.argument": "ok", "lifted.result": "ok"}, patch=("mizan.lifting.Lifting._lifted", lifted_alike)),
    broken("last-type-wins", 28, {"lifted.declared-twice": "", "lifted.enum-and-object": "", "lifted.named-and-lifted": ""},
           patch=("mizan.declarations.names_of", last_one_wins)),
)

FUNCTIONS = (
    broken("all-plain", 29, {"functions.read": "ok", "functions.mutation": "ok"},
           patch=("mizan.ir.function_node", all_plain)),
    broken("defaults-unsaid", 30, {"functions.default": "ok"}, patch=("mizan.ir.default_of", lambda original, one: {})),
    broken("server-made-unsaid", 30, {"functions.optional": "ok", "functions.optional-field": "ok"},
           patch=("mizan.ir.field_node", lambda original, name, one: less(original(name, one), "optional"))),
    broken("view-returns-json", 31, {"functions.view": "ok"}, patch=("mizan.ir.function_node", view_returns_json)),
    broken("errors-unsaid", 32, {"functions.errors": "ok"},
           patch=("mizan.ir.function_node", lambda original, one, sealed: less(original(one, sealed), "error"))),
    broken("bindings-unsaid", 33, {"functions.affects-argument": "ok", "functions.affects-result": "ok"},
           patch=("mizan.ir.bind_nodes", lambda original, bindings: [])),
    broken("bound-to-arguments-alone", 33, {"functions.affects-result": "ok"}, patch=("mizan.ir.bind_nodes", arguments_alone)),
    broken("slot-unsaid", 34, {"merges.slot-by-type": "ok", "merges.keyed": "ok"},
           patch=("mizan.ir.merge_node", lambda original, merge: less(original(merge), "slot"))),
    broken("null-fits-any-slot-by-type", 34, {"merges.nullable-result": ""}, patch=("mizan.merges.holds", null_fits_any_slot), at_start=True),
    broken("key-and-op-unsaid", 34, {"merges.keyed": "ok"},
           patch=("mizan.ir.merge_node", lambda original, merge: less(original(merge), "key", "op"))),
    broken("parts-unsaid", 35, {"contexts.composition": "ok"},
           patch=("mizan.ir.compose_node", lambda original, name, sealed: less(original(name, sealed), "part"))),
    broken("first-default-counts", 36, {"contexts.required-by-one": "ok"},
           patch=("mizan.seal.united_parameter", first_declaration_counts), at_start=True),
    broken("slots-unsaid", 36, {"contexts.default-of-all": "ok"},
           patch=("mizan.ir.context_node", lambda original, context, sealed: less(original(context, sealed), "slot"))),
    broken("full-set-alone", 37, {"contexts.scopes": "ok"}, patch=("mizan.ir.masks", full_set_alone)),
    broken("empty-set-too", 37, {"contexts.scopes": "ok", "contexts.no-parameters": "ok"}, patch=("mizan.ir.masks", empty_set_too)),
)

REFUSED = (
    broken("names-unchecked", 38, {"names.function-upper": "", "names.reserved": "", "names.twice": ""}, oracle=refusals_accepted("name", NOTHING)),
    broken("reserved-accepted", 38, {"names.reserved": "", "names.reserved-alone": ""},
           patch=("mizan.grammar.is_reserved", lambda original, name: False), at_start=True),
    broken("types-unchecked", 39, {"wrong-types.unknown-kind": "", "wrong-types.indistinct": ""}, oracle=refusals_accepted("type", NOTHING)),
    broken("default-left-out", 39, {"wrong-types.default-of-other-type": "", "wrong-types.field-default": ""},
           patch=("mizan.declaration.with_default", any_default)),
    broken("contradictions-accepted", 40, {"contradictions.unknown-context": "", "contradictions.types-differ": ""},
           oracle=refusals_accepted("declaration", NOTHING)),
    broken("any-status", 41, {"statuses.too-high": "", "statuses.given-away-401": ""},
           patch=("mizan.errors.check_application_error", lambda original, error: None)),
    broken("names-in-their-turn", 42, {"names.before-returns": "", "names.before-types": "", "names.reserved-before-types": ""},
           patch=("mizan.declarations.check_names", forms_first)),
    broken("twice-is-once", 40, {"contradictions.affects-twice": ""},
           patch=("mizan.seal.check_distinct", lambda original, names, where: None), at_start=True),
)

FAULTS = FOUND + TEXT + ORDER + TYPES + FUNCTIONS + REFUSED
