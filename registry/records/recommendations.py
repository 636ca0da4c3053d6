"""Notices, their numbered recommendations, addressees, versions and copies."""

import hashlib
from datetime import datetime

from peewee import (
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
    fn,
)

from registry.records.database import InstantField, JSONText, Table, canonical, one_of
from registry.records.organisations import Organisation
from registry.records.people import LANGUAGES, Person
from registry.rules import limits
from registry.rules.clocks import BASES, CAPACITIES
from registry.rules.workflow import NOTICE_STATES, PRECISIONS

AFTER_MAKING = ("made", "withdrawn", "superseded")


class Topic(Table):
    """A subject recommendations are filed under, such as Custody."""

    slug = CharField(max_length=limits.REFERENCE, unique=True)
    name = CharField(max_length=limits.LINE)


class Notice(Table):
    """What is sent and later published. `made_on` starts the clock; `published_on` is another act, months later."""

    reference = CharField(max_length=20, null=True, unique=True)
    external_reference = CharField(max_length=limits.REFERENCE, null=True)
    source_key = CharField(max_length=limits.LINE, null=True, unique=True)
    source = CharField(max_length=500, default="")
    state = CharField(max_length=12, default="draft", index=True)
    basis = CharField(max_length=12)
    background = TextField(default="")
    internal_note = TextField(default="")
    author = ForeignKeyField(Person)
    approved_by = ForeignKeyField(Person, null=True)
    approved_on = DateField(null=True)
    return_reason = TextField(default="")
    made_on = DateField(null=True)
    made_on_precision = CharField(max_length=5, default="day")
    sent_at = InstantField(null=True)
    due_reason = TextField(default="")
    published_on = DateField(null=True, index=True)
    embargo_reason = TextField(default="")
    checklist = JSONText(null=True)
    created_at = InstantField()
    revision = IntegerField(default=0)

    class Meta:
        constraints = [
            one_of("state", NOTICE_STATES),
            one_of("basis", tuple(BASES)),
            one_of("made_on_precision", PRECISIONS),
            Check("published_on IS NULL OR state IN ('made', 'withdrawn', 'superseded')"),
        ]


# Lists are in the order in which notices were made.
Notice.add_index(Notice.index(Notice.made_on, Notice.id, name="notice_made"))


class Recommendation(Table):
    """One numbered recommendation of a notice: the unit everything hangs on."""

    notice = ForeignKeyField(Notice, backref="recommendations")
    number = IntegerField()
    reference = CharField(max_length=20, null=True, unique=True)
    title = CharField(max_length=limits.LINE)
    body = TextField()
    topic = ForeignKeyField(Topic, null=True)
    implementation_public = BooleanField(default=False)
    audit_result_public = BooleanField(default=False)

    class Meta:
        indexes = ((("notice", "number"), True),)


# Lists by title, whatever its capitals.
Recommendation.add_index(
    Recommendation.index(fn.LOWER(Recommendation.title), Recommendation.id, name="recommendation_title")
)


class CaseReference(Table):
    """A case a notice arose from, such as 2024/010817. Not unique: one case may lead to many notices."""

    notice = ForeignKeyField(Notice, backref="case_references")
    value = CharField(max_length=limits.REFERENCE, index=True)


class Addressee(Table):
    """Whom a draft is for, and in which capacity. Becomes one assignment per recommendation when made."""

    notice = ForeignKeyField(Notice, backref="addressees")
    organisation = ForeignKeyField(Organisation)
    capacity = CharField(max_length=10)

    class Meta:
        constraints = [one_of("capacity", CAPACITIES)]
        indexes = ((("notice", "organisation"), True),)


class Version(Table):
    """The text of a notice as it was sent, never changed. `sha256` is over the canonical snapshot."""

    notice = ForeignKeyField(Notice, backref="versions")
    number = IntegerField()
    language = CharField(max_length=2, default="en")
    snapshot = TextField()
    sha256 = CharField(max_length=64)
    made_at = InstantField()

    class Meta:
        constraints = [one_of("language", LANGUAGES)]
        indexes = ((("notice", "number", "language"), True),)


class Copy(Table):
    """A copy of a notice to the body that holds the recipient to account (para 28A)."""

    notice = ForeignKeyField(Notice, backref="copies")
    organisation = ForeignKeyField(Organisation)
    copied_for = ForeignKeyField(Organisation)
    copied_on = DateField()

    class Meta:
        indexes = ((("notice", "organisation", "copied_for"), True),)


class HouseNumber(Table):
    """The last number given out in a series and year, such as LR 2026."""

    series = CharField(max_length=2)
    year = IntegerField()
    last = IntegerField()

    class Meta:
        indexes = ((("series", "year"), True),)


def next_reference(series: str, year: int) -> str:
    """The next house reference of the series, such as LR-2026-0007. The row stays locked until the transaction ends."""
    given = (
        HouseNumber.insert(series=series, year=year, last=1)
        .on_conflict(
            conflict_target=(HouseNumber.series, HouseNumber.year),
            update={HouseNumber.last: HouseNumber.last + 1},
        )
        .returning(HouseNumber.last)
        .execute()
    )
    return f"{series}-{year}-{next(iter(given)).last:04d}"


def freeze(notice: Notice, number: int, made_at: datetime) -> Version:
    """Keep the text of the notice as its version `number`."""
    snapshot = canonical(
        {
            "notice": notice.reference,
            "basis": notice.basis,
            "made_on": notice.made_on,
            "background": notice.background,
            "recommendations": [
                {"reference": r.reference, "number": r.number, "title": r.title, "body": r.body}
                for r in in_order(notice)
            ],
        }
    )
    digest = hashlib.sha256(snapshot.encode()).hexdigest()
    return Version.create(notice=notice, number=number, snapshot=snapshot, sha256=digest, made_at=made_at)


def in_order(notice: Notice) -> ModelSelect:
    """The recommendations of a notice by number."""
    return notice.recommendations.order_by(Recommendation.number)


def current_version(notice: Notice) -> Version:
    """The version now in force."""
    return notice.versions.order_by(Version.number.desc()).first()


def draft_addressees(of: Notice) -> list[Addressee]:
    """Whom a notice is for, recipients first, then by name."""
    rows = Addressee.select(Addressee, Organisation).join(Organisation).where(Addressee.notice == of.id)
    return list(rows.order_by(Addressee.capacity == "in_scope", Organisation.name))
