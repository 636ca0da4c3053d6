"""What an addressee and the regulator do with an assignment, fact by fact."""

from datetime import date, datetime, timedelta

import pytest

from registry.actions import assignments
from registry.actions.assignments import Call, Extent, Reply
from registry.records.assignments import Acknowledgement, Assignment, Contact, Decision, Progress, Response
from registry.records.database import Stale
from registry.records.history import History
from registry.records.messages import Message
from registry.records.people import Person
from registry.rules import clocks
from registry.rules.permissions import NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import DAY, NOW, TODAY

LAW, LETTER = date(2026, 4, 26), date(2026, 4, 27)


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def refused(sentence):
    return pytest.raises(NotAllowed, match=sentence)


def on(day):
    """Noon in London on a day."""
    return NOW.replace(year=day.year, month=day.month, day=day.day, hour=11)


def close(assignment):
    Assignment.update(closed_on=TODAY, closed_reason="withdrawn").where(Assignment.id == assignment.id).execute()


def acknowledge(assignment, actor=None, now=NOW, **rest):
    return assignments.acknowledge(assignment.id, actor=actor or given.a_liaison_officer(), now=now, **rest)


# ---- acknowledge


def test_acknowledging_is_dated_and_names_the_version():
    assignment = given.an_assignment()
    acknowledgement = acknowledge(assignment, now=NOW + DAY)
    assert given.again(assignment).acknowledged_on == TODAY + DAY
    assert (acknowledgement.received_on, acknowledgement.by_post) == (TODAY + DAY, False)
    assert acknowledgement.version.number == 1
    assert acknowledgement.recorded_at == NOW + DAY


def test_acknowledging_changes_nothing_else():
    assignment = given.an_assignment()
    acknowledge(assignment)
    now = given.again(assignment)
    assert (now.acceptance, now.implementation, now.received_on) == ("awaiting", "not_started", None)


def test_somebody_in_scope_acknowledges_too():
    assignment = given.an_assignment("essex", to=["npcc"], in_scope=["essex"])
    acknowledge(assignment, given.a_liaison_officer("essex"))
    assert given.again(assignment).acknowledged_on == TODAY


def test_receipt_is_acknowledged_once():
    assignment = given.an_assignment()
    acknowledge(assignment)
    with refused(r"Receipt was already acknowledged on 2 March 2026\."):
        acknowledge(assignment, now=NOW + DAY)
    assert Acknowledgement.select().count() == 1


def test_an_acknowledgement_by_post_has_the_day_it_came():
    assignment = given.an_assignment()
    officer = given.the_case_officer()
    acknowledgement = acknowledge(assignment, officer, now=NOW + 5 * DAY, received_on=TODAY + 3 * DAY)
    assert (acknowledgement.received_on, acknowledgement.by_post) == (TODAY + 3 * DAY, True)
    assert given.again(assignment).acknowledged_on == TODAY + 3 * DAY


@pytest.mark.parametrize(
    ("received_on", "sentence"),
    [
        (None, "Give the day on which the letter or e-mail was received."),
        (TODAY + DAY, "The day of receipt cannot be in the future."),
        (TODAY - DAY, "cannot be before the notice was made on 2 March 2026"),
    ],
)
@pytest.mark.parametrize("verb", ["acknowledge", "respond"])
def test_post_has_a_day_of_receipt_between_making_and_today(verb, received_on, sentence):
    assignment = given.an_assignment()
    arguments = (assignment.id,) if verb == "acknowledge" else (assignment.id, given.a_reply())
    with refused(sentence):
        getattr(assignments, verb)(*arguments, actor=given.the_case_officer(), now=NOW, received_on=received_on)
    assert given.again(assignment).acknowledged_on is None and given.again(assignment).received_on is None


def test_a_force_cannot_say_it_acknowledged_earlier():
    assignment = given.an_assignment()
    acknowledge(assignment, now=NOW + 9 * DAY, received_on=TODAY)
    assert given.again(assignment).acknowledged_on == TODAY + 9 * DAY


