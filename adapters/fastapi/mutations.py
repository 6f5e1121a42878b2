"""
Mutations: what they do, and what they make stale. Source: spec/sample.md, Mutations.
"""
import dataclasses
import datetime as dt
from decimal import Decimal
from uuid import UUID

import database
import mizan
from contexts import (
    CatalogContext,
    ChosenContext,
    KeyContexts,
    MarkContext,
    PageLangContext,
    ReportContext,
    TeamContext,
    UserContext,
)
from counting import counted, named
from environment import ENVIRONMENT
from mizan import Int64, client
from models import Color, Level, Mark, Team, User


@client(affects=UserContext)
@counted
def update_profile(request, user_id: int, name: str) -> User:
    return database.renamed(user_id, name)


@client(affects=[UserContext, TeamContext])
@counted
async def touch_both(request, user_id: int, team_id: int) -> bool:
    return True


@client(affects=TeamContext)
@counted
def touch_team(request, team_id: int) -> Team:
    return database.touched(team_id)


@client(affects=UserContext)
@counted
def fails_midway(request, user_id: int, name: str, loud: bool) -> User:
    changed = database.renamed(user_id, name)
    if loud:
        raise RuntimeError("it went wrong after the commit")
    return changed


@client(affects=ReportContext)
@counted
async def set_org(request, org_id: int) -> bool:
    return True


async def set_pair(request, org_id: int, user_id: int) -> bool:
    return True


async def set_pair_reordered(request, user_id: int, org_id: int) -> bool:
    return True


client(affects=ReportContext)(counted(named("set_pair")(set_pair_reordered if ENVIRONMENT.is_reordered else set_pair)))


@client(affects=ReportContext)
@counted
async def set_org_maybe(request, org_id: int | None, user_id: int) -> bool:
    return True


@client(affects=TeamContext)
@counted
def retitle(request, title: str, pick: int) -> Team:
    return database.retitled(pick, title)


@client(affects=TeamContext)
@counted
def retitle_text(request, team_id: str, pick: int) -> Team:
    return database.retitled(pick, team_id)


@client(affects=TeamContext)
@counted
def retitle_maybe(request, team_id: int | None, pick: int) -> Team:
    return database.touched(pick)


@client(affects=TeamContext)
@counted
def retitle_none(request, pick: int, found: bool) -> Team | None:
    return database.team(pick) if found else None


@client(affects=CatalogContext)
@counted
async def touch_item(request, id: int) -> bool:
    return True


@client(affects={CatalogContext: {"id": "args.user_id"}})
@counted
async def touch_item_mapped(request, user_id: int) -> bool:
    return True


@client(affects={CatalogContext: {"id": "result.id"}})
@counted
def touch_item_result(request, pick: int) -> User:
    return database.user(pick)


@client(affects={UserContext: {}})
@counted
async def touch_whole(request, user_id: int) -> bool:
    return True


@client(affects=PageLangContext)
@counted
async def touch_lang(request, user_id: int) -> bool:
    return True


@client(affects=UserContext)
@counted
async def touch_default(request, user_id: int = 1) -> bool:
    return True


@client(affects=ChosenContext)
@counted
async def touch_env(request, key: str) -> bool:
    return True


@client(affects=MarkContext)
@counted
async def touch_mark(
    request, text: str | None = None, number: int | None = None, big: Int64 | None = None, flag: bool | None = None,
    day: dt.date | None = None, at: dt.datetime | None = None, uid: UUID | None = None, price: Decimal | None = None,
    color: Color | None = None, level: Level | None = None,
) -> bool:
    return True


@client(affects=[UserContext, TeamContext])
@counted
def move_user(request, user_id: int, team_id: int) -> User:
    """Moves a user: the new team is bound by its name, the old one must be said."""
    mizan.invalidate(TeamContext, team_id=database.team_of_user(user_id))
    return database.moved(user_id, team_id)


@client(affects=UserContext)
@counted
async def widen(request, user_id: int, whole: bool) -> bool:
    if whole:
        mizan.invalidate(UserContext)
    return True


@client(affects=TeamContext)
@counted
async def marks(request, team_id: int, marks: list[Mark]) -> int:
    for mark in marks:
        fields = {one.name: getattr(mark, one.name) for one in dataclasses.fields(mark) if one.name != "nulls"}
        said = {name: value for name, value in fields.items() if value is not None}
        mizan.invalidate(MarkContext, **{**said, **dict.fromkeys(mark.nulls)})
    return len(marks)


@client(affects=TeamContext)
@counted
async def flood(request, team_id: int, contexts: int, keys: int) -> int:
    chosen = KeyContexts[:contexts]
    if keys == 0:
        for context in chosen:
            mizan.invalidate(context)
        return len(chosen)
    for context in chosen:
        for key in range(1, keys + 1):
            mizan.invalidate(context, key=key)
    return len(chosen) * keys


@client(affects=UserContext)
@counted
async def wrong_entry(request, user_id: int, which: str) -> bool:
    if which == "name":
        mizan.invalidate(UserContext, nobody=user_id)
    if which == "type":
        mizan.invalidate(UserContext, user_id=str(user_id))
    return True
