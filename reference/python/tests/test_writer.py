"""writer: Python values to wire JSON, strictly."""
import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypedDict

import pydantic
import pytest

from mizan import Int64, Json, Registry, WrongOutput, client, declaration, reader, writer


class Color(enum.StrEnum):
    RED = "red"


class User(pydantic.BaseModel):
    id: int
    name: str = "x"


@dataclass
class Pair:
    a: int
    b: int | None = None


class Row(TypedDict):
    id: int


def write(annotation, value, how=writer.write):
    def probe(request) -> None: ...
    probe.__annotations__ = {"return": annotation}
    function = client(registry=Registry())(probe)
    return how(function.output, value, function.names)


@pytest.mark.parametrize(("annotation", "value", "wire"), [
    (int, 5, 5), (float, 5, 5.0), (float, -0.0, 0.0), (bool, True, True), (str, "x", "x"), (None, None, None), (Int64, 2**60, str(2**60)),
    (Color, Color.RED, "red"), (Color, "red", "red"), (list[int], (1, 2), [1, 2]), (dict[str, int], {"a": 1}, {"a": 1}),
    (int | str, "5", "5"),
    (User, User(id=1), {"id": 1, "name": "x"}), (User, {"id": 1}, {"id": 1, "name": "x"}), (Pair, Pair(1), {"a": 1, "b": None}),
    (Row, {"id": 1}, {"id": 1}), (User | None, None, None), (Json, {"a": (1, None)}, {"a": [1, None]}), (Decimal, Decimal("1.50"), "1.50"),
    (dt.datetime, dt.datetime(2024, 2, 29, 12, 0, 0, 5000), "2024-02-29T12:00:00.005Z"), (bytes, b"\xfb\xff", "-_8"),
])
def test_a_value_of_its_type_is_written(annotation, value, wire):
    got = write(annotation, value)
    assert (got, type(got)) == (wire, type(wire))


@pytest.mark.parametrize(("annotation", "value"), [
    (int, "5"), (int, 5.0), (int, True), (int, None), (int, 2**53), (float, "5"), (float, float("nan")), (float, float("inf")),
    (float, 1e20),
    (float, 10**400), (bool, 1), (str, 5), (str, "\ud800"), (str, "\uffff"), (None, 0), (Color, "blue"), (list[int], {1}),
    (list[int], ["1"]),
    (dict[str, int], {1: 1}), (dict[str, int], {"a": "b"}), (int | str, 5.5), (User, {"name": "x"}), (User, {"id": 1, "more": 2}),
    (User, Pair(1)),
    (User, None), (Json, {1: 2}), (Json, float("nan")), (Json, 2**53), (Json, 1e20), (Json, "\udfff"), (Json, dt.date(2024, 1, 1)),
])
def test_a_value_of_another_type_is_refused(annotation, value):
    with pytest.raises(WrongOutput):
        write(annotation, value)


def test_the_message_says_where_in_the_value():
    with pytest.raises(WrongOutput, match="1: id: wanted an int"):
        write(list[User], [{"id": 1}, {"id": "x"}])


def test_a_json_value_that_holds_itself_is_refused():
    value: list = []
    value.append(value)
    with pytest.raises(WrongOutput):
        write(Json, value)


def test_keys_and_entries_strip_a_decimals_zeros():
    assert write(list[Decimal], [Decimal("1.50")], writer.write_key) == ["1.5"]


NODES = {"enums": {"A": ["a"], "B": ["b"]}, "objects": {name: {"kind": {"type": {"ref": name[0]}}, "below": {
    "type": {"nullable": {"union": [{"ref": "ANode"}, {"ref": "BNode"}]}}, "default": None}} for name in ("ANode", "BNode")}}


def test_objects_of_a_union_are_told_apart_without_trying_them():
    names = declaration.names_from_json(NODES)
    either = declaration.type_from_json({"union": [{"ref": "ANode"}, {"ref": "BNode"}]})
    value = {"kind": "b", "below": None}
    for _ in range(60):                                    # if each level were tried as both, nobody would live to see the end
        value = {"kind": "b", "below": value}
    assert writer.write(either, value, names) == value
    with pytest.raises(WrongOutput):
        writer.write(either, {"kind": "b", "below": {"kind": "c"}}, names)


class Circle(pydantic.BaseModel):
    kind: Literal["circle"]
    size: int


class Square(pydantic.BaseModel):
    kind: Literal["square"]
    size: int


@pytest.mark.parametrize(("annotation", "value", "wire"), [
    (int | Int64, 5, 5), (int | Int64, 2**53, str(2**53)), (float | Int64, 5.0, 5.0), (bool | Int64, 5, "5"), (list[int] | Color, Color.RED, "red"),
    (Decimal | int, Decimal("1.50"), "1.50"), (dt.date | dict[str, int], dt.date(2024, 2, 29), "2024-02-29"),
])
def test_a_value_is_written_as_the_member_of_its_kind(annotation, value, wire):
    got = write(annotation, value)
    assert (got, type(got)) == (wire, type(wire))


@pytest.mark.parametrize("said", ["0", 0, "9007199254740993"])
@pytest.mark.parametrize("beside", ["int", "float"])
def test_an_int64_beside_a_number_stays_a_text(said, beside):
    type_ = declaration.type_from_json({"union": [beside, "int64"]})
    assert writer.write(type_, reader.read(type_, said, {})[0], {}) == said


def test_an_instance_is_written_as_its_own_class_says():
    assert write(Circle | Square, Square(kind="square", size=1)) == {"kind": "square", "size": 1}
