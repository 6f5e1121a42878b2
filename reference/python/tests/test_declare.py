"""declare and annotations: Python functions to declarations, and what refuses."""
import datetime as dt
import enum
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, TypedDict, TypeVar

import pydantic
import pytest

from mizan import ApplicationError, BadDeclaration, Int64, Json, ReactContext, Registry, client, response
from mizan.types import Enumeration, List, Map, Nullable, Record, Ref, Scalar, union

T = TypeVar("T")
UserId = NewType("UserId", int)


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"


class User(pydantic.BaseModel):
    id: int
    name: str = "anonymous"
    boss: "User | None" = None
    tags: list[str] = pydantic.Field(default_factory=list)


class Page(pydantic.BaseModel, Generic[T]):
    items: list[T]


@dataclass
class Node:
    value: int
    next: "Node | None" = None


class Row(TypedDict):
    id: int


class Loose(TypedDict):
    id: NotRequired[int]


def declared(annotation, **options):
    """Returns: the function that one argument with this annotation makes."""
    def probe(request, value) -> None: ...
    probe.__annotations__ = {"value": annotation, "return": None}
    return client(registry=Registry(), **options)(probe)


@pytest.mark.parametrize(("annotation", "type_"), [
    (int, Scalar("int")), (Int64, Scalar("int64")), (float, Scalar("float")), (bool, Scalar("bool")), (str, Scalar("string")),
    (None, Scalar("null")), (Decimal, Scalar("decimal")), (dt.date, Scalar("date")), (dt.datetime, Scalar("datetime")),
    (uuid.UUID, Scalar("uuid")), (bytes, Scalar("bytes")), (Json, Scalar("json")), (UserId, Scalar("int")), (dict, Map(Scalar("json"))),
    (list[int], List(Scalar("int"))), (list[Int64], List(Scalar("int64"))), (dict[str, int], Map(Scalar("int"))),
    (int | None, Nullable(Scalar("int"))), (int | str | None, Nullable(union([Scalar("int"), Scalar("string")]))), (Color, Ref("Color")),
    (User, Ref("User")), (Node, Ref("Node")), (Row, Ref("Row")), (Page[User], Ref("PageUser")), (Page[list[int]], Ref("PageListInt")),
])
def test_an_annotation_is_a_wire_type(annotation, type_):
    assert declared(annotation).parameters["value"].type == type_


def test_a_literal_is_lifted_to_an_enum():
    function = declared(Literal["a", "b"])
    assert function.names == {"ProbeArgsValue": Enumeration("ProbeArgsValue", ("a", "b"))}


def test_a_models_fields_are_in_bytes_order_with_their_defaults():
    user = declared(User).names["User"]
    assert isinstance(user, Record)
    assert [(one.name, one.default, one.optional) for one in user.fields] == [
        ("boss", b"null", False), ("id", None, False), ("name", b'"anonymous"', False), ("tags", None, True)]


def test_nullable_and_optional_are_independent():
    def probe(request, a: int | None, b: int | None = None, c: int = 1) -> None: ...
    parameters = client(registry=Registry())(probe).parameters
    assert {name: one.required for name, one in parameters.items()} == {"a": True, "b": False, "c": False}


@pytest.mark.parametrize("annotation", [
    Any, list, tuple[int, ...], set[int], dict[int, str], dict[str, Any], list[Any], object, int | float, str | dt.date, str | Color,
    Json | None,
    Loose, Annotated[int, pydantic.Field(gt=0)], Page, complex,
])
def test_what_the_wire_cannot_say_refuses_and_names_the_function(annotation):
    with pytest.raises(BadDeclaration, match="'probe'"):
        declared(annotation)


def test_a_missing_annotation_refuses():
    def probe(request, value) -> None: ...
    with pytest.raises(BadDeclaration, match="'value' is annotated with nothing"):
        client(registry=Registry())(probe)


def test_a_missing_result_refuses():
    def probe(request): ...
    with pytest.raises(BadDeclaration, match="its result is annotated with nothing"):
        client(registry=Registry())(probe)


def test_the_first_parameter_is_request():
    def probe(value: int) -> None: ...
    with pytest.raises(BadDeclaration, match="must be `request`"):
        client(registry=Registry())(probe)