@pytest.mark.parametrize("verb", ["acknowledge", "respond", "report_progress", "report_done"])
def test_a_closed_assignment_takes_nothing_more(verb):
    assignment = given.an_assignment()
    close(assignment)
    arguments = {"acknowledge": (), "respond": (given.a_reply(),)}.get(verb, ("All of it.",))
    with refused(r"This assignment was closed on 2 March 2026\."):
        getattr(assignments, verb)(assignment.id, *arguments, actor=given.a_liaison_officer(), now=NOW)


# ---- respond


def test_a_reply_is_recorded_word_for_word():
    assignment = given.an_assignment()
    reply = Reply("accepted_in_part", "Two suites done.", "Two more by May.", "One is closed.", "Do not name it.")
    response = assignments.respond(assignment.id, reply, actor=given.a_liaison_officer(), now=NOW + DAY)
    kept = given.again(response)
    assert (kept.number, kept.acceptance, kept.received_on, kept.by_post) == (1, "accepted_in_part", TODAY + DAY, False)
    assert (kept.action_taken, kept.action_proposed) == ("Two suites done.", "Two more by May.")
    assert (kept.why_none, kept.representations) == ("One is closed.", "Do not name it.")
    now = given.again(assignment)
    assert (now.acceptance, now.received_on) == ("accepted_in_part", TODAY + DAY)


def test_a_reply_starts_the_21_days_for_publishing_it():
    """Para 28B(5): 21 days beginning with receipt."""
    assignment = given.an_assignment()
    given.replied(assignment)
    assert given.again(assignment).publish_by == TODAY + timedelta(days=20)


def test_the_21_days_of_a_posted_reply_begin_when_it_came():
    assignment = given.an_assignment()
    given.replied(assignment, now=NOW + 10 * DAY, received_on=TODAY + 3 * DAY)
    assert given.again(assignment).publish_by == TODAY + timedelta(days=23)


def test_a_reply_on_the_last_day_in_law_is_in_time():
    assignment = given.an_assignment()
    given.replied(assignment, now=on(LAW))
    now = given.again(assignment)
    assert clocks.reply_clock(now, date(2031, 1, 1)) == "replied_in_time"
    assert not clocks.late_in_law(now, date(2031, 1, 1))


def test_a_reply_minutes_before_midnight_on_the_last_day_is_in_time():
    """British Summer Time: 22:59 in UTC is a minute before midnight in London."""
    assignment = given.an_assignment()
    given.replied(assignment, now=datetime(2026, 4, 27, 22, 59, tzinfo=NOW.tzinfo))
    assert clocks.reply_clock(given.again(assignment), LETTER) == "replied_in_time"


def test_a_reply_at_midnight_after_the_last_day_is_late():
    assignment = given.an_assignment()
    given.replied(assignment, now=datetime(2026, 4, 27, 23, 0, tzinfo=NOW.tzinfo))
    assert clocks.reply_clock(given.again(assignment), LETTER) == "replied_late"


def test_responding_late_is_recorded_as_late_and_never_refused():
    assignment = given.an_assignment()
    given.replied(assignment, now=on(LETTER + 11 * DAY))
    now = given.again(assignment)
    assert clocks.reply_clock(now, TODAY) == "replied_late"
    assert clocks.days_late(now, TODAY) == 11
    assert now.acceptance == "accepted"


def test_a_reply_by_letter_recorded_a_week_later_counts_from_the_day_it_came():
    assignment = given.an_assignment()
    response = given.replied(assignment, now=on(LETTER + 7 * DAY), received_on=LETTER)
    assert (response.by_post, response.received_on) == (True, LETTER)
    assert clocks.reply_clock(given.again(assignment), LETTER + 7 * DAY) == "replied_in_time"


def test_a_response_may_come_before_the_acknowledgement():
    assignment = given.an_assignment()
    given.replied(assignment)
    acknowledge(assignment, now=NOW + DAY)
    now = given.again(assignment)
    assert (now.acceptance, now.acknowledged_on) == ("accepted", TODAY + DAY)


def test_a_voluntary_reply_under_section_10_has_no_day_by_which_to_publish_it():
    assignment = given.an_assignment(basis="section_10")
    given.replied(assignment)
    now = given.again(assignment)
    assert (now.acceptance, now.publish_by) == ("accepted", None)
    assert clocks.reply_clock(now, date(2031, 1, 1)) == "replied"


