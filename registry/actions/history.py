"""Taking personal or unlawful text out of the history, in the open: the chain stays whole and says that it was done."""

from datetime import datetime

from registry.records import history
from registry.records.assignments import (
    Claim,
    Contact,
    CourtDays,
    Extension,
    HoldingReply,
    Progress,
    Response,
)
from registry.records.database import NotFound, Table, lock, transaction
from registry.records.history import History, HistoryDetail
from registry.rules import permissions
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed

# Where the text of an event stands too: the rows of the same subject recorded at the same instant.
TWINS: dict[str, tuple[type[Table], tuple[str, ...]]] = {
    "assignment.responded": (Response, ("action_taken", "action_proposed", "why_none", "representations")),
    "assignment.progress_reported": (Progress, ("text",)),
    "assignment.reported_done": (Progress, ("text",)),
    "assignment.reported_none": (Progress, ("text",)),
    "assignment.reply_held": (HoldingReply, ("text",)),
    "assignment.not_applicable_claimed": (Claim, ("reason",)),
    "assignment.extension_requested": (Extension, ("reason",)),
    "assignment.court_days_added": (CourtDays, ("note",)),
    "assignment.contact_logged": (Contact, ("note", "spoke_to")),
}
REDACTED_TEXT = "[Redacted]"


@transaction
def redact(number: int, reason: str, *, actor: Actor, now: datetime) -> History:
    """Remove the text of an event, here and where it was recorded. The event, its hash and its commitment stay.

    What has been frozen in a Version, or sent in a message, is not reached: `reason` is kept as a text of its own.
    Raises NotFound when there is no such event, NotAllowed when it has no text (any more).
    """
    permissions.require(actor, "history:redact")
    if not reason.strip():
        raise NotAllowed("Say why the text is removed.")
    event = lock(History, number)
    detail = HistoryDetail.get_or_none(HistoryDetail.history == number)
    if detail is None:
        raise NotAllowed("This event has no text, or it has been redacted already.")
    if event.verb == history.REDACTED:
        raise NotAllowed("This is the reason of a redaction. It stays.")
    _blank_twins(event)
    detail.delete_instance()
    return history.record(
        history.REDACTED, event, person_id=actor.person_id, at=now, facts={"event": number}, detail=reason
    )


def _blank_twins(event: History) -> None:
    if event.verb not in TWINS:
        return
    table, columns = TWINS[event.verb]
    twin = table.get_or_none((table.assignment == event.subject_id) & (table.recorded_at == event.at))
    if twin is not None:
        for column in columns:
            if getattr(twin, column):
                setattr(twin, column, REDACTED_TEXT)
        twin.save()


def require_text(number: int) -> HistoryDetail:
    """The text of an event that can be redacted. Raises NotFound when there is none."""
    found = HistoryDetail.get_or_none(HistoryDetail.history == number)
    if found is None:
        raise NotFound("There is no such text.")
    return found
