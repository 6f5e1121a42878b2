"""
The fields of the Python classes that are objects on the wire: Pydantic models, dataclasses, TypedDicts.

Source: the spec's ground rules on types (objects, defaults). Errors: BadDeclaration, naming the class.
"""
import dataclasses
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

import pydantic
from pydantic_core import PydanticUndefined

from mizan.errors import BadDeclaration

REQUIRED: Any = object()                                # stands where a default could: there is none
SERVER_MADE: Any = object()                             # the class makes its default anew each time


@dataclasses.dataclass(frozen=True)
class RawField:
    """A field as Python declares it. `name` is the wire's, `attribute` Python's; `default` a value, REQUIRED or SERVER_MADE."""

    name: str
    attribute: str
    annotation: Any
    default: Any
    doc: str = ""


def is_model(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, pydantic.BaseModel)


def is_record(cls: Any) -> bool:
    """Whether a class is an object on the wire."""
    return is_model(cls) or dataclasses.is_dataclass(cls) or typing.is_typeddict(cls)


def class_name(cls: Any) -> str:
    """Returns: a class's name on the wire; a generic model's instances concatenate: Page[User] is PageUser."""
    generic = getattr(cls, "__pydantic_generic_metadata__", None)
    if generic and generic["origin"]:
        return str(generic["origin"].__name__) + "".join(map(annotation_name, generic["args"]))
    return str(cls.__name__)


def doc_of(cls: type) -> str:
    """Returns: what a class says of itself: neither what it inherits nor the signature that `dataclass` writes where nothing is said."""
    own = cls.__dict__.get("__doc__") or ""
    return "" if dataclasses.is_dataclass(cls) and own.startswith(f"{cls.__name__}(") else own


def annotation_name(annotation: Any) -> str:
    """Returns: what an annotation adds to a generic's name, in CamelCase: list[int] adds ListInt."""
    arguments = typing.get_args(annotation)
    own = class_name(annotation) if isinstance(annotation, type) and not arguments else getattr(annotation, "__name__", "Union")
    return own[:1].upper() + own[1:] + "".join(annotation_name(one) for one in arguments if one is not type(None))


def raw_fields(cls: Any, where: str) -> list[RawField]:
    """Returns: the fields of a class, in bytes order of their wire names. Raises: BadDeclaration."""
    read = model_fields if is_model(cls) else dataclass_fields if dataclasses.is_dataclass(cls) else typeddict_fields
    return sorted(read(cls, where), key=lambda one: one.name.encode())


def model_fields(cls: Any, where: str) -> list[RawField]:
    if issubclass(cls, pydantic.RootModel):
        raise BadDeclaration(f"{where} is a RootModel, which has no fields; wanted what it wraps")
    cls.model_rebuild()                                 # resolves what was declared before its parts were
    return [model_field(name, one, where) for name, one in cls.model_fields.items()]


def model_field(name: str, one: Any, where: str) -> RawField:
    """Raises: BadDeclaration, for a field that is read under one name and written under another, or read and never written."""
    if one.exclude:
        raise BadDeclaration(f"{where}.{name} says exclude=, and an object has the same fields in and out; wanted a model without it")
    if one.validation_alias != one.serialization_alias or not isinstance(one.alias, (str, type(None))):
        raise BadDeclaration(f"{where}.{name} has one name in and another out; wanted one name on the wire: alias=")
    annotation = typing.Annotated[(one.annotation, *one.metadata)] if one.metadata else one.annotation
    default = SERVER_MADE if one.default_factory else REQUIRED if one.default is PydanticUndefined else one.default
    return RawField(name if one.alias is None else one.alias, name, annotation, default, one.description or "")


def dataclass_fields(cls: Any, where: str) -> list[RawField]:
    hints = hints_of(cls, where)
    hidden = [one.name for one in dataclasses.fields(cls) if not one.init]
    if hidden:
        raise BadDeclaration(f"{where}: {', '.join(hidden)} says init=False, and an object has the same fields in and out")
    return [RawField(one.name, one.name, hints[one.name], dataclass_default(one)) for one in dataclasses.fields(cls)]


def dataclass_default(one: Any) -> Any:
    if one.default_factory is not dataclasses.MISSING:
        return SERVER_MADE
    return REQUIRED if one.default is dataclasses.MISSING else one.default


def typeddict_fields(cls: Any, where: str) -> list[RawField]:
    """Raises: BadDeclaration, for a key that need not be there: an output always has every field."""
    if cls.__optional_keys__:
        absent = ", ".join(sorted(cls.__optional_keys__))
        raise BadDeclaration(f"{where}: {absent} need not be there; wanted a model with a default instead")
    return [RawField(name, name, one, REQUIRED) for name, one in hints_of(cls, where).items()]


def hints_of(cls: type, where: str) -> dict[str, Any]:
    """Returns: the annotations of a class, evaluated. Raises: BadDeclaration, where a name in them means nothing."""
    return evaluated(cls, where, localns={cls.__name__: cls})


def function_hints(body: Callable[..., Any], where: str) -> dict[str, Any]:
    """Returns: the annotations of a function but for `request`'s, which may name what only a type checker imports."""
    annotations = {name: one for name, one in body.__annotations__.items() if name != "request"}
    return evaluated(types.SimpleNamespace(__annotations__=annotations), where, globalns=inspect.unwrap(body).__globals__)


def evaluated(annotated: Any, where: str, **names: dict[str, Any]) -> dict[str, Any]:
    """Raises: BadDeclaration."""
    try:
        return typing.get_type_hints(annotated, include_extras=True, **names)
    except NameError as error:
        raise BadDeclaration(f"{where}: an annotation says {error.name!r}, which is not defined; import it, or define it above") from error
