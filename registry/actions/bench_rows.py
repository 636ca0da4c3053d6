"""Made-up lives of recommendations for benchmarks: rows by the million, the same for the same numbers.

Nothing here is anybody's. Most of it is old, answered and closed, as in a register in use for ten years; what is
recent is open, and a small part of what is old was never answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from random import Random

from registry.rules import clocks
from registry.rules.calendar import Holidays

YEARS_BACK = 3650
RECENT_DAYS = 60
# However small the register, this many recommendations are of the last two months: a desk is never empty.
RECENT_AT_LEAST = 30

THINGS = (
    "emergency cords",
    "cell doors",
    "call bells",
    "search records",
    "body-worn video",
    "property bags",
    "custody logs",
    "vehicle keys",
    "interview rooms",
    "risk assessments",
    "handover notes",
    "medicine cupboards",
)
DEEDS = ("Replace", "Check", "Count", "Record", "Review", "Test", "Label", "Inspect")
PLACES = ("in custody suites", "in station receptions", "on night shifts", "in control rooms", "in transport vans")
WHY = (
    "The person on duty could not see what the one before had written.",
    "Nobody had been told that the rule had changed the month before.",
    "The equipment was there, and nobody had been shown how it opens.",
    "Two teams each thought that the other had made the check.",
    "The form had no room for what was seen, so it was not written down.",
)
SAID = (
    "Every site has been visited and the change was made on the spot.",
    "An instruction went to all teams, and supervisors check it each week.",
    "The purchase has been agreed and delivery is expected within the quarter.",
    "Training was given to everybody who works with detained people.",
)

# What a recommendation asks of the organisations: basis, capacity of the first addressee, capacity of the others.
KINDS = (
    ("28a", "recipient", "in_scope"),
    ("28a", "recipient", "recipient"),
    ("section_10", "invited", "invited"),
    ("not_stated", "recipient", "recipient"),
)
WEIGHTS = (45, 30, 20, 5)


@dataclass(frozen=True)
class Asked:
    """A made notice and its recommendations, as much of it as its assignments depend on. Days are ordinals."""

    notice_id: int
    kind: tuple[str, str, str]
    made: int
    published: int | None
    acknowledge_by: date | None
    recommendation_ids: range
    case_reference: str = ""


@dataclass
class Replies:
    """What came with the assignments: rows of responses, decisions and contacts, gathered on the way."""

    responses: list[tuple] = field(default_factory=list)
    decisions: list[tuple] = field(default_factory=list)
    contacts: list[tuple] = field(default_factory=list)


@cache
def iso(ordinal: int) -> str:
    """The day with that number as ISO text."""
    return date.fromordinal(ordinal).isoformat()


def asked(count: int, today: date, random: Random, holidays: Holidays) -> Iterator[Asked]:
    """Made notices with `count` recommendations altogether, oldest first."""
    done = number = 0
    while done < count:
        number += 1
        size = min(random.choice((1, 1, 1, 1, 2, 3)), count - done)
        made = today.toordinal() - _age(count - done, count)
        basis_and_capacities = random.choices(KINDS, WEIGHTS)[0]
        yield Asked(
            notice_id=number,
            kind=basis_and_capacities,
            made=made,
            published=_published(made, today.toordinal(), random),
            acknowledge_by=clocks.acknowledge_by(date.fromordinal(made), holidays),
            recommendation_ids=range(done + 1, done + size + 1),
            case_reference=f"{date.fromordinal(made).year}/{random.randrange(10**6):06d}",
        )
        done += size


def _age(place: int, count: int) -> int:
    """How many days ago the recommendation was made that is `place` from the newest."""
    recent = max(min(RECENT_AT_LEAST, count), count * RECENT_DAYS // YEARS_BACK)
    if place <= recent:
        return place * RECENT_DAYS // recent
    return RECENT_DAYS + (place - recent) * (YEARS_BACK - RECENT_DAYS) // (count - recent)


def _published(made: int, today: int, random: Random) -> int | None:
    embargoed = random.random() < (0.01 if today - made > 400 else 0.1)
    day = made + random.randrange(40)
    return None if embargoed or day > today else day


def title(random: Random) -> str:
    """What a recommendation is called."""
    return f"{random.choice(DEEDS)} {random.choice(THINGS)} {random.choice(PLACES)}"


def text(random: Random) -> str:
    """Some sentences of a recommendation or of its background."""
    return " ".join([f"{title(random)}.", *random.sample(WHY, 3), f"{title(random)} before the end of the year."])


ASSIGNMENT = (
    "id",
    "recommendation",
    "organisation",
    "capacity",
    "basis",
    "statutory_last_day",
    "response_due_on",
    "invited_by",
    "acknowledge_by",
    "acknowledged_on",
    "acceptance",
    "received_on",
    "publish_by",
    "publication",
    "disclosure",
    "response_published_on",
    "implementation",
    "audit_result",
    "checked_on",
    "sites_checked",
    "sites_total",
    "closed_on",
    "closed_reason",
)


def assignments(
    one: Asked, first_id: int, organisations: list[int], today: int, random: Random, replies: Replies, people: "Staff"
) -> Iterator[tuple]:
    """The assignments of a notice as rows of ASSIGNMENT; adds to `replies` what came of them."""
    number = first_id
    for recommendation_id in one.recommendation_ids:
        lead = random.randrange(len(organisations))
        for place, organisation_id in enumerate(organisations):
            capacity = one.kind[1] if place == lead else one.kind[2]
            life = _life(one, capacity, today, random)
            _keep(number, life, replies, random, today, people)
            yield (number, recommendation_id, organisation_id, capacity, one.kind[0], *_dates(one, capacity), *life)
            number += 1


def _dates(one: Asked, capacity: str) -> tuple[str | None, ...]:
    """statutory_last_day, response_due_on, invited_by, acknowledge_by."""
    owed = capacity == "recipient" and one.kind[0] == "28a"
    return (
        iso(one.made + 55) if owed else None,
        iso(one.made + 56) if owed else None,
        iso(one.made + 56) if capacity == "invited" else None,
        one.acknowledge_by.isoformat() if one.acknowledge_by else None,
    )


def _life(one: Asked, capacity: str, today: int, random: Random) -> tuple:
    """What became of an assignment until today: the columns from acknowledged_on to closed_reason."""
    age = today - one.made
    lag = random.randrange(9) if random.random() < 0.998 else YEARS_BACK * 2
    acknowledged = iso(one.made + lag) if lag <= age else None
    received = _received(one, capacity, today, random)
    reply = _reply(capacity, received, today, random)
    doing = _doing(age, reply[0], random)
    return (acknowledged, *reply, *doing, *_found(one.made, age, doing, reply[0], random))


def _received(one: Asked, capacity: str, today: int, random: Random) -> int | None:
    """The day a reply came: mostly around the end of the time, sometimes never."""
    if capacity == "in_scope":
        return None
    never = random.random() < (0.3 if capacity == "invited" else 0.004)
    day = one.made + int(random.triangular(4, 75, 50))
    return None if never or day > today else day


def _reply(capacity: str, received: int | None, today: int, random: Random) -> tuple:
    """acceptance, received_on, publish_by, publication, disclosure, response_published_on."""
    if received is None:
        return ("not_asked" if capacity == "in_scope" else "awaiting", None, None, None, None, None)
    names = ("accepted", "accepted_in_part", "alternative_proposed", "not_accepted")
    acceptance = random.choices(names, (80, 10, 4, 6))[0]
    publish_by = iso(received + 20) if capacity == "recipient" else None
    decided = received + random.randrange(5, 21)
    if decided > today or random.random() < 0.001:
        return (acceptance, iso(received), publish_by, None, None, None)
    extent = random.choices(("all", "part", "none"), (80, 12, 8))[0]
    published = iso(decided) if extent != "none" else None
    return (acceptance, iso(received), publish_by, extent, extent, published)


def _doing(age: int, acceptance: str, random: Random) -> tuple[str]:
    if acceptance == "not_accepted":
        return ("none_planned",)
    if acceptance == "awaiting" or age < 60:
        return ("not_started" if random.random() < 0.8 else "under_way",)
    slow = random.random() < (0.01 if age > 400 else 0.4)
    return ("under_way" if slow else "reported_done",)


def _found(made: int, age: int, doing: tuple[str], acceptance: str, random: Random) -> tuple:
    """audit_result, checked_on, sites_checked, sites_total, closed_on, closed_reason."""
    closes = iso(made + min(age, 380))
    if acceptance == "not_accepted" and age > 400:
        return ("not_audited", None, None, None, closes, "not_accepted")
    if doing != ("reported_done",) or age < 400:
        return ("not_audited", None, None, None, None, None)
    sites = random.randrange(2, 20)
    if random.random() < 0.02:
        return ("partly_in_place", closes, sites - 1, sites, None, None)
    return ("in_place", closes, sites, sites, closes, "in_place")


@dataclass(frozen=True)
class Staff:
    """Who does what in the made-up rows: person ids."""

    author: int
    approver: int
    case_officer: int


RESPONSE = ("id", "assignment", "number", "acceptance", "action_taken", "received_on", "person", "recorded_at")
DECISION = ("response", "kind", "extent", "redacted_text", "reason", "decided_on", "person")
CONTACT = ("assignment", "contacted_on", "channel", "spoke_to", "note", "person", "recorded_at")


def _keep(number: int, life: tuple, replies: Replies, random: Random, today: int, people: Staff) -> None:
    acceptance, received, extent, published = life[1], life[2], life[4], life[6]
    if received:
        at = f"{received}T09:00:00.000000Z"
        said = random.choice(SAID)
        # A response has the number of its assignment: one each.
        replies.responses.append((number, number, 1, acceptance, said, received, people.case_officer, at))
        for kind in ("publication", "disclosure") if extent else ():
            shown = said[:40] if extent == "part" else ""
            replies.decisions.append((number, kind, extent, shown, "", published or received, people.case_officer))
    elif acceptance == "awaiting" and random.random() < 0.02:
        day = iso(today - random.randrange(1, 15))
        replies.contacts.append((number, day, "telephone", "", "Rang.", people.case_officer, f"{day}T09:00:00.000000Z"))
