"""The life of a notice: drafted by one, approved by another, made, and published in another act."""

import hashlib
import json
from datetime import date, timedelta

import pytest

from registry.actions import notices
from registry.actions.notices import LetterDate, PublicationCheck
from registry.records.assignments import Assignment
from registry.records.database import Stale
from registry.records.history import History
from registry.records.installation import Holiday
from registry.records.messages import Message
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Addressee, CaseReference, Copy, Notice, Recommendation, Topic, Version
from registry.rules import clocks
from registry.rules.permissions import NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW, TODAY


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def refused(sentence):
    return pytest.raises(NotAllowed, match=sentence)


def facts():
    return json.loads(History.select().order_by(History.id.desc()).first().facts)


# ---- draft


def test_a_draft_holds_what_its_author_wrote():
    topic = Topic.create(slug="custody", name="Custody")
    recommendations = (
        notices.DraftRecommendation("First", "Replace the cords.", topic.id),
        notices.DraftRecommendation("Second", "Check the rounds."),
    )
    content = notices.DraftContent(
        "28a",
        recommendations,
        (given.organisation("kent").id,),
        (given.organisation("essex").id,),
        "A man was found.",
        ("2024/010817", "2024/010818", "2024/010817"),
        "REF 7",
    )
    notice = given.again(notices.draft(content, actor=given.the_author(), now=NOW))
    assert (notice.state, notice.basis, notice.background) == ("draft", "28a", "A man was found.")
    assert (notice.author_id, notice.external_reference, notice.created_at) == (
        given.the_author().person_id,
        "REF 7",
        NOW,
    )
    rows = notice.recommendations.order_by(Recommendation.number)
    assert [(r.number, r.title, r.topic_id) for r in rows] == [(1, "First", topic.id), (2, "Second", None)]
    assert [c.value for c in notice.case_references] == ["2024/010817", "2024/010818"]
    assert {(a.organisation.slug, a.capacity) for a in notice.addressees} == {
        ("kent", "recipient"),
        ("essex", "in_scope"),
    }


def test_a_draft_has_no_reference_no_date_and_nobody_is_told():
    notice = given.a_draft()
    assert (notice.reference, notice.made_on, notice.published_on) == (None, None, None)
    assert given.recommendation_of(notice).reference is None
    assert Message.select().count() == Assignment.select().count() == 0


def test_a_case_reference_may_stand_in_many_notices():
    given.a_draft(case_references=("2024/010817",))
    given.a_draft(case_references=("2024/010817",))
    assert CaseReference.select().count() == 2


def test_nobody_is_both_recipient_and_in_scope():
    with refused("An organisation can be a recipient or in scope, not both."):
        given.a_draft(to=["kent", "essex"], in_scope=["essex"])
    assert Notice.select().count() == 0


def test_an_organisation_named_twice_is_asked_once():
    given.a_draft(to=["kent", "kent"], in_scope=["essex", "essex"])
    assert Addressee.select().count() == 2


@pytest.mark.parametrize("basis", ["not_stated", "28b", ""])
def test_a_notice_of_our_own_states_its_basis(basis):
    with refused("Choose paragraph 28A or section 10."):
        given.a_draft(basis=basis)


@pytest.mark.parametrize(("basis", "capacity"), [("28a", "recipient"), ("section_10", "invited")])
def test_the_basis_decides_whether_those_asked_must_reply_or_are_invited(basis, capacity):
    notice = given.a_draft(basis=basis)
    assert [a.capacity for a in notice.addressees] == [capacity]


# ---- revise_draft


def test_revising_replaces_the_whole_text():
    notice = given.a_draft(titles=["One", "Two"], to=["kent"], case_references=("2024/1",))
    content = given.some_content(titles=["Only"], to=["essex"], basis="section_10", background="New")
    notices.revise_draft(notice.id, content, actor=given.the_author(), now=NOW, revision=notice.revision)
    now = given.again(notice)
    assert [r.title for r in now.recommendations] == ["Only"]
    assert [(a.organisation.slug, a.capacity) for a in now.addressees] == [("essex", "invited")]
    assert list(now.case_references) == []
    assert now.background == "New"


