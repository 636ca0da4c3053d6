"""What an open assignment waits for, as conditions that desks count and lists are narrowed by."""

from peewee import Expression

from registry.records import visibility
from registry.records.assignments import WAITS_FOR_THE_REGULATOR, Assignment
from registry.records.recommendations import Notice
from registry.records.reminders import CLOCKS
from registry.rules.clocks import ACCEPTANCE_REPLIED
from registry.rules.permissions import Actor

_OPEN = Assignment.closed_on.is_null()
_UNDECIDED = Assignment.publication.is_null() | Assignment.disclosure.is_null()
_UNPUBLISHED = (Assignment.publication != "none") & Assignment.response_published_on.is_null()
_REPLIED = Assignment.acceptance.in_(ACCEPTANCE_REPLIED)
_ASKED = Assignment.acceptance.in_(("accepted", "accepted_in_part", "alternative_proposed", "not_asked"))

# What is waited for -> the condition, and the facts that whoever asks must be able to see.
WAITING: dict[str, tuple[Expression, tuple[str, ...]]] = {
    "acknowledge": (_OPEN & CLOCKS["acknowledge"][1] & Notice.sent_at.is_null(False), ("history",)),
    "decision": (WAITS_FOR_THE_REGULATOR & _REPLIED & (_UNDECIDED | _UNPUBLISHED), ("acceptance", "history")),
    "report": (
        _OPEN & _ASKED & Assignment.implementation.in_(("not_started", "under_way")),
        ("acceptance", "implementation"),
    ),
}


def where(actor: Actor, name: str) -> Expression:
    """The condition that an assignment waits for it, as far as the actor may know. The query must join Notice."""
    condition, facts = WAITING[name]
    for fact in facts:
        condition = condition & visibility.fact(actor, fact)
    return condition
