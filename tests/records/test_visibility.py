"""The SQL scope of every reader, against the table of the rules, over every state that matters to it."""

from datetime import timedelta
from itertools import cycle, product

import pytest

from registry.records import visibility
from registry.records.assignments import Assignment
from registry.records.organisations import Organisation
from registry.records.recommendations import AFTER_MAKING, Copy, Notice, Recommendation
from registry.rules import permissions
from registry.rules.permissions import FACTS, PUBLIC, Actor, Grant
from tests import given
from tests.given import NOW, TODAY

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOTICES = [
    ("made", None),  # embargoed
    ("made", YESTERDAY),
    ("made", TODAY),
    ("made", TOMORROW),  # to be published tomorrow
    ("withdrawn", YESTERDAY),  # its page stays
    ("withdrawn", None),
    ("superseded", YESTERDAY),
]
DRAFTS = ("draft", "in_review", "approved")
DECISIONS = list(product((None, "none", "part", "all"), (None, "none", "part", "all"), (None, TODAY)))
ADDRESSED = ("kent", "essex", "npcc", "kent-pcc", "audit-body")

# who -> the roles they hold
READERS = {
    "the public": [],
    "an author": [("author", "regulator")],
    "a case officer": [("case_officer", "regulator")],
    "an administrator": [("administrator", "regulator")],
    "the system": [("system", "regulator")],
    "a liaison officer": [("liaison_officer", "kent")],
    "a liaison officer of two forces": [("liaison_officer", "kent"), ("liaison_officer", "essex")],
    "a liaison officer of a force that was not asked": [("liaison_officer", "surrey")],
    "a delegate": [("chief_officer_delegate", "essex")],
    "an officer of a national body": [("liaison_officer", "npcc")],
    "a policing body's reader": [("local_policing_body_reader", "kent-pcc")],
    "another policing body's reader": [("local_policing_body_reader", "essex-pcc")],
    "a policing body's officer, addressed itself": [("liaison_officer", "kent-pcc")],
    "an auditor": [("auditor", "audit-body")],
    "an audit planner": [("audit_planner", "audit-body")],
    "an auditor from within a force": [("auditor", "kent")],
    "an auditor and liaison officer": [("auditor", "audit-body"), ("liaison_officer", "kent")],
    "an auditor and policing body's reader": [("auditor", "kent"), ("local_policing_body_reader", "kent-pcc")],
}


@pytest.fixture
def world(database):
    """Every kind of notice, each put to five organisations, with every decision on the reply."""
    given.a_register()
    author = given.the_author().person_id
    places = {row.slug: row.id for row in Organisation.select()}
    for state, published_on in [*NOTICES, *((draft, None) for draft in DRAFTS)]:
        notice = Notice.create(
            state=state, published_on=published_on, basis="28a", author=author, created_at=NOW, made_on=YESTERDAY
        )
        if state in AFTER_MAKING:
            thorough = (state, published_on) in NOTICES[:2]
            put_to_everybody(notice, places, DECISIONS if thorough else DECISIONS[::11])
    return places


def put_to_everybody(notice, places, decisions):
    shown = cycle(product((False, True), (False, True)))
    recommendations = [
        {
            "notice": notice,
            "number": number,
            "title": "x",
            "body": "x",
            "implementation_public": work,
            "audit_result_public": check,
        }
        for number, (work, check) in zip(range(len(decisions)), shown, strict=False)
    ]
    Recommendation.insert_many(recommendations).execute()
    rows = [
        {
            "recommendation": recommendation,
            "organisation": places[slug],
            "capacity": "recipient",
            "basis": "28a",
            "acceptance": "accepted",
            "publication": publication,
            "disclosure": disclosure,
            "response_published_on": published_on,
        }
        # each organisation begins elsewhere, so that the choices of the notice meet all decisions
        for turn, slug in enumerate(ADDRESSED)
        for recommendation, (publication, disclosure, published_on) in zip(
            notice.recommendations, decisions[turn:] + decisions[:turn], strict=True
        )
    ]
    Assignment.insert_many(rows).execute()
    Copy.create(notice=notice, organisation=places["kent-pcc"], copied_for=places["kent"], copied_on=YESTERDAY)


