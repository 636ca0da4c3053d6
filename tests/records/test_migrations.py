"""Migrations make the tables that the models describe, however often and by however many they are run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from peewee import IntegrityError, SqliteDatabase
from playhouse.migrations import Runner

from registry import config
from registry.records import MODELS, migrating
from registry.records.database import open_database
from registry.records.history import History
from registry.records.people import Membership
from tests import given

MIGRATIONS = config.folder("migrations")
NAMES = sorted(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))
# Made by the migration runner and by the guards, not by models.
NOT_MODELS = ("migration", "sqlite_", "recommendation_search")


# ---- the same schema by migration as by model


def sqlite_schema(connection):
    rows = connection.execute_sql("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql <> ''")
    found = {name: sql.replace("IF NOT EXISTS ", "") for name, sql in rows}
    return {name: sql for name, sql in found.items() if not any(part in name for part in NOT_MODELS)}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_migrating_makes_what_the_models_describe(database):
    """Columns, nullability, CHECKs, references, unique and partial indices: SQLite keeps all of it as text."""
    by_migration = sqlite_schema(database)
    by_model = SqliteDatabase(":memory:")
    with by_model.bind_ctx(MODELS), by_model:
        by_model.create_tables(MODELS)
        assert by_migration == sqlite_schema(by_model)
    assert len(by_migration) > len(MODELS)


COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default IS NOT NULL
    FROM information_schema.columns WHERE table_schema = %s"""
INDICES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = %s"
CONSTRAINTS = """
    SELECT t.relname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = %s"""


def postgresql_schema(connection, name):
    rows = [row for query in (COLUMNS, INDICES, CONSTRAINTS) for row in connection.execute_sql(query, (name,))]
    plain = [tuple(str(value).replace(f"{name}.", "") for value in row) for row in rows]
    return sorted(row for row in plain if not any(part in row[0] for part in NOT_MODELS))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_migrating_makes_what_the_models_describe(database):
    by_migration = postgresql_schema(database, "public")
    database.execute_sql("CREATE SCHEMA by_model")
    database.execute_sql("SET LOCAL search_path = by_model")
    database.create_tables(MODELS, safe=False)
    assert by_migration == postgresql_schema(database, "by_model")
    assert len(by_migration) > 5 * len(MODELS)


def fields_of(*types):
    return [
        (model.__name__, field.name)
        for model in MODELS
        for field in model._meta.sorted_fields
        if field.field_type in types
    ]


def test_every_instant_knows_its_zone():
    """A plain DateTimeField came back an hour off, and naive."""
    assert fields_of("DATETIME", "TIMESTAMP", "TIME") == []
    wrong = [name for _, name in fields_of("TIMESTAMPTZ") if not re.search(r"(^|_)(at|until)$", name)]
    assert wrong == []


def test_a_day_is_named_as_a_day():
    wrong = [name for _, name in fields_of("DATE") if not re.search(r"(_on|_by|_from|_to|day)$", name)]
    assert wrong == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("notice", "state", "nearly"),
        ("notice", "basis", "28b"),
        ("assignment", "capacity", "witness"),
        ("assignment", "acceptance", "maybe"),
        ("assignment", "implementation", "done"),
        ("assignment", "audit_result", "fine"),
        ("assignment", "closed_reason", "in_place"),  # a reason without a day
        ("organisation", "type", "club"),
        ("membership", "role", "king"),
    ],
)
def test_the_database_itself_refuses_a_state_that_is_not_in_the_rules(database, table, column, value):
    given.a_register()
    given.an_assignment()
    with pytest.raises(IntegrityError), database.atomic():
        database.execute_sql(f"UPDATE {table} SET {column} = '{value}'")


def test_one_organisation_has_one_assignment_for_a_recommendation(database):
    given.a_register()
    assignment = given.an_assignment()
    with pytest.raises(IntegrityError), database.atomic():
        type(assignment).create(
            recommendation=assignment.recommendation_id,
            organisation=assignment.organisation_id,
            capacity="recipient",
            basis="28a",
            acceptance="awaiting",
        )


# ---- migrating


def test_a_fresh_database_is_up_to_date(database):
    assert migrating.pending(MIGRATIONS) == []


def test_an_empty_file_is_brought_up_to_date_once(tmp_path):
    found = open_database("sqlite:///new/registry.db", tmp_path)
    try:
        assert migrating.pending(MIGRATIONS) == NAMES
        assert migrating.migrate(MIGRATIONS) == NAMES
        assert migrating.migrate(MIGRATIONS) == []
        assert History.select().count() == 0
    finally:
        found.close()


def test_an_empty_database_in_memory_is_brought_up_to_date(tmp_path):
    found = open_database("sqlite:///:memory:", tmp_path)
    try:
        assert migrating.migrate(MIGRATIONS) == NAMES
        assert list(tmp_path.iterdir()) == []
    finally:
        found.close()


FOUR_AT_ONCE = """
import sys
from pathlib import Path
from registry import config
from registry.records import migrating
from registry.records.database import database, open_database
open_database(sys.argv[1], Path("/"))
print("ready", flush=True)
sys.stdin.readline()  # all four begin at one moment
print(*migrating.migrate(config.folder("migrations")))
database.close()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """The URL of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/registry.db"
        return
    server = request.getfixturevalue("postgresql_template").server
    yield server.create_database("quite_empty")
    server.drop_database("quite_empty")


