"""Whether it applies, holding replies, the regulator's view, closing and opening again: each beside the four facts."""

from datetime import timedelta

import pytest

from registry.actions import applicability, assignments, closing, replies
from registry.records import outcomes
from registry.records.assignments import Assignment, HoldingReply, View
from registry.rules import clocks, wording
from registry.rules.permissions import NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import DAY, NOW, TODAY


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


@pytest.fixture
def in_scope():
    return given.an_assignment(to=("npcc",), in_scope=("kent",))


def claim(assignment, reason="There is no custody suite."):
    return applicability.claim_not_applicable(assignment.id, reason, actor=given.a_liaison_officer(), now=NOW)


def facts_of(assignment):
    now = given.again(assignment)
    return now.acceptance, now.implementation, now.audit_result, now.applicability


# ---- whether it applies


def test_a_recipient_says_so_in_its_reply_and_the_reply_stays_due_until_then():
    """Para 28B(1): the response says what was done, or why nothing is."""
    recipient = given.an_assignment()
    with pytest.raises(NotAllowed, match="say in the reply that it is not accepted, and why"):
        claim(recipient)
    assert facts_of(recipient) == ("awaiting", "not_started", "not_audited", "applicable")


def test_a_claim_that_is_agreed_to_closes_the_assignment_and_moves_nothing_else(in_scope):
    claim(in_scope)
    assert facts_of(in_scope) == ("not_asked", "not_started", "not_audited", "claimed_not")
    decided = applicability.agree_not_applicable(in_scope.id, "So it is.", actor=given.the_case_officer(), now=NOW)
    now = given.again(in_scope)
    assert facts_of(in_scope) == ("not_asked", "not_started", "not_audited", "agreed_not")
    assert (now.closed_on, now.closed_reason) == (TODAY, "not_applicable")
    assert (decided.decision, decided.decision_reason, decided.reason) == (
        "agreed",
        "So it is.",
        "There is no custody suite.",
    )


def test_a_claim_that_was_refused_can_be_made_again(in_scope):
    first = claim(in_scope)
    applicability.refuse_not_applicable(in_scope.id, "There is one.", actor=given.the_case_officer(), now=NOW)
    assert given.again(in_scope).applicability == "refused_not" and given.again(in_scope).closed_on is None
    second = claim(in_scope, "It was closed last year.")
    assert (given.again(first).decision, second.decision) == ("refused", None)


def test_what_nobody_claimed_is_not_decided(in_scope):
    for decide in (applicability.agree_not_applicable, applicability.refuse_not_applicable):
        with pytest.raises(NotAllowed, match="Nobody has claimed"):
            decide(in_scope.id, "Why", actor=given.the_case_officer(), now=NOW)


def test_a_claim_and_its_refusal_say_why(in_scope):
    with pytest.raises(NotAllowed, match="Say why it does not apply"):
        claim(in_scope, " ")
    claim(in_scope)
    with pytest.raises(NotAllowed, match="Say why it does apply"):
        applicability.refuse_not_applicable(in_scope.id, " ", actor=given.the_case_officer(), now=NOW)


def test_the_sentence_that_sums_up_says_so(in_scope):
    claim(in_scope)
    said = wording.summary(given.again(in_scope), TODAY, lambda fact: True)
    assert "; says that it does not apply; " in said
    applicability.agree_not_applicable(in_scope.id, actor=given.the_case_officer(), now=NOW)
    said = wording.summary(given.again(in_scope), TODAY, lambda fact: True)
    assert "agreed not to apply" in said and said.endswith("closed on 2 March 2026.")


# ---- closing and opening again


def published(acceptance="not_accepted"):
    assignment = given.an_assignment(published=True)
    given.replied(assignment, acceptance)
    officer = given.the_case_officer()
    assignments.decide_publication(assignment.id, assignments.Extent("all"), actor=officer, now=NOW)
    assignments.publish_response(assignment.id, actor=officer, now=NOW)
    return given.again(assignment)


def test_what_was_not_accepted_is_closed_once_its_reasons_are_public():
    assignment = given.an_assignment(published=True)
    given.replied(assignment, "not_accepted")
    with pytest.raises(NotAllowed, match="Publish the reply first"):
        closing.close(assignment.id, "", actor=given.the_case_officer(), now=NOW)
    done = closing.close(published().id, "", actor=given.the_case_officer(), now=NOW)
    assert (done.closed_on, done.closed_reason) == (TODAY, "not_accepted")


@pytest.mark.parametrize("acceptance", ["accepted", "accepted_in_part", "alternative_proposed"])
def test_what_was_accepted_is_not_closed_by_hand(acceptance):
    with pytest.raises(NotAllowed, match="Only what was not accepted"):
        closing.close(published(acceptance).id, "", actor=given.the_case_officer(), now=NOW)


def test_opening_again_clears_the_end_and_keeps_every_fact():
    assignment = published()
    closing.close(assignment.id, "", actor=given.the_case_officer(), now=NOW)
    before = facts_of(assignment)
    closing.reopen(assignment.id, "It happened again.", actor=given.the_case_officer(), now=NOW + DAY)
    now = given.again(assignment)
    assert (now.closed_on, now.closed_reason) == (None, None)
    assert facts_of(assignment) == before and now.received_on == assignment.received_on


def test_opening_again_what_was_agreed_not_to_apply_takes_it_to_apply(in_scope):
    claim(in_scope)
    applicability.agree_not_applicable(in_scope.id, actor=given.the_case_officer(), now=NOW)
    closing.reopen(in_scope.id, "A suite was opened.", actor=given.the_case_officer(), now=NOW)
    assert given.again(in_scope).applicability == "applicable"


