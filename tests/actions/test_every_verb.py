"""What holds for every verb: who may not, one event exactly, and nothing done when it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from registry.actions import applicability, assignments, closing, extensions, notices, reminders, replies
from registry.records.assignments import (
    Acknowledgement,
    Assignment,
    Claim,
    Contact,
    CourtDays,
    Decision,
    Extension,
    HoldingReply,
    Progress,
    Response,
    View,
)
from registry.records.database import NotFound
from registry.records.history import History
from registry.records.installation import Installation
from registry.records.messages import Message, Reminder
from registry.records.recommendations import Addressee, Copy, Notice, Recommendation, Version
from registry.rules import permissions, wording
from registry.rules.permissions import PERMISSIONS, PUBLIC, ROLES, NotPermitted
from tests import given
from tests.given import NOW, TODAY

ALL_TABLES = (
    *(Notice, Recommendation, Addressee, Version, Copy, Assignment, Acknowledgement, Response, Decision),
    *(Progress, Contact, Extension, CourtDays, Claim, HoldingReply, View, Message, Reminder, History),
)
WORKS_FOR = {
    **dict.fromkeys(permissions.REGULATOR_ROLES, "regulator"),
    **dict.fromkeys(permissions.FORCE_ROLES, "kent"),
    **dict.fromkeys(permissions.AUDIT_ROLES, "audit-body"),
    "local_policing_body_reader": "kent-pcc",
    "system": "regulator",
}


@dataclass(frozen=True)
class Verb:
    """How to bring a subject to where the verb may be used, how to call it, and what it leaves in the history."""

    permission: str
    event: str
    subject: Callable[[], Any]
    call: Callable[..., Any]
    role: str
    detail: str | None = None


def replied() -> Assignment:
    assignment = given.an_assignment(published=True)
    given.replied(assignment)
    return assignment


def decided() -> Assignment:
    assignment = replied()
    everything = assignments.Extent("all")
    assignments.decide_publication(assignment.id, everything, actor=given.the_case_officer(), now=NOW)
    return assignment


def published(acceptance: str = "accepted") -> Assignment:
    assignment = given.an_assignment(published=True)
    given.replied(assignment, acceptance)
    officer = given.the_case_officer()
    assignments.decide_publication(assignment.id, assignments.Extent("all"), actor=officer, now=NOW)
    assignments.publish_response(assignment.id, actor=officer, now=NOW)
    return assignment


def viewed() -> Assignment:
    assignment = published()
    view = replies.Judgement("more_asked", "By when?")
    replies.give_view(assignment.id, view, actor=given.the_case_officer(), now=NOW)
    return assignment


def in_scope() -> Assignment:
    return given.an_assignment(to=("npcc",), in_scope=("kent",))


def claimed() -> Assignment:
    assignment = in_scope()
    applicability.claim_not_applicable(assignment.id, "No suites.", actor=given.a_liaison_officer(), now=NOW)
    return assignment


def not_accepted() -> Assignment:
    return published("not_accepted")


def closed() -> Assignment:
    assignment = not_accepted()
    closing.close(assignment.id, "", actor=given.the_case_officer(), now=NOW)
    return assignment


def nothing() -> Any:
    return Installation.get()


def due() -> Any:
    given.a_liaison_officer()
    given.an_assignment()
    return Installation.get()


MORE_TIME = extensions.MoreTime(14, "Waiting for the estates survey.")
PART = assignments.Extent("part", "What remains", "Names somebody")
VERBS = {
    "draft": Verb(
        "notice:draft",
        "notice.drafted",
        nothing,
        lambda _, **who: notices.draft(given.some_content(), **who),
        "author",
    ),
    "revise_draft": Verb(
        "notice:revise_draft",
        "notice.revised",
        given.a_draft,
        lambda subject, **who: notices.revise_draft(subject.id, given.some_content(), **who),
        "author",
    ),
    "submit": Verb(
        "notice:submit",
        "notice.submitted",
        given.a_draft,
        lambda subject, **who: notices.submit(subject.id, **who),
        "author",
    ),
    "return_draft": Verb(
        "notice:return_draft",
        "notice.returned",
        given.a_submitted_notice,
        lambda subject, **who: notices.return_draft(subject.id, "Name the provision.", **who),
        "approver",
        "Name the provision.",
    ),
    "approve": Verb(
        "notice:approve",
        "notice.approved",
        given.a_submitted_notice,
        lambda subject, **who: notices.approve(subject.id, **who),
        "approver",
    ),
    "make": Verb(
        "notice:make",
        "notice.made",
        given.an_approved_notice,
        lambda subject, **who: notices.make(subject.id, **who),
        "approver",
    ),
    "publish": Verb(
        "notice:publish",
        "notice.published",
        given.a_made_notice,
        lambda subject, **who: notices.publish(subject.id, given.CHECKED, **who),
        "case_officer",
    ),
    "acknowledge": Verb(
        "assignment:acknowledge",
        "assignment.acknowledged",
        given.an_assignment,
        lambda subject, **who: assignments.acknowledge(subject.id, **who),
        "liaison_officer",
    ),
    "respond": Verb(
        "assignment:respond",
        "assignment.responded",
        given.an_assignment,
        lambda subject, **who: assignments.respond(subject.id, given.a_reply(), **who),
        "liaison_officer",
        "Cords replaced.",
    ),
    "decide_publication": Verb(
        "assignment:decide_publication",
        "assignment.publication_decided",
        replied,
        lambda subject, **who: assignments.decide_publication(subject.id, PART, **who),
        "case_officer",
        "Names somebody",
    ),
    "decide_disclosure": Verb(
        "assignment:decide_disclosure",
        "assignment.disclosure_decided",
        replied,
        lambda subject, **who: assignments.decide_disclosure(subject.id, PART, **who),
        "case_officer",
        "Names somebody",
    ),
    "publish_response": Verb(
        "assignment:publish_response",
        "assignment.response_published",
        decided,
        lambda subject, **who: assignments.publish_response(subject.id, **who),
        "case_officer",
    ),
    "report_progress": Verb(
        "assignment:report_progress",
        "assignment.progress_reported",
        given.an_assignment,
        lambda subject, **who: assignments.report_progress(subject.id, "Two suites of four.", **who),
        "liaison_officer",
        "Two suites of four.",
    ),
    "report_done": Verb(
        "assignment:report_done",
        "assignment.reported_done",
        given.an_assignment,
        lambda subject, **who: assignments.report_done(subject.id, "All four suites.", **who),
        "liaison_officer",
        "All four suites.",
    ),
    "report_none": Verb(
        "assignment:report_none",
        "assignment.reported_none",
        given.an_assignment,
        lambda subject, **who: assignments.report_none(subject.id, "There are no such cords.", **who),
        "liaison_officer",
        "There are no such cords.",
    ),
    "hold_reply": Verb(
        "assignment:hold_reply",
        "assignment.reply_held",
        given.an_assignment,
        lambda subject, **who: replies.hold_reply(subject.id, "We are considering it.", **who),
        "liaison_officer",
        "We are considering it.",
    ),
    "give_view": Verb(
        "assignment:give_view",
        "assignment.view_given",
        replied,
        lambda subject, **who: replies.give_view(subject.id, replies.Judgement("sufficient", "It is clear."), **who),
        "case_officer",
        "It is clear.",
    ),
    "publish_view": Verb(
        "assignment:publish_view",
        "assignment.view_published",
        viewed,
        lambda subject, **who: replies.publish_view(subject.id, **who),
        "case_officer",
    ),
    "claim_not_applicable": Verb(
        "assignment:claim_not_applicable",
        "assignment.not_applicable_claimed",
        in_scope,
        lambda subject, **who: applicability.claim_not_applicable(subject.id, "No custody suites.", **who),
        "liaison_officer",
        "No custody suites.",
    ),
    "agree_not_applicable": Verb(
        "assignment:agree_not_applicable",
        "assignment.not_applicable_agreed",
        claimed,
        lambda subject, **who: applicability.agree_not_applicable(subject.id, "True.", **who),
        "case_officer",
        "True.",
    ),
    "refuse_not_applicable": Verb(
        "assignment:refuse_not_applicable",
        "assignment.not_applicable_refused",
        claimed,
        lambda subject, **who: applicability.refuse_not_applicable(subject.id, "There is one suite.", **who),
        "case_officer",
        "There is one suite.",
    ),
    "close": Verb(
        "assignment:close",
        "assignment.closed",
        not_accepted,
        lambda subject, **who: closing.close(subject.id, "Nothing more is asked.", **who),
        "case_officer",
        "Nothing more is asked.",
    ),
    "reopen": Verb(
        "assignment:reopen",
        "assignment.reopened",
        closed,
        lambda subject, **who: closing.reopen(subject.id, "It happened again.", **who),
        "case_officer",
        "It happened again.",
    ),
    "request_extension": Verb(
        "assignment:request_extension",
        "assignment.extension_requested",
        given.an_assignment,
        lambda subject, **who: extensions.request_extension(subject.id, MORE_TIME, **who),
        "liaison_officer",
        "Waiting for the estates survey.",
    ),
    "grant_extension": Verb(
        "assignment:grant_extension",
        "assignment.extension_granted",
        given.an_assignment_with_more_time_asked,
        lambda subject, **who: extensions.grant_extension(subject.id, MORE_TIME, **who),
        "case_officer",
        "Waiting for the estates survey.",
    ),
    "refuse_extension": Verb(
        "assignment:refuse_extension",
        "assignment.extension_refused",
        given.an_assignment_with_more_time_asked,
        lambda subject, **who: extensions.refuse_extension(subject.id, "Twelve weeks were enough for others.", **who),
        "case_officer",
        "Twelve weeks were enough for others.",
    ),
    "add_court_days": Verb(
        "assignment:add_court_days",
        "assignment.court_days_added",
        given.an_assignment,
        lambda subject, **who: extensions.add_court_days(
            subject.id, extensions.Proceedings(TODAY, 30, "The claim of the force."), **who
        ),
        "case_officer",
        "The claim of the force.",
    ),
    "log_contact": Verb(
        "assignment:log_contact",
        "assignment.contact_logged",
        given.an_assignment,
        lambda subject, **who: assignments.log_contact(
            subject.id, assignments.Call(TODAY, "telephone", "Promised for Friday."), **who
        ),
        "case_officer",
        "Promised for Friday.",
    ),
    "sweep": Verb(
        "reminder:sweep",
        "reminders.swept",
        due,
        lambda _, actor, now: reminders.sweep(actor=actor, now=now + timedelta(days=60)),
        "system",
    ),
}


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def somebody(role):
    slug = WORKS_FOR[role]
    return given.a_person(f"{role.replace('_', '-')}@another.example.org", slug, role)


def size():
    return [table.select().count() for table in ALL_TABLES]


def called(name, actor=None):
    verb = VERBS[name]
    subject, actor = verb.subject(), actor or somebody(verb.role)
    before = size(), given.events()
    result = verb.call(subject, actor=actor, now=NOW)
    return subject, actor, before, result


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_leaves_exactly_one_event_that_says_who_when_and_what(name):
    subject, actor, (_, before), _ = called(name)
    assert given.events()[len(before) :] == [VERBS[name].event]
    event = History.select().order_by(History.id.desc()).first()
    assert (event.person_id, event.verb) == (actor.person_id, VERBS[name].event)
    assert event.at == (NOW + timedelta(days=60) if name == "sweep" else NOW)
    assert event.subject_type == ("notice" if name == "draft" else subject._meta.table_name)
    if name != "draft":
        assert event.subject_id == subject.id
    assert event.verb in wording.EVENTS


@pytest.mark.parametrize("name", VERBS)
def test_what_people_wrote_is_in_the_detail_and_never_in_the_facts(name):
    called(name)
    event = History.select().order_by(History.id.desc()).first()
    detail = event.historydetail_set.first()
    assert (detail and detail.text) == VERBS[name].detail
    assert " " not in event.facts, "machine values have no spaces"


@pytest.mark.parametrize("name", VERBS)
def test_nobody_without_the_role_may_and_nothing_is_done(name):
    verb = VERBS[name]
    subject = verb.subject()
    before = size()
    refused = [PUBLIC, *(somebody(role) for role in ROLES if role not in PERMISSIONS[verb.permission])]
    assert len(refused) > 5
    for actor in refused:
        with pytest.raises(NotPermitted):
            verb.call(subject, actor=actor, now=NOW)
    assert size() == before


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.role == "liaison_officer"])
def test_an_officer_of_another_force_may_not(name):
    verb = VERBS[name]
    subject = verb.subject()
    before = size()
    with pytest.raises(NotPermitted):
        verb.call(subject, actor=given.a_liaison_officer("essex"), now=NOW)
    assert size() == before


@pytest.mark.parametrize("name", [name for name in VERBS if name not in ("draft", "sweep")])
def test_what_does_not_exist_is_not_found(name):
    verb = VERBS[name]
    missing = type(verb.subject())(id=999_999)
    with pytest.raises(NotFound):
        verb.call(missing, actor=somebody(verb.role), now=NOW)


CHANGE_NO_COLUMN = ("draft", "sweep", "log_contact")


@pytest.mark.parametrize("name", [name for name in VERBS if name not in CHANGE_NO_COLUMN])
def test_a_verb_that_changes_its_subject_counts_the_revision_up_by_one(name):
    verb = VERBS[name]
    subject = given.again(verb.subject())
    verb.call(subject, actor=somebody(verb.role), now=NOW)
    assert given.again(subject).revision == subject.revision + 1


def test_every_verb_is_in_this_table():
    """A verb is a public function of its module that runs in a transaction."""
    for module in (notices, assignments, extensions, applicability, closing, replies, reminders):
        functions = {name: f for name, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__}
        verbs = {name for name, f in functions.items() if hasattr(f, "__wrapped__") and not name.startswith("_")}
        assert verbs and verbs <= set(VERBS)


def test_the_whole_life_of_a_recommendation_is_one_unbroken_chain():
    assignment = decided()
    officer = given.the_case_officer()
    assignments.publish_response(assignment.id, actor=officer, now=NOW)
    assignments.report_done(assignment.id, "All four suites.", actor=given.a_liaison_officer(), now=NOW)
    assert given.events() == [
        "notice.drafted",
        "notice.submitted",
        "notice.approved",
        "notice.made",
        "notice.published",
        "assignment.responded",
        "assignment.publication_decided",
        "assignment.response_published",
        "assignment.reported_done",
    ]
    assert given.broken() == []
