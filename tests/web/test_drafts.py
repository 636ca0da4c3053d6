"""From a draft to a notice, by hand."""

import pytest

from registry.records.assignments import Assignment
from registry.records.recommendations import Addressee, Notice
from tests import given
from tests.given import NOW

GOOD = {
    "basis": "28a",
    "background": "A detained man used a cord.",
    "recommendations-0-title": "Replace emergency pull cords",
    "recommendations-0-body": "Replace them.",
    "recommendations-0-topic": "",
    "case_references": "2024/010817; 2024/010818",
    "recipients": ["npcc"],
    "in_scope": ["all-forces"],
}


def test_the_pull_cord_notice_goes_from_draft_to_made_by_hand(register, browse):
    author, approver = browse(given.the_author()), browse(given.the_approver())
    author.post("/drafts/new", **GOOD)
    notice = Notice.get()
    assert author.text.count("Replace emergency pull cords") >= 1
    author.post(f"/drafts/{notice.id}/submit")
    assert "Waiting for approval" in author.text
    approver.get("/desk")
    assert "Replace emergency pull cords" in approver.text
    approver.get(f"/drafts/{notice.id}/approve")
    approver.post(f"/drafts/{notice.id}/approve", revision=approver.value("revision"))
    approver.get(f"/drafts/{notice.id}/make")
    assert "26 April 2026" in approver.text and "27 April 2026" in approver.text
    approver.post(f"/drafts/{notice.id}/make", embargo_reason="", revision=approver.value("revision"))
    made = given.again(notice)
    assert made.reference == "LN-2026-0001" and made.made_on == NOW.date()
    assert Assignment.select().where(Assignment.capacity == "recipient").count() == 1
    assert Assignment.select().where(Assignment.capacity == "in_scope").count() == 3


def test_another_recommendation_is_added_by_a_button_and_nothing_typed_is_lost(register, browse):
    author = browse(given.the_author())
    author.post("/drafts/new", status=200, add="1", **GOOD)
    assert author.value("recommendations-0-title") == "Replace emergency pull cords"
    assert author.value("recommendations-1-title") == ""
    assert Notice.select().count() == 0
    more = {"recommendations-1-title": "Second", "recommendations-1-body": "Do more.", "recommendations-1-topic": ""}
    author.post("/drafts/new", **GOOD, **more)
    assert [r.title for r in Notice.get().recommendations] == ["Replace emergency pull cords", "Second"]


