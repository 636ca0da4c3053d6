"""The figures, against cases counted by hand."""

import pytest

from registry.actions import assignments
from registry.records.assignments import Assignment
from registry.reporting.figures import Figures, Share, figures
from registry.rules.permissions import PUBLIC
from tests import given
from tests.given import DAY, NOW, TODAY


@pytest.fixture(autouse=True)
def _register(database):
    given.a_register()


def of_kent(*, actor=None, today=TODAY) -> Figures:
    return figures(given.organisation("kent").id, actor=actor or given.the_case_officer(), today=today)


def made(days_ago: int, **content) -> Assignment:
    return given.an_assignment(made_at=NOW - days_ago * DAY, **content)


def set_facts(assignment: Assignment, **facts) -> None:
    """Set what no verb of this version reaches yet."""
    Assignment.update(**facts).where(Assignment.id == assignment.id).execute()


def test_an_organisation_without_assignments_has_nothing_to_count():
    found = of_kent()
    assert found.assignments == found.notices == found.must_reply == 0
    assert found.replied_on_time == found.overdue == found.found_in_place == found.says_done == Share(0, 0)


def test_a_reply_is_on_time_until_the_later_of_the_two_dates():
    for days_ago, received_after in ((100, 55), (101, 56), (102, 57)):
        assignment = made(days_ago)
        given.replied(assignment, now=NOW - (days_ago - received_after) * DAY)
    found = of_kent()
    assert found.replied_on_time == Share(2, 3)
    assert found.replied_late == 1


def test_a_missing_reply_counts_against_on_time_only_when_both_dates_have_passed():
    made(56)
    assert of_kent().replied_on_time == Share(0, 0)
    assert of_kent().overdue == Share(0, 1)
    assert of_kent().due_soon == 1
    tomorrow = of_kent(today=TODAY + DAY)
    assert tomorrow.replied_on_time == Share(0, 1)
    assert tomorrow.overdue == Share(1, 1)
    assert tomorrow.due_soon == 0


def test_an_early_reply_counts_at_once():
    given.replied(made(3))
    assert of_kent().replied_on_time == Share(1, 1)


def test_invitations_and_scope_owe_no_reply_and_are_never_overdue():
    made(300, basis="section_10")
    made(300, to=("npcc",), in_scope=("kent",))
    found = of_kent()
    assert (found.assignments, found.asked_to_reply, found.must_reply, found.in_scope) == (2, 1, 0, 1)
    assert found.replied_on_time == found.overdue == Share(0, 0)


def test_a_voluntary_reply_is_neither_on_time_nor_late():
    given.replied(made(300, basis="section_10"))
    assert of_kent().replied_on_time == Share(0, 0)


def test_not_applicable_by_agreement_leaves_every_other_figure():
    late = made(100)
    given.replied(late, "not_accepted")
    set_facts(late, applicability="agreed_not")
    made(100)
    found = of_kent()
    assert (found.assignments, found.not_applicable) == (2, 1)
    assert (found.asked_to_reply, found.must_reply) == (1, 1)
    assert found.replied_on_time == Share(0, 1)
    assert found.found_in_place == found.says_done == Share(0, 1)
    assert found.acknowledged_in_time == Share(0, 1)


def test_not_applicable_as_claimed_still_counts():
    set_facts(made(100), applicability="claimed_not")
    found = of_kent()
    assert found.not_applicable == 0
    assert found.overdue == Share(1, 1)


def test_force_says_done_stands_beside_found_in_place_never_inside():
    done, found_there, neither = made(10), made(11), made(12)
    assignments.report_done(done.id, "All replaced.", actor=given.a_liaison_officer(), now=NOW)
    set_facts(found_there, audit_result="in_place", checked_on=TODAY)
    set_facts(neither, audit_result="not_in_place", checked_on=TODAY)
    found = of_kent()
    assert found.found_in_place == Share(1, 3)
    assert found.says_done == Share(1, 3)
    assert found.checked == 2


def test_withdrawn_and_superseded_ask_for_nothing_more():
    for reason in ("withdrawn", "superseded"):
        set_facts(made(100), closed_on=TODAY, closed_reason=reason)
    given.replied(made(10))
    found = of_kent()
    assert found.assignments == 3
    assert found.overdue == Share(0, 0)
    assert found.replied_on_time == Share(1, 1)
    assert found.found_in_place == Share(0, 1)


def test_acknowledging_by_the_fifth_working_day_is_in_time():
    # Made on Monday 2 February: the fifth working day after it is Monday the 9th.
    for days in (7, 8):
        assignment = made(28)
        assignments.acknowledge(assignment.id, actor=given.a_liaison_officer(), now=NOW - (28 - days) * DAY)
    missing, waiting, replied_first = made(27), made(1), made(26)
    given.replied(replied_first, now=NOW - 24 * DAY)
    assert missing.acknowledge_by < TODAY <= waiting.acknowledge_by
    assert of_kent().acknowledged_in_time == Share(2, 4)


def test_an_embargoed_assignment_is_counted_for_the_force_and_not_for_the_public():
    made(100)
    assignments.report_done(made(100, published=True).id, "Done.", actor=given.a_liaison_officer(), now=NOW)
    own = of_kent(actor=given.a_liaison_officer())
    assert (own.assignments, own.not_public, own.overdue) == (2, 1, Share(2, 2))
    public = of_kent(actor=PUBLIC)
    assert (public.assignments, public.not_public, public.overdue) == (1, 0, Share(1, 1))


def test_what_is_not_disclosed_leaves_the_figure_and_is_told():
    assignments.report_done(made(100, published=True).id, "Done.", actor=given.a_liaison_officer(), now=NOW)
    public = of_kent(actor=PUBLIC)
    assert public.says_done == public.found_in_place == Share(0, 0)
    assert public.work_undisclosed == public.audits_undisclosed == 1
    assert of_kent().work_undisclosed == 0


def test_a_claim_agreed_but_not_disclosed_still_counts_for_whoever_may_not_see_it():
    agreed = made(100, published=True)
    given.replied(agreed, "not_accepted", now=NOW - 90 * DAY)
    set_facts(agreed, applicability="agreed_not")
    reader = given.a_policing_body_reader()
    assert (of_kent(actor=reader).not_applicable, of_kent(actor=reader).replied_on_time) == (0, Share(1, 1))
    assert (of_kent().not_applicable, of_kent().replied_on_time) == (1, Share(0, 0))


def test_only_the_one_organisation_is_counted():
    given.a_made_notice(to=("kent", "essex"), titles=("One", "Two"))
    found = of_kent()
    assert (found.assignments, found.notices) == (2, 1)


def test_all_figures_are_one_query():
    made(100)
    with given.queries() as sent:
        figures(1, actor=PUBLIC, today=TODAY)
    assert len(sent) == 1
