"""What needs whom today: each question of a desk, and that one query answers it."""

from datetime import timedelta

import pytest

from registry.actions import assignments
from registry.records import desks, sorting
from registry.records.assignments import Assignment
from registry.rules.permissions import PUBLIC
from tests import given
from tests.given import DAY, NOW, TODAY

LATE = TODAY + timedelta(days=60)


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def slugs(rows):
    return [row.organisation.slug for row in rows]


def test_the_overdue_are_chased_the_longest_first_with_their_last_contact():
    for slug, day in (("essex", 2), ("kent", 0)):
        given.a_made_notice(to=[slug], made_at=NOW + day * DAY)
    kent = Assignment.select().order_by(Assignment.response_due_on).first()
    officer = given.the_case_officer()
    for day in (40, 41):
        call = assignments.Call(TODAY + day * DAY, "telephone", "x")
        assignments.log_contact(kent.id, call, actor=officer, now=NOW + 50 * DAY)
    rows = desks.unanswered(officer, LATE)["overdue"].rows
    assert slugs(rows) == ["kent", "essex"]
    assert [str(row.last_contact) for row in rows] == [str(TODAY + 41 * DAY), "None"]
    assert desks.unanswered(officer, TODAY)["overdue"].rows == []


def test_what_was_answered_closed_or_never_owed_is_not_chased():
    answered, closed = given.an_assignment(), given.an_assignment()
    given.replied(answered)
    Assignment.update(closed_on=TODAY, closed_reason="withdrawn").where(Assignment.id == closed.id).execute()
    given.a_made_notice(basis="section_10")
    given.a_made_notice(to=["npcc"], in_scope=["kent"])
    assert slugs(desks.unanswered(given.the_case_officer(), LATE)["overdue"].rows) == ["npcc"]


def test_a_reply_is_to_be_handled_until_it_is_decided_twice_and_published():
    officer = given.the_case_officer()
    assignment = given.an_assignment(published=True)

    def waiting():
        return slugs(desks.replies_to_handle(officer, TODAY))

    assert waiting() == []
    given.replied(assignment)
    assert waiting() == ["kent"]
    assignments.decide_publication(assignment.id, assignments.Extent("all"), actor=officer, now=NOW)
    assignments.publish_response(assignment.id, actor=officer, now=NOW)
    assert waiting() == ["kent"]  # what those with a copy may read is still open
    assignments.decide_disclosure(assignment.id, assignments.Extent("all"), actor=officer, now=NOW)
    assert waiting() == []


def test_a_force_finds_what_it_must_acknowledge_answer_and_do():
    officer = given.a_liaison_officer()
    given.a_made_notice(to=["kent", "essex"])
    given.a_made_notice(to=["npcc"], in_scope=["kent"])
    assert slugs(desks.to_acknowledge(officer, TODAY)) == ["kent"] * 2
    assert [row.capacity for row in desks.to_reply(officer, TODAY)] == ["recipient"]
    assert [row.capacity for row in desks.to_do(officer, TODAY)] == ["in_scope"]


def test_what_a_force_has_done_leaves_its_desk():
    officer = given.a_liaison_officer()
    assignment = given.an_assignment()
    given.replied(assignment)
    assert list(desks.to_acknowledge(officer, TODAY)) == list(desks.to_reply(officer, TODAY)) == []
    assert slugs(desks.to_do(officer, TODAY)) == ["kent"]
    assignments.report_done(assignment.id, "Done.", actor=officer, now=NOW)
    assert list(desks.to_do(officer, TODAY)) == []


def test_the_public_has_no_desk():
    given.a_published_notice()
    for question in (desks.own, desks.to_acknowledge, desks.to_reply, desks.to_do):
        assert list(question(PUBLIC, TODAY)) == []
    given.a_draft()
    assert not any(found.rows or found.total for found in desks.notices(PUBLIC, TODAY).values())