def test_revising_shows_what_is_stored_and_keeps_the_groups(register, browse):
    author = browse(given.the_author())
    author.post("/drafts/new", **GOOD)
    author.get(f"/drafts/{Notice.get().id}/revise-draft")
    assert author.value("background") == "A detained man used a cord."
    ticked = [box.get("value") for box in author.page.iter("input") if box.get("checked") is not None]
    assert ticked == ["28a", "npcc", "all-forces"]
    author.post(
        f"/drafts/{Notice.get().id}/revise-draft",
        **{**GOOD, "recipients": ["region:South East"]},
        revision=author.value("revision"),
    )
    asked = Addressee.select().where(Addressee.capacity == "recipient")
    assert sorted(row.organisation.slug for row in asked) == ["kent", "surrey"]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("background", "a\x00b", "Background holds a character that cannot be shown. Delete it and type it again."),
        ("background", "a\u202eb", "Background holds a character that cannot be shown. Delete it and type it again."),
        ("background", "x" * 20_001, "Background: use 20,000 characters or fewer"),
        ("recommendations-0-title", "", "Enter a title for each recommendation"),
        ("recommendations-0-title", "x" * 201, "Title: use 200 characters or fewer"),
        ("recommendations-0-topic", "999", "Not a valid choice."),
        ("basis", "", "Choose the provision the notice is made under"),
        ("basis", "not_stated", "Choose the provision the notice is made under"),
        ("recipients", ["atlantis"], "'atlantis' is not a valid choice for this field."),
        ("case_references", "x" * 61, "Each case reference must be 60 characters or fewer"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_lost_or_written(register, browse, field, value, error):
    author = browse(given.the_author())
    author.post("/drafts/new", status=400, **{**GOOD, field: value})
    assert author.errors() == [error]
    kept = "recommendations-0-body" if field != "recommendations-0-body" else "background"
    assert author.value(kept) == GOOD[kept]
    assert Notice.select().count() == 0


def test_a_draft_is_saved_half_done_and_says_what_is_missing_when_it_is_sent_for_approval(register, browse):
    author = browse(given.the_author())
    half = {**GOOD, "background": "", "recommendations-0-body": "", "recipients": [], "in_scope": []}
    author.post("/drafts/new", **half)
    draft = Notice.get()
    author.post(f"/drafts/{draft.id}/submit", status=409)
    assert author.errors() == [
        "Before it is sent for approval: write what is recommended under each title; write the background; "
        "choose at least one recipient."
    ]
    assert given.again(draft).state == "draft"


def test_a_recommendation_that_was_added_and_left_empty_is_left_out(register, browse):
    author = browse(given.the_author())
    empty = {"recommendations-1-title": "", "recommendations-1-body": "", "recommendations-1-topic": ""}
    author.post("/drafts/new", **GOOD, **empty)
    assert Notice.get().recommendations.count() == 1


def test_a_draft_without_any_title_is_not_one(register, browse):
    author = browse(given.the_author())
    author.post("/drafts/new", status=400, **{**GOOD, "recommendations-0-title": "", "recommendations-0-body": ""})
    assert author.errors() == ["Enter a title for the first recommendation"]


def test_an_approval_of_a_text_that_was_not_read_is_refused(register, browse):
    draft = given.a_submitted_notice()
    approver = browse(given.the_approver())
    for revision in ("", "x", "0"):
        approver.post(f"/drafts/{draft.id}/approve", status=409, revision=revision)
        assert approver.errors() == ["Somebody else changed this after you opened the page."]
    assert given.again(draft).state == "in_review"


def test_a_letter_never_gives_less_time_than_the_law(register, browse):
    notice = given.an_approved_notice()
    approver = browse(given.the_approver())
    approver.get(f"/drafts/{notice.id}/make")
    early = {"response_due_on": ["25", "4", "2026"], "due_reason": "Sooner"}
    approver.post(
        f"/drafts/{notice.id}/make", status=409, embargo_reason="", **early, revision=approver.value("revision")
    )
    assert approver.errors() == ["The law gives until 26 April 2026. Give that day or a later one in the letter."]


def test_the_page_before_making_names_those_whom_no_message_can_reach(register, browse):
    notice = given.an_approved_notice(to=["kent", "essex"])
    given.a_liaison_officer("kent")
    approver = browse(given.the_approver())
    approver.get(f"/drafts/{notice.id}/make")
    [said] = [part for part in approver.page.iter("div") if part.get("class") == "govuk-inset-text"]
    assert "".join(said.itertext()).endswith("Essex")


def test_two_authors_revising_at_once_the_second_is_told_and_keeps_the_text(register, browse):
    draft = given.a_draft()
    author = browse(given.the_author())
    author.get(f"/drafts/{draft.id}/revise-draft")
    old = author.value("revision")
    author.post(f"/drafts/{draft.id}/revise-draft", **{**GOOD, "background": "First"}, revision=old)
    author.post(f"/drafts/{draft.id}/revise-draft", status=409, **{**GOOD, "background": "Second"}, revision=old)
    assert author.errors() == ["Somebody else changed this after you opened the page."]
    assert author.value("background") == "Second"
    assert given.again(draft).background == "First"


def test_the_author_cannot_approve_even_with_both_roles(register, browse):
    both = given.a_person("author@example.org", "regulator", "author", "approver")
    draft = given.a_submitted_notice()
    person = browse(both)
    person.post(f"/drafts/{draft.id}/approve", status=409, revision="2")
    assert person.errors() == ["You wrote this text. Somebody else must approve it."]
    assert given.again(draft).state == "in_review"


def test_a_second_click_on_make_does_nothing_twice(register, browse):
    notice = given.an_approved_notice()
    approver = browse(given.the_approver())
    approver.get(f"/drafts/{notice.id}/make")
    revision = approver.value("revision")
    approver.post(f"/drafts/{notice.id}/make", embargo_reason="", revision=revision)
    count = Assignment.select().count()
    approver.post(f"/drafts/{notice.id}/make", status=409, embargo_reason="", revision=revision)
    assert "This notice has already been made." in approver.text
    assert Assignment.select().count() == count == 1


def test_a_letter_date_by_hand_needs_its_reason(register, browse):
    notice = given.an_approved_notice()
    approver = browse(given.the_approver())
    approver.post(f"/drafts/{notice.id}/make", status=400, embargo_reason="", response_due_on=["1", "6", "2026"])
    assert approver.errors() == ["Say why the letter gives another date"]
    approver.post(
        f"/drafts/{notice.id}/make",
        embargo_reason="",
        response_due_on=["1", "6", "2026"],
        due_reason="Agreed by letter",
    )
    assert Assignment.get().response_due_on.isoformat() == "2026-06-01"
    assert Assignment.get().statutory_last_day.isoformat() == "2026-04-26"


@pytest.mark.parametrize(
    "parts", [["31", "2", "2026"], ["x", "y", "z"], ["1"], ["1", "2", "3", "4"], ["9" * 30, "1", "1"]]
)
def test_an_impossible_date_is_refused_and_stays_as_typed(register, browse, parts):
    notice = given.an_approved_notice()
    approver = browse(given.the_approver())
    approver.post(f"/drafts/{notice.id}/make", status=400, embargo_reason="", response_due_on=parts, due_reason="r")
    assert len(approver.errors()) == 1
    assert given.again(notice).state == "approved"


def test_a_returned_draft_says_what_to_change(register, browse):
    notice = given.a_submitted_notice()
    approver, author = browse(given.the_approver()), browse(given.the_author())
    approver.post(f"/drafts/{notice.id}/return-draft", reason="Say which cords")
    author.get(f"/drafts/{notice.id}")
    assert "Say which cords" in author.text
    author.get("/desk")
    assert "Returned" in author.text


def test_publishing_needs_every_check(register, browse):
    notice = given.a_made_notice()
    officer = browse(given.the_case_officer())
    officer.post(f"/notices/{notice.reference}/publish", status=400)
    assert len(officer.errors()) == 4
    checks = {"family_told": "yes", "proceedings": "y", "anonymity": "y", "method": "y"}
    officer.post(f"/notices/{notice.reference}/publish", **checks)
    assert given.again(notice).published_on == NOW.date()
    officer.post(f"/notices/{notice.reference}/publish", status=409, **checks)
    assert "already been published" in officer.text
