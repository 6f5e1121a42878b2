"""
Reads, a slot each of their context's bundle. Source: spec/sample.md, Reads.
"""
import datetime as dt
import functools
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import database
import mizan
from contexts import (
    BrokenContext,
    CatalogContext,
    ChosenContext,
    FreshContext,
    KeyContexts,
    LooksContext,
    MarkContext,
    MeddlesContext,
    PageLangContext,
    ReportContext,
    TeamContext,
    TypedContext,
    UserContext,
)
from counting import counted, named
from environment import ENVIRONMENT, digest
from mizan import Int64, ReactContext, client
from models import Color, Kinds, Level, Team, User
from plain import kinds


@client(context=UserContext)
@counted
def user_profile(request, user_id: int) -> User:
    return database.user(user_id)


@client(context=UserContext)
@counted
def user_digest(request, user_id: int) -> str:
    return digest(database.user(user_id).name)


@client(context=UserContext)
@counted
@named(ENVIRONMENT.slot)
async def chosen_slot(request, user_id: int) -> str:
    return digest(f"slot{user_id}")


@client(context=TeamContext)
@counted
def team_card(request, team_id: int) -> Team:
    return database.team(team_id)


def report_total(request, org_id: int, user_id: int) -> int:
    return database.order_total(org_id, user_id)


def report_total_reordered(request, user_id: int, org_id: int) -> int:
    return database.order_total(org_id, user_id)


client(context=ReportContext)(counted(named("report_total")(report_total_reordered if ENVIRONMENT.is_reordered else report_total)))


@client(context=ReportContext)
@counted
async def report_org(request, org_id: int = 1) -> str:
    return digest(f"org{org_id}")


@client(context=PageLangContext)
@counted
async def page_text(request, user_id: int, lang: str = "en") -> str:
    return digest(f"{user_id}{lang}")


@client(context=CatalogContext)
@counted
async def catalog_item(request, id: int) -> str:
    return digest(f"item{id}")


@client(context=ChosenContext)
@counted
@named(f"{ENVIRONMENT.context}_note")
async def chosen_note(request, key: str) -> str:
    return digest(key)


@client(context=TypedContext)
@counted
@named("typed_kinds")
@functools.wraps(kinds)
async def typed_kinds(request, **parameters: Any) -> Kinds:
    return await kinds(request, **parameters)


@client(context=BrokenContext)
@counted
def broken_calm(request, text: str, loud: bool) -> str:
    return digest(text)


@client(context=BrokenContext)
@counted
def broken_loud(request, text: str, loud: bool) -> str:
    if loud:
        raise RuntimeError(f"it went wrong with {text}")
    return digest(text)


LOOKS: dict[str, Callable[[Any], Any]] = {
    "user": lambda request: request.user,
    "session": lambda request: request.session,
    "cookies": lambda request: request.cookies,
    "authorization": lambda request: request.headers.get("Authorization"),
    "header": lambda request: request.headers.get("Accept-Language"),
}


@client(context=LooksContext)
@counted
async def looks_at(request, text: str, at: str) -> str:
    if at in LOOKS:
        LOOKS[at](request)
    return digest(text)


@client(context=MeddlesContext)
@counted
def meddles_read(request, text: str, wanted: bool) -> str:
    if wanted:
        mizan.invalidate(UserContext)
    return digest(text)


@client(context=FreshContext, volatile=True)
@counted
async def fresh_text(request, text: str) -> str:
    return digest(text)


@client(context=MarkContext)
@counted
async def mark_count(
    request, text: str | None = None, number: int | None = None, big: Int64 | None = None, flag: bool | None = None,
    real: float | None = None, day: dt.date | None = None, at: dt.datetime | None = None, uid: UUID | None = None,
    price: Decimal | None = None, raw: bytes | None = None, color: Color | None = None, level: Level | None = None,
    items: list[int] | None = None,
) -> int:
    given = (text, number, big, flag, real, day, at, uid, price, raw, color, level, items)
    return sum(value is not None for value in given)


def declare_value(context: ReactContext) -> None:
    """Declares the one slot of a context that is there to be many."""
    @client(context=context)
    @counted
    @named(f"{context.name}_value")
    async def value(request, key: int) -> str:
        return digest(str(key))


for _context in KeyContexts:
    declare_value(_context)