def an_actor(who, places):
    grants = tuple(Grant(role, places[slug]) for role, slug in READERS[who])
    return Actor(1, who, grants) if grants else PUBLIC


def joined():
    return Assignment.select(Assignment, Recommendation, Notice).join(Recommendation).join(Notice)


def ids(scope):
    return {found for (found,) in joined().select(Assignment.id).where(scope).tuples()}


def is_public(notice):
    return notice.state in AFTER_MAKING and notice.published_on is not None and notice.published_on <= TODAY


def reader_of(actor, assignment, bodies):
    return permissions.reader_of(actor, assignment.organisation_id, bodies.get(assignment.organisation_id))


def is_close(actor, reader, assignment):
    """Who sees an assignment before the public: a policing body only what is put to it, or what it was copied."""
    if reader != "local_policing_body":
        return reader != "public"
    bodies = actor.organisations("local_policing_body_reader")
    copies = assignment.recommendation.notice.copies.where(Copy.organisation.in_(bodies))
    return assignment.organisation_id in bodies or copies.exists()


@pytest.mark.parametrize("who", READERS)
def test_sql_and_python_agree_on_who_sees_which_fact_of_which_assignment(world, who):
    actor = an_actor(who, world)
    bodies = dict(
        Organisation.select(Organisation.force, Organisation.id).where(Organisation.force.is_null(False)).tuples()
    )
    everything = list(joined())
    reading = {a.id: reader_of(actor, a, bodies) for a in everything}
    visible = {a.id for a in everything if is_public(a.recommendation.notice) or is_close(actor, reading[a.id], a)}
    assert ids(visibility.assignments(actor, TODAY)) == visible
    for fact in FACTS:
        scope = visibility.assignments(actor, TODAY) & visibility.fact(actor, fact)
        expected = {a.id for a in everything if a.id in visible and permissions.sees(reading[a.id], fact, a)}
        assert ids(scope) == expected, fact


def test_a_notice_is_seen_when_it_is_public_or_one_is_close_to_it(world):
    public = {(state, day) for state, day in NOTICES if day is not None and day <= TODAY}
    far = {"the public", "a liaison officer of a force that was not asked", "another policing body's reader"}
    for who in READERS:
        scope = visibility.notices(an_actor(who, world), TODAY)
        seen = {(notice.state, notice.published_on) for notice in Notice.select().where(scope)}
        assert seen == (public if who in far else set(NOTICES)), who


def test_drafts_are_for_the_regulator_alone(world):
    for who in READERS:
        actor = an_actor(who, world)
        seen = {notice.state for notice in visibility.drafts(actor)}
        assert seen == (set(DRAFTS) if actor.is_regulator else set()), who


def test_a_notice_becomes_public_on_its_day_and_not_before(world):
    scope = Notice.select().where(visibility.public_notices(TODAY))
    assert TOMORROW not in {notice.published_on for notice in scope}
    scope = Notice.select().where(visibility.public_notices(TOMORROW))
    assert TOMORROW in {notice.published_on for notice in scope}


def test_a_policing_body_that_only_had_a_copy_reads_the_notice_and_no_assignment(world, database):
    """Its force was addressed once; a copy alone opens the text, nothing more."""
    Copy.create(
        notice=Notice.get(Notice.published_on.is_null(), Notice.state == "made"),
        organisation=given.an_organisation("surrey-pcc", type="pcc", force=world["surrey"]),
        copied_for=world["surrey"],
        copied_on=TODAY,
    )
    reader = given.a_policing_body_reader("surrey-pcc")
    embargoed = Notice.published_on.is_null()
    assert Notice.select().where(visibility.notices(reader, TODAY) & embargoed).count() == 1
    assert ids(visibility.assignments(reader, TODAY) & embargoed) == set()


def test_the_forces_a_policing_body_holds_to_account_are_one_query_away(world):
    with given.queries() as sent:
        assert visibility.covered(an_actor("a policing body's reader", world)) == {world["kent"]: world["kent-pcc"]}
        assert visibility.covered(an_actor("a liaison officer", world)) == {}
    assert len(sent) == 1
