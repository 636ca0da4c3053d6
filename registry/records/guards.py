"""What migrations cannot see: the triggers that keep the history append-only, and the search table.

Reinstalled after every migrate, because a table rebuild on SQLite silently drops triggers.
"""

from registry.records import search
from registry.records.database import database, is_sqlite

_GUARDED = ("history",)

_SQLITE = tuple(
    statement
    for table in _GUARDED
    for statement in (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END",
        # INSERT OR REPLACE passes the other two: only the next number may be inserted.
        f"CREATE TRIGGER IF NOT EXISTS {table}_next_only BEFORE INSERT ON {table} "
        f"WHEN NEW.id IS NULL OR NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM {table}) "
        f"BEGIN SELECT RAISE(ABORT, 'the history has no gaps'); END",
    )
)

_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION history_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the history is append-only'; END $$",
    "CREATE OR REPLACE FUNCTION history_next_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.id IS NULL OR NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM history) "
    "THEN RAISE EXCEPTION 'the history has no gaps'; END IF; RETURN NEW; END $$",
    "CREATE OR REPLACE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history "
    "FOR EACH ROW EXECUTE FUNCTION history_append_only()",
    "CREATE OR REPLACE TRIGGER history_no_truncate BEFORE TRUNCATE ON history "
    "FOR EACH STATEMENT EXECUTE FUNCTION history_append_only()",
    "CREATE OR REPLACE TRIGGER history_next_only BEFORE INSERT ON history "
    "FOR EACH ROW EXECUTE FUNCTION history_next_only()",
)


def install() -> None:
    """Create whatever of the triggers and the search table is missing."""
    for statement in _SQLITE if is_sqlite() else _POSTGRESQL:
        database.execute_sql(statement)
    search.install()