def test_revising_a_draft_that_somebody_else_revised_is_stale_and_changes_nothing():
    notice = given.a_draft(titles=["First"])
    page = notice.revision
    notices.revise_draft(
        notice.id, given.some_content(titles=["Theirs"]), actor=given.the_author(), now=NOW, revision=page
    )
    with pytest.raises(Stale):
        notices.revise_draft(
            notice.id, given.some_content(titles=["Mine"]), actor=given.the_author(), now=NOW, revision=page
        )
    assert given.recommendation_of(notice).title == "Theirs"


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (given.a_submitted_notice, "waiting for approval"),
        (given.an_approved_notice, "already been approved"),
        (given.a_made_notice, "already been made"),
    ],
)
def test_only_a_draft_can_be_revised(prepare, sentence):
    notice = prepare()
    with refused(sentence):
        notices.revise_draft(notice.id, given.some_content(titles=["Other"]), actor=given.the_author(), now=NOW)
    assert given.recommendation_of(notice).title == "Replace emergency pull cords"


def test_another_author_may_revise():
    notice = given.a_draft()
    other = given.a_person("second-author@example.org", "regulator", "author")
    notices.revise_draft(notice.id, given.some_content(), actor=other, now=NOW)
    assert given.again(notice).author_id == given.the_author().person_id


# ---- submit, return_draft, approve


def test_a_submitted_draft_waits_for_approval():
    assert given.again(given.a_submitted_notice()).state == "in_review"


def test_a_draft_without_a_recommendation_cannot_be_submitted():
    with refused("Before it is sent for approval: write at least one recommendation."):
        given.a_submitted_notice(titles=[])
    assert Notice.get().state == "draft"


def test_a_draft_that_asks_nobody_cannot_be_submitted():
    with refused("Before it is sent for approval: choose at least one recipient."):
        given.a_submitted_notice(to=[], in_scope=["kent"])


def test_a_draft_is_submitted_once():
    notice = given.a_submitted_notice()
    with refused("waiting for approval"):
        notices.submit(notice.id, actor=given.the_author(), now=NOW)


@pytest.mark.parametrize("prepare", [given.a_submitted_notice, given.an_approved_notice])
def test_a_returned_draft_says_why_and_has_no_approval(prepare):
    notice = prepare()
    notices.return_draft(notice.id, "Name the provision.", actor=given.the_approver(), now=NOW)
    now = given.again(notice)
    assert (now.state, now.return_reason, now.approved_by, now.approved_on) == (
        "draft",
        "Name the provision.",
        None,
        None,
    )


def test_a_draft_that_was_not_submitted_cannot_be_returned():
    with refused("still a draft"):
        notices.return_draft(given.a_draft().id, "No.", actor=given.the_approver(), now=NOW)


def test_a_made_notice_cannot_be_returned():
    with refused("already been made"):
        notices.return_draft(given.a_made_notice().id, "No.", actor=given.the_approver(), now=NOW)


def test_an_approval_names_the_approver_and_the_day_and_clears_the_reason():
    notice = given.a_submitted_notice()
    notices.return_draft(notice.id, "Again.", actor=given.the_approver(), now=NOW)
    notices.submit(notice.id, actor=given.the_author(), now=NOW)
    approved = notices.approve(notice.id, actor=given.the_approver(), now=NOW + given.DAY)
    assert (approved.state, approved.approved_by_id) == ("approved", given.the_approver().person_id)
    assert (approved.approved_on, approved.return_reason) == (TODAY + given.DAY, "")


def test_an_author_who_is_also_an_approver_does_not_approve_their_own_text():
    both = given.a_person("both@example.org", "regulator", "author", "approver")
    notice = notices.draft(given.some_content(), actor=both, now=NOW)
    notices.submit(notice.id, actor=both, now=NOW)
    with refused("You wrote this text. Somebody else must approve it."):
        notices.approve(notice.id, actor=both, now=NOW)
    assert notices.approve(notice.id, actor=given.the_approver(), now=NOW).state == "approved"


