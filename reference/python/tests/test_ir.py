"""The IR of decorated code, its text profile, and declarations as JSON."""
import json

import pytest
from pydantic import BaseModel, Field, create_model

from mizan import ReactContext, Registry, canonical, client, declaration, declarations, docs, export, ir, kdl, schema, types
from mizan.annotations import Annotations, Place
from mizan.errors import BadDeclaration, BadName, BadType
from mizan.kdl import Node


class Person(BaseModel):
    """
    A person.

      Never deleted.
    """

    user_id: int
    name: str = Field(default="", description="As it is shown.")
    boss: "Person | None" = None


UserContext = ReactContext("user")


def registry(reorder=False):
    made = Registry()

    def read():
        @client(context=UserContext, registry=made)
        def user_profile(request, user_id: int) -> Person: ...

    def write():
        @client(affects=UserContext, merge=UserContext, timeout_s=5, registry=made)
        def rename_user(request, user_id: int, name: str) -> Person: ...

    for declare in (write, read) if reorder else (read, write):
        declare()
    return made


def test_the_ir_of_decorated_code():
    text = ir.text(registry().seal()).decode()
    assert text == kdl.text([
        Node("ir", properties={"version": 1}),
        Node("object", ("Person",), {"doc": "A person.\n\n  Never deleted."}, [
            Node("field", ("boss",), {"default": "null"}, [Node("type", ("ref", "Person"), {"nullable": True})]),
            Node("field", ("name",), {"default": '""', "doc": "As it is shown."}, [Node("type", ("string",))]),
            Node("field", ("user_id",), {}, [Node("type", ("int",))]),
        ]),
        Node("function", ("rename_user",), {"kind": "mutation", "timeout_s": 5}, [
            Node("arg", ("name",), {}, [Node("type", ("string",))]),
            Node("arg", ("user_id",), {}, [Node("type", ("int",))]),
            Node("returns", children=[Node("type", ("ref", "Person"))]),
            Node("affects", ("user",), {}, [Node("bind", ("user_id",), {"arg": "user_id"})]),
            Node("merge", ("user",), {"slot": "user_profile"}, [Node("bind", ("user_id",), {"arg": "user_id"})]),
        ]),
        Node("function", ("user_profile",), {"context": "user", "kind": "read"}, [
            Node("arg", ("user_id",), {}, [Node("type", ("int",))]), Node("returns", children=[Node("type", ("ref", "Person"))]),
        ]),
        Node("context", ("user",), {}, [
            Node("param", ("user_id",), {}, [Node("type", ("int",))]), Node("slot", ("user_profile",)), Node("scope", ("user_id",)),
        ]),
    ])


def test_the_order_of_registration_never_shows():
    assert ir.text(registry().seal()) == ir.text(registry(reorder=True).seal())


def test_declarations_as_json_make_the_same_registry():
    sealed = registry().seal()
    said = json.loads(export.declared_json(sealed))
    assert ir.text(declarations.sealed(said)) == ir.text(sealed)
    assert canonical.write(declarations.to_json(declarations.sealed(said))) == canonical.write(said)


@pytest.mark.parametrize("alias", ["a-b", "", "1a", "__proto__", "a" * 65, "é"])
def test_the_name_of_a_field_is_one_in_every_language(alias):
    with pytest.raises(BadName, match="is not a name"):
        Annotations("function 'f'").type_of(create_model("Odd", x=(int, Field(alias=alias))), Place("result", "FResult"))


def test_an_item_of_the_discovery_document_has_what_its_node_says():
    sealed = declarations.sealed({"functions": [{"name": "f", "returns": "int", "args": {"x": {"type": "int", "optional": True, "doc": "Why."}}}]})
    assert schema.schema_of(sealed, {})["functions"][0]["args"] == [{"name": "x", "type": 'type "int"', "optional": True, "doc": "Why."}]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_default_is_whole_whichever_object_came_first(turn):
    said = {"A": {"b": {"type": {"ref": "B"}, "default": {}}}, "B": {"c": {"type": {"ref": "C"}, "default": {}}}, "C": {"x": {"type": "int", "default": 1}}}
    names = declaration.names_from_json({"objects": dict([*said.items()][::turn])})
    assert [one.default for one in names["A"].fields] == [b'{"c":{"x":1}}']


@pytest.mark.parametrize("type_", [
    types.INT, types.Nullable(types.List(types.Map(types.Ref("Person")))), types.union([types.INT, types.STRING, types.NULL]),
])
def test_a_type_node_prints_the_text_by_which_types_are_compared(type_):
    assert "\n".join(kdl.lines(ir.type_node(type_))) == types.ir_text(type_)


@pytest.mark.parametrize(("doc", "tidied"), [
    ("", ""), (" \n\t\n", ""), ("a\r\nb\rc", "a\nb\nc"), ("A.\n\n    b\n      c\n    ", "A.\n\nb\n  c"), ("\n  a\n\n  b  \n", "a\n\nb"),
    ("a\n\tb\n  c", "a\n\tb\n  c"), ("  a", "a"),
])
def test_docs_are_tidied(doc, tidied):
    assert docs.tidy(doc) == tidied


@pytest.mark.parametrize(("said", "error"), [
    ([], BadDeclaration), ({"functions": [{"name": "f", "returns": "int", "doc": 5}]}, BadDeclaration),
    ({"functions": [{"name": "f", "returns": "int", "timeout_s": True}]}, BadDeclaration),
    ({"functions": [{"name": "f", "returns": "int", "args": {"x": "int"}}]}, BadDeclaration),
    ({"functions": [{"name": "f", "returns": {"object": []}}]}, BadDeclaration),
    ({"compositions": [{"name": "x", "parts": [5]}]}, BadDeclaration),
    ({"functions": [{"name": "f", "returns": {"union": [{"enum": ["a"]}, {"enum": ["b"]}]}}]}, BadName),
    ({"functions": [{"name": "f", "returns": {"ref": "Nobody"}}]}, BadType),
    ({"functions": [{"name": "f", "returns": None}]}, BadType),
    ({"functions": [{"name": "F", "returns": None}]}, BadName), ({"functions": [{"name": "f", "args": {"X": 5}}]}, BadName),
    ({"functions": [{"name": "f", "returns": {"union": [{"object": {"a b": 5}}]}}]}, BadName),
])
def test_json_that_declares_nothing_that_could_register_is_refused(said, error):
    with pytest.raises(error):
        declarations.sealed(said)