def test_what_is_open_or_was_withdrawn_is_not_opened_again(in_scope):
    officer = given.the_case_officer()
    with pytest.raises(NotAllowed, match="is open"):
        closing.reopen(in_scope.id, "Why", actor=officer, now=NOW)
    Assignment.update(closed_on=TODAY, closed_reason="withdrawn").where(Assignment.id == in_scope.id).execute()
    with pytest.raises(NotAllowed, match="withdrawn or superseded"):
        closing.reopen(in_scope.id, "Why", actor=officer, now=NOW)


def test_nothing_more_is_done_about_what_is_closed():
    assignment = published()
    closing.close(assignment.id, "", actor=given.the_case_officer(), now=NOW)
    for verb in (assignments.report_none, assignments.report_progress, replies.hold_reply):
        with pytest.raises(NotAllowed, match="was closed on"):
            verb(assignment.id, "Text", actor=given.a_liaison_officer(), now=NOW)


# ---- a holding reply


def test_a_holding_reply_stops_nothing():
    """Para 28B(1): "under consideration" is no response; the reply is overdue when the dates have passed."""
    assignment = given.an_assignment()
    replies.hold_reply(assignment.id, "We are considering it.", actor=given.a_liaison_officer(), now=NOW)
    now = given.again(assignment)
    assert now.acceptance == "awaiting" and now.received_on is None
    assert clocks.reply_clock(now, now.response_due_on + DAY) == "overdue"
    assert HoldingReply.get().text == "We are considering it."


def test_whoever_has_replied_holds_nothing_back():
    assignment = given.an_assignment()
    given.replied(assignment)
    with pytest.raises(NotAllowed, match="already been recorded"):
        replies.hold_reply(assignment.id, "Soon.", actor=given.a_liaison_officer(), now=NOW)


def test_a_holding_reply_by_post_is_recorded_with_the_day_it_came():
    assignment, officer = given.an_assignment(), given.the_case_officer()
    received = replies.hold_reply(assignment.id, "Soon.", actor=officer, now=NOW + 3 * DAY, received_on=TODAY)
    assert (received.received_on, received.by_post) == (TODAY, True)
    with pytest.raises(NotAllowed, match="Give the day"):
        replies.hold_reply(assignment.id, "Soon.", actor=officer, now=NOW)


# ---- no action planned


def test_a_force_that_plans_no_action_may_still_begin():
    assignment = given.an_assignment()
    officer = given.a_liaison_officer()
    assignments.report_none(assignment.id, "There are no such cords.", actor=officer, now=NOW)
    assert given.again(assignment).implementation == "none_planned"
    with pytest.raises(NotAllowed, match="said already"):
        assignments.report_none(assignment.id, "Still none.", actor=officer, now=NOW)
    assignments.report_progress(assignment.id, "A suite was found.", actor=officer, now=NOW)
    assert given.again(assignment).implementation == "under_way"


# ---- the regulator's view


def give(assignment, judgement="more_asked", text="By when?"):
    view = replies.Judgement(judgement, text)
    return replies.give_view(assignment.id, view, actor=given.the_case_officer(), now=NOW)


def test_a_view_is_internal_until_it_is_published_and_the_reply_is():
    assignment = given.an_assignment(published=True)
    given.replied(assignment)
    give(assignment)
    officer = given.the_case_officer()
    with pytest.raises(NotAllowed, match="reply itself is not public"):
        replies.publish_view(assignment.id, actor=officer, now=NOW)
    assignments.decide_publication(assignment.id, assignments.Extent("all"), actor=officer, now=NOW)
    assignments.publish_response(assignment.id, actor=officer, now=NOW)

    def seen(reader):
        return [view.text for view in outcomes.recorded(given.again(assignment), reader).views]

    assert [seen(reader) for reader in ("regulator", "addressee", "auditor", "public")] == [["By when?"], [], [], []]
    replies.publish_view(assignment.id, actor=officer, now=NOW + timedelta(hours=1))
    assert [seen(reader) for reader in ("regulator", "addressee", "public")] == [["By when?"]] * 3
    with pytest.raises(NotAllowed, match="public already"):
        replies.publish_view(assignment.id, actor=officer, now=NOW)


def test_a_second_view_stands_beside_the_first_and_only_the_last_is_published():
    assignment = published("accepted")
    give(assignment)
    give(assignment, "sufficient", "It is dated now.")
    replies.publish_view(assignment.id, actor=given.the_case_officer(), now=NOW)
    assert [(row.text, row.published_on) for row in View.select().order_by(View.id)] == [
        ("By when?", None),
        ("It is dated now.", TODAY),
    ]
    (public,) = outcomes.published_replies([given.again(assignment)])
    assert [view.text for view in public.recorded.views] == ["It is dated now."]


def test_there_is_no_view_of_a_reply_that_did_not_come():
    with pytest.raises(NotAllowed, match="no reply yet"):
        give(given.an_assignment())


@pytest.mark.parametrize(("judgement", "text", "words"), [("good", "x", "offered"), ("none", " ", "Say why")])
def test_a_view_is_one_of_three_and_says_why(judgement, text, words):
    assignment = given.an_assignment()
    given.replied(assignment)
    with pytest.raises(NotAllowed, match=words):
        give(assignment, judgement, text)


def test_a_force_gives_no_view():
    assignment = given.an_assignment()
    given.replied(assignment)
    with pytest.raises(NotPermitted):
        view = replies.Judgement("sufficient", "We think so.")
        replies.give_view(assignment.id, view, actor=given.a_liaison_officer(), now=NOW)
