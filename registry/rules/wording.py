"""Names of states, dates and sentences as people read them.

Every text is a message id for the catalogue (marked by `N_`); functions take `translate`, so that
one sentence serves pages, e-mails and the PDF, in English and Welsh.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from registry.rules import clocks
from registry.rules.reading import audit_told

Translate = Callable[[str], str]


def N_(text: str) -> str:
    """Mark a text for the catalogue and leave it as it is."""
    return text


def english(text: str) -> str:
    """The translation into the language the texts are written in: itself."""
    return text


BASIS = {"28a": N_("Paragraph 28A"), "section_10": N_("Section 10"), "not_stated": N_("Not stated")}
CAPACITY = {
    "recipient": N_("Must reply"),
    "invited": N_("Invited to reply"),
    "in_scope": N_("In scope, no reply due"),
}
NOTICE_STATE = {
    "draft": N_("Draft"),
    "in_review": N_("Waiting for approval"),
    "approved": N_("Approved"),
    "made": N_("Made"),
    "withdrawn": N_("Withdrawn"),
    "superseded": N_("Superseded"),
}
REPLY_CLOCK = {
    "no_deadline": N_("No legal deadline"),
    "not_known": N_("Deadline not known"),
    "running": N_("Reply due"),
    "due_soon": N_("Due soon"),
    "extension_requested": N_("Extension requested"),
    "overdue": N_("Overdue"),
    "replied_in_time": N_("Replied in time"),
    "replied_late": N_("Replied late"),
    "replied": N_("Replied"),
}
ACCEPTANCE = {
    "not_asked": N_("No reply asked"),
    "awaiting": N_("Awaiting reply"),
    "accepted": N_("Accepted"),
    "accepted_in_part": N_("Accepted in part"),
    "alternative_proposed": N_("Alternative proposed"),
    "not_accepted": N_("Not accepted"),
}
IMPLEMENTATION = {
    "not_started": N_("Not started"),
    "under_way": N_("Under way"),
    "reported_done": N_("Force says done"),
    "none_planned": N_("No action planned"),
}
AUDIT_RESULT = {
    "not_audited": N_("Not audited"),
    "planned": N_("Audit planned"),
    "under_way": N_("Audit under way"),
    "in_place": N_("In place"),
    "partly_in_place": N_("Partly in place"),
    "not_in_place": N_("Not in place"),
    "could_not_test": N_("Could not be tested"),
}
SORT = {
    "best": N_("Best match"),
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "due": N_("Reply due soonest"),
    "organisation": N_("Organisation, A to Z"),
    "title": N_("Title, A to Z"),
}
APPLICABILITY = {
    "applicable": N_("Applies"),
    "claimed_not": N_("Says that it does not apply"),
    "agreed_not": N_("Agreed: does not apply"),
    "refused_not": N_("Applies: the claim was refused"),
}
JUDGEMENT = {
    "sufficient": N_("The reply is sufficient"),
    "more_asked": N_("More is asked"),
    "none": N_("No view is given"),
}
EXTENT = {"none": N_("None of it"), "part": N_("Part of it"), "all": N_("All of it")}
CONTACT_CHANNEL = {
    "telephone": N_("Telephone"),
    "email": N_("E-mail"),
    "meeting": N_("Meeting"),
    "letter": N_("Letter"),
}
CLOSED_REASON = {
    "in_place": N_("Found in place"),
    "not_accepted": N_("Not accepted, reasons published"),
    "not_applicable": N_("Not applicable (agreed)"),
    "superseded": N_("Superseded"),
    "withdrawn": N_("Withdrawn"),
}
REPORT_STATE = {
    "queued": N_("Waiting to be made"),
    "making": N_("Being made"),
    "ready": N_("Ready"),
    "failed": N_("Failed"),
}
ROLE = {
    "author": N_("Author"),
    "approver": N_("Approver"),
    "case_officer": N_("Case officer"),
    "administrator": N_("Administrator"),
    "liaison_officer": N_("Liaison officer"),
    "chief_officer_delegate": N_("Chief-officer delegate"),
    "audit_planner": N_("Audit planner"),
    "auditor": N_("Auditor"),
    "local_policing_body_reader": N_("Local policing body reader"),
    "system": N_("System"),
}
SIGN_IN_OUTCOME = {
    "checking": N_("Not finished"),
    "signed_in": N_("Password right"),
    "wrong": N_("Password wrong"),
    "refused": N_("Refused: too many tries"),
    "reset_asked": N_("Asked for a new password"),
    "password_set": N_("Set a password by a link"),
    "link_refused": N_("A link that does not exist"),
    "not_permitted": N_("Tried what the role does not allow"),
}
ORGANISATION_TYPE = {
    "territorial": N_("Territorial force"),
    "special_police": N_("Special police force"),
    "ports_police": N_("Ports police"),
    "agency": N_("Agency"),
    "national_body": N_("National body"),
    "government_department": N_("Government department"),
    "regulator": N_("Regulator"),
    "audit_body": N_("Audit body"),
    "pcc": N_("Police and crime commissioner"),
    "mayor": N_("Mayor with policing powers"),
    "mopac": N_("Mayor's Office for Policing and Crime"),
    "common_council": N_("Common Council"),
}
# The same as headings over several.
ORGANISATION_TYPES = {
    "territorial": N_("Territorial forces"),
    "special_police": N_("Special police forces"),
    "ports_police": N_("Ports police"),
    "agency": N_("Agencies"),
    "national_body": N_("National bodies"),
    "government_department": N_("Government departments"),
    "regulator": N_("Regulator"),
    "audit_body": N_("Audit bodies"),
    "pcc": N_("Police and crime commissioners"),
    "mayor": N_("Mayors with policing powers"),
    "mopac": N_("Mayor's Office for Policing and Crime"),
    "common_council": N_("Common Council"),
}
WAITING = {
    "acknowledge": N_("An acknowledgement"),
    "decision": N_("A decision or publication"),
    "report": N_("Work, or a report on it"),
}
# The bank holidays of England and Wales by their usual names: those of the data are translated by them.
HOLIDAYS = (
    N_("New Year’s Day"),
    N_("Good Friday"),
    N_("Easter Monday"),
    N_("Early May bank holiday"),
    N_("Spring bank holiday"),
    N_("Summer bank holiday"),
    N_("Christmas Day"),
    N_("Boxing Day"),
)
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)


def day(value: date | None, translate: Translate = english, precision: str = "day") -> str:
    """A date as read: "5 March 2026", "March 2026" when only the month is known, "not known" for None."""
    if value is None:
        return translate(N_("not known"))
    month = translate(MONTHS[value.month - 1])
    return f"{month} {value.year}" if precision == "month" else f"{value.day} {month} {value.year}"


def capacity(assignment: Any, translate: Translate = english) -> str:
    """As what an organisation is asked. Whoever is addressed under no known duty is a recipient, no more."""
    known = assignment.capacity != "recipient" or clocks.BASES[assignment.basis].duty
    return translate(CAPACITY[assignment.capacity] if known else N_("Recipient"))


def acceptance(value: str, basis: str, translate: Translate = english) -> str:
    """What was answered. Where a source states no provision and no answer, nobody is said to owe or await one."""
    unknown = value == "awaiting" and basis == "not_stated"
    return translate(N_("No reply known") if unknown else ACCEPTANCE[value])


def reply_clock(assignment: Any, today: date, translate: Translate = english, outside: bool = False) -> str:
    """The reply clock in words, with its date or count: "Overdue by 3 days", "Reply due 5 March 2026".

    `outside` is for readers who are told of no lateness before the reply is processed.
    """
    state = clocks.told(assignment, today, outside)
    if state == "no_deadline" and assignment.invited_by:
        return translate(N_("No legal deadline (reply invited by %(day)s)")) % {
            "day": day(assignment.invited_by, translate)
        }
    late = clocks.days_late(assignment, today) if state in ("overdue", "replied_late") else 0
    return clock(state, late, assignment.response_due_on, translate)


def clock(state: str, late: int, due_on: date | None, translate: Translate = english) -> str:
    """A state of the reply clock in words: `late` in days, `due_on` the date in the letter."""
    texts: Mapping[str, str] = {
        "running": N_("Reply due %(day)s"),
        "due_soon": N_("Due soon: %(day)s"),
        "overdue": N_("Overdue by 1 day") if late == 1 else N_("Overdue by %(late)s days"),
        "replied_late": N_("Replied 1 day late") if late == 1 else N_("Replied %(late)s days late"),
    }
    return translate(texts.get(state, REPLY_CLOCK[state])) % {"day": day(due_on, translate), "late": late}


def audit_result(assignment: Any, translate: Translate = english) -> str:
    """The audit result, always as "when checked on …, at n of N sites" once there is one."""
    words = translate(AUDIT_RESULT[assignment.audit_result])
    if assignment.checked_on is None:
        return words
    text = translate(N_("%(result)s when checked on %(day)s, at %(checked)s of %(total)s sites"))
    return text % {
        "result": words,
        "day": day(assignment.checked_on, translate),
        "checked": assignment.sites_checked,
        "total": assignment.sites_total,
    }


_ACCEPTED = {
    "not_asked": N_("No reply asked"),
    "accepted": N_("Accepted on %(day)s"),
    "accepted_in_part": N_("Accepted in part on %(day)s"),
    "alternative_proposed": N_("Alternative proposed on %(day)s"),
    "not_accepted": N_("Not accepted on %(day)s"),
}
_CHECKED = {
    "not_audited": N_("not yet checked"),
    "planned": N_("not yet checked"),
    "under_way": N_("being checked now"),
    "in_place": N_("found in place"),
    "partly_in_place": N_("found partly in place"),
    "not_in_place": N_("found not in place"),
    "could_not_test": N_("could not be tested"),
}
_APPLIES_NOT = {"claimed_not": N_("says that it does not apply"), "agreed_not": N_("agreed not to apply")}
_DOING = {
    "not_started": N_("work not started"),
    "under_way": N_("work under way"),
    "reported_done": N_("the force says done"),
    "none_planned": N_("no action planned"),
}


def summary(assignment: Any, today: date, seen: Callable[[str], bool], translate: Translate = english) -> str:
    """One plain sentence for the four facts: "Accepted on 3 March 2026; the force says done; not yet checked."

    `seen(fact)` says which of reply_clock, unprocessed, acceptance, implementation and audit_result the reader may see.
    """
    parts = [_reply_part(assignment, today, seen, translate)]
    if seen("implementation"):
        parts.append(translate(_DOING[assignment.implementation]))
    if seen("audit_result"):
        parts.append(translate(_CHECKED[audit_told(assignment, seen)]))
    if seen("acceptance") and assignment.applicability in _APPLIES_NOT:
        parts.insert(1, translate(_APPLIES_NOT[assignment.applicability]))
    if seen("history") and assignment.closed_on is not None:
        parts.append(translate(N_("closed on %(day)s")) % {"day": day(assignment.closed_on, translate)})
    return "; ".join(parts) + "."


def _reply_part(assignment: Any, today: date, seen: Callable[[str], bool], translate: Translate) -> str:
    if not seen("acceptance") or assignment.acceptance == "awaiting":
        return reply_clock(assignment, today, translate, not seen("unprocessed"))
    if assignment.received_on is None:
        return translate(ACCEPTANCE[assignment.acceptance])
    return translate(_ACCEPTED[assignment.acceptance]) % {"day": day(assignment.received_on, translate)}


# verb in the history -> sentence. %(actor)s is a person with their organisation; the rest are the event's facts.
EVENTS: Mapping[str, str] = {
    "notice.drafted": N_("%(actor)s started the draft"),
    "notice.revised": N_("%(actor)s revised the draft"),
    "notice.submitted": N_("%(actor)s sent the draft for approval"),
    "notice.returned": N_("%(actor)s returned the draft"),
    "notice.approved": N_("%(actor)s approved the draft"),
    "notice.made": N_("%(actor)s made the notice"),
    "notice.published": N_("%(actor)s published the notice"),
    "assignment.acknowledged": N_("%(actor)s acknowledged receipt"),
    "assignment.responded": N_("%(actor)s recorded the written reply"),
    "assignment.publication_decided": N_("%(actor)s decided what to publish of the reply"),
    "assignment.disclosure_decided": N_("%(actor)s decided what to disclose of the reply"),
    "assignment.response_published": N_("%(actor)s published the reply"),
    "assignment.progress_reported": N_("%(actor)s reported progress"),
    "assignment.reported_done": N_("%(actor)s reported the work done"),
    "assignment.extension_requested": N_("%(actor)s asked for %(days)s more days"),
    "assignment.extension_granted": N_("%(actor)s gave %(days)s more days: the last day in law is %(last_day)s"),
    "assignment.extension_refused": N_("%(actor)s refused to give more time"),
    "assignment.court_days_added": N_(
        "%(actor)s added %(days)s days for proceedings: the last day in law is %(last_day)s"
    ),
    "assignment.reported_none": N_("%(actor)s reported that no action is planned"),
    "assignment.reply_held": N_("%(actor)s recorded a holding reply"),
    "assignment.view_given": N_("%(actor)s gave the regulator's view of the reply: %(judgement)s"),
    "assignment.view_published": N_("%(actor)s published the regulator's view of the reply"),
    "assignment.not_applicable_claimed": N_("%(actor)s claimed that this does not apply"),
    "assignment.not_applicable_agreed": N_("%(actor)s agreed that this does not apply, and closed it"),
    "assignment.not_applicable_refused": N_("%(actor)s decided that this does apply"),
    "assignment.closed": N_("%(actor)s closed the assignment: %(closed_reason)s"),
    "assignment.reopened": N_("%(actor)s opened the assignment again"),
    "assignment.contact_logged": N_("%(actor)s logged a contact"),
    "recommendations.imported": N_("%(actor)s imported recommendations"),
    "reminders.swept": N_("Reminders were queued"),
    "report.requested": N_("%(actor)s asked for a report"),
    "person.invited": N_("%(actor)s invited somebody"),
    "person.granted": N_("%(actor)s gave a role"),
    "person.ended": N_("%(actor)s set the last day of a role"),
    "person.deputy_named": N_("%(actor)s named a deputy"),
    "person.lead_appointed": N_("%(actor)s appointed a lead"),
    "person.lead_released": N_("%(actor)s released a lead"),
    "person.disabled": N_("%(actor)s disabled the person"),
    "person.enabled": N_("%(actor)s enabled the person"),
    "person.link_sent": N_("%(actor)s sent a one-time link"),
    "account.password_set": N_("%(actor)s set a password by a one-time link"),
    "account.password_changed": N_("%(actor)s changed the password"),
    "account.session_ended": N_("%(actor)s ended a session"),
    "account.other_sessions_ended": N_("%(actor)s ended all other sessions"),
    "history.redacted": N_("%(actor)s redacted the text of event %(event)s"),
    "attempts.forgotten": N_("Old lines of the security log were deleted"),
}


# fact of an event -> the words of its machine values.
FACT_WORDS: Mapping[str, Mapping[str, str]] = {
    "acceptance": ACCEPTANCE,
    "extent": EXTENT,
    "judgement": JUDGEMENT,
    "publication": EXTENT,
    "implementation": IMPLEMENTATION,
    "channel": CONTACT_CHANNEL,
    "closed_reason": CLOSED_REASON,
}


class Blank(dict[str, str]):
    """Facts of which none is known: each stands for nothing, for naming a verb without its event."""

    def __missing__(self, name: str) -> str:
        return ""


def event(verb: str, actor: str, facts: Mapping[str, Any], translate: Translate = english) -> str:
    """An event of the history as a sentence: "Aldermere Police asked for 14 more days"."""
    told = Blank({name: _fact(name, value, translate) for name, value in facts.items()})
    told["actor"] = actor
    return translate(EVENTS.get(verb, f"%(actor)s: {verb}")) % told


def _fact(name: str, value: Any, translate: Translate) -> str:
    if name in FACT_WORDS and value in FACT_WORDS[name]:
        return translate(FACT_WORDS[name][value])
    if isinstance(value, str) and name.endswith(("_on", "_day", "_by")):
        return day(date.fromisoformat(value), translate)
    return str(value)


def plural(count: int, noun: str) -> str:
    """A count with its noun, for the command line: "1 message", "12 messages"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
