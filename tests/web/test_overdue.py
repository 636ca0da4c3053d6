"""Who is named in public for a reply that is overdue, from when, and that the regulator names itself."""

import csv
import io
from datetime import timedelta

import pytest

from registry.actions import assignments, extensions, reminders
from registry.records import overdue
from registry.records.assignments import Assignment
from registry.records.messages import Message
from registry.rules import clocks
from registry.rules.permissions import PUBLIC
from tests import given
from tests.channels.test_rendering import written
from tests.given import DAY, NOW, TODAY

LETTER = TODAY + 56 * DAY


@pytest.fixture
def asked(register):
    return given.an_assignment(published=True)


def named(day):
    return [row.organisation.slug for row in overdue.replies(PUBLIC, day)]


def test_nobody_is_named_before_the_later_of_the_two_dates_has_passed(asked):
    assert asked.response_due_on == LETTER
    assert named(LETTER) == []
    assert named(LETTER + DAY) == ["kent"] and clocks.named_on(asked, TODAY) == LETTER + DAY


def test_nobody_is_named_while_more_time_is_asked_for_and_not_decided(asked):
    wanted = extensions.MoreTime(14, "The survey.")
    extensions.request_extension(asked.id, wanted, actor=given.a_liaison_officer(), now=NOW + 55 * DAY)
    assert named(LETTER + 30 * DAY) == []
    extensions.refuse_extension(asked.id, "No.", actor=given.the_case_officer(), now=NOW + 90 * DAY)
    assert named(LETTER + 40 * DAY) == ["kent"]


def test_nobody_is_named_who_replied_or_of_whom_nothing_more_is_asked(asked):
    given.replied(asked, now=NOW + 70 * DAY)
    closed = given.an_assignment("essex", published=True)
    Assignment.update(closed_on=TODAY, closed_reason="withdrawn").where(Assignment.id == closed.id).execute()
    assert named(LETTER + 30 * DAY) == []


def test_whoever_is_late_when_a_notice_is_published_is_warned_and_named_three_days_later(register):
    kent = given.a_liaison_officer()
    notice = given.a_made_notice()
    day = LETTER + 30 * DAY
    assert named(day) == []
    given.publish(notice, now=NOW + 86 * DAY)
    assert [named(day), named(day + 2 * DAY), named(day + 3 * DAY)] == [[], [], ["kent"]]
    (message,) = Message.select().where(Message.kind == "to_be_named")
    assert message.person_id == kent.person_id


def test_publishing_in_time_warns_nobody_at_once(asked):
    assert not Message.select().where(Message.kind == "to_be_named").exists()


def test_the_page_names_the_longest_overdue_first_for_everybody_alike(register, browse):
    for slug, back in (("essex", 2), ("kent", 5)):
        given.an_assignment(slug, published=True, made_at=NOW - back * DAY)
    given.a_made_notice(to=["surrey"], made_at=NOW - 9 * DAY)
    for person in (None, given.the_case_officer(), given.a_liaison_officer("surrey")):
        reader = browse(person, now=NOW + 60 * DAY)
        reader.get("/overdue")
        main = reader.text
        assert main.index("Kent") < main.index("Essex") and "Surrey" not in main.partition("Overdue replies")[2]
        assert "Overdue by 9 days" in main
    sheet = reader.client.get("/overdue.csv").get_data(as_text=True).lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [(row["organisation"], row["reply_clock"], row["days_late"]) for row in rows] == [
        ("kent", "overdue", "9"),
        ("essex", "overdue", "6"),
    ]


def test_the_page_says_so_where_nobody_is_late(register, browse):
    reader = browse()
    reader.get("/overdue")
    assert "No reply is overdue." in reader.text
    assert "Every reply was published in time, or is not due yet." in reader.text


def test_the_regulators_own_lateness_is_named_beside_it_day_by_day(asked, browse):
    given.replied(asked)
    last = given.again(asked).publish_by
    assert last == TODAY + 20 * DAY
    for late, words in ((0, "Every reply was published in time"), (1, "1 reply should have been published by now")):
        reader = browse(now=NOW + (20 + late) * DAY)
        reader.get("/overdue")
        assert words in reader.text
    officer, now = given.the_case_officer(), NOW + 30 * DAY
    assignments.decide_publication(asked.id, assignments.Extent("all"), actor=officer, now=now)
    assignments.publish_response(asked.id, actor=officer, now=now)
    assert list(overdue.publications(PUBLIC, TODAY + 40 * DAY)) == []
    assert clocks.days_publishing_late(given.again(asked), TODAY + 99 * DAY) == 10


def test_what_was_decided_not_to_be_published_is_not_late(asked):
    given.replied(asked)
    nothing = assignments.Extent("none", reason="It names a private person.")
    assignments.decide_publication(asked.id, nothing, actor=given.the_case_officer(), now=NOW)
    assert list(overdue.publications(PUBLIC, TODAY + 40 * DAY)) == []


def test_a_reminder_says_from_when_the_organisation_is_named(asked):
    kent = given.a_liaison_officer()
    now = NOW + timedelta(days=53)
    reminders.sweep(actor=given.the_system(), now=now)
    words = " ".join(written("reminders", kent, now=now).text.split())
    assert "named on the public list of overdue replies from 28 April 2026" in words


def test_what_is_not_public_is_never_named_and_its_reminder_says_nothing_of_it(register):
    given.a_made_notice()
    kent, now = given.a_liaison_officer(), NOW + timedelta(days=53)
    reminders.sweep(actor=given.the_system(), now=now)
    assert "public list" not in written("reminders", kent, now=now).text
    assert named(LETTER + 99 * DAY) == []


def test_the_public_warning_names_the_day(register):
    kent = given.a_liaison_officer()
    notices_made = given.a_made_notice()
    given.publish(notices_made, now=NOW + 86 * DAY, check=given.CHECKED)
    mail = written("to_be_named", kent, now=NOW + 86 * DAY)
    assert "is public now, and your reply is overdue" in mail.subject
    assert "from 30 May 2026" in " ".join(mail.text.split())