def test_nobody_who_ever_revised_the_text_approves_it():
    notice = given.a_draft()
    both = given.a_person("both@example.org", "regulator", "author", "approver")
    notices.revise_draft(notice.id, given.some_content(), actor=both, now=NOW)
    notices.revise_draft(notice.id, given.some_content(), actor=given.the_author(), now=NOW)
    notices.submit(notice.id, actor=given.the_author(), now=NOW)
    with refused("You wrote this text"):
        notices.approve(notice.id, actor=both, now=NOW)


def test_somebody_who_wrote_another_notice_may_approve_this_one():
    both = given.a_person("both@example.org", "regulator", "author", "approver")
    notices.draft(given.some_content(), actor=both, now=NOW)
    assert notices.approve(given.a_submitted_notice().id, actor=both, now=NOW).state == "approved"


def test_somebody_who_wrote_the_text_does_not_return_it_either():
    """The model: approve and return are for an approver who did not write it."""
    both = given.a_person("both@example.org", "regulator", "author", "approver")
    notice = notices.draft(given.some_content(), actor=both, now=NOW)
    notices.submit(notice.id, actor=both, now=NOW)
    with refused("You wrote this text"):
        notices.return_draft(notice.id, "On second thoughts.", actor=both, now=NOW)


def test_a_text_that_changed_since_it_was_read_is_not_approved():
    notice = given.a_submitted_notice()
    read = notice.revision
    notices.return_draft(notice.id, "Again.", actor=given.the_approver(), now=NOW)
    notices.revise_draft(notice.id, given.some_content(titles=["Other"]), actor=given.the_author(), now=NOW)
    notices.submit(notice.id, actor=given.the_author(), now=NOW)
    with pytest.raises(Stale):
        notices.approve(notice.id, actor=given.the_approver(), now=NOW, revision=read)


@pytest.mark.parametrize("prepare", [given.a_draft, given.an_approved_notice, given.a_made_notice])
def test_only_a_submitted_draft_is_approved(prepare):
    notice = prepare()
    with pytest.raises(NotAllowed):
        notices.approve(notice.id, actor=given.the_approver(), now=NOW)


# ---- make


@pytest.mark.parametrize("prepare", [given.a_draft, given.a_submitted_notice, given.a_made_notice])
def test_only_an_approved_notice_is_made(prepare):
    notice = prepare()
    before = Assignment.select().count()
    with pytest.raises(NotAllowed):
        notices.make(notice.id, actor=given.the_approver(), now=NOW)
    assert Assignment.select().count() == before


def test_a_case_officer_may_make_too():
    notice = given.an_approved_notice()
    assert notices.make(notice.id, actor=given.the_case_officer(), now=NOW).state == "made"


def test_making_gives_out_house_references_and_the_day():
    first = given.a_made_notice(titles=["One", "Two"])
    second = given.a_made_notice(titles=["Three"])
    assert (first.reference, second.reference) == ("LN-2026-0001", "LN-2026-0002")
    assert [r.reference for r in Recommendation.select().order_by(Recommendation.id)] == [
        "LR-2026-0001",
        "LR-2026-0002",
        "LR-2026-0003",
    ]
    assert (first.made_on, first.sent_at, first.published_on) == (TODAY, NOW, None)


def test_the_day_it_was_made_is_the_day_in_london():
    late_in_june = NOW.replace(month=6, day=30, hour=23, minute=30)
    assert given.a_made_notice(made_at=late_in_june).made_on == date(2026, 7, 1)


def test_a_reference_belongs_to_the_year_in_which_it_was_made():
    new_years_day = NOW.replace(year=2027, month=1, day=1)
    assert given.a_made_notice(made_at=new_years_day).reference == "LN-2027-0001"


def test_a_recipient_under_28a_gets_both_dates_and_a_target():
    assignment = given.an_assignment(basis="28a")
    assert (assignment.capacity, assignment.basis, assignment.acceptance) == ("recipient", "28a", "awaiting")
    assert (assignment.statutory_last_day, assignment.response_due_on) == (date(2026, 4, 26), date(2026, 4, 27))
    assert assignment.acknowledge_by == date(2026, 3, 9)
    assert clocks.reply_clock(assignment, TODAY) == "running"


