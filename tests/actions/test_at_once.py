"""Two people pressing the button at one moment: real threads, real connections, both databases."""

from itertools import count

import pytest

from registry.actions import assignments, notices, reminders
from registry.records.assignments import Acknowledgement, Assignment, Decision, Progress, Response
from registry.records.database import Stale
from registry.records.messages import Message, Reminder, ReminderMessage
from registry.records.recommendations import Recommendation, Version
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW, together


@pytest.fixture(autouse=True)
def register(shared_database):
    given.a_register()
    given.a_liaison_officer()
    given.the_case_officer()


def sort_out(outcomes):
    """Those that went through, and the kinds of refusal of those that did not."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    return [outcome for outcome in outcomes if outcome not in refused], [type(error) for error in refused]


def last_event(name):
    assert given.events().count(name) == 1
    assert given.broken() == []


def test_acknowledging_twice_at_once_is_acknowledging_once():
    assignment, officer = given.an_assignment(), given.a_liaison_officer()
    done, refused = sort_out(together(*[lambda: assignments.acknowledge(assignment.id, actor=officer, now=NOW)] * 2))
    assert (len(done), refused) == (1, [NotAllowed])
    assert Acknowledgement.select().count() == 1
    assert given.again(assignment).revision == assignment.revision + 1
    last_event("assignment.acknowledged")


def test_making_twice_at_once_is_making_once():
    notice, actor = given.an_approved_notice(to=["kent", "essex"], titles=["One", "Two"]), given.the_approver()
    done, refused = sort_out(together(*[lambda: notices.make(notice.id, actor=actor, now=NOW)] * 3))
    assert (len(done), refused) == (1, [NotAllowed] * 2)
    assert Assignment.select().count() == 4
    assert Version.select().count() == 1
    assert Message.select().count() == 1
    last_event("notice.made")


def test_several_notices_made_at_once_have_references_of_their_own():
    approved = [given.an_approved_notice(titles=["One", "Two"]) for _ in range(4)]
    actor = given.the_approver()
    made, refused = sort_out(
        together(*[lambda notice=notice: notices.make(notice.id, actor=actor, now=NOW) for notice in approved])
    )
    assert refused == []
    assert {notice.reference for notice in made} == {f"LN-2026-000{n}" for n in range(1, 5)}
    references = {row.reference for row in Recommendation.select()}
    assert references == {f"LR-2026-000{n}" for n in range(1, 9)}
    assert given.broken() == []


def test_of_two_people_answering_at_once_one_is_told_the_page_is_stale():
    assignment = given.an_assignment()
    mine, theirs = given.a_liaison_officer(), given.a_person("second@kent.example.org", "kent", "liaison_officer")
    page = given.again(assignment).revision

    def answer(actor, acceptance):
        reply = given.a_reply(acceptance)
        return assignments.respond(assignment.id, reply, actor=actor, now=NOW, revision=page)

    done, refused = sort_out(together(lambda: answer(mine, "accepted"), lambda: answer(theirs, "not_accepted")))
    assert (len(done), refused) == (1, [Stale])
    assert given.again(assignment).acceptance == done[0].acceptance
    assert Response.select().count() == 1
    assert Message.select().where(Message.kind == "response_received").count() == 1
    last_event("assignment.responded")


def test_of_two_answers_at_once_without_a_page_the_second_finds_the_first():
    assignment, officer = given.an_assignment(), given.a_liaison_officer()
    done, refused = sort_out(
        together(*[lambda: assignments.respond(assignment.id, given.a_reply(), actor=officer, now=NOW)] * 2)
    )
    assert (len(done), refused) == (1, [NotAllowed])
    assert Response.select().count() == 1


def test_of_two_authors_revising_at_once_one_is_told_the_page_is_stale():
    notice, author = given.a_draft(), given.the_author()
    number = count()

    def revise():
        content = given.some_content(titles=[f"Text {next(number)}", "Second"])
        return notices.revise_draft(notice.id, content, actor=author, now=NOW, revision=notice.revision)

    done, refused = sort_out(together(revise, revise))
    assert (len(done), refused) == (1, [Stale])
    assert Recommendation.select().count() == 2
    last_event("notice.revised")


def test_publishing_twice_at_once_is_publishing_once():
    notice, officer = given.a_made_notice(), given.the_case_officer()
    call = lambda: notices.publish(notice.id, given.CHECKED, actor=officer, now=NOW)  # noqa: E731
    done, refused = sort_out(together(call, call))
    assert (len(done), refused) == (1, [NotAllowed])
    last_event("notice.published")


def test_deciding_twice_at_once_is_deciding_once():
    assignment, officer = given.an_assignment(), given.the_case_officer()
    given.replied(assignment)
    extents = assignments.Extent("all"), assignments.Extent("none", reason="Harm")
    calls = [
        lambda extent=extent: assignments.decide_publication(assignment.id, extent, actor=officer, now=NOW)
        for extent in extents
    ]
    done, refused = sort_out(together(*calls))
    assert (len(done), refused) == (1, [NotAllowed])
    assert given.again(assignment).publication == done[0].extent == Decision.get().extent


def test_two_different_facts_at_once_are_both_kept():
    assignment, officer = given.an_assignment(), given.a_liaison_officer()
    done, refused = sort_out(
        together(
            lambda: assignments.acknowledge(assignment.id, actor=officer, now=NOW),
            lambda: assignments.report_progress(assignment.id, "Begun.", actor=officer, now=NOW),
            lambda: assignments.respond(assignment.id, given.a_reply(), actor=officer, now=NOW),
        )
    )
    assert (len(done), refused) == (3, [])
    now = given.again(assignment)
    assert (now.acknowledged_on is not None, now.implementation, now.acceptance) == (True, "under_way", "accepted")
    assert now.revision == assignment.revision + 3
    assert Progress.select().count() == 1
    assert given.broken() == []


def test_sweeping_twice_at_once_is_sweeping_once():
    forces = given.many_forces(12)
    given.a_made_notice(to=forces)
    system = given.the_system()
    later = NOW + 60 * given.DAY
    counts = together(*[lambda: reminders.sweep(actor=system, now=later)] * 3)
    assert sorted(counts) == [0, 0, 24]  # each is late with both the acknowledgement and the reply
    assert Reminder.select().count() == 24
    assert Message.select().where(Message.kind == "reminders").count() == 12
    assert ReminderMessage.select().count() == 24
    last_event("reminders.swept")


def test_a_reply_during_a_sweep_does_neither_harm():
    assignment, officer, system = given.an_assignment(), given.a_liaison_officer(), given.the_system()
    later = NOW + 60 * given.DAY
    done, refused = sort_out(
        together(
            lambda: reminders.sweep(actor=system, now=later),
            lambda: assignments.respond(assignment.id, given.a_reply(), actor=officer, now=later),
        )
    )
    assert (len(done), refused) == (2, [])
    assert given.again(assignment).acceptance == "accepted"
    assert given.broken() == []
