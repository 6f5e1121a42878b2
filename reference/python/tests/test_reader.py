"""reader: wire JSON to Python, strictly, with every mismatch."""
import datetime as dt
import enum
import time
from dataclasses import dataclass
from typing import Annotated

import pydantic
import pytest

from mizan import Int64, Json, Registry, canonical, client, declaration, reader


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Point(pydantic.BaseModel):
    x: int
    y: int = 0
    label: str | None = None


class CircleKind(enum.Enum):
    CIRCLE = "circle"


class SquareKind(enum.Enum):
    SQUARE = "square"


class Circle(pydantic.BaseModel):
    kind: CircleKind
    radius: int


class Square(pydantic.BaseModel):
    kind: SquareKind
    side: int


class Named(pydantic.BaseModel):
    user_name: Annotated[str, pydantic.Field(alias="userName", min_length=2, max_length=3)]


@dataclass
class Even:
    value: int

    def __post_init__(self):
        if self.value % 2:
            raise ValueError("odd")


def read(annotation, text):
    """Returns: (the value, [(pointer, code)…]) of JSON text read as an annotation."""
    def probe(request, value) -> None: ...
    probe.__annotations__ = {"value": annotation, "return": None}
    function = client(registry=Registry())(probe)
    value, mismatches = reader.read(function.parameters["value"].type, canonical.read(text.encode()), function.names)
    return value, [(one.pointer, one.code) for one in mismatches]


@pytest.mark.parametrize(("annotation", "text", "value"), [
    (int, "5", 5), (float, "5", 5.0), (float, "-0.0", 0.0), (bool, "true", True), (str, '""', ""), (None, "null", None), (Int64, '"5"', 5),
    (Color, '"red"', Color.RED), (Level, "1", Level.LOW), (list[int], "[1,2]", [1, 2]),
    (dict[str, int], '{"__proto__":1}', {"__proto__": 1}),
    (int | None, "null", None), (int | str, '"5"', "5"), (Point, '{"x":1}', Point(x=1)), (Even, '{"value":2}', Even(2)),
    (Circle | Square, '{"side":2,"kind":"square"}', Square(kind=SquareKind.SQUARE, side=2)),
    (Json, '[1,1.5,null,{"a":"b"}]', [1, 1.5, None, {"a": "b"}]),
    (Named, '{"userName":"ab"}', Named(userName="ab")), (dict, '{"a":[1]}', {"a": [1]}),
    (dt.date, '"2024-02-29"', dt.date(2024, 2, 29)),
])
def test_a_value_of_its_type_is_read(annotation, text, value):
    got, mismatches = read(annotation, text)
    assert (got, type(got), mismatches) == (value, type(value), [])


@pytest.mark.parametrize(("annotation", "text", "mismatches"), [
    (int, '"5"', [("", "type")]), (int, "5.0", [("", "type")]), (int, "5e0", [("", "type")]), (int, "-0", [("", "type")]),
    (int, "true", [("", "type")]), (int, "null", [("", "null")]), (float, "true", [("", "type")]), (float, "1e20", [("", "range")]),
    (bool, "1", [("", "type")]), (str, "5", [("", "type")]), (None, "0", [("", "type")]), (Int64, "5", [("", "type")]),
    (Int64, '"05"', [("", "format")]), (Int64, '"9223372036854775808"', [("", "range")]), (Color, '"Red"', [("", "choice")]),
    (Color, "1", [("", "type")]), (Level, '"1"', [("", "type")]), (Level, "1.0", [("", "type")]), (Level, "true", [("", "type")]),
    (list[int], "{}", [("", "type")]), (list[int], '[1,"2",null]', [("/1", "type"), ("/2", "null")]),
    (dict[str, int], "[]", [("", "type")]),
    (dict[str, int], '{"a/b":"x","c~d":null}', [("/a~1b", "type"), ("/c~0d", "null")]), (int | str, "true", [("", "type")]),
    (Point, "[]", [("", "type")]), (Point, '{"y":"a","z":1,"q":2}', [("", "unknown"), ("/x", "missing"), ("/y", "type")]),
    (Circle | Square, '{"radius":2}', [("/kind", "missing")]), (Circle | Square, '{"kind":"no"}', [("/kind", "choice")]),
    (Circle | Square, '{"kind":1}', [("/kind", "type")]), (Circle | Square, '{"kind":null}', [("/kind", "null")]),
    (Circle | Square, '{"kind":"circle","side":2}', [("", "unknown"), ("/radius", "missing")]), (Json, '{"a":[1e20]}', [("/a/0", "range")]),
    (Even, '{"value":1}', [("", "rule")]), (Named, '{"userName":"a"}', [("/userName", "length")]),
    (list[Point], '[{"x":1},{}]', [("/1/x", "missing")]),
])
def test_every_mismatch_is_reported_at_its_pointer(annotation, text, mismatches):
    assert read(annotation, text)[1] == mismatches


