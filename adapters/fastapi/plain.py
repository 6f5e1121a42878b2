"""
Functions that neither read a context nor invalidate one. Source: spec/sample.md, Plain functions.
"""
import datetime as dt
from decimal import Decimal
from uuid import UUID

import mizan
from contexts import UserContext
from counting import FINISHED, GATE, count, counted, named
from environment import ENVIRONMENT, digest
from mizan import ApplicationError, Int64, Json, client
from models import BlueSquare, Circle, Color, Kinds, Level, Node, Point, RedCircle, Square

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
FIRST_DAY, NO_UID, ORIGIN = EPOCH.date(), UUID(int=0), Point(x=0)
LEAP_MOMENT = dt.datetime(2024, 2, 29, 12, 34, 56, 500_000)
NO_REPLY_HOLDS = {"nan": float("nan"), "infinity": float("inf"), "big-int": 2**53, "big-float": 1e20, "surrogate": "\ud800"}


class TakenError(ApplicationError):
    code, status = "app.taken", 409


class UndeclaredError(ApplicationError):
    code, status = "app.undeclared", 409


@client()
@counted
@named(ENVIRONMENT.function)
async def chosen_function(request, text: str) -> str:
    return digest(text)


@client()
@counted
async def log_visit(request, user_id: int) -> bool:
    return True


async def kinds(
    request, text: str, whole: int = 0, big: Int64 = 0, real: float = 0, flag: bool = False, price: Decimal = Decimal(0),
    day: dt.date = FIRST_DAY, at: dt.datetime = EPOCH, uid: UUID = NO_UID, raw: bytes = b"", color: Color = Color.RED,
    level: Level = Level.LOW, numbers: list[int] = [], table: dict[str, int] = {}, point: Point = ORIGIN,  # noqa: B006 (made anew each time)
    node: Node | None = None, either: int | str = 0, maybe: int | None = None, nothing: None = None, free: Json = None,
    bag: dict[str, Json] = {},                                                                               # noqa: B006 (the same)
) -> Kinds:
    return Kinds(
        text=text, whole=whole, big=big, real=real, flag=flag, price=price, day=day, at=at, uid=uid, raw=raw, color=color, level=level,
        numbers=numbers, table=table, point=point, node=node, either=either, maybe=maybe, nothing=nothing, free=free, bag=bag,
        stamp=digest(text),
    )


client()(counted(kinds))


@client()
@counted
async def pick(request, value: int | None) -> str:
    return digest("null" if value is None else str(value))


@client()
@counted
async def many(request, values: list[int]) -> int:
    return sum(values)


@client()
@counted
async def circle_or_square(request, shape: Circle | Square, text: str) -> str:
    return digest(text + shape.kind.value)


@client()
@counted
async def red_or_blue(request, shape: RedCircle | BlueSquare, text: str) -> str:
    return digest(text + shape.hue.value)


@client()
@counted
async def moment(request, naive: bool) -> dt.datetime:
    return LEAP_MOMENT if naive else LEAP_MOMENT.replace(tzinfo=dt.UTC)


@client()
@counted
async def bad_output(request, which: str, text: str) -> Json:
    return NO_REPLY_HOLDS.get(which, digest(text))


@client()
@counted
async def wrong_type(request, wrong: bool) -> int:
    return "5" if wrong else 5      # type: ignore[return-value]      # against its declaration, on purpose


@client(errors=[TakenError])
@counted
async def says_no(request, text: str, name: str) -> str:
    if name == "taken":
        raise TakenError("taken")
    if name == "undeclared":
        raise UndeclaredError("undeclared")
    return digest(text)


@client()
@counted
def raises(request, text: str, loud: bool) -> str:
    if loud:
        raise RuntimeError(f"it went wrong with {text}")
    return digest(text)


@client()
@counted
def plain_invalidates(request, text: str, wanted: bool) -> str:
    if wanted:
        mizan.invalidate(UserContext)
    return digest(text)


@client(timeout_s=1)
@counted
async def wait_async(request, mark: str) -> str:
    await GATE.passed()
    count(FINISHED, "wait_async")
    return digest(mark)


@client(timeout_s=1)
@counted
def wait_blocking(request, mark: str) -> str:
    GATE.wait()
    count(FINISHED, "wait_blocking")
    return digest(mark)
