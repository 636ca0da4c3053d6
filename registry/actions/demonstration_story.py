"""Telling the story of the demonstration: each entry of its file becomes a verb, done by somebody on some past day."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain, groupby
from typing import Any

from registry.actions import assignments, demonstration_people, extensions, notices
from registry.actions.imports_reading import slug as slug_of
from registry.records import installation, people
from registry.records.assignments import Assignment
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Recommendation, Topic
from registry.rules import calendar
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed

Told = Mapping[str, Any]
Act = Callable[[datetime], object]

OPENS = time(8, 30)
BETWEEN = timedelta(minutes=2)
# What these do comes from the organisation itself, unless it came by post (`received`).
OF_THE_ADDRESSEE = ("acknowledge", "respond", "request_extension", "report_progress", "report_done")
ABOUT_THE_EVENT = ("verb", "who", "except", "numbers")

VERBS: Mapping[str, Callable[[int, Told, dict[str, Any]], object]] = {
    "acknowledge": lambda subject, given, by: assignments.acknowledge(subject, **given, **by),
    "respond": lambda subject, given, by: assignments.respond(subject, assignments.Reply(**given), **by),
    "decide_publication": lambda subject, given, by: assignments.decide_publication(
        subject, assignments.Extent(**given), **by
    ),
    "decide_disclosure": lambda subject, given, by: assignments.decide_disclosure(
        subject, assignments.Extent(**given), **by
    ),
    "publish_response": lambda subject, given, by: assignments.publish_response(subject, **given, **by),
    "request_extension": lambda subject, given, by: extensions.request_extension(
        subject, extensions.MoreTime(**given), **by
    ),
    "grant_extension": lambda subject, given, by: extensions.grant_extension(
        subject, extensions.MoreTime(**given), **by
    ),
    "report_progress": lambda subject, given, by: assignments.report_progress(subject, **given, **by),
    "report_done": lambda subject, given, by: assignments.report_done(subject, **given, **by),
    "log_contact": lambda subject, given, by: assignments.log_contact(
        subject, assignments.Call(calendar.day_of(by["now"]), **given), **by
    ),
}


@dataclass(frozen=True, order=True)
class Step:
    """Something that is done on a day; of one day, in the order of the file."""

    day: date
    order: int
    act: Act = field(compare=False)


class Story:
    """The story as told for one day. Needs the organisations and people to be there."""

    def __init__(self, today: date):
        self.today = today
        self.organisations = list(Organisation.select().order_by(Organisation.id))
        self.ids = {one.slug: one.id for one in self.organisations}
        self.actors = {person.email: people.actor(person, today) for person in Person.select()}
        self.holidays = installation.holidays().days
        self.topics: dict[str, Topic] = {}
        self.notices: dict[str, int] = {}
        self.subjects: dict[str, dict[tuple[str, int], int]] = {}

    def tell(self, story: Iterable[Told]) -> None:
        """Do everything that the story tells, day by day, from the morning on."""
        found = chain.from_iterable(chain(self._stages(told), self._events(told)) for told in story)
        steps = sorted(Step(day, order, act) for order, (day, act) in enumerate(found))
        for day, of_the_day in groupby(steps, key=lambda step: step.day):
            now = datetime.combine(day, OPENS, calendar.CIVIL).astimezone(UTC)
            for step in of_the_day:
                step.act(now)
                now += BETWEEN

    def day(self, back: int) -> date:
        """The day so many days before today (after it, when negative), or the last working day before that.

        Beyond the last year whose bank holidays are known only weekends are avoided.
        """
        day = self.today - timedelta(days=back)
        while day.weekday() >= calendar.SATURDAY or day in self.holidays:
            day -= timedelta(days=1)
        return day

    def _stages(self, told: Told) -> Iterator[tuple[date, Act]]:
        """The life of the notice as far as it is told."""
        stages: dict[str, Act] = {
            "written": lambda now: self._draft(told, now),
            "submitted": lambda now: notices.submit(self._notice(told), actor=self._own("author"), now=now),
            "returned": lambda now: notices.return_draft(
                self._notice(told), told["return_reason"], actor=self._own("approver"), now=now
            ),
            "approved": lambda now: notices.approve(self._notice(told), actor=self._own("approver"), now=now),
            "made": lambda now: self._make(told, now),
            "published": lambda now: self._publish(told, now),
        }
        return ((self.day(told[stage]), act) for stage, act in stages.items() if stage in told)

    def _draft(self, told: Told, now: datetime) -> None:
        topic = self._topic(told["topic"])
        content = notices.DraftContent(
            basis=told["basis"],
            recommendations=tuple(
                notices.DraftRecommendation(one["title"], one["body"].strip(), topic.id)
                for one in told["recommendation"]
            ),
            recipients=tuple(self.ids[slug] for slug in self._named(told["recipients"])),
            in_scope=tuple(self.ids[slug] for slug in self._named(told.get("in_scope", ()))),
            background=told["background"].strip(),
            case_references=tuple(self._case_reference(one, now) for one in told.get("case_references", ())),
        )
        self.notices[told["key"]] = notices.draft(content, actor=self._own("author"), now=now).id

    def _make(self, told: Told, now: datetime) -> None:
        letter = None
        if "letter_due" in told:
            letter = notices.LetterDate(self.day(-told["letter_due"]), told["letter_reason"])
        notices.make(
            self._notice(told),
            actor=self._own("case_officer"),
            now=now,
            letter_date=letter,
            embargo_reason=told.get("embargo", ""),
        )

    def _publish(self, told: Told, now: datetime) -> None:
        check = notices.PublicationCheck(
            family_told="yes" if told.get("case_references") else "not_applicable",
            proceedings_checked=True,
            anonymity_checked=True,
            method_checked=True,
            show_implementation=told.get("show_implementation", False),
            show_audit_result=told.get("show_audit_result", False),
        )
        notices.publish(self._notice(told), check, actor=self._own("case_officer"), now=now)

    def _events(self, told: Told) -> Iterator[tuple[date, Act]]:
        """What was done about the notice's assignments: one step for each organisation, number and verb of an event."""
        every = range(1, len(told["recommendation"]) + 1)
        for event in told.get("event", ()):
            verbs = event["verb"] if isinstance(event["verb"], list) else [event["verb"]]
            who = [slug for slug in self._named(event["who"]) if slug not in event.get("except", ())]
            subjects = [(slug, number) for slug in who for number in event.get("numbers", every)]
            for turn, (slug, number) in enumerate(subjects):
                given = {name: _deal(value, turn) for name, value in event.items() if name not in ABOUT_THE_EVENT}
                day = self.day(given.pop("day"))
                for verb in verbs:
                    yield day, partial(self._do, verb, told["key"], slug, number, given)

    def _do(self, verb: str, key: str, slug: str, number: int, given: Told, now: datetime) -> None:
        """Call the verb, as the organisation's liaison officer or as the case officer."""
        texts = {name: value for name, value in given.items() if name != "received"}
        by: dict[str, Any] = {"actor": self._own("case_officer"), "now": now}
        if "received" in given:
            by["received_on"] = self.day(given["received"])
        elif verb in OF_THE_ADDRESSEE:
            by["actor"] = self.actors[demonstration_people.liaison(slug)]
        try:
            VERBS[verb](self._assignments(key)[slug, number], texts, by)
        except NotAllowed as refusal:
            refusal.add_note(f"In the story of {key}: {verb}, {slug}, recommendation {number}, on {now:%Y-%m-%d}.")
            raise

    def _assignments(self, key: str) -> dict[tuple[str, int], int]:
        """The ids of a made notice's assignments, by organisation and number; read once."""
        if key not in self.subjects:
            rows = (
                Assignment.select(Organisation.slug, Recommendation.number, Assignment.id)
                .join(Recommendation)
                .switch(Assignment)
                .join(Organisation)
                .where(Recommendation.notice == self.notices[key])
                .tuples()
            )
            self.subjects[key] = {(slug, number): subject for slug, number, subject in rows}
        return self.subjects[key]

    def _named(self, names: Iterable[str]) -> list[str]:
        """The slugs that are meant: as they stand, "forces" for every force, "region:…" for those of a region."""
        return list(chain.from_iterable(self._expanded(name) for name in names))

    def _expanded(self, name: str) -> list[str]:
        region = name.removeprefix("region:")
        if name != "forces" and region == name:
            return [name]
        return [
            o.slug for o in self.organisations if o.type == "territorial" and name in ("forces", f"region:{o.region}")
        ]

    def _case_reference(self, pattern: str, now: datetime) -> str:
        return pattern.format(year=now.year, last=now.year - 1)

    def _topic(self, name: str) -> Topic:
        if name not in self.topics:
            self.topics[name] = Topic.create(slug=slug_of(name), name=name)
        return self.topics[name]

    def _notice(self, told: Told) -> int:
        return self.notices[told["key"]]

    def _own(self, role: str) -> Actor:
        return self.actors[demonstration_people.own(role)]


def _deal(value: Any, turn: int) -> Any:
    """The value for one turn: lists are dealt out in turn; texts without the newline that ends them in the file."""
    one = value[turn % len(value)] if isinstance(value, list) else value
    return one.strip() if isinstance(one, str) else one
