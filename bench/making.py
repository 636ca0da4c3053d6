"""What making a notice to many organisations costs, against the same SQL statements sent by the driver alone.

    .venv/bin/python bench/making.py [100]

The verb is run in a transaction that is rolled back, and its statements are noted; the same statements with the same
values are then sent from the same state. Both end before the commit. Medians of many turns, on both databases.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from registry.actions import notices  # noqa: E402
from registry.actions.bench_data import SIGN_INS  # noqa: E402
from registry.actions.notices import DraftContent, DraftRecommendation  # noqa: E402
from registry.records import people  # noqa: E402
from registry.records.database import database, open_database  # noqa: E402
from registry.records.organisations import Organisation  # noqa: E402
from registry.rules.permissions import Actor  # noqa: E402
from tests.postgres import cluster  # noqa: E402

TURNS = 25
Statement = tuple[str, Any]


def approved(count: int, now: datetime) -> tuple[int, Actor]:
    """A notice to so many organisations, ready to be made, and who may make it."""
    from bench import pages

    who = {role: people.actor(people.by_email(SIGN_INS[role]), now.date()) for role in pages.SIGN_INS}
    forces = Organisation.select(Organisation.id).where(Organisation.slug.startswith("bench-force")).limit(count)
    bodies = Organisation.select(Organisation.id).where(Organisation.slug.startswith("bench-body")).limit(count)
    to = tuple(one.id for one in [*forces, *bodies])[:count]
    text = DraftRecommendation("Check the cords", "Check every cord each week.")
    draft = notices.draft(DraftContent("28a", (text,), to, background="Why."), actor=who["author"], now=now)
    notices.submit(draft.id, actor=who["author"], now=now)
    notices.approve(draft.id, actor=who["approver"], now=now)
    return draft.id, who["approver"]


def by_verb(notice_id: int, actor: Actor, now: datetime) -> float:
    with database.atomic() as turn:
        started = time.perf_counter()
        notices.make(notice_id, actor=actor, now=now)
        taken = time.perf_counter() - started
        turn.rollback()
    return taken


def noted(notice_id: int, actor: Actor, now: datetime) -> list[Statement]:
    """The statements of the verb, with their values."""
    sent: list[Statement] = []
    held, execute = database.obj, database.obj.execute_sql

    def note(sql: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, *args, **kwargs)

    held.execute_sql = note
    try:
        by_verb(notice_id, actor, now)
    finally:
        del held.execute_sql
    return [one for one in sent if one[0].split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")]


def by_hand(statements: list[Statement]) -> float:
    with database.atomic() as turn:
        cursor = database.connection().cursor()
        started = time.perf_counter()
        for sql, params in statements:
            cursor.execute(sql, params or ())
            if cursor.description:
                cursor.fetchall()
        taken = time.perf_counter() - started
        turn.rollback()
    return taken


def measure(name: str, url: str, organisations: int) -> None:
    """One line of the table."""
    from bench import pages

    now = datetime.now(UTC)
    open_database(url, Path("/"))
    with database.connection_context():
        notice_id, actor = approved(organisations, now)
        verb, hand = [], []
        for _ in range(TURNS):
            verb.append(by_verb(notice_id, actor, now))
            hand.append(by_hand(noted(notice_id, actor, now)))
        taken, least = median(verb) * 1000, median(hand) * 1000
        told = f"{taken:.1f} ms, {taken / least:.2f} × {least:.1f} ms by hand"
        pages.row(name, f"make to {organisations} organisations", told, "≤ 2 ×")


def main(organisations: int) -> None:
    from bench import pages

    with cluster() as postgres, tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/making.db", "PostgreSQL": postgres.create_database("making")}
        for name, url in urls.items():
            pages.load(10_000, pages.environment(url, Path(folder)))
            measure(name, url, organisations)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 100)