def embargoed(today):
    return desks.notices(given.the_case_officer(), today)["made"].rows


def test_what_is_made_and_not_public_is_listed_until_its_day():
    first = given.a_made_notice()
    given.a_published_notice(made_at=NOW, published_at=NOW)
    assert embargoed(TODAY) == [first]
    given.publish(first, now=NOW + DAY)
    assert embargoed(TODAY) == [first]
    assert embargoed(TODAY + DAY) == []


def test_drafts_by_state_and_embargoed_notices_are_one_query_the_oldest_first(monkeypatch):
    drafts = [given.a_draft() for _ in range(3)]
    waiting = given.a_submitted_notice()
    made = [given.a_made_notice(made_at=NOW + day * DAY) for day in (2, 1)]
    monkeypatch.setattr(desks, "MOST", 2)
    monkeypatch.setattr(desks, "MOST_COUNTED", 2)
    officer, author = given.the_case_officer(), given.the_author()
    with given.queries() as sent:
        found = desks.notices(officer, TODAY + 3 * DAY)
        assert {row.author.id for row in found["draft"].rows} == {author.person_id}
    assert len(sent) == 1
    assert {state: (pile.rows, pile.counted) for state, pile in found.items()} == {
        "draft": (drafts[:2], "2+"),
        "in_review": ([waiting], "1"),
        "approved": ([], "0"),
        "made": (made[::-1], "2"),
    }
    assert found["in_review"].rows[0].first_title


def test_unanswered_replies_lie_in_three_piles_each_its_own_size_found_by_one_query(monkeypatch):
    monkeypatch.setattr(desks, "MOST", 2)
    for slug, back in (("kent", 60), ("essex", 62), ("surrey", 61), ("npcc", 45)):
        given.a_made_notice(to=[slug], made_at=NOW - back * DAY)
    given.an_assignment_with_more_time_asked("kent", now=NOW)
    officer = given.the_case_officer()
    with given.queries() as sent:
        piles = desks.unanswered(officer, TODAY)
    assert len(sent) == 1
    assert {state: (slugs(pile.rows), pile.total) for state, pile in piles.items()} == {
        "overdue": (["essex", "surrey"], 3),
        "due_soon": (["npcc"], 1),
        "extension_requested": (["kent"], 1),
    }


def of_the_desk(state):
    return lambda actor, today: desks.unanswered(actor, today)[state].rows


@pytest.mark.parametrize("question", [of_the_desk("overdue"), desks.replies_to_handle, desks.own])
def test_a_desk_of_many_rows_is_one_query(question):
    officer = given.the_case_officer() if question is not desks.own else given.a_liaison_officer()
    given.a_made_notice(to=["kent", "essex", "npcc"], titles=["One", "Two"])
    with given.queries() as sent:
        for row in question(officer, LATE):
            assert row.recommendation.notice.reference and row.organisation.name
    assert len(sent) == 1


def test_a_pile_is_counted_up_to_a_bound_and_says_so(monkeypatch):
    for slug in given.many_forces(25):
        given.a_made_notice(to=[slug])
    officer = given.the_case_officer()

    def overdue():
        return desks.unanswered(officer, LATE)["overdue"]

    assert (overdue().total, overdue().counted) == (25, "25")
    monkeypatch.setattr(desks, "MOST_COUNTED", 22)
    assert (overdue().total, overdue().counted) == (23, "22+")
    assert len(overdue().rows) == desks.MOST


def test_a_pile_asks_one_question_for_each_part_of_its_order_however_much_lies_on_it():
    for slug in given.many_forces(25):
        given.a_made_notice(to=[slug])
    with given.queries() as sent:
        desks.pile(desks.replies_to_handle(given.the_case_officer(), LATE), sorting.TO_HANDLE)
    # Finding out who asks is apart from the pile.
    assert len([statement for statement in sent if "assignment" in statement]) == len(sorting.TO_HANDLE.parts)