def test_four_processes_migrating_at_once_migrate_once(empty_url):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", FOUR_AT_ONCE, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(4)
    ]
    assert [process.stdout.readline() for process in started] == ["ready\n"] * 4
    for process in started:
        process.stdin.write("now\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], said
    assert sorted(out.split() for out, _ in said) == [[], [], [], NAMES]


def test_who_held_which_role_is_kept_when_the_table_of_roles_grows(empty_url):
    """On SQLite the table is made anew, since a column added to it would read otherwise than the model's."""
    found = open_database(empty_url, Path("/"))
    try:
        Runner(found, str(MIGRATIONS)).up(target="0001_first_tables")
        for statement in BEFORE_THE_SECOND:
            found.execute_sql(statement)
        migrating.migrate(MIGRATIONS)
        rows = found.execute_sql("SELECT id, person_id, role, deputy_for_id, revision FROM membership").fetchall()
        assert rows == [(7, 3, "auditor", None, 0)]
        assert Membership.create(person=3, organisation=2, role="auditor", from_on=given.TODAY, deputy_for=7).id != 7
    finally:
        found.close()
        getattr(found, "close_all", lambda: None)()


def test_what_refers_to_an_assignment_is_kept_when_its_table_grows(empty_url):
    """On SQLite the table is made anew while rows of other tables point at its rows."""
    found = open_database(empty_url, Path("/"))
    try:
        Runner(found, str(MIGRATIONS)).up(target="0005_checkpoints")
        for statement in (*BEFORE_THE_SECOND[:2], *BEFORE_THE_SIXTH):
            found.execute_sql(statement)
        migrating.migrate(MIGRATIONS)
        columns = "id, acceptance, statutory_last_day, extension_requested_on, days_added, revision"
        ((number, acceptance, last, requested, added, revision),) = found.execute_sql(
            f"SELECT {columns} FROM assignment"
        )
        assert (number, acceptance, str(last), requested, added, revision) == (9, "awaiting", "2026-04-26", None, 0, 4)
        assert found.execute_sql("SELECT assignment_id FROM contact").fetchall() == [(9,)]
        if isinstance(found.obj if hasattr(found, "obj") else found, SqliteDatabase):
            assert found.execute_sql("PRAGMA foreign_key_check").fetchall() == []
        with pytest.raises(IntegrityError), found.atomic():
            found.execute_sql("DELETE FROM assignment")
    finally:
        found.close()
        getattr(found, "close_all", lambda: None)()


BEFORE_THE_SIXTH = (
    "INSERT INTO notice (id, state, basis, source, background, internal_note, author_id, return_reason,"
    " made_on_precision, due_reason, embargo_reason, created_at, revision)"
    " VALUES (5, 'made', '28a', '', '', '', 3, '', 'day', '', '', '2026-03-02T09:00:00.000000Z', 0)",
    "INSERT INTO recommendation (id, notice_id, number, title, body, implementation_public, audit_result_public)"
    " VALUES (6, 5, 1, 'Cords', 'Replace them.', false, false)",
    "INSERT INTO assignment (id, recommendation_id, organisation_id, capacity, basis, statutory_last_day,"
    " response_due_on, acceptance, implementation, audit_result, disputed, applicability, revision)"
    " VALUES (9, 6, 2, 'recipient', '28a', '2026-04-26', '2026-04-27', 'awaiting', 'not_started', 'not_audited',"
    " false, 'applicable', 4)",
    "INSERT INTO contact (assignment_id, contacted_on, channel, spoke_to, note, person_id, recorded_at)"
    " VALUES (9, '2026-03-03', 'telephone', '', 'In hand.', 3, '2026-03-03T09:00:00.000000Z')",
)
BEFORE_THE_SECOND = (
    "INSERT INTO organisation (id, slug, name, type, region) VALUES (2, 'audit-body', 'Audit', 'audit_body', '')",
    "INSERT INTO person (id, email, name, language, active, created_at)"
    " VALUES (3, 'a@example.org', 'A', 'en', true, '2026-03-02T09:00:00.000000Z')",
    "INSERT INTO membership (id, person_id, organisation_id, role, lead, from_on)"
    " VALUES (7, 3, 2, 'auditor', false, '2026-03-02')",
)


# ---- the guards


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_triggers_lost_in_a_table_rebuild_come_back_with_the_next_migrate(database):
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    before = database.execute_sql(triggers).fetchall()
    assert [name for (name,) in before] == ["history_next_only", "history_no_delete", "history_no_update"]
    for (name,) in before:
        database.execute_sql(f"DROP TRIGGER {name}")
    migrating.migrate(MIGRATIONS)
    assert database.execute_sql(triggers).fetchall() == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_history_has_its_triggers_on_postgresql(database):
    triggers = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'history'::regclass AND NOT tgisinternal ORDER BY 1"
    found = [name for (name,) in database.execute_sql(triggers)]
    assert found == ["history_next_only", "history_no_change", "history_no_truncate"]