def test_the_annotation_of_request_is_nobodys_business():
    def probe(request: "NotImportedAtRunTime", value: int) -> None: ...      # noqa: F821
    assert list(client(registry=Registry())(probe).parameters) == ["value"]


def test_arguments_travel_by_name():
    def probe(request, *values: int) -> None: ...
    with pytest.raises(BadDeclaration, match="travel by name"):
        client(registry=Registry())(probe)


def test_a_default_of_another_type_refuses():
    def probe(request, value: int = "5") -> None: ...
    with pytest.raises(BadDeclaration, match="'value': the default is not of the declared type"):
        client(registry=Registry())(probe)


def test_two_classes_of_one_name_refuse():
    def other():
        class User(pydantic.BaseModel):
            id: int
        return User

    def probe(request, a, b) -> None: ...
    probe.__annotations__ = {"a": User, "b": other(), "return": None}
    with pytest.raises(BadDeclaration, match="two different types are called 'User'"):
        client(registry=Registry())(probe)


@pytest.mark.parametrize("fields", [
    {"secret": (str, pydantic.Field(exclude=True))}, {"a": (int, pydantic.Field(validation_alias="b"))}, {"a": (Any, None)},
])
def test_a_model_that_is_not_the_same_in_and_out_refuses(fields):
    with pytest.raises(BadDeclaration, match="'probe'"):
        declared(pydantic.create_model("Model", **fields))


def test_a_dataclass_field_that_is_no_input_refuses():
    @dataclass
    class Half:
        a: int = field(init=False)
    with pytest.raises(BadDeclaration, match="init=False"):
        declared(Half)


@pytest.mark.parametrize("values", [{"A": "a", "B": 1}, {"A": 1.5}, {"A": True}, {"A": 2**53}, {}])
def test_an_enum_of_mixed_or_unsafe_values_refuses(values):
    with pytest.raises(BadDeclaration, match="Odd"):
        declared(enum.Enum("Odd", values))


@pytest.mark.parametrize("name", ["Caps", "_x", "x-y", "x..y", "jwt.obtain", "mizan", "a" * 65, "a.b" * 43, "ä", "x\n"])
def test_a_name_outside_the_grammar_refuses_and_names_itself(name):
    with pytest.raises(BadDeclaration, match=r"not a name|reserved"):
        declared(int, name=name)


def test_a_type_outside_the_grammar_refuses():
    with pytest.raises(BadDeclaration, match="user_row"):
        declared(pydantic.create_model("user_row", id=(int, ...)))


@pytest.mark.parametrize("options", [
    {"context": ReactContext("user"), "affects": ReactContext("user")}, {"context": "user"}, {"affects": "user"}, {"timeout_s": 0},
    {"timeout_s": True}, {"timeout_s": 1.5}, {"timeout_s": 2_147_484}, {"identity": "sub"}, {"volatile": True}, {"errors": [ValueError]},
    {"merge": {ReactContext("user"): {"slot": "x", "how": 1}}}, {"merge": {ReactContext("user"): {"slot": "x", "op": "swap"}}},
])
def test_options_that_make_no_sense_refuse(options):
    with pytest.raises(BadDeclaration, match="'probe'"):
        declared(int, **options)


def test_a_context_outside_the_grammar_refuses():
    with pytest.raises(BadDeclaration, match=r"'a\.b'"):
        ReactContext("a.b")


def test_a_declared_function_is_called_as_it_was_written():
    @client(registry=Registry())
    def double(request, value: int) -> int:
        return value * 2
    assert double(None, value=4) == 8


def test_async_functions_are_told_apart():
    @client(registry=Registry())
    async def probe(request) -> int:
        return 1
    assert probe.is_async


def test_the_frameworks_own_response_has_no_output(monkeypatch):
    class Response: ...

    monkeypatch.setattr(response, "_response", {})          # the binding's own word comes back afterwards
    response.set_framework_response_base(Response)

    @client(registry=Registry())
    def page(request) -> Response:
        return Response()
    assert (page.is_view, response.is_framework_response(Response()), response.is_framework_response(int)) == (True, True, False)


@pytest.mark.parametrize("members",
    [{"code": "taken"}, {"code": "app.Taken"}, {"code": "app.taken", "status": 404 + 100}, {"status": 422 - 7}])
def test_an_application_error_has_a_code_and_a_status_of_its_own(members):
    with pytest.raises(BadDeclaration):
        type("Taken", (ApplicationError,), members)
