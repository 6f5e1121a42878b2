"""
The types of the sample application. Source: spec/sample.md, Types.
"""
import datetime as dt
import enum
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from mizan import Int64, Json, Upload
from pydantic import BaseModel


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"
    DEEP_BLUE = "deep-blue"


class Level(enum.IntEnum):
    LOW = 1
    MIDDLE = 2
    HIGH = 3


class User(BaseModel):
    id: int
    name: str
    rev: int


class Team(BaseModel):
    team_id: int
    title: str
    rev: int


class Point(BaseModel):
    x: int
    y: int = 0
    label: str | None = None


class ShapeCircle(enum.Enum):
    CIRCLE = "circle"


class ShapeSquare(enum.Enum):
    SQUARE = "square"


@dataclass
class Circle:
    kind: ShapeCircle
    radius: int


@dataclass
class Square:
    kind: ShapeSquare
    side: int


class HueRed(enum.Enum):
    RED = "red"


class HueBlue(enum.Enum):
    BLUE = "blue"


@dataclass
class RedCircle:
    hue: HueRed
    kind: ShapeCircle


@dataclass
class BlueSquare:
    hue: HueBlue
    kind: ShapeSquare


class Node(BaseModel):
    value: int
    next: "Node | None" = None


@dataclass
class Kinds:
    """What `kinds` was given, defaults filled in, and a digest."""

    text: str
    whole: int
    big: Int64
    real: float
    flag: bool
    price: Decimal
    day: dt.date
    at: dt.datetime
    uid: UUID
    raw: bytes
    color: Color
    level: Level
    numbers: list[int]
    table: dict[str, int]
    point: Point
    node: Node | None
    either: int | str
    maybe: int | None
    nothing: None
    free: Json
    bag: dict[str, Json]
    stamp: str


@dataclass
class Mark:
    """The parameters of the context `mark` that a run-time entry gets; `nulls` names those that it gets as null."""

    text: str | None = None
    number: int | None = None
    big: Int64 | None = None
    flag: bool | None = None
    real: float | None = None
    day: dt.date | None = None
    at: dt.datetime | None = None
    uid: UUID | None = None
    price: Decimal | None = None
    raw: bytes | None = None
    color: Color | None = None
    level: Level | None = None
    items: list[int] | None = None
    nulls: list[str] = field(default_factory=list)


class FileFacts(BaseModel):
    name: str
    type: str
    size: int
    digest: str


class Document(BaseModel):
    title: str
    file: Upload