def test_mismatches_are_sorted_and_cut_at_64():
    _, mismatches = read(list[int], "[" + ",".join(['"x"'] * 100) + "]")
    assert mismatches == sorted((f"/{n}", "type") for n in range(100))[:64]


def test_messages_never_hold_input():
    def probe(request, value: int | Color, point: Point) -> None: ...
    function = client(registry=Registry())(probe)
    _, mismatches = reader.read_members(function.parameters, {"value": "s3cret", "point": {"s3cret": 1}, "s3cret": 1}, function.names,
        "/args")
    assert mismatches
    assert "s3cret" not in repr(mismatches)


def test_absent_arguments_take_a_default_of_their_own():
    def probe(request, numbers: list[int] = [], point: Point = Point(x=1)) -> None: ...
    function = client(registry=Registry())(probe)
    first, _ = reader.read_members(function.parameters, {}, function.names)
    first["numbers"].append(1)
    second, _ = reader.read_members(function.parameters, {}, function.names)
    assert second == {"numbers": [], "point": Point(x=1)}


def test_a_json_value_shares_nothing_with_its_default():
    def probe(request, free: Json = {"a": []}) -> None: ...
    function = client(registry=Registry())(probe)
    first, _ = reader.read_members(function.parameters, {}, function.names)
    first["free"]["a"].append(1)
    assert reader.read_members(function.parameters, {}, function.names)[0] == {"free": {"a": []}}


def test_a_model_knows_which_fields_were_sent():
    assert read(Point, '{"x":1}')[0].model_fields_set == {"x"}


@pytest.mark.parametrize("item", ["int", "string"])
def test_a_long_key_is_not_copied_for_each_value_below_it(item):
    type_ = declaration.type_from_json({"map": {"list": item}})
    began = time.process_time()
    _, mismatches = reader.read(type_, {"k" * 500_000: [1] * 200_000}, {})
    assert [one.pointer for one in mismatches] == ([] if item == "int" else [""])
    assert time.process_time() - began < 4                 # with copies, 100 GB are moved


@pytest.mark.parametrize(("key", "pointer"), [
    ("k" * 1_023, "/" + "k" * 1_023), ("k" * 1_024, ""), ("é" * 511 + "k", "/" + "é" * 511 + "k"), ("é" * 512, ""), ("~" * 512, "")])
def test_a_pointer_that_would_be_too_long_is_one_above_it(key, pointer):
    _, mismatches = reader.read(declaration.type_from_json({"map": "int"}), {key: ""}, {})
    assert [one.pointer for one in mismatches] == [pointer]


def test_mismatches_sort_as_their_pointers_do():
    type_ = declaration.type_from_json({"map": {"map": "int"}})
    _, mismatches = reader.read(type_, {"a": {"b": "", "": ""}, "a-b": "", "a/": {"c": ""}, "": ""}, {})
    assert [one.pointer for one in mismatches] == sorted(["/a/b", "/a/", "/a-b", "/a~1/c", "/"])


def test_of_several_fields_that_tell_apart_the_first_in_bytes_order_is_meant():
    names = declaration.names_from_json({
        "enums": {"A": ["a"], "B": ["b"]},
        "objects": {name: {"first": {"type": {"ref": name[0]}}, "second": {"type": {"ref": name[0]}}} for name in ("AThing", "BThing")},
    })
    type_ = declaration.type_from_json({"union": [{"ref": "AThing"}, {"ref": "BThing"}]})
    for value, pointer, code in (("a", "/second", "choice"), ("c", "/first", "choice"), (None, "/first", "null")):
        _, mismatches = reader.read(type_, {"first": value, "second": "b"}, names)
        assert [(one.pointer, one.code) for one in mismatches] == [(pointer, code)]
