"""The states of a notice and of the four facts, and the verbs that move them. What is not listed is refused."""

from collections.abc import Mapping
from typing import Any

from registry.rules.clocks import ACCEPTANCE_REPLIED, ACCEPTANCE_UNREPLIED

NOTICE_STATES = ("draft", "in_review", "approved", "made", "withdrawn", "superseded")
ACCEPTANCE = (*ACCEPTANCE_UNREPLIED, *ACCEPTANCE_REPLIED)
IMPLEMENTATION = ("not_started", "under_way", "reported_done", "none_planned")
AUDIT_RESULT = (
    "not_audited",
    "planned",
    "under_way",
    "in_place",
    "partly_in_place",
    "not_in_place",
    "could_not_test",
)
APPLICABILITY = ("applicable", "claimed_not", "agreed_not", "refused_not")
CLOSED_REASONS = ("in_place", "not_accepted", "not_applicable", "superseded", "withdrawn")
EXTENTS = ("none", "part", "all")
DECISIONS = ("publication", "disclosure")
EXTENSION_DECISIONS = ("granted", "refused")
CLAIM_DECISIONS = ("agreed", "refused")
JUDGEMENTS = ("sufficient", "more_asked", "none")
PRECISIONS = ("day", "month")

# fact -> verb -> (states it may start from, states it may lead to)
Moves = Mapping[str, Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]]
MOVES: Moves = {
    "state": {
        "revise_draft": (("draft",), ("draft",)),
        "submit": (("draft",), ("in_review",)),
        "return_draft": (("in_review", "approved"), ("draft",)),
        "approve": (("in_review",), ("approved",)),
        "make": (("approved",), ("made",)),
        "publish": (("made",), ("made",)),
    },
    "acceptance": {"respond": (("awaiting",), ACCEPTANCE_REPLIED), "hold_reply": (("awaiting",), ("awaiting",))},
    "applicability": {
        "claim_not_applicable": (("applicable", "refused_not"), ("claimed_not",)),
        "agree_not_applicable": (("claimed_not",), ("agreed_not",)),
        "refuse_not_applicable": (("claimed_not",), ("refused_not",)),
        "reopen": (("agreed_not",), ("applicable",)),
    },
    "implementation": {
        "report_progress": (("not_started", "under_way", "none_planned"), ("under_way",)),
        "report_done": (("not_started", "under_way", "none_planned"), ("reported_done",)),
        "report_none": (("not_started", "under_way"), ("none_planned",)),
    },
}

# What a refusal says: (fact, state the subject is in) -> sentence. Read by the person who pressed the button.
REASONS: Mapping[tuple[str, str], str] = {
    ("state", "draft"): "This notice is still a draft.",
    ("state", "in_review"): "This notice is waiting for approval.",
    ("state", "approved"): "This notice has already been approved.",
    ("state", "made"): "This notice has already been made.",
    ("state", "withdrawn"): "This notice has been withdrawn.",
    ("state", "superseded"): "This notice has been superseded by a later one.",
    ("acceptance", "not_asked"): "No reply is asked: this organisation is in scope, not a recipient.",
    ("acceptance", "accepted"): "A reply has already been recorded.",
    ("acceptance", "accepted_in_part"): "A reply has already been recorded.",
    ("acceptance", "alternative_proposed"): "A reply has already been recorded.",
    ("acceptance", "not_accepted"): "A reply has already been recorded.",
    ("applicability", "applicable"): "Nobody has claimed that this does not apply.",
    ("applicability", "claimed_not"): "It is claimed already that this does not apply.",
    ("applicability", "agreed_not"): "It is agreed that this does not apply.",
    ("applicability", "refused_not"): "It was decided that this applies.",
    ("implementation", "none_planned"): "It has been said already that no action is planned.",
    ("implementation", "reported_done"): "The force has already said that this is done.",
}


class NotAllowed(Exception):
    """A verb out of turn. The message says why, in plain words for the person who tried."""


def move(subject: Any, fact: str, verb: str, to: str) -> None:
    """Set `subject.<fact>` to `to` if `verb` may lead there from the present state; else raise NotAllowed."""
    check(subject, fact, verb, to)
    setattr(subject, fact, to)


def check(subject: Any, fact: str, verb: str, to: str) -> None:
    """Raise NotAllowed unless `verb` may move `fact` from its present state to `to`."""
    sources, targets = MOVES[fact][verb]
    state = getattr(subject, fact)
    if state not in sources:
        raise NotAllowed(REASONS.get((fact, state), f"This cannot be done while it is {state}."))
    if to not in targets:
        raise NotAllowed("Choose one of the answers offered.")


def allowed(subject: Any, fact: str, verb: str) -> bool:
    """True when `verb` may start from the present state; pages use it to offer only what can be done."""
    return getattr(subject, fact) in MOVES[fact][verb][0]


def require_open(assignment: Any) -> None:
    """Raise NotAllowed when an assignment is closed: nothing more is asked of the organisation."""
    if assignment.closed_on is not None:
        raise NotAllowed(f"This assignment was closed on {assignment.closed_on:%-d %B %Y}.")