def test_nobody_in_scope_is_asked_for_a_reply():
    assignment = given.an_assignment("essex", to=["npcc"], in_scope=["essex"])
    with refused("No reply is asked: this organisation is in scope, not a recipient."):
        given.replied(assignment)


def test_a_second_reply_is_refused_and_the_first_stays():
    assignment = given.an_assignment()
    given.replied(assignment, "accepted")
    with refused("A reply has already been recorded."):
        given.replied(assignment, "not_accepted")
    assert given.again(assignment).acceptance == "accepted"
    assert Response.select().count() == 1


def test_a_page_opened_before_somebody_else_replied_is_stale():
    assignment = given.an_assignment()
    page = given.again(assignment).revision
    given.replied(assignment)
    with pytest.raises(Stale):
        assignments.respond(assignment.id, given.a_reply(), actor=given.a_liaison_officer(), now=NOW, revision=page)


@pytest.mark.parametrize("acceptance", ["not_asked", "awaiting", "under_consideration", ""])
def test_only_an_answer_that_is_offered_is_taken(acceptance):
    assignment = given.an_assignment()
    with refused("Choose one of the answers offered."):
        given.replied(assignment, acceptance, action_taken="x")
    assert given.again(assignment).acceptance == "awaiting"


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply("accepted"), "Say what was done, what is proposed, or why nothing is."),
        (Reply("accepted", "  \n", " ", "\t"), "Say what was done, what is proposed, or why nothing is."),
        (Reply("accepted", representations="Do not publish."), "Say what was done"),
        (Reply("not_accepted", action_taken="Something else."), "Say why no action is taken"),
        (Reply("not_accepted", why_none="   "), "Say why no action is taken"),
    ],
)
def test_a_reply_says_what_was_done_or_is_proposed_or_why_none(reply, sentence):
    """Para 28B(1)."""
    assignment = given.an_assignment()
    with refused(sentence):
        assignments.respond(assignment.id, reply, actor=given.a_liaison_officer(), now=NOW)
    assert Response.select().count() == 0


@pytest.mark.parametrize(
    "reply",
    [
        Reply("accepted", action_taken="Done."),
        Reply("accepted_in_part", action_proposed="By May."),
        Reply("alternative_proposed", action_proposed="Another way."),
        Reply("not_accepted", why_none="No such cords."),
    ],
)
def test_each_answer_is_taken_with_what_the_law_asks_for(reply):
    assignment = given.an_assignment()
    assignments.respond(assignment.id, reply, actor=given.a_liaison_officer(), now=NOW)
    assert given.again(assignment).acceptance == reply.acceptance


def test_not_applicable_claimed_by_a_recipient_is_a_reply():
    """Until it is so given, the reply is still due."""
    assignment = given.an_assignment()
    given.replied(assignment, "not_accepted", why_none="Not applicable: we have no custody suites.")
    assert clocks.reply_clock(given.again(assignment), TODAY) == "replied_in_time"


def test_the_case_officers_are_told_of_a_reply_and_nobody_else():
    given.a_person("second@example.org", "regulator", "case_officer")
    given.people()
    assignment = given.an_assignment()
    Message.delete().execute()
    response = given.replied(assignment)
    rows = Message.select(Message, Person).join(Person).order_by(Person.email)
    assert [(m.kind, m.person.email, m.assignment_id) for m in rows] == [
        ("response_received", "case-officer@example.org", assignment.id),
        ("response_received", "second@example.org", assignment.id),
    ]
    assert f"{assignment.id}.{response.number}" in rows[0].key


def test_of_a_reply_that_the_case_officer_recorded_nobody_is_told():
    assignment = given.an_assignment()
    given.replied(assignment, received_on=TODAY)
    assert Message.select().where(Message.kind == "response_received").count() == 0


def test_a_reply_to_one_recommendation_leaves_the_other_open():
    notice = given.a_made_notice(titles=["One", "Two"])
    given.replied(given.assignment_of(notice, number=1))
    assert given.assignment_of(notice, number=2).acceptance == "awaiting"


def test_what_the_national_body_accepts_binds_no_force():
    notice = given.a_made_notice(to=["npcc"], in_scope=["kent"])
    given.replied(given.assignment_of(notice, "npcc"))
    kent = given.assignment_of(notice, "kent")
    assert (kent.acceptance, kent.implementation) == ("not_asked", "not_started")


