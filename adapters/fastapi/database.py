"""
Users, teams and orders in one SQLite file. Source: spec/sample.md, Data.

Errors: Problem, `not_found`, from whatever names a row that is not there.
"""
from typing import Any

from environment import ENVIRONMENT
from mizan import Problem
from models import Team, User
from sqlalchemy import (
    Column,
    Engine,
    Executable,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    text,
    update,
)

USERS, TEAMS, ORGANISATIONS, BUYERS = 4_000, 2_000, 10, 10

TABLES = MetaData()
users = Table(
    "users", TABLES, Column("id", Integer, primary_key=True), Column("name", String), Column("rev", Integer), Column("team_id", Integer),
)
teams = Table("teams", TABLES, Column("id", Integer, primary_key=True), Column("title", String), Column("rev", Integer))
orders = Table(
    "orders", TABLES, Column("org_id", Integer, primary_key=True), Column("user_id", Integer, primary_key=True), Column("total", Integer),
)

USER, TEAM = (users.c.id, users.c.name, users.c.rev), (teams.c.id.label("team_id"), teams.c.title, teams.c.rev)
GET_USER = select(*USER).where(users.c.id == bindparam("of_id"))
GET_TEAM = select(*TEAM).where(teams.c.id == bindparam("of_id"))
GET_USERS_OF_TEAM = select(*USER).where(users.c.team_id == bindparam("of_id")).order_by(users.c.id)
GET_TEAM_OF_USER = select(users.c.team_id).where(users.c.id == bindparam("of_id"))
GET_TOTAL = select(orders.c.total).where(orders.c.org_id == bindparam("of_org"), orders.c.user_id == bindparam("of_user"))
RENAME = update(users).where(users.c.id == bindparam("of_id")).values(name=bindparam("to"), rev=users.c.rev + 1).returning(*USER)
NAME = update(users).where(users.c.id == bindparam("of_id")).values(name=bindparam("to")).returning(*USER)
MOVE = update(users).where(users.c.id == bindparam("of_id")).values(team_id=bindparam("to")).returning(*USER)
RETITLE = update(teams).where(teams.c.id == bindparam("of_id")).values(title=bindparam("to"), rev=teams.c.rev + 1).returning(*TEAM)
TITLE = update(teams).where(teams.c.id == bindparam("of_id")).values(title=bindparam("to")).returning(*TEAM)
TOUCH = update(teams).where(teams.c.id == bindparam("of_id")).values(rev=teams.c.rev + 1).returning(*TEAM)

# Made inside SQLite: six thousand rows sent one by one take longer than everything else that a start does.
SEED_USERS = text("""
    WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :count)
    INSERT INTO users SELECT i, 'u' || i || '-' || :seed, 0, i % 200 + 1 FROM numbers""")
SEED_TEAMS = text("""
    WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :count)
    INSERT INTO teams SELECT i, 't' || i || '-' || :seed, 0 FROM numbers""")

ENGINE: Engine = create_engine(f"sqlite:///{ENVIRONMENT.state / 'sample.db'}")


@event.listens_for(ENGINE, "connect")
def set_pragmas(connection: Any, _: Any) -> None:
    """Trades safety against a power cut, which no check needs, for speed; the journal in memory leaves one file."""
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


def create() -> None:
    """Makes the tables and their rows anew."""
    seed = ENVIRONMENT.seed_row
    TABLES.drop_all(ENGINE)
    TABLES.create_all(ENGINE)
    with ENGINE.begin() as connection:
        connection.execute(SEED_USERS, {"count": USERS, "seed": seed})
        connection.execute(SEED_TEAMS, {"count": TEAMS, "seed": seed})
        connection.execute(insert(orders), [
            {"org_id": org, "user_id": user, "total": org * 100 + user}
            for org in range(1, ORGANISATIONS + 1) for user in range(1, BUYERS + 1)
        ])


def row(statement: Executable, **values: Any) -> Row[Any]:
    """Runs a statement that is about one row, and commits. Raises: Problem, `not_found`."""
    with ENGINE.begin() as connection:
        found = connection.execute(statement, values).one_or_none()
    if found is None:
        raise Problem("not_found")
    return found


def user(user_id: int) -> User:
    return User(**row(GET_USER, of_id=user_id)._mapping)


def renamed(user_id: int, name: str) -> User:
    """Sets a user's name; rev + 1."""
    return User(**row(RENAME, of_id=user_id, to=name)._mapping)


def given_name(user_id: int, name: str) -> User:
    """Sets a user's name and nothing else."""
    return User(**row(NAME, of_id=user_id, to=name)._mapping)


def team_of_user(user_id: int) -> int:
    return row(GET_TEAM_OF_USER, of_id=user_id).team_id


def users_of_team(team_id: int) -> list[User]:
    """Returns: a team's users by id; none for a team that does not exist."""
    with ENGINE.connect() as connection:
        return [User(**found._mapping) for found in connection.execute(GET_USERS_OF_TEAM, {"of_id": team_id})]


def moved(user_id: int, team_id: int) -> User:
    """Puts a user into a team."""
    return User(**row(MOVE, of_id=user_id, to=team_id)._mapping)


def team(team_id: int) -> Team:
    return Team(**row(GET_TEAM, of_id=team_id)._mapping)


def retitled(team_id: int, title: str) -> Team:
    """Sets a team's title; rev + 1."""
    return Team(**row(RETITLE, of_id=team_id, to=title)._mapping)


def given_title(team_id: int, title: str) -> Team:
    """Sets a team's title and nothing else."""
    return Team(**row(TITLE, of_id=team_id, to=title)._mapping)


def touched(team_id: int) -> Team:
    """Counts a team's rev up."""
    return Team(**row(TOUCH, of_id=team_id)._mapping)


def order_total(org_id: int, user_id: int) -> int:
    """Returns: the order's total, 0 without an order."""
    with ENGINE.connect() as connection:
        return connection.execute(GET_TOTAL, {"of_org": org_id, "of_user": user_id}).scalar_one_or_none() or 0
