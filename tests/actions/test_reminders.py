"""The sweep: every reminder once, to the right people, whenever it runs."""

from datetime import timedelta

import pytest

from registry.actions import assignments, reminders
from registry.records.assignments import Assignment
from registry.records.history import History
from registry.records.messages import Message, Reminder, ReminderMessage
from registry.records.people import Membership, Person
from tests import given
from tests.given import DAY, NOW, TODAY


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def sweep(days, hours=0):
    """Run the sweep so many days after NOW."""
    return reminders.sweep(actor=given.the_system(), now=NOW + timedelta(days=days, hours=hours))


def steps(assignment=None):
    query = Reminder.select().order_by(Reminder.id)
    return [r.step for r in (query.where(Reminder.assignment == assignment) if assignment else query)]


def told(day=None):
    """(person, day offset, steps) of every message of reminders."""
    query = Message.select(Message, Person).join(Person).where(Message.kind == "reminders").order_by(Message.id)
    return [
        (
            message.person.email.partition(".example")[0],
            (message.day - TODAY).days,
            sorted(link.reminder.step for link in message.reminders),
        )
        for message in query
    ]


KENT = "liaison@kent"
# The days on which a step of a notice made on NOW is reached, and the day before each.
STEPS = (7, 12, 42, 53, 57, 70)
DAYS = sorted({day + beside for day in STEPS for beside in (-1, 0)})


def kent_is_asked(**made):
    given.a_liaison_officer()
    return given.an_assignment(**made)


def test_nothing_is_due_on_the_first_day():
    kent_is_asked()
    assert sweep(0) == 0
    assert "reminders.swept" not in given.events()


def test_the_ladder_from_the_first_reminder_to_the_last():
    """Made on 2 March: acknowledgement due on the 9th, the reply on 27 April, which is day 56."""
    kent_is_asked()
    for day in (*DAYS, 71, 90):
        sweep(day)
    assert told() == [
        (KENT, 7, ["acknowledge_due"]),
        (KENT, 12, ["acknowledge_late"]),
        (KENT, 42, ["reply_in_14_days"]),
        (KENT, 53, ["reply_in_3_days"]),
        (KENT, 57, ["reply_overdue"]),
        (KENT, 70, ["reply_overdue_14_days"]),
    ]
    assert given.events().count("reminders.swept") == 6


def test_sweeping_twice_on_a_day_queues_once():
    kent_is_asked()
    assert sweep(7) == 1
    assert sweep(7, hours=3) == 0
    assert len(told()) == 1
    assert given.events().count("reminders.swept") == 1


def test_a_sweep_a_week_late_sends_only_the_latest_of_the_steps_it_missed():
    kent_is_asked()
    for day in (*STEPS[:3], 59, 60):
        sweep(day)
    assert told()[-1] == (KENT, 59, ["reply_overdue"])
    assert "reply_in_3_days" not in steps()


def test_a_worker_that_was_away_for_everything_sends_the_last_step_of_each_clock():
    kent_is_asked()
    assert sweep(200) == 2
    assert told() == [(KENT, 200, ["acknowledge_late", "reply_overdue_14_days"])]


def test_somebody_with_many_items_gets_one_message_a_day():
    given.a_liaison_officer()
    given.a_made_notice(titles=["One", "Two", "Three"])
    given.a_made_notice(made_at=NOW)
    assert sweep(7) == 4
    assert told() == [(KENT, 7, ["acknowledge_due"] * 4)]


def test_everybody_who_holds_the_role_is_told():
    kent_is_asked()
    given.a_person("second@kent.example.org", "kent", "liaison_officer")
    assert sweep(7) == 1
    assert sorted(person for person, *_ in told()) == [KENT, "second@kent"]