# ---- decide and publish the reply


def decide(assignment, extent, kind="publication"):
    verb = {"publication": assignments.decide_publication, "disclosure": assignments.decide_disclosure}[kind]
    return verb(assignment.id, extent, actor=given.the_case_officer(), now=NOW + DAY)


def publish(assignment, now=NOW + 2 * DAY):
    return assignments.publish_response(assignment.id, actor=given.the_case_officer(), now=now)


@pytest.fixture
def replied():
    assignment = given.an_assignment(published=True)
    given.replied(assignment)
    return assignment


@pytest.mark.parametrize("kind", ["publication", "disclosure"])
@pytest.mark.parametrize(
    "extent", [Extent("all"), Extent("part", "What remains", "A name"), Extent("none", reason="Harm")]
)
def test_each_decision_is_recorded_on_the_reply_and_apart_from_the_other(replied, kind, extent):
    decision = given.again(decide(replied, extent, kind))
    assert (decision.kind, decision.extent, decision.redacted_text) == (kind, extent.extent, extent.redacted_text)
    assert (decision.reason, decision.decided_on) == (extent.reason, TODAY + DAY)
    assert decision.response.assignment_id == replied.id
    now = given.again(replied)
    other = "disclosure" if kind == "publication" else "publication"
    assert (getattr(now, kind), getattr(now, other)) == (extent.extent, None)


@pytest.mark.parametrize("kind", ["publication", "disclosure"])
def test_there_is_nothing_to_decide_before_a_reply(kind):
    assignment = given.an_assignment()
    with refused("There is no reply to decide about yet."):
        decide(assignment, Extent("all"), kind)


@pytest.mark.parametrize("kind", ["publication", "disclosure"])
def test_a_decision_is_taken_once(replied, kind):
    decide(replied, Extent("none", reason="Harm"), kind)
    with refused(f"The {kind} of this reply has already been decided."):
        decide(replied, Extent("all"), kind)
    assert Decision.select().count() == 1


@pytest.mark.parametrize(
    ("extent", "sentence"),
    [
        (Extent("part", "", "A name"), "Write the text that remains when only a part is shown."),
        (Extent("part", "  ", "A name"), "Write the text that remains when only a part is shown."),
        (Extent("part", "What remains", ""), "Say why not all of the reply is shown."),
        (Extent("none"), "Say why not all of the reply is shown."),
        (Extent("some", "What remains", "A name"), "Choose one of the answers offered."),
    ],
)
def test_showing_less_than_all_needs_what_remains_and_why(replied, extent, sentence):
    with refused(sentence):
        decide(replied, extent)
    assert given.again(replied).publication is None


def test_a_text_that_was_not_asked_for_is_not_kept(replied):
    assert decide(replied, Extent("all", "Left over from the form")).redacted_text == ""


def test_a_decided_reply_is_published_on_its_own_day(replied):
    decide(replied, Extent("all"))
    assert publish(replied).response_published_on == TODAY + 2 * DAY


def test_a_reply_is_not_published_before_it_is_decided(replied):
    with refused("Decide first how much of the reply is published."):
        publish(replied)


def test_deciding_on_disclosure_is_not_deciding_on_publication(replied):
    decide(replied, Extent("all"), "disclosure")
    with refused("Decide first how much of the reply is published."):
        publish(replied)


def test_a_reply_of_which_nothing_is_to_be_published_is_not(replied):
    decide(replied, Extent("none", reason="Harm"))
    with refused("It was decided to publish none of this reply."):
        publish(replied)


def test_a_reply_is_not_public_before_the_notice_is():
    assignment = given.an_assignment()
    given.replied(assignment)
    decide(assignment, Extent("all"))
    with refused("The notice itself is not public yet. Publish the notice first."):
        publish(assignment)
    given.publish(assignment.recommendation.notice)
    assert publish(assignment).response_published_on


def test_a_reply_is_published_once(replied):
    decide(replied, Extent("all"))
    publish(replied)
    with refused(r"The reply was already published on 4 March 2026\."):
        publish(replied, now=NOW + 9 * DAY)


# ---- implementation


