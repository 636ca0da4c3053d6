"""What an installation is: a register or a demonstration, and the facts its operator may edit (holidays)."""

from datetime import date

from peewee import CharField, DateField, fn

from registry.records.database import InstantField, Table, database, is_sqlite, one_of
from registry.rules import limits
from registry.rules.calendar import Holidays

KINDS = ("register", "demonstration")
# Any fixed number: it names the one lock that orders those who fill a new database on PostgreSQL.
FILL_LOCK = 7_202_009


class Installation(Table):
    """One row: the kind of database this is. A demonstration and a register never mix."""

    kind = CharField(max_length=13)
    created_at = InstantField()

    class Meta:
        constraints = [one_of("kind", KINDS)]


class Holiday(Table):
    """A bank holiday of England and Wales. Operator's data, shipped with the product to begin with."""

    day = DateField(unique=True)
    name = CharField(max_length=limits.LINE)


def lock_filling() -> None:
    """Wait for anybody else who is filling the database; held until the transaction ends. SQLite has one writer."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (FILL_LOCK,))


def kind() -> str | None:
    """`register`, `demonstration`, or None in a database that holds nothing yet."""
    row = Installation.select().first()
    return row.kind if row else None


def holidays() -> Holidays:
    """The bank holidays, known to the end of the last year that has one."""
    last = Holiday.select(fn.MAX(Holiday.day)).scalar()
    names = dict(Holiday.select(Holiday.day, Holiday.name).tuples())
    return Holidays(frozenset(names), date(last.year, 12, 31) if last else None, names)


def edition() -> tuple[str | None, str | None, str | None]:
    """What changes whenever anything that can be read does: the hash of the last event, the kind, and since when.

    One query. Every verb appends an event in its own transaction, so the two become visible together.
    """
    last = "(SELECT hash FROM history ORDER BY id DESC LIMIT 1)"
    found = database.execute_sql(f"SELECT {last}, kind, created_at FROM installation LIMIT 1").fetchone()
    return tuple(found) if found else (None, None, None)
