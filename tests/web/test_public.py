"""What anybody reads."""

from datetime import timedelta

from tests import given
from tests.given import DAY, NOW


def test_the_first_page_lists_what_was_published_last(register, browse):
    given.a_published_notice(titles=["Replace emergency pull cords"])
    reader = browse()
    reader.get("/")
    assert "Replace emergency pull cords" in reader.text


def test_an_empty_register_says_so(register, browse):
    reader = browse()
    reader.get("/")
    assert "Nothing has been published yet." in reader.text
    reader.get("/recommendations")
    assert "Nothing has been published yet." in reader.text


def test_a_notice_made_and_embargoed_is_nowhere_in_public_while_its_clock_runs(register, browse):
    notice = given.a_made_notice(titles=["Secret cords"], embargo_reason="Inquest in May")
    reference = given.recommendation_of(notice).reference
    reader = browse(now=NOW + 80 * DAY)
    for path in ("/", "/recommendations", "/recommendations?q=secret+cords", "/organisations/kent"):
        reader.get(path)
        assert "Secret" not in reader.text
    reader.get(f"/recommendations/{reference}", status=404)
    reader.get("/organisations")
    assert "Kent (0)" in reader.text
    inside = browse(given.the_case_officer(), now=NOW + 80 * DAY)
    inside.get("/desk")
    assert "Secret cords" in inside.text and "Overdue by 24 days" in inside.text and "Inquest in May" in inside.text


def test_another_force_reads_an_embargoed_notice_no_more_than_the_public_does(register, browse):
    notice = given.a_made_notice(titles=["Secret cords"])
    other = browse(given.a_liaison_officer("essex"))
    other.get("/recommendations?q=secret")
    assert "Secret cords" not in other.text
    other.get(f"/notices/{notice.reference}", status=404)
    own = browse(given.a_liaison_officer("kent"))
    own.get(f"/notices/{notice.reference}")
    assert "Secret cords" in own.text


def test_the_search_stems_and_keeps_what_was_typed(register, browse):
    given.a_published_notice(titles=["Replace emergency pull cords"])
    reader = browse()
    reader.get("/recommendations?q=pulled+cord")
    assert "Replace emergency pull cords" in reader.text
    assert reader.value("q") == "pulled cord"
    reader.get("/recommendations?q=horses")
    assert "Nothing fits" in reader.text


def test_a_search_for_anything_at_all_never_breaks(register, browse):
    reader = browse()
    for wild in ("%27%22%5C", "%00", "*", "a+AND+NOT", '"', "(", "%F0%9F%92%A9", "x" * 3900, "NEAR(", ":", "&|!"):
        reader.get(f"/recommendations?q={wild}&page=-1&year=99999&topic=%27&organisation=%00&basis=zzz")
        reader.get(f"/recommendations?q={wild}&page=99999999999999")


def test_the_acceptance_is_public_only_after_the_reply_was_published(register, browse):
    assignment = given.an_assignment(published=True)
    reference = assignment.recommendation.reference
    given.replied(assignment, "not_accepted")
    reader = browse()
    reader.get(f"/recommendations/{reference}")
    assert "Not accepted" not in reader.text and "Replied in time" in reader.text
    reader.get("/recommendations?acceptance=not_accepted")
    assert "Replace emergency" not in reader.text
    officer = given.the_case_officer()
    given.assignments.decide_publication(assignment.id, given.assignments.Extent("all"), actor=officer, now=NOW)
    given.assignments.publish_response(assignment.id, actor=officer, now=NOW)
    reader.get(f"/recommendations/{reference}")
    assert "Not accepted" in reader.text
    reader.get("/recommendations?acceptance=not_accepted")
    assert "Replace emergency" in reader.text


def test_nobody_is_called_overdue_in_public_before_the_later_date_has_passed(register, browse):
    assignment = given.an_assignment(published=True)
    path = f"/recommendations/{assignment.recommendation.reference}"
    on_the_letters_date = browse(now=NOW + timedelta(days=56))
    on_the_letters_date.get(path)
    assert "Overdue by" not in on_the_letters_date.text
    a_day_later = browse(now=NOW + timedelta(days=57))
    a_day_later.get(path)
    assert "Overdue by 1 day" in a_day_later.text


