"""
Python annotations to wire types, for one function at a time.

    int str float bool None        bytes datetime date Decimal UUID        Int64 Json
    list[T]  dict[str, T]  dict    T | None  A | B  Literal["a", "b"]      Enum, Pydantic models, dataclasses, TypedDicts, NewTypes

Source: the spec's ground rules on types. Errors: BadDeclaration, naming the function and the place, for anything that the wire cannot say.
"""
import dataclasses
import datetime as dt
import enum
import types as python_types
import typing
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

from mizan import canonical, grammar, records, types, unions, writer
from mizan.errors import BadName, BadType, WrongOutput
from mizan.types import Enumeration, Field, List, Map, Named, Names, Record, Ref, Scalar, Type
from mizan.upload import Accepts, Upload


@dataclasses.dataclass(frozen=True)
class Kind:
    """Marks an annotation as a wire type that Python has no class for."""

    kind: str


Int64 = Annotated[int, Kind("int64")]                   # travels as a string, because 2^53-1 ends what a JSON number can say
Json = Annotated[Any, Kind("json")]                     # any I-JSON value, null among them

SCALARS: dict[Any, Scalar] = {
    int: Scalar("int"), float: Scalar("float"), bool: Scalar("bool"), str: Scalar("string"), None: types.NULL, type(None): types.NULL,
    bytes: Scalar("bytes"), dt.datetime: Scalar("datetime"), dt.date: Scalar("date"), Decimal: Scalar("decimal"), uuid.UUID: Scalar("uuid"),
    Upload: Scalar("upload"),
}


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an annotation stands: words for messages, and the name under which an anonymous enum there is lifted."""

    words: str
    lifted: str
    takes_rules: bool = False                           # a model's field: Pydantic enforces what else stands in its Annotated


class Annotations:
    """Reads annotations, and gathers the named types that they reach. `where` is the function, for messages."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.names: dict[str, Named] = {}
        self._claims: dict[str, Any] = {}               # name -> the class, or the values of a lifted enum, that has it
        self._raw: dict[str, list[records.RawField]] = {}

    def type_of(self, annotation: Any, place: Place) -> Type:
        """Raises: BadDeclaration."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is Annotated:
            return self._annotated(arguments, place)
        if isinstance(annotation, typing.NewType):
            return self.type_of(annotation.__supertype__, place)
        if annotation is None or (isinstance(annotation, type) and annotation in SCALARS):
            return SCALARS[annotation]
        if origin in (typing.Union, python_types.UnionType):
            return types.union([self.type_of(one, place) for one in arguments])
        if origin is Literal:
            return self._enumeration(Enumeration(place.lifted, arguments), arguments, place)
        if annotation is dict or origin is dict:
            return self._map(arguments, place)
        if origin is list:
            return List(self.type_of(arguments[0], place))
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            values = tuple(one.value for one in annotation)
            return self._enumeration(Enumeration(annotation.__name__, values, annotation, records.doc_of(annotation)), annotation, place)
        if records.is_record(annotation):
            return self._record(annotation, place)
        raise BadType(
            f"{self.where}: {place.words} is annotated with {said(annotation)}, which the wire cannot say; "
            "wanted list[T], dict[str, T], a model, dataclass, TypedDict or Enum, or Json for any value"
        )

    def close(self) -> dict[str, Named]:
        """Fills in the defaults of every field and checks every type. Returns: the named types. Raises: BadDeclaration."""
        for name, raw in self._raw.items():
            record = self.names[name]
            assert isinstance(record, Record)
            self.names[name] = dataclasses.replace(record, fields=tuple(
                with_default(one, its.default, self.names, f"{self.where}: {name}.{one.name}")
                for one, its in zip(record.fields, raw, strict=True)
            ))
        for name, named in self.names.items():
            for one in named.fields if isinstance(named, Record) else ():
                unions.check(one.type, self.names, f"{self.where}: {name}.{one.name}")
        return dict(sorted(self.names.items()))

    def _annotated(self, arguments: tuple[Any, ...], place: Place) -> Type:
        inner, *marks = arguments
        if isinstance(marks[0], Accepts):
            return Scalar("upload", marks[0].types)
        kind = next((mark.kind for mark in marks if isinstance(mark, Kind)), None)
        if kind is None and not place.takes_rules:
            raise BadType(f"{self.where}: {place.words}: {marks[0]!r} is a rule that nothing would enforce here; put it on a model")
        return Scalar(kind) if kind else self.type_of(inner, place)

    def _map(self, arguments: tuple[Any, ...], place: Place) -> Type:
        if not arguments:
            return Map(types.JSON)
        if arguments[0] is not str:
            raise BadType(f"{self.where}: {place.words}: a map has strings for keys; wanted dict[str, …], got {said(arguments[0])}")
        return Map(self.type_of(arguments[1], place))

    def _enumeration(self, enumeration: Enumeration, claim: Any, place: Place) -> Type:
        check_enumeration(enumeration, f"{self.where}: {place.words}")
        self._claim(enumeration.name, claim)
        self.names[enumeration.name] = enumeration
        return Ref(enumeration.name)

    def _record(self, cls: Any, place: Place) -> Type:
        name = records.class_name(cls)
        grammar.check_type_name(name, f"{self.where}: {place.words}")
        self._claim(name, cls)
        if name not in self.names:
            python = None if typing.is_typeddict(cls) else cls
            self.names[name] = Record(name, (), python)  # stands in while its fields are read: an object may hold itself
            self._raw[name] = records.raw_fields(cls, f"{self.where}: {place.words}: {name}")
            for one in self._raw[name]:
                grammar.check_field_name(one.name, f"{self.where}: {place.words}: {name}")
            takes_rules = records.is_model(cls)
            self.names[name] = Record(name, tuple(
                Field(one.name, self.type_of(one.annotation, Place(f"{name}.{one.name}", name + camel(one.name), takes_rules)),
                      doc=one.doc, attribute=one.attribute)
                for one in self._raw[name]
            ), python, records.doc_of(cls))
        return Ref(name)

    def _claim(self, name: str, claim: Any) -> None:
        """Raises: BadDeclaration, where another class, or other values, have the name already."""
        if self._claims.setdefault(name, claim) != claim:
            raise BadName(f"{self.where}: two different types are called {name!r}; rename one")


def check_enumeration(enumeration: Enumeration, where: str) -> None:
    """Raises: BadDeclaration, where the values are not all strings or all safe ints, or there are none, or one is doubled."""
    grammar.check_type_name(enumeration.name, where)
    values: tuple[Any, ...] = enumeration.values
    is_uniform = all(type(one) is str for one in values) or all(type(one) is int and abs(one) <= canonical.MAX_SAFE for one in values)
    if not values or not is_uniform or len(set(values)) != len(values):
        raise BadType(f"{where}: the values of {enumeration.name} must be strings or ints, all of one kind, each once, at least one")


def with_default(one: Field, default: Any, names: Names, where: str) -> Field:
    """
    Returns: the field with its default as canonical JSON.

    Args: `default`: a Python value, or records.REQUIRED or SERVER_MADE.
    Raises: BadDeclaration, for a default that is not of the field's type.
    """
    if default is records.REQUIRED:
        return one
    if default is records.SERVER_MADE:
        return dataclasses.replace(one, optional=True)
    try:
        return dataclasses.replace(one, default=canonical.write(writer.write(one.type, default, names)))
    except WrongOutput as error:
        raise BadType(f"{where}: the default is not of the declared type: {error}") from error


def camel(name: str) -> str:
    """Returns: user_id as UserId."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").split("_"))


def said(annotation: Any) -> str:
    return "nothing" if annotation is records.REQUIRED else str(getattr(annotation, "__name__", annotation))
