"""The sweep: queue every reminder that has fallen due. Safe to run twice, on two hosts, or a week late."""

from datetime import datetime

from registry.records import history, reminders
from registry.records.database import transaction
from registry.records.installation import Installation
from registry.rules import calendar, permissions
from registry.rules import reminders as policy
from registry.rules.permissions import Actor


@transaction
def sweep(*, actor: Actor, now: datetime) -> int:
    """Queue one reminder per item and step reached, and one message a person and day. Returns the new reminders.

    Records one event, and none when nothing was due.
    """
    permissions.require(actor, "reminder:sweep")
    today = calendar.day_of(now)
    count = sum(reminders.queue_step(reach, today) for reach in policy.reaches(today))
    messages = sum(reminders.queue_messages(clock, step, today, now) for clock, step in policy.steps())
    if count or messages:
        facts = {"reminders": count, "messages": messages, "on": today}
        history.record("reminders.swept", Installation.get(), person_id=actor.person_id, at=now, facts=facts)
    return count
