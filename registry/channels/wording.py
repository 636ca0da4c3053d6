"""The sentences of messages. Frames and paragraphs stand in templates/messages; here is what depends on the facts."""

from datetime import date

from registry.channels.letters import Item, Letter
from registry.rules import clocks, wording
from registry.rules.wording import N_, Translate

ASK = {
    "acknowledge": N_("Acknowledge receipt of %(reference)s"),
    "reply": N_("Reply to %(reference)s"),
    "publish_response": N_("Decide on the reply to %(reference)s and publish it"),
}

# The subjects of messages about somebody's account.
ACCOUNT = {
    "invitation": N_("You have been invited to the register"),
    "reset": N_("Set a new password"),
    "role_given": N_("You have been given a role in the register"),
}


_EXTENSION = {
    None: N_("%(organisation)s asks for more time for %(reference)s"),
    "granted": N_("More time for %(reference)s"),
    "refused": N_("No more time for %(reference)s"),
}


def subject(letter: Letter, translate: Translate) -> str:
    """The subject line, without the mark of a demonstration."""
    if letter.kind in ACCOUNT:
        return translate(ACCOUNT[letter.kind])
    if letter.kind == "notice_made":
        return _notice_subject(letter, translate)
    if letter.kind == "response_received":
        return translate(N_("%(organisation)s has replied to %(reference)s")) % facts(letter.items[0])
    if letter.kind == "to_be_named":
        return translate(N_("%(reference)s is public now, and your reply is overdue")) % facts(letter.items[0])
    if letter.extension is not None:
        return translate(_EXTENSION[letter.extension.decision]) % facts(letter.items[0])
    if len(letter.items) + letter.more == 1:
        item = letter.items[0]
        return f"{ask(item, translate)}: {state(item, letter.today, translate)}"
    text = N_("%(count)s things wait for you, %(late)s overdue") if letter.late else N_("%(count)s things wait for you")
    return translate(text) % {"count": len(letter.items) + letter.more, "late": letter.late}


def _notice_subject(letter: Letter, translate: Translate) -> str:
    due = _reply_due(letter)
    if letter.copied_for:
        text = N_("Copy for you: learning recommendation %(reference)s")
    elif due:
        text = N_("Learning recommendation %(reference)s: reply by %(day)s")
    elif any(item.assignment.capacity == "invited" for item in letter.items):
        text = N_("Learning recommendation %(reference)s: you are invited to reply")
    else:
        text = N_("Learning recommendation %(reference)s: for you to put in place")
    reference = letter.notice.reference if letter.notice else ""
    return translate(text) % {"reference": reference, "day": wording.day(due, translate)}


def _reply_due(letter: Letter) -> date | None:
    """The earliest date in the letter by which somebody must reply, or None when nobody must."""
    return min((item.due_on for item in letter.items if item.due_on), default=None)


def facts(item: Item) -> dict[str, str]:
    """What the sentences about an item may name."""
    reference = item.assignment.recommendation.reference or ""
    return {"reference": reference, "organisation": item.assignment.organisation.name}


def ask(item: Item, translate: Translate) -> str:
    """What is asked, as a heading: "Reply to LR-2026-0007"."""
    return translate(ASK[item.clock]) % facts(item)


def state(item: Item, today: date, translate: Translate) -> str:
    """How the item stands today: "Overdue by 3 days", "Due 5 March 2026", "Target passed 3 days ago"."""
    if item.clock == "reply":
        return wording.reply_clock(item.assignment, today, translate)
    passed = (today - item.due_on).days if item.due_on else 0
    if passed <= 0:
        text = N_("Due %(day)s")
    elif item.late:
        text = N_("Overdue by 1 day") if passed == 1 else N_("Overdue by %(passed)s days")
    else:
        text = N_("Target passed 1 day ago") if passed == 1 else N_("Target passed %(passed)s days ago")
    return translate(text) % {"day": wording.day(item.due_on, translate), "passed": passed}


# What is asked -> the sentence before its date, and the one after it.
_DATES = {
    "acknowledge": (
        N_("Acknowledge by %(day)s. This is a target of the register, not of the law."),
        N_("The target was %(day)s. It is a target of the register, not of the law."),
    ),
    "publish_response": (
        N_("Publish by %(day)s: 21 days beginning with the day the reply was received."),
        N_("The last day to publish was %(day)s: 21 days beginning with the day the reply was received."),
    ),
    "recipient": (
        N_("Reply in writing by %(day)s. The last day in law is %(law)s."),
        N_("The written reply was due on %(day)s. The last day in law was %(law)s."),
    ),
}
_WITHOUT_DATE = {
    "acknowledge": N_("Acknowledge as soon as you can."),
    "publish_response": N_("No law sets a date for publishing this reply."),
    "recipient": N_("A written reply is asked for. Its date is not known."),
    "invited": N_("You are invited to reply. No law sets a date."),
    "in_scope": N_("No reply is due from you. The recommendation is for you to put in place."),
}


def dates(item: Item, today: date, translate: Translate) -> str:
    """By when, with every date there is: the letter's and the last day in law are told apart."""
    which = item.assignment.capacity if item.clock == "reply" else item.clock
    before, after = _DATES.get(which, ("", ""))
    if item.due_on is None or not before:
        return translate(_WITHOUT_DATE[which])
    law = item.assignment.statutory_last_day
    passed = item.late if item.clock == "reply" else item.due_on < today
    text = translate(after if passed else before)
    return text % {"day": wording.day(item.due_on, translate), "law": wording.day(law, translate)}


def naming(item: Item, today: date, translate: Translate) -> str:
    """From when the public list of overdue replies names the organisation; "" where that is not ahead of it."""
    notice = item.assignment.recommendation.notice
    day = clocks.named_on(item.assignment, notice.published_on) if item.clock == "reply" else None
    if day is None or day <= today or item.assignment.acceptance != "awaiting":
        return ""
    text = N_("Without a reply your organisation is named on the public list of overdue replies from %(day)s.")
    return translate(text) % {"day": wording.day(day, translate)}


def acknowledge(item: Item, translate: Translate) -> str:
    """By when to acknowledge an item of a notice; "" where the target was left open."""
    day = item.assignment.acknowledge_by
    return translate(_DATES["acknowledge"][0]) % {"day": wording.day(day, translate)} if day else ""


def held_as(letter: Letter, translate: Translate) -> list[str]:
    """As what the person is written to: "Liaison officer, Kent Police"."""
    return [f"{translate(wording.ROLE[role])}, {organisation}" for role, organisation in letter.held_as]