def test_somebody_invited_under_section_10_has_no_legal_date():
    assignment = given.an_assignment(basis="section_10")
    assert (assignment.capacity, assignment.acceptance) == ("invited", "awaiting")
    assert (assignment.statutory_last_day, assignment.response_due_on) == (None, None)
    assert assignment.acknowledge_by == date(2026, 3, 9)
    assert clocks.reply_clock(assignment, date(2031, 1, 1)) == "no_deadline"


def test_somebody_in_scope_is_asked_for_no_reply():
    assignment = given.an_assignment("essex", to=["npcc"], in_scope=["essex"])
    assert (assignment.capacity, assignment.acceptance) == ("in_scope", "not_asked")
    assert (assignment.statutory_last_day, assignment.response_due_on) == (None, None)
    assert clocks.reply_clock(assignment, date(2031, 1, 1)) == "no_deadline"


def test_a_leap_day_is_counted():
    assignment = given.an_assignment(made_at=NOW.replace(year=2028, month=2, day=1))
    assert assignment.statutory_last_day == date(2028, 3, 27)


def test_the_target_for_acknowledging_steps_over_easter():
    assert given.an_assignment(made_at=NOW.replace(month=4, day=1)).acknowledge_by == date(2026, 4, 10)


def test_a_notice_is_made_even_where_the_holidays_are_not_known():
    Holiday.delete().execute()
    assignment = given.an_assignment()
    assert assignment.acknowledge_by is None
    assert assignment.statutory_last_day == date(2026, 4, 26)


def test_the_house_rule_moves_the_letter_and_not_the_law():
    notice = notices.make(given.an_approved_notice().id, actor=given.the_approver(), now=NOW, response_days=28)
    assignment = given.assignment_of(notice)
    assert (assignment.response_due_on, assignment.statutory_last_day) == (date(2026, 3, 30), date(2026, 4, 26))


def test_a_date_set_by_hand_is_kept_with_its_reason():
    notice = given.a_made_notice(letter_date=LetterDate(date(2026, 5, 29), "Agreed with the force."))
    assignment = given.assignment_of(notice)
    assert (assignment.response_due_on, assignment.statutory_last_day) == (date(2026, 5, 29), date(2026, 4, 26))
    assert given.again(notice).due_reason == "Agreed with the force."
    assert clocks.reply_clock(assignment, date(2026, 5, 29)) == "due_soon"


@pytest.mark.parametrize(
    ("day", "reason", "sentence"),
    [
        (date(2026, 5, 29), "  ", "Say why the letter gives another date."),
        (TODAY, "Urgent.", "The date in the letter must be after today."),
        (TODAY - given.DAY, "Urgent.", "The date in the letter must be after today."),
    ],
)
def test_a_date_by_hand_needs_a_reason_and_lies_ahead(day, reason, sentence):
    with refused(sentence):
        given.a_made_notice(letter_date=LetterDate(day, reason))
    assert Notice.get().state == "approved"


def test_a_letter_under_section_10_gives_no_date_whatever_is_asked():
    notice = given.a_made_notice(basis="section_10", letter_date=LetterDate(date(2026, 5, 29), "Please."))
    assert given.assignment_of(notice).response_due_on is None


def test_an_embargo_holds_publication_and_never_the_clock():
    notice = given.a_made_notice(embargo_reason="A trial is under way.")
    assert (notice.embargo_reason, notice.published_on) == ("A trial is under way.", None)
    assert given.assignment_of(notice).statutory_last_day == date(2026, 4, 26)


def test_the_text_as_it_was_sent_is_frozen():
    notice = given.a_made_notice(titles=["One", "Two"], background="A man was found.")
    version = Version.get(Version.notice == notice)
    assert (version.number, version.language, version.made_at) == (1, "en", NOW)
    assert version.sha256 == hashlib.sha256(version.snapshot.encode()).hexdigest()
    kept = json.loads(version.snapshot)
    assert (kept["notice"], kept["made_on"], kept["background"]) == ("LN-2026-0001", "2026-03-02", "A man was found.")
    assert [(r["reference"], r["title"]) for r in kept["recommendations"]] == [
        ("LR-2026-0001", "One"),
        ("LR-2026-0002", "Two"),
    ]


