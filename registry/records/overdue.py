"""Who is named in public: replies that are overdue, and the regulator's own lateness in publishing."""

from datetime import date

from peewee import ModelSelect

from registry.records import lines, register, reply_clock, visibility
from registry.records.assignments import Assignment
from registry.records.recommendations import Notice
from registry.rules import clocks
from registry.rules.permissions import Actor

_OPEN = Assignment.closed_on.is_null()


def replies(actor: Actor, today: date) -> ModelSelect:
    """The overdue replies to public notices: the same for every reader. The clock's own rows say what is overdue.

    Nobody is named in the first days after publication, when nobody could have been warned.
    """
    named = visibility.public_notices(today) & (Notice.published_on <= clocks.may_name_from(today))
    return register.assignments(actor, today).where(named & _OPEN & reply_clock.where("overdue", today))


def publications(actor: Actor, today: date) -> ModelSelect:
    """The replies that the regulator should have published by now (para 28B(5)); the same for every reader."""
    owed = Assignment.response_published_on.is_null() & (
        Assignment.publication.is_null() | (Assignment.publication != "none")
    )
    found = lines.of_desk(register.assignments(actor, today))
    return found.where(visibility.public_notices(today) & _OPEN & owed & (Assignment.publish_by < today))