def test_a_delegate_is_told_only_when_it_is_overdue():
    kent_is_asked()
    given.a_person("delegate@kent.example.org", "kent", "chief_officer_delegate")
    for day in DAYS[:-2]:
        sweep(day)
    assert [(day, names) for person, day, names in told() if person == "delegate@kent"] == [(57, ["reply_overdue"])]


def test_those_of_another_force_are_told_of_their_own_only():
    given.a_liaison_officer("essex")
    given.a_liaison_officer("surrey")
    kent_is_asked(to=["kent", "essex"])
    sweep(7)
    assert sorted(person for person, *_ in told()) == ["liaison@essex", KENT]


@pytest.mark.parametrize("gone", ["left the role", "left the service"])
def test_somebody_who_left_is_not_written_to(gone):
    kent_is_asked()
    person = Person.get(email="liaison@kent.example.org")
    if gone == "left the role":
        Membership.update(to_on=TODAY + DAY).where(Membership.person == person).execute()
    else:
        Person.update(active=False).where(Person.id == person.id).execute()
    assert sweep(7) == 1
    assert told() == []


def test_a_reminder_that_had_nobody_to_tell_is_told_to_whoever_comes():
    given.an_assignment()
    assert sweep(7) == 1
    assert told() == []
    given.a_liaison_officer()
    assert sweep(8) == 0
    assert told() == [(KENT, 8, ["acknowledge_due"])]


# ---- what stops it


def test_after_acknowledging_there_is_no_reminder_to_acknowledge():
    assignment = kent_is_asked()
    assignments.acknowledge(assignment.id, actor=given.a_liaison_officer(), now=NOW)
    assert sweep(13) == 0


def test_after_the_reply_there_is_no_reminder_to_reply_nor_to_acknowledge():
    assignment = kent_is_asked()
    given.replied(assignment)
    for day in DAYS:
        sweep(day)
    assert {name for name in steps() if not name.startswith("publish_response")} == set()


def test_after_closing_there_is_no_reminder_at_all():
    assignment = kent_is_asked()
    given.replied(assignment)
    Assignment.update(closed_on=TODAY, closed_reason="withdrawn").execute()
    assert sweep(200) == 0


def test_a_reminder_queued_for_nobody_is_not_sent_once_it_is_answered():
    assignment = given.an_assignment()
    sweep(57)
    given.a_liaison_officer()
    given.replied(assignment, now=NOW + 57 * DAY)
    sweep(58)
    assert told() == []


def test_somebody_in_scope_is_reminded_to_acknowledge_and_never_to_reply():
    given.a_liaison_officer("essex")
    given.a_made_notice(to=["npcc"], in_scope=["essex"])
    essex = Assignment.get(Assignment.capacity == "in_scope")
    for day in DAYS:
        sweep(day)
    assert steps(essex) == ["acknowledge_due", "acknowledge_late"]


def test_advice_under_section_10_is_never_called_overdue():
    kent_is_asked(basis="section_10")
    for day in DAYS:
        sweep(day)
    assert steps() == ["acknowledge_due", "acknowledge_late"]


def test_nobody_is_reminded_as_overdue_before_the_later_of_the_two_dates():
    """The letter gave 30 March; the law gives until 26 April (day 55)."""
    assignment = kent_is_asked()
    Assignment.update(response_due_on=TODAY + 28 * DAY).execute()
    for day in (28, 29, 42, 55):
        sweep(day)
    assert not [name for name in steps(assignment) if name.startswith("reply_overdue")]
    sweep(56)
    assert [name for name in steps(assignment) if name.startswith("reply_overdue")] == ["reply_overdue_14_days"]


# ---- extension


def test_an_extension_earns_new_reminders():
    assignment = kent_is_asked()
    for day in (*STEPS[:3], 53):
        sweep(day)
    before = steps(assignment)
    assert before[-1] == "reply_in_3_days"
    moved = {"response_due_on": assignment.response_due_on + 28 * DAY}
    Assignment.update(**moved, statutory_last_day=assignment.statutory_last_day + 28 * DAY).execute()
    for day in (55, 57, 69, 70, 80, 81, 84, 85, 86):
        sweep(day)
    assert steps(assignment)[len(before) :] == ["reply_in_14_days", "reply_in_3_days", "reply_overdue"]
    assert told()[-1] == (KENT, 85, ["reply_overdue"])


