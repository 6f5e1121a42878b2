"""
Slots that mutations patch, and those mutations. Source: spec/sample.md, Merges.
"""
import datetime as dt
from decimal import Decimal

import database
import mizan
from contexts import (
    AliasContext,
    ChosenContext,
    CrewContext,
    KeyContexts,
    MottoContext,
    PageUserContext,
    PricedContext,
    TeamContext,
    TwiceContext,
    UserContext,
)
from counting import counted
from environment import digest
from mizan import client
from models import Team, User

NOBODY = 0                                              # the team of those who are in none
THE_START = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@client(context=CrewContext)
@counted
def crew_members(request, team_id: int) -> list[User]:
    return database.users_of_team(team_id)


@client(context=CrewContext)
@counted
def crew_size(request, team_id: int) -> int:
    return len(database.users_of_team(team_id))


@client(context=TwiceContext)
@counted
def twice_maybe(request, user_id: int) -> User | None:
    return database.user(user_id)


@client(context=TwiceContext)
@counted
def twice_one(request, user_id: int) -> User:
    return database.user(user_id)


@client(context=TwiceContext)
@counted
def twice_two(request, user_id: int) -> User:
    return database.user(user_id)


@client(context=AliasContext)
@counted
def alias_profile(request, user_id: int) -> User:
    return database.user(user_id)


@client(context=PageUserContext)
@counted
def page_user_profile(request, user_id: int, lang: str = "en") -> User:
    return database.user(user_id)


@client(context=MottoContext)
@counted
async def motto_text(request) -> str:
    return digest("motto")


@client(context=PricedContext)
@counted
async def priced_text(request, price: Decimal, at: dt.datetime = THE_START) -> str:
    return digest("priced")


@client(merge=UserContext)
@counted
def rename_user(request, user_id: int, name: str) -> User:
    return database.renamed(user_id, name)


@client(merge={TwiceContext: "twice_two"})
@counted
def rename_twice(request, user_id: int, name: str) -> User:
    return database.given_name(user_id, name)


@client(merge=TwiceContext)
@counted
def find_twice(request, user_id: int, found: bool) -> User | None:
    return database.user(user_id) if found else None


@client(merge={CrewContext: {"slot": "crew_members", "op": "upsert", "key": "id"}})
@counted
def join_crew(request, team_id: int, user_id: int) -> User:
    return database.moved(user_id, team_id)


@client(merge={CrewContext: {"op": "remove", "key": "id"}})
@counted
def leave_crew(request, team_id: int, user_id: int) -> User:
    return database.moved(user_id, NOBODY)


@client(merge={CrewContext: {"op": "append"}})
@counted
def tail_crew(request, team_id: int, user_id: int) -> User:
    return database.user(user_id)


@client(merge={CrewContext: {"op": "prepend", "key": "id"}})
@counted
def head_crew(request, team_id: int, user_id: int) -> User:
    return database.user(user_id)


@client(merge=MottoContext)
@counted
async def set_motto(request) -> str:
    return digest("motto")


@client(merge=ChosenContext)
@counted
async def note_env(request, key: str) -> str:
    return digest(key)


@client(merge=PricedContext)
@counted
async def reprice(request, price: Decimal, at: dt.datetime = THE_START) -> str:
    return digest("priced")


@client(merge=[UserContext, AliasContext])
@counted
def rename_aliases(request, user_id: int, name: str) -> User:
    return database.given_name(user_id, name)


@client(merge=[PageUserContext, UserContext])
@counted
def rename_pages(request, user_id: int, name: str) -> User:
    return database.given_name(user_id, name)


@client(merge=UserContext)
@counted
def rename_maybe(request, user_id: int | None, pick: int, name: str) -> User:
    return database.given_name(pick, name)


@client(merge=TeamContext)
@counted
def recard(request, title: str, pick: int) -> Team:
    return database.given_title(pick, title)


@client(merge={TeamContext: {"map": {"team_id": "result.team_id"}}})
@counted
def recard_mapped(request, title: str, pick: int) -> Team:
    return database.given_title(pick, title)


@client(affects=UserContext, merge=UserContext)
@counted
def rename_stale(request, user_id: int, name: str) -> User:
    return database.given_name(user_id, name)


@client(affects={UserContext: {"user_id": "args.other"}, TeamContext: {}}, merge=UserContext)
@counted
def rename_beside(request, user_id: int, name: str, other: int) -> User:
    return database.given_name(user_id, name)


@client(merge=UserContext)
@counted
def rename_adding(request, user_id: int, name: str, stale: list[int], whole: bool, keys: int) -> User:
    """Renames a user and says, while it runs, what else is stale."""
    for other in stale:
        mizan.invalidate(UserContext, user_id=other)
    if whole:
        mizan.invalidate(UserContext)
    for key in range(1, keys + 1):
        mizan.invalidate(KeyContexts[0], key=key)
    return database.given_name(user_id, name)


@client(merge=UserContext)
@counted
def rename_midway(request, user_id: int, name: str, loud: bool) -> User:
    changed = database.given_name(user_id, name)
    if loud:
        raise RuntimeError("it went wrong after the commit")
    return changed
