"""types and unions: the algebra, its texts, and which types cannot stand together."""
import pytest

from mizan import types, unions
from mizan.errors import BadDeclaration
from mizan.types import INT, JSON, NULL, STRING, Enumeration, Field, List, Map, Nullable, Record, Ref, Scalar, Union

NAMES = {
    "Color": Enumeration("Color", ("red", "green")),
    "Level": Enumeration("Level", (1, 2)),
    "CircleKind": Enumeration("CircleKind", ("circle",)),
    "SquareKind": Enumeration("SquareKind", ("square",)),
    "Circle": Record("Circle", (Field("kind", Ref("CircleKind")), Field("radius", INT))),
    "Square": Record("Square", (Field("kind", Ref("SquareKind")), Field("side", INT))),
    "Loose": Record("Loose", (Field("kind", Ref("SquareKind"), default=b'"square"'),)),
    "User": Record("User", (Field("id", INT),)),
}


@pytest.mark.parametrize(("type_", "text"), [
    (INT, 'type "int"'), (Nullable(STRING), 'type "string" nullable=#true'), (Ref("User"), 'type "ref" "User"'),
    (Nullable(List(INT)), 'type "list" nullable=#true {\n    type "int"\n}'),
    (Map(List(Ref("User"))), 'type "map" {\n    type "list" {\n        type "ref" "User"\n    }\n}'),
    (types.union([STRING, INT]), 'type "union" {\n    type "int"\n    type "string"\n}'),
])
def test_the_text_of_a_type_is_the_irs(type_, text):
    assert types.ir_text(type_) == text


def test_a_union_is_flat_sorted_and_has_null_outside():
    assert types.union([STRING, NULL, types.union([INT, STRING]), Nullable(List(INT))]) == Nullable(Union((INT, List(INT), STRING)))


def test_a_union_of_one_is_that_one():
    assert types.union([INT, INT]) == INT


def test_a_union_of_null_alone_is_null():
    assert types.union([NULL, NULL]) == NULL


def test_types_are_equal_if_their_texts_are():
    assert types.equal(types.union([INT, STRING]), types.union([STRING, INT]))
    assert not types.equal(INT, Nullable(INT))


@pytest.mark.parametrize("type_",
    [INT, Nullable(STRING), Ref("Color"), Ref("Level"), *map(Scalar, ("int64", "bool", "uuid", "date", "datetime", "decimal"))])
def test_scalars_and_enums_are_bindable(type_):
    assert types.is_bindable(type_, NAMES)


@pytest.mark.parametrize("type_",
    [*map(Scalar, ("float", "null", "bytes", "json", "upload")), List(INT), Map(INT), Ref("User"), types.union([INT, STRING])])
def test_everything_else_is_not_bindable(type_):
    assert not types.is_bindable(type_, NAMES)


@pytest.mark.parametrize("members", [
    [INT, Scalar("float")], [STRING, Scalar("date")], [STRING, Ref("Color")], [INT, Ref("Level")], [List(INT), List(STRING)],
    [Map(INT), Ref("User")], [Ref("User"), Ref("Circle")], [Ref("Circle"), Ref("Loose")], [JSON, INT], [Scalar("upload"), INT],
    [Ref("Circle"), Ref("Square"), Ref("User")],
])
def test_members_that_cannot_be_told_apart_refuse(members):
    with pytest.raises(BadDeclaration, match="here"):
        unions.check(types.union(members), NAMES, "here")


@pytest.mark.parametrize("members", [
    [INT, STRING, Scalar("bool"), List(INT), Ref("User"), NULL], [Ref("Circle"), Ref("Square")], [Ref("Level"), Ref("Color")],
])
def test_members_that_differ_may_stand_together(members):
    unions.check(types.union(members), NAMES, "here")


@pytest.mark.parametrize("type_", [Nullable(JSON), List(Nullable(JSON)), Map(Scalar("upload")), Map(Nullable(Scalar("upload"))), List(List(Scalar("upload")))])
def test_what_cannot_be_said_inside_another_type_refuses(type_):
    with pytest.raises(BadDeclaration):
        unions.check(type_, NAMES, "here")


def test_objects_are_told_apart_by_a_required_field_of_disjoint_enums():
    assert unions.discriminator([Ref("Circle"), Ref("Square")], NAMES) == "kind"
