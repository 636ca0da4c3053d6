from datetime import date
from itertools import pairwise, product
from types import SimpleNamespace

import pytest

from registry.records.organisations import POLICING_BODY_TYPES, TYPES
from registry.rules import permissions
from registry.rules.permissions import FACTS, PERMISSIONS, PUBLIC, READERS, ROLES, Actor, Grant, NotPermitted

KENT, ESSEX, KENT_PCC, AUDIT_BODY, REGULATOR = 1, 2, 3, 4, 5


def an_actor(*grants, lead=False):
    return Actor(1, "Somebody", tuple(Grant(role, organisation, lead) for role, organisation in grants))


def an_assignment(publication=None, disclosure=None, published=False, implementation=False, audit_result=False):
    return SimpleNamespace(
        publication=publication,
        disclosure=disclosure,
        response_published_on=date(2026, 4, 1) if published else None,
        recommendation=SimpleNamespace(implementation_public=implementation, audit_result_public=audit_result),
    )


EVERY_ASSIGNMENT = [
    an_assignment(*each)
    for each in product(
        (None, "none", "part", "all"), (None, "none", "part", "all"), (False, True), (False, True), (False, True)
    )
]


# ---- who may do what


def test_a_role_may_do_what_the_table_gives_it_and_nothing_else():
    for permission, roles in PERMISSIONS.items():
        for role in ROLES:
            expected = role in roles or "public" in roles
            assert permissions.may(an_actor((role, KENT), lead=True), permission, KENT) == expected, (role, permission)


@pytest.mark.parametrize("role", permissions.OWN_ORGANISATION_ONLY)
def test_people_of_a_force_act_for_their_own_organisation_only(role):
    for permission, roles in PERMISSIONS.items():
        if role in roles:
            assert permissions.may(an_actor((role, KENT), lead=True), permission, KENT)
            assert not permissions.may(an_actor((role, KENT), lead=True), permission, ESSEX)


def test_whoever_is_not_the_lead_has_all_that_a_role_gives_but_the_managing_of_people():
    for permission in PERMISSIONS:
        for role in ROLES:
            leads, plain = an_actor((role, KENT), lead=True), an_actor((role, KENT))
            kept = permission not in permissions.LEAD_ONLY or role not in permissions.OWN_ORGANISATION_ONLY
            expected = permissions.may(leads, permission, KENT) and kept
            assert permissions.may(plain, permission, KENT) == expected, (role, permission)
    assert permissions.may(an_actor(("administrator", REGULATOR)), "person:invite", KENT)


def test_a_role_can_be_held_only_in_an_organisation_of_its_kind():
    for kind in (*TYPES, "a kind nobody thought of"):
        roles = set(permissions.roles_in(kind))
        assert roles and "system" not in roles
        assert ("administrator" in roles) == (kind == "regulator")
        assert ("auditor" in roles) == (kind == "audit_body")
        assert ("local_policing_body_reader" in roles) == (kind in POLICING_BODY_TYPES)


def test_a_liaison_officer_of_two_forces_acts_for_both():
    both = an_actor(("liaison_officer", KENT), ("liaison_officer", ESSEX))
    assert all(permissions.may(both, "assignment:respond", force) for force in (KENT, ESSEX))


def test_the_regulator_acts_on_every_organisation():
    officer = an_actor(("case_officer", REGULATOR))
    assert permissions.may(officer, "assignment:acknowledge", KENT)
    assert permissions.may(officer, "assignment:decide_publication", ESSEX)


def test_the_public_reads_and_signs_in_and_no_more():
    allowed = {permission for permission in PERMISSIONS if permissions.may(PUBLIC, permission)}
    assert allowed == {"register:read", "sign-in", "health:read"}


def test_an_auditor_changes_no_force_data():
    changing = [p for p in PERMISSIONS if p.startswith("assignment:") and p != "assignment:read"]
    for role in permissions.AUDIT_ROLES:
        assert not any(permissions.may(an_actor((role, AUDIT_BODY)), permission) for permission in changing)


def test_a_delegate_alone_may_not_reply():
    assert not permissions.may(an_actor(("chief_officer_delegate", KENT)), "assignment:respond", KENT)


def test_a_refusal_is_a_sentence_that_names_the_permission():
    with pytest.raises(NotPermitted, match=r"^Your role does not let you do this \(notice:approve\)\.$"):
        permissions.require(an_actor(("author", REGULATOR)), "notice:approve")


def test_what_is_permitted_is_not_refused():
    permissions.require(an_actor(("approver", REGULATOR)), "notice:approve")


def test_a_permission_nobody_listed_is_an_error_not_a_no():
    with pytest.raises(KeyError):
        permissions.may(PUBLIC, "notice:shred")


def test_every_role_named_in_the_table_exists():
    assert {role for roles in PERMISSIONS.values() for role in roles} <= {*ROLES, "public"}


def test_the_organisations_of_an_actor_are_named_once_lowest_first():
    actor = an_actor(("liaison_officer", ESSEX), ("chief_officer_delegate", KENT), ("liaison_officer", KENT))
    assert actor.organisations(*permissions.FORCE_ROLES) == (KENT, ESSEX)
    assert actor.organisations("auditor") == ()


# ---- as whom somebody reads