def test_progress_and_done_are_what_the_force_says():
    assignment = given.an_assignment()
    officer = given.a_liaison_officer()
    assignments.report_progress(assignment.id, "Two of four.", actor=officer, now=NOW)
    assert given.again(assignment).implementation == "under_way"
    assignments.report_progress(assignment.id, "Three of four.", actor=officer, now=NOW + DAY)
    assignments.report_done(assignment.id, "All four.", actor=officer, now=NOW + 2 * DAY)
    now = given.again(assignment)
    assert (now.implementation, now.audit_result) == ("reported_done", "not_audited")
    rows = Progress.select().order_by(Progress.id)
    assert [(p.text, p.implementation, p.reported_on) for p in rows] == [
        ("Two of four.", "under_way", TODAY),
        ("Three of four.", "under_way", TODAY + DAY),
        ("All four.", "reported_done", TODAY + 2 * DAY),
    ]


def test_a_force_in_scope_reports_too_and_needs_no_reply_for_it():
    assignment = given.an_assignment("essex", to=["npcc"], in_scope=["essex"])
    assignments.report_done(assignment.id, "Both suites.", actor=given.a_liaison_officer("essex"), now=NOW)
    assert given.again(assignment).implementation == "reported_done"


@pytest.mark.parametrize("verb", ["report_progress", "report_done"])
def test_what_was_said_to_be_done_is_not_said_again(verb):
    assignment = given.an_assignment()
    assignments.report_done(assignment.id, "All four.", actor=given.a_liaison_officer(), now=NOW)
    with refused("The force has already said that this is done."):
        getattr(assignments, verb)(assignment.id, "Really.", actor=given.a_liaison_officer(), now=NOW)


def test_work_taken_up_after_none_was_planned_is_under_way():
    assignment = given.an_assignment()
    Assignment.update(implementation="none_planned").execute()
    assignments.report_progress(assignment.id, "After all.", actor=given.a_liaison_officer(), now=NOW)
    assert given.again(assignment).implementation == "under_way"


def test_the_regulator_does_not_report_for_a_force():
    assignment = given.an_assignment()
    with pytest.raises(NotPermitted):
        assignments.report_done(assignment.id, "Done.", actor=given.the_case_officer(), now=NOW)


# ---- log_contact


def test_a_chase_is_logged_with_its_day_and_how():
    assignment = given.an_assignment()
    call = Call(TODAY - DAY, "telephone", "Promised for Friday.", "The lead liaison officer")
    contact = given.again(assignments.log_contact(assignment.id, call, actor=given.the_case_officer(), now=NOW))
    assert (contact.contacted_on, contact.channel) == (TODAY - DAY, "telephone")
    assert (contact.note, contact.spoke_to) == ("Promised for Friday.", "The lead liaison officer")


def test_a_chase_lies_in_the_past():
    assignment = given.an_assignment()
    with refused("The day of the contact cannot be in the future."):
        assignments.log_contact(assignment.id, Call(TODAY + DAY, "email", "x"), actor=given.the_case_officer(), now=NOW)
    assert Contact.select().count() == 0


def test_a_chase_went_by_one_of_the_ways_there_are():
    assignment = given.an_assignment()
    with refused("Choose one of the answers offered."):
        assignments.log_contact(assignment.id, Call(TODAY, "pigeon", "x"), actor=given.the_case_officer(), now=NOW)


def test_a_chase_can_be_logged_after_closing_and_changes_no_fact():
    assignment = given.an_assignment()
    close(assignment)
    before = given.again(assignment).__data__
    assignments.log_contact(assignment.id, Call(TODAY, "letter", "x"), actor=given.the_case_officer(), now=NOW)
    assert given.again(assignment).__data__ == before


def test_no_verb_writes_free_text_into_the_facts_of_the_history(replied):
    secret = "Detective Sergeant Nobody"
    decide(replied, Extent("part", secret, secret))
    assignments.report_progress(replied.id, secret, actor=given.a_liaison_officer(), now=NOW)
    call = Call(TODAY, "meeting", secret, secret)
    assignments.log_contact(replied.id, call, actor=given.the_case_officer(), now=NOW)
    assert not [event for event in History.select() if "Nobody" in event.facts]
