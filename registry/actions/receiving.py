"""The day on which something came in: today from the organisation's own people, by post the day on the letter."""

from datetime import date, datetime

from registry.records.assignments import Assignment
from registry.rules import calendar, wording
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


def received(assignment: Assignment, actor: Actor, now: datetime, received_on: date | None) -> tuple[bool, date]:
    """Whether it came by post, and the day it was received. Raises NotAllowed for a day that cannot be."""
    today = calendar.day_of(now)
    if assignment.organisation_id in actor.organisations("liaison_officer"):
        return False, today
    if received_on is None:
        raise NotAllowed("Give the day on which the letter or e-mail was received.")
    if received_on > today:
        raise NotAllowed("The day of receipt cannot be in the future.")
    made_on = assignment.recommendation.notice.made_on
    if made_on is not None and received_on < made_on:
        raise NotAllowed(f"The day of receipt cannot be before the notice was made on {wording.day(made_on)}.")
    return True, received_on
