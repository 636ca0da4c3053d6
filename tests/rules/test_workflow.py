from datetime import date
from itertools import product
from types import SimpleNamespace

import pytest

from registry.rules import workflow
from registry.rules.workflow import MOVES, NotAllowed

STATES = {
    "state": workflow.NOTICE_STATES,
    "acceptance": workflow.ACCEPTANCE,
    "implementation": workflow.IMPLEMENTATION,
    "applicability": workflow.APPLICABILITY,
}
REPLIES = ("accepted", "accepted_in_part", "alternative_proposed", "not_accepted")

# The state tables of the model, written out once more: (fact, verb, from, to).
WRITTEN = {
    ("state", "revise_draft", "draft", "draft"),
    ("state", "submit", "draft", "in_review"),
    ("state", "return_draft", "in_review", "draft"),
    ("state", "return_draft", "approved", "draft"),
    ("state", "approve", "in_review", "approved"),
    ("state", "make", "approved", "made"),
    ("state", "publish", "made", "made"),
    *(("acceptance", "respond", "awaiting", reply) for reply in REPLIES),
    ("acceptance", "hold_reply", "awaiting", "awaiting"),
    ("applicability", "claim_not_applicable", "applicable", "claimed_not"),
    ("applicability", "claim_not_applicable", "refused_not", "claimed_not"),
    ("applicability", "agree_not_applicable", "claimed_not", "agreed_not"),
    ("applicability", "refuse_not_applicable", "claimed_not", "refused_not"),
    ("applicability", "reopen", "agreed_not", "applicable"),
    ("implementation", "report_none", "not_started", "none_planned"),
    ("implementation", "report_none", "under_way", "none_planned"),
    *(
        ("implementation", "report_progress", state, "under_way")
        for state in ("not_started", "under_way", "none_planned")
    ),
    *(
        ("implementation", "report_done", state, "reported_done")
        for state in ("not_started", "under_way", "none_planned")
    ),
}
EVERY_TRY = [
    (fact, verb, state, to)
    for fact, verbs in MOVES.items()
    for verb in verbs
    for state, to in product(STATES[fact], STATES[fact])
]


@pytest.mark.parametrize(("fact", "verb", "state", "to"), sorted(WRITTEN))
def test_a_listed_move_is_made(fact, verb, state, to):
    subject = SimpleNamespace(**{fact: state})
    workflow.move(subject, fact, verb, to=to)
    assert getattr(subject, fact) == to


def test_whatever_is_not_listed_is_refused_and_changes_nothing():
    refused = [each for each in EVERY_TRY if each not in WRITTEN]
    assert len(refused) > 200
    for fact, verb, state, to in refused:
        subject = SimpleNamespace(**{fact: state})
        with pytest.raises(NotAllowed):
            workflow.move(subject, fact, verb, to=to)
        assert getattr(subject, fact) == state


@pytest.mark.parametrize(
    ("fact", "verb", "state", "sentence"),
    [
        ("state", "submit", "in_review", "This notice is waiting for approval."),
        ("state", "approve", "draft", "This notice is still a draft."),
        ("state", "approve", "approved", "This notice has already been approved."),
        ("state", "make", "made", "This notice has already been made."),
        ("state", "publish", "withdrawn", "This notice has been withdrawn."),
        ("state", "publish", "superseded", "This notice has been superseded by a later one."),
        ("acceptance", "respond", "not_asked", "No reply is asked: this organisation is in scope, not a recipient."),
        ("acceptance", "respond", "accepted", "A reply has already been recorded."),
        ("implementation", "report_done", "reported_done", "The force has already said that this is done."),
    ],
)
def test_a_refusal_says_why(fact, verb, state, sentence):
    with pytest.raises(NotAllowed) as refused:
        workflow.check(SimpleNamespace(**{fact: state}), fact, verb, to=MOVES[fact][verb][1][0])
    assert str(refused.value) == sentence


def test_every_refusal_is_a_sentence_without_machine_names():
    for fact, verb, state, to in EVERY_TRY:
        if (fact, verb, state, to) in WRITTEN:
            continue
        with pytest.raises(NotAllowed) as refused:
            workflow.check(SimpleNamespace(**{fact: state}), fact, verb, to=to)
        sentence = str(refused.value)
        assert sentence[0].isupper() and sentence.endswith(".") and "_" not in sentence


def test_an_answer_that_was_not_offered_is_refused():
    with pytest.raises(NotAllowed, match="Choose one of the answers offered"):
        workflow.check(SimpleNamespace(acceptance="awaiting"), "acceptance", "respond", to="under_consideration")


@pytest.mark.parametrize(("fact", "verb"), [(fact, verb) for fact, verbs in MOVES.items() for verb in verbs])
def test_pages_offer_exactly_what_may_be_done(fact, verb):
    offered = {s for s in STATES[fact] if workflow.allowed(SimpleNamespace(**{fact: s}), fact, verb)}
    assert offered == {state for f, v, state, _ in WRITTEN if (f, v) == (fact, verb)}


def test_every_state_named_in_a_move_exists():
    for fact, verbs in MOVES.items():
        for sources, targets in verbs.values():
            assert set(sources) | set(targets) <= set(STATES[fact])


def test_a_closed_assignment_takes_nothing_more():
    with pytest.raises(NotAllowed, match=r"^This assignment was closed on 5 March 2026\.$"):
        workflow.require_open(SimpleNamespace(closed_on=date(2026, 3, 5)))


def test_an_open_assignment_goes_on():
    workflow.require_open(SimpleNamespace(closed_on=None))