@pytest.mark.parametrize(
    ("grants", "reader"),
    [
        ([], "public"),
        ([("author", REGULATOR)], "regulator"),
        ([("administrator", REGULATOR)], "regulator"),
        ([("system", REGULATOR)], "regulator"),
        ([("liaison_officer", KENT)], "addressee"),
        ([("chief_officer_delegate", KENT)], "addressee"),
        ([("liaison_officer", ESSEX)], "public"),
        ([("auditor", AUDIT_BODY)], "auditor"),
        ([("audit_planner", AUDIT_BODY)], "auditor"),
        ([("auditor", KENT)], "public"),  # never of one's own organisation
        ([("local_policing_body_reader", KENT_PCC)], "local_policing_body"),
        ([("local_policing_body_reader", KENT)], "local_policing_body"),  # itself an addressee
        ([("local_policing_body_reader", ESSEX)], "public"),
        ([("liaison_officer", KENT), ("auditor", AUDIT_BODY)], "addressee"),
        ([("liaison_officer", ESSEX), ("auditor", AUDIT_BODY)], "auditor"),
        ([("auditor", AUDIT_BODY), ("local_policing_body_reader", KENT_PCC)], "auditor"),
    ],
)
def test_somebody_reads_as_the_closest_reader_they_are(grants, reader):
    assert permissions.reader_of(an_actor(*grants), KENT, KENT_PCC) == reader


def test_a_force_without_a_policing_body_has_no_such_reader():
    reader = an_actor(("local_policing_body_reader", KENT_PCC))
    assert permissions.reader_of(reader, ESSEX, None) == "public"


# ---- who sees which fact: the table of the model, in words

ALWAYS, NEVER = "always", "never"


def when(reader, fact):
    """Under which of the conditions the reader sees the fact: always, never, or the assignments that decide."""
    seen = [permissions.sees(reader, fact, assignment) for assignment in EVERY_ASSIGNMENT]
    return ALWAYS if all(seen) else NEVER if not any(seen) else seen


def only(condition):
    return [condition(assignment) for assignment in EVERY_ASSIGNMENT]


def published(assignment):
    return assignment.response_published_on is not None and assignment.publication in ("part", "all")


def disclosed(assignment):
    return assignment.disclosure in ("part", "all")


PUBLISHED = only(published)
DISCLOSED_OR_PUBLISHED = only(lambda a: disclosed(a) or published(a))
IMPLEMENTATION_CHOSEN = only(lambda a: a.recommendation.implementation_public)
AUDIT_CHOSEN = only(lambda a: a.recommendation.audit_result_public)

# fact -> public, local policing body, auditor, addressee, regulator
TABLE = {
    "reply_clock": (ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS),
    "unprocessed": (NEVER, ALWAYS, ALWAYS, ALWAYS, ALWAYS),
    "acceptance": (PUBLISHED, DISCLOSED_OR_PUBLISHED, DISCLOSED_OR_PUBLISHED, ALWAYS, ALWAYS),
    "reply_text": (PUBLISHED, DISCLOSED_OR_PUBLISHED, DISCLOSED_OR_PUBLISHED, ALWAYS, ALWAYS),
    "representations": (NEVER, NEVER, NEVER, ALWAYS, ALWAYS),
    "audit_under_way": (NEVER, NEVER, ALWAYS, ALWAYS, ALWAYS),
    "audit_plan": (NEVER, NEVER, NEVER, NEVER, ALWAYS),
    "implementation": (IMPLEMENTATION_CHOSEN, ALWAYS, ALWAYS, ALWAYS, ALWAYS),
    "audit_result": (AUDIT_CHOSEN, ALWAYS, ALWAYS, ALWAYS, ALWAYS),
    "progress": (NEVER, NEVER, ALWAYS, ALWAYS, ALWAYS),
    "contact_log": (NEVER, NEVER, NEVER, NEVER, ALWAYS),
    "view": (NEVER, NEVER, NEVER, NEVER, ALWAYS),
    "history": (NEVER, NEVER, ALWAYS, ALWAYS, ALWAYS),
}
COLUMNS = ("public", "local_policing_body", "auditor", "addressee", "regulator")


@pytest.mark.parametrize("fact", TABLE)
def test_a_fact_is_seen_by_those_whom_the_model_names(fact):
    for reader, expected in zip(COLUMNS, TABLE[fact], strict=True):
        assert when(reader, fact) == expected, reader


def test_every_fact_and_every_reader_is_in_the_table():
    assert set(FACTS) == set(TABLE)
    assert all(set(readers) == set(READERS) for readers in FACTS.values())


def test_a_closer_reader_sees_at_least_what_a_farther_one_does():
    """The SQL scope joins the readers somebody is by OR; it may, because of this."""
    for closer, farther in pairwise(READERS):
        for fact, assignment in product(FACTS, EVERY_ASSIGNMENT):
            if permissions.sees(farther, fact, assignment):
                assert permissions.sees(closer, fact, assignment), (closer, farther, fact)


def test_a_decision_to_show_nothing_shows_nothing():
    decided = an_assignment(publication="none", disclosure="none", published=True)
    for reader in ("public", "local_policing_body", "auditor"):
        assert not permissions.sees(reader, "reply_text", decided)
        assert permissions.parts_shown(reader, decided) == ()


@pytest.mark.parametrize("reader", READERS)
def test_the_parts_shown_are_those_of_the_decisions_that_show_the_reply(reader):
    for assignment in EVERY_ASSIGNMENT:
        parts = permissions.parts_shown(reader, assignment)
        assert ("publication" in parts) == published(assignment)
        assert ("disclosure" in parts) == (reader in ("auditor", "local_policing_body") and disclosed(assignment))
        if reader not in ("regulator", "addressee"):
            assert bool(parts) == permissions.sees(reader, "reply_text", assignment)
