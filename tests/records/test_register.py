"""The lists and pages of the register: always within what the reader may see."""

from datetime import timedelta

import pytest

from registry.actions import assignments
from registry.records import outcomes, register
from registry.records.database import NotFound
from registry.records.register import Filters
from registry.rules.permissions import PUBLIC
from tests import given
from tests.given import NOW, TODAY

LATER = NOW + timedelta(days=20)
LATER_ON = TODAY + timedelta(days=20)


@pytest.fixture(autouse=True)
def filled(database):
    given.a_register()


def titles(actor=PUBLIC, today=TODAY, **filters):
    return [row.title for row in register.recommendations(actor, today, Filters(**filters))]


# ---- embargo: made in March, published in September


def everything_the_public_can_ask(today):
    """What each question of the register answers to somebody without an account."""
    return [
        list(register.recommendations(PUBLIC, today, Filters())),
        list(register.recommendations(PUBLIC, today, Filters(q="pull cord"))),
        list(register.recommendations(PUBLIC, today, Filters(organisation="kent"))),
        list(register.recommendations(PUBLIC, today, Filters(basis="28a"))),
        list(register.recommendations(PUBLIC, today, Filters(year=2026))),
        list(register.recommendations(PUBLIC, today, Filters(acceptance="awaiting"))),
        list(register.assignments(PUBLIC, today)),
        list(register.assignments(PUBLIC, today, Filters(reply_clock="overdue"))),
        list(register.assignments(PUBLIC, today, Filters(q="pull cord"))),
        register.counts(PUBLIC, today),
        register.choices(PUBLIC, today).years,
    ]


def test_a_notice_under_embargo_is_nowhere_for_the_public_however_late_the_reply(database):
    notice = given.a_made_notice(embargo_reason="A trial is under way.")
    recommendation, assignment = given.recommendation_of(notice), given.assignment_of(notice)
    for today in (TODAY, TODAY + timedelta(days=400)):
        assert not any(everything_the_public_can_ask(today))
        for ask in (
            lambda today=today: register.notice(PUBLIC, today, notice.reference),
            lambda today=today: register.recommendation(PUBLIC, today, recommendation.reference),
            lambda today=today: register.assignment(PUBLIC, today, assignment.id),
        ):
            with pytest.raises(NotFound):
                ask()
        assert list(register.addressees(PUBLIC, today, recommendation)) == []
        assert list(register.of_notice(PUBLIC, today, notice)) == []


def test_the_same_notice_is_overdue_inside(database):
    given.a_made_notice()
    later = TODAY + timedelta(days=57)
    inside = register.assignments(given.the_case_officer(), later, Filters(reply_clock="overdue"))
    assert [row.organisation.slug for row in inside] == ["kent"]


def test_once_published_it_is_everywhere(database):
    notice = given.a_published_notice(made_at=NOW, published_at=LATER)
    answers = everything_the_public_can_ask(LATER_ON)
    assert [bool(answer) for answer in answers] == [True, True, True, True, True, True, True, False, True, True, True]
    assert register.notice(PUBLIC, LATER_ON, notice.reference) == notice
    assert not any(everything_the_public_can_ask(LATER_ON - timedelta(days=1)))


def test_what_does_not_exist_and_what_may_not_be_seen_sound_alike(database):
    notice = given.a_made_notice()
    for reference in (notice.reference, "LN-2026-9999"):
        with pytest.raises(NotFound, match=r"^There is no such notice\.$"):
            register.notice(PUBLIC, TODAY, reference)


def test_a_filter_cannot_be_used_to_guess_an_answer_that_is_not_public(database):
    assignment = given.an_assignment(published=True)
    given.replied(assignment, "not_accepted")
    assert titles(acceptance="not_accepted") == []
    assert titles(given.the_case_officer(), acceptance="not_accepted") == ["Replace emergency pull cords"]
    assignments.decide_publication(assignment.id, assignments.Extent("all"), actor=given.the_case_officer(), now=NOW)
    assert titles(acceptance="not_accepted") == []
    assignments.publish_response(assignment.id, actor=given.the_case_officer(), now=NOW)
    assert titles(acceptance="not_accepted") == ["Replace emergency pull cords"]


# ---- lists


def test_the_newest_recommendation_comes_first(database):
    given.a_published_notice(made_at=NOW, titles=["Older"])
    given.a_published_notice(made_at=NOW + given.DAY, titles=["Newer"])
    assert titles(today=LATER_ON) == ["Newer", "Older"]


