"""Reminder policy: for each clock a ladder of steps, and the due dates each step reaches on a given day.

A step is reached by every item whose due date lies at or before its cut-off. Of several steps that an
item has passed (after an outage) only the latest is sent: the ranges of one ladder do not overlap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Step:
    """One rung: its stable `name` is part of the reminder's key, so it is never reused or renamed.

    `days` counts calendar days from the due date: negative before it, positive after it.
    """

    name: str
    days: int
    roles: tuple[str, ...]


# clock -> steps, earliest first. The clock names the item's own stored date (see records.reminders).
POLICY: Mapping[str, tuple[Step, ...]] = {
    "acknowledge": (
        Step("acknowledge_due", 0, ("liaison_officer",)),
        Step("acknowledge_late", 5, ("liaison_officer",)),
    ),
    "reply": (
        Step("reply_in_14_days", -14, ("liaison_officer",)),
        Step("reply_in_3_days", -3, ("liaison_officer",)),
        Step("reply_overdue", 1, ("liaison_officer", "chief_officer_delegate")),
        Step("reply_overdue_14_days", 14, ("liaison_officer", "chief_officer_delegate")),
    ),
    "publish_response": (
        Step("publish_response_in_5_days", -5, ("case_officer",)),
        Step("publish_response_overdue", 1, ("case_officer",)),
    ),
}


@dataclass(frozen=True)
class Reach:
    """The due dates a step reaches on one day: after `after` (None: from the beginning) up to `until`, inclusive."""

    clock: str
    step: Step
    after: date | None
    until: date


def reaches(today: date, policy: Mapping[str, tuple[Step, ...]] = POLICY) -> Iterator[Reach]:
    """Each step of each ladder with the range of due dates that stand on exactly that step today."""
    for clock, steps in policy.items():
        later_cut_offs = [today - timedelta(days=step.days) for step in steps[1:]]
        for step, after in zip(steps, [*later_cut_offs, None], strict=True):
            yield Reach(clock, step, after, today - timedelta(days=step.days))


def steps() -> Iterator[tuple[str, Step]]:
    """Every step with the clock it belongs to."""
    return ((clock, step) for clock, ladder in POLICY.items() for step in ladder)