def test_an_edited_due_date_put_back_resends_nothing():
    assignment = kent_is_asked()
    sweep(57)
    before = len(told())
    Assignment.update(response_due_on=assignment.response_due_on + DAY).execute()
    Assignment.update(response_due_on=assignment.response_due_on).execute()
    assert sweep(57, hours=2) == sweep(58) == 0
    assert len(told()) == before


# ---- the regulator's own lateness


def test_the_case_officers_are_reminded_to_publish_a_reply():
    """Received on day 10: to be published by day 30."""
    given.the_case_officer()
    assignment = kent_is_asked()
    given.replied(assignment, now=NOW + 10 * DAY)
    for day in (11, 24, 25, 30, 31, 32):
        sweep(day)
    assert [row for row in told() if row[0].startswith("case-officer")] == [
        ("case-officer@example.org", 25, ["publish_response_in_5_days"]),
        ("case-officer@example.org", 31, ["publish_response_overdue"]),
    ]


@pytest.mark.parametrize("end", ["published", "decided to publish none"])
def test_a_reply_that_is_dealt_with_needs_no_reminder(end):
    given.the_case_officer()
    assignment = kent_is_asked(published=True)
    given.replied(assignment)
    extent = assignments.Extent("all") if end == "published" else assignments.Extent("none", reason="Harm")
    assignments.decide_publication(assignment.id, extent, actor=given.the_case_officer(), now=NOW)
    if end == "published":
        assignments.publish_response(assignment.id, actor=given.the_case_officer(), now=NOW)
    assert sweep(40) == 0


# ---- one message a person and day


def test_a_message_already_gone_takes_no_more_and_the_rest_goes_the_next_day():
    kent_is_asked()
    sweep(7)
    Message.update(state="sent").where(Message.kind == "reminders").execute()
    given.a_made_notice()
    Assignment.update(acknowledge_by=TODAY + 7 * DAY).execute()
    assert sweep(7, hours=2) == 1
    assert len(told()) == 1
    assert sweep(8) == 0
    assert [(day, names) for _, day, names in told()] == [(7, ["acknowledge_due"]), (8, ["acknowledge_due"])]


def test_what_comes_up_later_in_the_day_joins_the_message_still_waiting():
    kent_is_asked()
    sweep(7)
    given.a_made_notice()
    Assignment.update(acknowledge_by=TODAY + 7 * DAY).execute()
    assert sweep(7, hours=2) == 1
    assert told() == [(KENT, 7, ["acknowledge_due"] * 2)]


def test_a_reminder_is_in_one_message_for_each_person():
    kent_is_asked()
    for day in STEPS:
        sweep(day)
    links = ReminderMessage.select(ReminderMessage.reminder).tuples()
    assert len(list(links)) == len(set(links))


def test_the_event_of_a_sweep_counts_reminders_and_messages():
    given.a_person("second@kent.example.org", "kent", "liaison_officer")
    kent_is_asked()
    sweep(7)
    event = History.select().order_by(History.id.desc()).first()
    assert event.facts == '{"messages":2,"on":"2026-03-09","reminders":1}'


def test_the_sweep_takes_as_many_statements_for_40_items_as_for_one():
    forces = given.many_forces(40)
    system = given.the_system()
    sent = {}
    for day, count in ((0, 1), (1, 39)):
        given.a_made_notice(made_at=NOW + day * DAY, to=forces[:count])
        with given.queries() as sent[count]:
            assert reminders.sweep(actor=system, now=NOW + (7 + day) * DAY) == count
    assert len(sent[39]) == len(sent[1]) < 40
