"""What migrations cannot see: triggers that keep the history append-only, how it is appended to, and the search table.

Reinstalled after every migrate, because a table rebuild on SQLite silently drops triggers.
"""

import re

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

# One append in one call. Each statement of a volatile function sees what was committed until then: the head is
# read after the lock has been waited for. The text that is sealed is that of `history.digest`.
_APPEND = """
CREATE OR REPLACE FUNCTION history_append(
    of_lock bigint, genesis text, said_at timestamptz, said_by integer, said text, of_type text, of_id integer,
    of_facts text, promised text, middle text, told text, with_salt text,
    OUT number integer, OUT before text, OUT seal text
) LANGUAGE plpgsql VOLATILE AS $$ BEGIN
    PERFORM pg_advisory_xact_lock(of_lock);
    SELECT h.id, h.hash INTO number, before FROM history h ORDER BY h.id DESC LIMIT 1;
    number := COALESCE(number, 0) + 1;
    before := COALESCE(before, genesis);
    seal := encode(sha256(convert_to('[' || number || middle || before || '"]', 'UTF8')), 'hex');
    INSERT INTO history (id, at, person_id, verb, subject_type, subject_id, facts, detail_commitment, previous, hash)
    VALUES (number, said_at, said_by, said, of_type, of_id, of_facts, promised, before, seal);
    IF told <> '' THEN INSERT INTO history_detail (history_id, text, salt) VALUES (number, told, with_salt); END IF;
END $$"""

_POSTGRESQL = (
    _APPEND,
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


def missing() -> list[str]:
    """The names of the triggers that are not there, or that somebody switched off."""
    wanted = _SQLITE if is_sqlite() else _POSTGRESQL
    names = [found.group(1) for one in wanted if (found := re.search(r"TRIGGER (?:IF NOT EXISTS )?(\w+)", one))]
    there = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if is_sqlite()
        else "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    )
    held = {name for (name,) in database.execute_sql(there)}
    return [name for name in names if name not in held]