def test_a_list_is_narrowed_by_each_filter(database):
    given.a_published_notice(titles=["For Kent"], to=["kent"])
    given.a_published_notice(titles=["For Essex"], to=["essex"], basis="section_10")
    assert titles(organisation="essex") == ["For Essex"]
    assert titles(basis="28a") == ["For Kent"]
    assert titles(year=2025) == []
    assert titles(organisation="essex", basis="28a") == []


def test_the_page_of_a_recommendation_lists_recipients_first_and_then_by_name(database):
    notice = given.a_published_notice(to=["npcc"], in_scope=["surrey", "essex", "kent"])
    rows = register.addressees(PUBLIC, TODAY, given.recommendation_of(notice))
    assert [row.organisation.slug for row in rows] == ["npcc", "essex", "kent", "surrey"]


def test_a_list_of_assignments_with_all_it_shows_is_one_query(database):
    given.a_published_notice(to=["kent", "essex", "npcc"], titles=["One", "Two"])
    with given.queries() as sent:
        rows = list(register.assignments(PUBLIC, TODAY))
        shown = [(r.recommendation.notice.reference, r.recommendation.topic, r.organisation.name) for r in rows]
    assert len(shown) == 6
    assert len(sent) == 1


def test_copies_are_shown_to_the_regulator_and_to_the_body_that_had_one(database):
    notice = given.a_made_notice(to=["kent", "essex"])
    slugs = lambda actor: [row.organisation.slug for row in register.copies(actor, notice)]  # noqa: E731
    assert slugs(given.the_case_officer()) == ["essex-pcc", "kent-pcc"]
    assert slugs(given.a_policing_body_reader()) == ["kent-pcc"]
    assert slugs(PUBLIC) == slugs(given.a_liaison_officer()) == []


# ---- the page of an assignment: what each reader is given of the reply


@pytest.fixture
def decided(database):
    """A reply of which a part is published and all is disclosed."""
    assignment = given.an_assignment(published=True)
    given.replied(assignment, action_taken="Cords replaced at Sutton Road.", representations="Do not name the site.")
    officer = given.the_case_officer()
    part = assignments.Extent("part", "Cords replaced at […].", "Names a site.")
    assignments.decide_publication(assignment.id, part, actor=officer, now=NOW)
    assignments.decide_disclosure(assignment.id, assignments.Extent("all"), actor=officer, now=NOW)
    return assignments.publish_response(assignment.id, actor=officer, now=NOW)


def test_the_public_is_given_the_decided_part_only(decided):
    recorded = outcomes.recorded(decided, "public")
    assert recorded.shown_part == "Cords replaced at […]."
    assert recorded.decisions == recorded.progress == recorded.contacts == recorded.acknowledgements == []


@pytest.mark.parametrize("reader", ["regulator", "addressee"])
def test_those_who_wrote_and_received_it_read_the_whole_reply(decided, reader):
    recorded = outcomes.recorded(decided, reader)
    assert recorded.shown_part is None
    assert recorded.response.representations == "Do not name the site."
    assert [decision.kind for decision in recorded.decisions] == ["publication", "disclosure"]


def test_a_policing_body_reads_what_was_disclosed_even_where_less_is_published(decided):
    assert outcomes.recorded(decided, "local_policing_body").shown_part is None


def test_before_a_decision_nobody_outside_reads_a_word(database):
    assignment = given.an_assignment(published=True)
    given.replied(assignment)
    for reader in ("public", "local_policing_body", "auditor"):
        assert outcomes.recorded(given.again(assignment), reader).response is None


def test_a_decision_to_publish_nothing_gives_nothing(database):
    assignment = given.an_assignment(published=True)
    given.replied(assignment)
    nothing = assignments.Extent("none", reason="Would identify the family.")
    assignments.decide_publication(assignment.id, nothing, actor=given.the_case_officer(), now=NOW)
    assert outcomes.recorded(given.again(assignment), "public").response is None


def test_the_contact_log_is_internal(database):
    assignment = given.an_assignment(published=True)
    call = assignments.Call(TODAY, "telephone", "Promised for Friday.")
    assignments.log_contact(assignment.id, call, actor=given.the_case_officer(), now=NOW)
    assert len(outcomes.recorded(assignment, "regulator").contacts) == 1
    for reader in ("addressee", "auditor", "local_policing_body", "public"):
        assert outcomes.recorded(assignment, reader).contacts == []
