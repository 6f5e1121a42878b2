"""
Users, teams and orders in one SQLite file. Source: spec/sample.md, Data.
"""
from typing import Any

from mizan import Problem
from sqlalchemy import Engine, create_engine, event, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from environment import ENVIRONMENT
from models import Team, User

USERS, TEAMS, ORGANISATIONS, BUYERS = 4_000, 2_000, 10, 10


class Table(DeclarativeBase):
    """What SQLAlchemy knows of the tables below."""


class UserRow(Table):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    rev: Mapped[int]
    team_id: Mapped[int]


class TeamRow(Table):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    rev: Mapped[int]


class OrderRow(Table):
    __tablename__ = "orders"
    org_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]


ENGINE: Engine = create_engine(f"sqlite:///{ENVIRONMENT.state / 'sample.db'}")


@event.listens_for(ENGINE, "connect")
def set_pragmas(connection: Any, _: Any) -> None:
    """Trades safety against a power cut, which no check needs, for speed; the journal in memory leaves one file."""
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


def create() -> None:
    """Makes the tables and their rows anew."""
    seed = ENVIRONMENT.seed_row
    Table.metadata.drop_all(ENGINE)
    Table.metadata.create_all(ENGINE)
    users = [{"id": i, "name": f"u{i}-{seed}", "rev": 0, "team_id": i % 200 + 1} for i in range(1, USERS + 1)]
    teams = [{"id": i, "title": f"t{i}-{seed}", "rev": 0} for i in range(1, TEAMS + 1)]
    orders = [
        {"org_id": org, "user_id": user, "total": org * 100 + user} for org in range(1, ORGANISATIONS + 1) for user in range(1, BUYERS + 1)
    ]
    with ENGINE.begin() as connection:
        for table, rows in ((UserRow, users), (TeamRow, teams), (OrderRow, orders)):
            connection.execute(insert(table), rows)


def user_row(session: Session, user_id: int) -> UserRow:
    """Raises: Problem, `not_found`."""
    row = session.get(UserRow, user_id)
    if row is None:
        raise Problem("not_found")
    return row


def team_row(session: Session, team_id: int) -> TeamRow:
    """Raises: Problem, `not_found`."""
    row = session.get(TeamRow, team_id)
    if row is None:
        raise Problem("not_found")
    return row


def user_of(row: UserRow) -> User:
    return User(id=row.id, name=row.name, rev=row.rev)


def team_of(row: TeamRow) -> Team:
    return Team(team_id=row.id, title=row.title, rev=row.rev)


def order_total(org_id: int, user_id: int) -> int:
    """Returns: the order's total, 0 without an order."""
    with Session(ENGINE) as session:
        row = session.get(OrderRow, (org_id, user_id))
        return row.total if row else 0