def test_what_a_force_says_it_did_is_public_only_where_the_regulator_chose_so(register, browse):
    shown = given.a_made_notice(titles=["Shown"])
    hidden = given.a_made_notice(titles=["Hidden"])
    chosen = given.notices.PublicationCheck("yes", True, True, True, show_implementation=True)
    given.publish(shown, check=chosen)
    given.publish(hidden)
    for notice in (shown, hidden):
        kent = given.assignment_of(notice)
        given.assignments.report_done(kent.id, "Done", actor=given.a_liaison_officer(), now=NOW)
    reader = browse()
    reader.get(f"/recommendations/{given.recommendation_of(shown).reference}")
    assert "Force says done" in reader.text
    reader.get(f"/recommendations/{given.recommendation_of(hidden).reference}")
    assert "Force says done" not in reader.text


def test_hostile_markdown_is_shown_as_text(register, browse):
    body = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://example.org/y.png) **bold**"
    notice = given.a_published_notice(body=body, titles=["<b>Title</b>"])
    reader = browse()
    reader.get(f"/recommendations/{given.recommendation_of(notice).reference}")
    assert "<script>alert" not in reader.html and 'href="javascript' not in reader.html
    assert "<img" not in reader.html and "<b>Title" not in reader.html
    assert "<strong>bold</strong>" in reader.html


def test_an_address_that_is_none_of_ours_is_a_page_that_does_not_exist(register, browse):
    reader = browse()
    for path in (
        "/x",
        "/organisations/nowhere",
        "/organisations/%00",
        "/recommendations/LR-2026-9999",
        "/recommendations/%00",
    ):
        reader.get(path, status=404)
        assert "Page not found" in reader.text


def test_a_published_reply_is_read_by_everybody_and_its_representations_by_nobody(register, browse):
    assignment = given.an_assignment(published=True)
    given.replied(assignment, action_taken="We replaced them.", representations="Keep our budget out of it.")
    path = f"/recommendations/{assignment.recommendation.reference}"
    reader = browse()
    reader.get(path)
    assert "We replaced them" not in reader.text
    officer = given.the_case_officer()
    given.assignments.decide_publication(assignment.id, given.assignments.Extent("all"), actor=officer, now=NOW)
    given.assignments.publish_response(assignment.id, actor=officer, now=NOW)
    reader.get(path)
    assert "What has been done. We replaced them." in reader.text
    assert "Received 2 March 2026, published 2 March 2026" in reader.text
    assert "budget" not in reader.text


def test_where_no_reply_has_come_nothing_is_said_to_be_kept_back(register, browse):
    assignment = given.an_assignment(published=True)
    reader = browse()
    reader.get(f"/recommendations/{assignment.recommendation.reference}")
    assert "Awaiting reply" in reader.text and "No reply published" not in reader.text
    reader.get("/recommendations?acceptance=awaiting")
    assert "Replace emergency" in reader.text
    given.replied(assignment)
    reader.get(f"/recommendations/{assignment.recommendation.reference}")
    assert "No reply published" in reader.text and "Awaiting reply" not in reader.text


def test_a_reference_a_case_or_a_name_is_found(register, browse):
    notice = given.a_published_notice(case_references=("2024/010817",))
    reader = browse()
    for wanted in (given.recommendation_of(notice).reference, notice.reference, "2024/010817", "kent"):
        reader.get(f"/recommendations?q={wanted}")
        assert "Replace emergency" in reader.text, wanted


def test_the_query_of_an_address_cannot_lead_the_pages_elsewhere(register, browse):
    for number in range(51):
        given.a_published_notice(titles=[f"Number {number}"])
    reader = browse()
    for odd in ("endpoint=x", "_anchor=a", "_method=POST", "_external=1", "_scheme=x", "reference=y"):
        reader.get(f"/recommendations?q=number&{odd}")
        following = [link.get("href") for link in reader.page.iter("a") if link.get("rel") == "next"]
        assert following and following[0].startswith("/recommendations?q=number&")