def test_the_event_of_making_tells_the_reference_the_number_asked_and_the_last_day():
    given.a_liaison_officer("kent")
    given.a_made_notice(to=["kent", "essex"], in_scope=["npcc"])
    assert facts() == {
        "reference": "LN-2026-0001",
        "addressees": 3,
        "statutory_last_day": "2026-04-26",
        "nobody_to_tell": ["essex", "npcc"],
    }


def test_under_section_10_a_reply_is_invited_by_the_letters_date_or_one_set_by_hand():
    asked = given.an_assignment(basis="section_10")
    assert (asked.capacity, asked.invited_by, asked.response_due_on) == ("invited", date(2026, 4, 27), None)
    by_hand = notices.LetterDate(date(2026, 6, 1), "Agreed")
    asked = given.an_assignment(basis="section_10", letter_date=by_hand)
    assert (asked.invited_by, asked.statutory_last_day) == (date(2026, 6, 1), None)


# ---- to whom


def slugs(capacity):
    rows = Assignment.select(Organisation.slug).join(Organisation).where(Assignment.capacity == capacity)
    return sorted(slug for (slug,) in rows.tuples())


def test_to_one_force():
    given.a_made_notice(to=["kent"])
    assert (slugs("recipient"), slugs("in_scope")) == (["kent"], [])


def test_to_the_forces_of_a_region():
    region = [row.slug for row in Organisation.select().where(Organisation.region == "South East")]
    given.a_made_notice(to=region)
    assert slugs("recipient") == ["kent", "surrey"]


def test_to_every_force_each_as_a_recipient():
    forces = given.many_forces()
    given.a_made_notice(to=forces)
    assert slugs("recipient") == forces
    assert Message.select().count() == 43
    assert {a.statutory_last_day for a in Assignment.select()} == {date(2026, 4, 26)}


def test_to_a_national_body_with_every_force_in_scope():
    """The pull cords: the national body's acceptance binds no chief officer; each force must make it true."""
    forces = given.many_forces()
    given.a_made_notice(to=["npcc"], in_scope=forces)
    assert (slugs("recipient"), slugs("in_scope")) == (["npcc"], forces)
    assert Assignment.select().where(Assignment.statutory_last_day.is_null(False)).count() == 1


def test_fifteen_recommendations_to_every_force_are_an_assignment_each():
    forces = given.many_forces()
    given.a_made_notice(to=forces, titles=[f"Recommendation {n}" for n in range(1, 16)])
    assert Assignment.select().count() == 15 * 43
    assert Message.select().count() == 43, "one message a person, however many recommendations"
    assert given.events()[-1:] == ["notice.made"]


def test_the_regulator_itself_can_be_asked():
    assignment = given.an_assignment("regulator")
    assert assignment.statutory_last_day == date(2026, 4, 26)


@pytest.mark.parametrize("recommendations", [1, 5])
def test_making_takes_as_many_statements_for_43_as_for_3(recommendations):
    forces = given.many_forces()
    sent = {}
    for count in (3, 43):
        notice = given.an_approved_notice(to=forces[:count], titles=["x"] * recommendations)
        actor = given.the_approver()
        with given.queries() as sent[count]:
            notices.make(notice.id, actor=actor, now=NOW)
    assert len(sent[43]) == len(sent[3])
    assert len(sent[43]) < 25 + 6 * recommendations


# ---- messages and copies


def told():
    rows = Message.select(Message, Person).join(Person).order_by(Person.email)
    return [message.person.email for message in rows if message.kind == "notice_made"]


def test_the_liaison_officers_of_those_addressed_are_told_at_once():
    for slug in ("kent", "essex", "surrey"):
        given.a_liaison_officer(slug)
    given.a_person("second@kent.example.org", "kent", "liaison_officer")
    given.a_person("delegate@kent.example.org", "kent", "chief_officer_delegate")
    notice = given.a_made_notice(to=["kent"], in_scope=["essex"])
    assert told() == ["liaison@essex.example.org", "liaison@kent.example.org", "second@kent.example.org"]
    message = Message.get()
    assert (message.state, message.next_at, message.day, message.notice) == ("queued", NOW, TODAY, notice)


