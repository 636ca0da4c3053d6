"""What both databases must do alike: instants, JSON, locking a row, writing only what changed."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as random
from hypothesis import strategies as st
from peewee import DatabaseError, IntegrityError, OperationalError, SqliteDatabase

from registry.records.assignments import Assignment
from registry.records.database import (
    ROWS_AT_ONCE,
    NotFound,
    Stale,
    canonical,
    insert_all,
    is_sqlite,
    lock,
    open_database,
    save,
    snapshot,
    transaction,
)
from registry.records.database import database as bound
from registry.records.jobs import SlotClaim
from registry.records.organisations import Organisation
from registry.records.recommendations import HouseNumber, Notice, Recommendation, Topic, next_reference
from tests import given
from tests.given import NOW

LONDON = ZoneInfo("Europe/London")
# Drawn in UTC and then read in either zone: a time drawn in London may be one that never was.
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
instants = st.builds(datetime.astimezone, moments, st.sampled_from([UTC, LONDON]))


# ---- instants


@random(instant=instants)
def test_an_instant_comes_back_aware_in_utc_and_the_same(database, instant):
    claim = SlotClaim.create(job="x", slot_at=instant, claimed_at=NOW)
    back = given.again(claim).slot_at
    assert back == instant.astimezone(UTC)
    assert back.utcoffset() == timedelta(0)
    claim.delete_instance()


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),  # the clocks go forward
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # half past one, twice
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=-5))),
        datetime(2026, 6, 1, 12, 0, 0, 1, tzinfo=UTC),
    ],
)
def test_no_instant_moves_when_the_clocks_do(database, instant):
    claim = SlotClaim.create(job="x", slot_at=instant, claimed_at=NOW)
    assert SlotClaim.select().where(SlotClaim.slot_at == instant).get() == claim
    assert given.again(claim).slot_at == instant


@random(several=st.lists(moments, min_size=2, max_size=6, unique=True))
def test_instants_are_ordered_as_they_happened(database, several):
    SlotClaim.delete().execute()
    for instant in several:
        SlotClaim.create(job="x", slot_at=instant, claimed_at=NOW)
    kept = [claim.slot_at for claim in SlotClaim.select().order_by(SlotClaim.slot_at)]
    assert kept == sorted(several)
    assert SlotClaim.select().where(SlotClaim.slot_at < max(several)).count() == len(several) - 1


def test_no_instant_stays_none(database):
    assert given.again(SlotClaim.create(job="x", slot_at=NOW, claimed_at=NOW)).finished_at is None


# ---- canonical JSON


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    assert canonical({"b": 1, "a": [date(2026, 3, 2), None]}) == '{"a":["2026-03-02",null],"b":1}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_canonical_json_keeps_letters_as_they_are():
    assert canonical("Heddlu Gŵyr – ‘x’") == '"Heddlu Gŵyr – ‘x’"'


def test_what_has_no_plain_form_is_refused():
    with pytest.raises(TypeError):
        canonical({"x": object()})


# ---- addresses


@pytest.mark.parametrize("url", ["mysql://host/x", "registry.db", "postgresql://host/x", ""])
def test_a_database_of_an_unknown_kind_is_refused_with_a_sentence(tmp_path, url):
    with pytest.raises(ValueError, match="use sqlite:///path or psycopg3"):
        open_database(url, tmp_path)


def test_a_relative_file_lies_below_the_base_and_its_folder_is_made(tmp_path):
    found = open_database("sqlite:///var/registry.db", tmp_path)
    try:
        found.connect()
        assert (tmp_path / "var" / "registry.db").exists()
        assert found.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)
        assert found.execute_sql("PRAGMA foreign_keys").fetchone() == (1,)
    finally:
        found.close()
        bound.initialize(None)


def test_references_are_enforced(database):
    given.a_register()
    with pytest.raises(IntegrityError), database.atomic():
        Organisation.create(slug="x", name="x", type="pcc", force=999_999)


# ---- locking and saving


@pytest.fixture
def draft(database):
    given.a_register()
    return given.a_draft()


def test_a_locked_row_is_read_again(draft):
    Notice.update(background="new").execute()
    assert lock(Notice, draft.id).background == "new"


def test_what_is_not_there_cannot_be_locked(draft):
    with pytest.raises(NotFound, match=r"^There is no notice 999999\.$"):
        lock(Notice, 999_999)


def test_a_page_that_shows_an_old_revision_is_stale(draft):
    assert lock(Notice, draft.id, draft.revision) == draft
    with pytest.raises(Stale, match="Somebody else changed this"):
        lock(Notice, draft.id, draft.revision - 1)


def test_a_save_counts_the_revision_up_and_writes_only_what_changed(draft):
    mine, theirs = lock(Notice, draft.id), lock(Notice, draft.id)
    mine.background = "mine"
    save(mine)
    theirs.internal_note = "theirs"
    theirs.save()
    both = given.again(draft)
    assert (both.background, both.internal_note, both.revision) == ("mine", "theirs", draft.revision + 1)


def test_a_verb_that_fails_leaves_nothing(database):
    @transaction
    def half_done():
        given.an_organisation("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert Organisation.select().count() == 0


def test_a_verb_within_a_verb_fails_with_it(database):
    @transaction
    def inner():
        given.an_organisation("inner")

    @transaction
    def outer():
        inner()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert Organisation.select().count() == 0


def test_two_writers_of_different_facts_lose_neither(shared_database):
    given.a_register()
    assignment = given.an_assignment()

    @transaction
    def write(column, value):
        row = lock(Assignment, assignment.id)
        setattr(row, column, value)
        save(row)

    calls = [("implementation", "under_way"), ("audit_result", "under_way"), ("disputed", True), ("sites_total", 4)]
    assert given.together(*[lambda call=call: write(*call) for call in calls]) == [None] * 4
    kept = given.again(assignment)
    assert (kept.implementation, kept.audit_result, kept.disputed, kept.sites_total) == (
        "under_way",
        "under_way",
        True,
        4,
    )
    assert kept.revision == assignment.revision + 4


def test_which_database_it_is_can_be_asked(database, request):
    assert is_sqlite() == ("sqlite" in request.node.name)


# ---- house references


def test_house_references_count_by_series_and_year(database):
    assert [next_reference("LR", 2026) for _ in range(2)] == ["LR-2026-0001", "LR-2026-0002"]
    assert next_reference("LN", 2026) == "LN-2026-0001"
    assert next_reference("LR", 2027) == "LR-2027-0001"
    assert next_reference("LR", 2026) == "LR-2026-0003"


def test_the_ten_thousandth_reference_of_a_year_still_fits(database):
    HouseNumber.create(series="LR", year=2026, last=9_999)
    assert next_reference("LR", 2026) == "LR-2026-10000"


def test_no_number_is_given_out_twice_and_none_is_lost(shared_database):
    given.a_register()

    @transaction
    def one():
        return next_reference("LR", 2026)

    taken = given.together(*[lambda: [one() for _ in range(10)]] * 6)
    numbers = sorted(number for numbers in taken for number in numbers)
    assert numbers == [f"LR-2026-{n:04d}" for n in range(1, 61)]


def test_a_number_taken_by_a_verb_that_failed_is_given_out_again(database):
    with pytest.raises(ZeroDivisionError), database.atomic():
        next_reference("LR", 2026)
        raise ZeroDivisionError
    assert next_reference("LR", 2026) == "LR-2026-0001"


# ---- reading as of one moment


def test_a_snapshot_sees_nothing_that_comes_later_and_writes_nothing(shared_database):
    given.a_register()
    before = Organisation.select().count()
    bound.close()
    with snapshot():
        assert Organisation.select().count() == before
        (added,) = given.together(lambda: given.an_organisation("new"))
        assert added.slug == "new"
        assert Organisation.select().count() == before
    with pytest.raises(DatabaseError), snapshot():
        given.an_organisation("another")
    bound.connect()
    assert Organisation.select().count() == before + 1


# ---- connections that are kept between requests


@pytest.fixture
def kept(tmp_path):
    """A file of SQLite as a server opens it."""
    held = bound.obj
    found = open_database("sqlite:///kept.db", tmp_path, keep=True)
    yield found
    found.close_all()
    bound.initialize(held)


def visit(found, statement):
    with found.connection_context():
        return found.execute_sql(statement).fetchall()


def test_a_server_keeps_its_connection_to_sqlite_and_its_settings(kept):
    visit(kept, "CREATE TEMP TABLE mine (id INTEGER)")
    assert visit(kept, "SELECT COUNT(*) FROM mine") == [(0,)]
    assert visit(kept, "PRAGMA foreign_keys") == [(1,)] and visit(kept, "PRAGMA busy_timeout") == [(20_000,)]


def test_a_kept_connection_can_be_written_on_after_a_snapshot(kept):
    with snapshot(), pytest.raises(OperationalError):
        kept.execute_sql("CREATE TABLE thing (id INTEGER)")
    visit(kept, "CREATE TABLE thing (id INTEGER)")


def test_a_server_notices_that_the_file_was_replaced_and_spoils_no_journal(kept, tmp_path):
    visit(kept, "CREATE TABLE before_it (id INTEGER)")
    for file in tmp_path.glob("kept.db*"):
        file.unlink()
    other = SqliteDatabase(str(tmp_path / "kept.db"), pragmas={"journal_mode": "wal"})
    other.connect()
    other.execute_sql("CREATE TABLE after_it (id INTEGER)")
    names = "SELECT name FROM sqlite_master"
    assert visit(kept, names) == [("after_it",)]
    assert other.execute_sql(names).fetchall() == [("after_it",)] and (tmp_path / "kept.db-wal").exists()
    other.close()


def names_of_topics():
    return sorted(Topic.select(Topic.slug, Topic.name).tuples())


def test_many_rows_are_inserted_with_defaults_in_one_statement(database):
    given.a_register()
    notice = given.a_draft()
    with given.queries() as sent:
        insert_all(Recommendation, [{"notice": notice, "number": n, "title": f"It's {n}", "body": ""} for n in (8, 9)])
    assert len(sent) == 1
    found = list(Recommendation.select().where(Recommendation.number >= 8).order_by(Recommendation.number))
    by_peewee = Recommendation.create(notice=notice, number=10, title="It's 10", body="")
    kept = [(row.title, row.body, row.topic_id, row.implementation_public) for row in found]
    assert kept == [(f"It's {n}", by_peewee.body, None, by_peewee.implementation_public) for n in (8, 9)]


def test_more_rows_than_a_statement_takes_are_all_inserted(database):
    rows = [{"slug": f"topic-{number:04}", "name": "x"} for number in range(ROWS_AT_ONCE + 1)]
    with given.queries() as sent:
        insert_all(Topic, rows)
    assert len(sent) == 2 and Topic.select().where(Topic.name == "x").count() == ROWS_AT_ONCE + 1


def test_rows_that_are_there_are_left_out_only_where_that_is_asked_for(database):
    insert_all(Topic, [{"slug": "cords", "name": "Cords"}])
    insert_all(Topic, [{"slug": "cords", "name": "Other"}, {"slug": "doors", "name": "Doors"}], but_known=True)
    assert names_of_topics() == [("cords", "Cords"), ("doors", "Doors")]
    with pytest.raises(IntegrityError), database.atomic():
        insert_all(Topic, [{"slug": "cords", "name": "Other"}])


def test_no_rows_are_no_statement(database):
    with given.queries() as sent:
        insert_all(Topic, [])
    assert sent == []