def test_somebody_who_works_for_two_of_them_is_told_once():
    given.a_liaison_officer("kent")
    given.a_person("liaison@kent.example.org", "essex", "liaison_officer")
    given.a_made_notice(to=["kent", "essex"])
    assert told() == ["liaison@kent.example.org"]


def test_what_goes_to_a_chief_officer_is_copied_to_the_policing_body():
    """Para 28A(6)."""
    given.a_policing_body_reader("kent-pcc")
    given.a_policing_body_reader("essex-pcc")
    notice = given.a_made_notice(to=["kent", "npcc"], in_scope=["essex"])
    assert [(c.organisation.slug, c.copied_for.slug, c.copied_on) for c in notice.copies] == [
        ("kent-pcc", "kent", TODAY)
    ]
    assert told() == ["reader@kent-pcc.example.org"]


def test_advice_under_section_10_is_not_copied():
    notice = given.a_made_notice(basis="section_10")
    assert list(notice.copies) == []


def test_several_recommendations_to_one_force_are_one_copy():
    given.a_made_notice(titles=["One", "Two", "Three"])
    assert Copy.select().count() == 1


# ---- publish


def publish(notice, check=given.CHECKED, now=NOW):
    return notices.publish(notice.id, check, actor=given.the_case_officer(), now=now)


def test_publishing_is_another_act_on_another_day():
    notice = given.a_made_notice()
    published = publish(notice, now=NOW + timedelta(days=180))
    assert (published.made_on, published.published_on) == (TODAY, TODAY + timedelta(days=180))
    assert given.assignment_of(notice).response_due_on == date(2026, 4, 27)


def test_the_checklist_is_recorded_with_the_notice_and_in_the_history():
    notice = publish(given.a_made_notice(), PublicationCheck("not_applicable", True, True, True))
    answers = {"family_told": "not_applicable", "proceedings": True, "anonymity": True, "method_wording": True}
    assert given.again(notice).checklist == answers
    assert facts() == {"checklist": answers}


@pytest.mark.parametrize(
    "check",
    [
        PublicationCheck("yes", False, True, True),
        PublicationCheck("yes", True, False, True),
        PublicationCheck("yes", True, True, False),
    ],
)
def test_nothing_is_published_unchecked(check):
    notice = given.a_made_notice()
    with refused("Check proceedings, anonymity and the wording of methods before publishing."):
        publish(notice, check)
    assert given.again(notice).published_on is None


@pytest.mark.parametrize("told_first", ["no", "", "not_yet"])
def test_nothing_is_published_before_the_family_or_complainant_is_told(told_first):
    notice = given.a_made_notice()
    with refused("Tell the family or the complainant first"):
        publish(notice, PublicationCheck(told_first, True, True, True))


def test_a_notice_is_published_once():
    notice = given.a_published_notice()
    with refused(r"This notice was already published on 2 March 2026\."):
        publish(notice, now=NOW + given.DAY)
    assert given.again(notice).published_on == TODAY


@pytest.mark.parametrize("prepare", [given.a_draft, given.a_submitted_notice, given.an_approved_notice])
def test_only_what_was_made_is_published(prepare):
    with pytest.raises(NotAllowed):
        publish(prepare())


@pytest.mark.parametrize(("work", "check"), [(False, False), (True, False), (False, True)])
def test_the_regulator_chooses_what_the_public_sees_of_the_work_and_the_audit(work, check):
    chosen = PublicationCheck("yes", True, True, True, show_implementation=work, show_audit_result=check)
    notice = publish(given.a_made_notice(titles=["One", "Two"]), chosen)
    assert {(r.implementation_public, r.audit_result_public) for r in notice.recommendations} == {(work, check)}


def test_publishing_tells_nobody():
    given.a_liaison_officer()
    notice = given.a_made_notice()
    before = Message.select().count()
    publish(notice)
    assert Message.select().count() == before


def test_an_author_cannot_publish():
    notice = given.a_made_notice()
    with pytest.raises(NotPermitted):
        notices.publish(notice.id, given.CHECKED, actor=given.the_author(), now=NOW)
