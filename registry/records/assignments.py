"""Assignments: one organisation's part in one recommendation, and what was recorded about it."""

from peewee import SQL, BooleanField, CharField, Check, DateField, ForeignKeyField, IntegerField, TextField

from registry.records.database import InstantField, Table, one_of
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Recommendation, Version
from registry.rules import limits
from registry.rules.clocks import ACCEPTANCE_REPLIED, BASES, CAPACITIES
from registry.rules.workflow import (
    ACCEPTANCE,
    APPLICABILITY,
    AUDIT_RESULT,
    CLAIM_DECISIONS,
    CLOSED_REASONS,
    DECISIONS,
    EXTENSION_DECISIONS,
    EXTENTS,
    IMPLEMENTATION,
    JUDGEMENTS,
)

CONTACT_CHANNELS = ("telephone", "email", "meeting", "letter")


class Assignment(Table):
    """A recommendation put to an organisation: dates, and four facts that move apart from each other.

    `acknowledged_on` is the day the version now in force was acknowledged; `publication` and
    `disclosure` are the decisions on the reply now in force (None: not decided). Both last days are those now in force;
    what they were stands with each extension. `extension_requested_on` is the day on which an application that is
    not decided was received; `days_added` are those of judicial review (para 28B(4)).
    """

    recommendation = ForeignKeyField(Recommendation, backref="assignments")
    organisation = ForeignKeyField(Organisation, backref="assignments")
    capacity = CharField(max_length=10)
    basis = CharField(max_length=12)
    statutory_last_day = DateField(null=True)
    response_due_on = DateField(null=True)
    extension_requested_on = DateField(null=True)
    days_added = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    invited_by = DateField(null=True)
    acknowledge_by = DateField(null=True)
    acknowledged_on = DateField(null=True)
    acceptance = CharField(max_length=20)
    received_on = DateField(null=True)
    publish_by = DateField(null=True)
    publication = CharField(max_length=4, null=True)
    disclosure = CharField(max_length=4, null=True)
    response_published_on = DateField(null=True)
    implementation = CharField(max_length=13, default="not_started")
    audit_result = CharField(max_length=16, default="not_audited")
    disputed = BooleanField(default=False)
    checked_on = DateField(null=True)
    sites_checked = IntegerField(null=True)
    sites_total = IntegerField(null=True)
    applicability = CharField(max_length=11, default="applicable")
    closed_on = DateField(null=True)
    closed_reason = CharField(max_length=14, null=True)
    revision = IntegerField(default=0)

    class Meta:
        constraints = [
            one_of("capacity", CAPACITIES),
            one_of("basis", tuple(BASES)),
            one_of("acceptance", ACCEPTANCE),
            one_of("publication", EXTENTS),
            one_of("disclosure", EXTENTS),
            one_of("implementation", IMPLEMENTATION),
            one_of("audit_result", AUDIT_RESULT),
            one_of("applicability", APPLICABILITY),
            one_of("closed_reason", CLOSED_REASONS),
            Check("(closed_on IS NULL) = (closed_reason IS NULL)"),
            Check("(capacity = 'in_scope') = (acceptance = 'not_asked')"),
            Check("extension_requested_on IS NULL OR extension_requested_on <= statutory_last_day"),
        ]
        indexes = ((("recommendation", "organisation"), True),)


# The sweep and the desks look only at what is still open: a small part of a large table.
Assignment.add_index(
    Assignment.index(
        Assignment.response_due_on,
        name="assignment_reply_open",
        where=(Assignment.acceptance == "awaiting") & Assignment.closed_on.is_null(),
    )
)
Assignment.add_index(
    Assignment.index(
        Assignment.acknowledge_by,
        name="assignment_acknowledge_open",
        where=Assignment.acknowledged_on.is_null() & Assignment.closed_on.is_null(),
    )
)
Assignment.add_index(
    Assignment.index(
        Assignment.publish_by,
        name="assignment_publish_open",
        where=Assignment.response_published_on.is_null() & Assignment.closed_on.is_null(),
    )
)
# What an organisation has still to do with, and which replies wait for the regulator: few of many.
Assignment.add_index(
    Assignment.index(
        Assignment.organisation,
        Assignment.response_due_on,
        Assignment.id,
        name="assignment_own_open",
        where=Assignment.closed_on.is_null(),
    )
)
# The same words as in the question (`waiting.WAITING`): SQLite takes a partial index only for those.
WAITS_FOR_THE_REGULATOR = (
    Assignment.closed_on.is_null()
    & Assignment.received_on.is_null(False)
    & (Assignment.publication.is_null() | Assignment.disclosure.is_null() | Assignment.response_published_on.is_null())
)
Assignment.add_index(
    Assignment.index(Assignment.publish_by, Assignment.id, name="assignment_to_handle", where=WAITS_FOR_THE_REGULATOR)
)


class Acknowledgement(Table):
    """That an organisation acknowledged a version, and when. Never wiped by a later version."""

    assignment = ForeignKeyField(Assignment, backref="acknowledgements")
    version = ForeignKeyField(Version)
    received_on = DateField()
    by_post = BooleanField(default=False)
    person = ForeignKeyField(Person)
    recorded_at = InstantField()

    class Meta:
        indexes = ((("assignment", "version"), True),)


class Response(Table):
    """A written reply: acceptance, and action taken, proposed, or why none (para 28B(1)).

    `text` is a reply as a source gave it, undivided. `acceptance` and `received_on` are None only
    where an imported source did not state them.
    """

    assignment = ForeignKeyField(Assignment, backref="responses")
    number = IntegerField()
    acceptance = CharField(max_length=20, null=True)
    text = TextField(default="")
    action_taken = TextField(default="")
    action_proposed = TextField(default="")
    why_none = TextField(default="")
    representations = TextField(default="")
    received_on = DateField(null=True)
    by_post = BooleanField(default=False)
    person = ForeignKeyField(Person)
    recorded_at = InstantField()

    class Meta:
        constraints = [one_of("acceptance", ACCEPTANCE_REPLIED)]
        indexes = ((("assignment", "number"), True),)


class Decision(Table):
    """What the regulator decided to publish, or to disclose to those who had copies (para 28B(6)-(7))."""

    response = ForeignKeyField(Response, backref="decisions")
    kind = CharField(max_length=11)
    extent = CharField(max_length=4)
    redacted_text = TextField(default="")
    reason = TextField(default="")
    decided_on = DateField()
    person = ForeignKeyField(Person)

    class Meta:
        constraints = [one_of("kind", DECISIONS), one_of("extent", EXTENTS)]
        indexes = ((("response", "kind"), True),)


class Extension(Table):
    """An application for more time (para 28B(3)), and how it was decided. The dates it moved are kept, old and new."""

    assignment = ForeignKeyField(Assignment, backref="extensions")
    days = IntegerField()
    reason = TextField()
    received_on = DateField()
    by_post = BooleanField(default=False)
    person = ForeignKeyField(Person)
    recorded_at = InstantField()
    decision = CharField(max_length=7, null=True)
    days_granted = IntegerField(null=True)
    decision_reason = TextField(default="")
    decided_on = DateField(null=True)
    decided_by_person = ForeignKeyField(Person, null=True)
    old_last_day = DateField()
    old_due_on = DateField()
    new_last_day = DateField(null=True)
    new_due_on = DateField(null=True)

    class Meta:
        constraints = [one_of("decision", EXTENSION_DECISIONS), Check("(decision IS NULL) = (decided_on IS NULL)")]


class CourtDays(Table):
    """Days that proceedings for judicial review were in progress, added to the period (para 28B(4))."""

    assignment = ForeignKeyField(Assignment, backref="court_days")
    started_on = DateField()
    days = IntegerField()
    note = TextField()
    added_on = DateField()
    person = ForeignKeyField(Person)
    recorded_at = InstantField()
    old_last_day = DateField()
    old_due_on = DateField()
    new_last_day = DateField()
    new_due_on = DateField()


class Claim(Table):
    """That an organisation which owes no reply says the recommendation does not apply, and what was decided."""

    assignment = ForeignKeyField(Assignment, backref="claims")
    reason = TextField()
    claimed_on = DateField()
    person = ForeignKeyField(Person)
    recorded_at = InstantField()
    decision = CharField(max_length=7, null=True)
    decision_reason = TextField(default="")
    decided_on = DateField(null=True)
    decided_by_person = ForeignKeyField(Person, null=True)

    class Meta:
        constraints = [one_of("decision", CLAIM_DECISIONS), Check("(decision IS NULL) = (decided_on IS NULL)")]


class HoldingReply(Table):
    """A word that a reply will come. It is none, and stops nothing."""

    assignment = ForeignKeyField(Assignment, backref="holding_replies")
    text = TextField()
    received_on = DateField()
    by_post = BooleanField(default=False)
    person = ForeignKeyField(Person)
    recorded_at = InstantField()


class View(Table):
    """What the regulator thinks of a reply. Internal unless `published_on`."""

    response = ForeignKeyField(Response, backref="views")
    judgement = CharField(max_length=10)
    text = TextField()
    given_on = DateField()
    published_on = DateField(null=True)
    person = ForeignKeyField(Person)
    recorded_at = InstantField()

    class Meta:
        constraints = [one_of("judgement", JUDGEMENTS)]


class Progress(Table):
    """What the force said about implementation on a day."""

    assignment = ForeignKeyField(Assignment, backref="progress")
    implementation = CharField(max_length=13)
    text = TextField()
    reported_on = DateField()
    person = ForeignKeyField(Person)
    recorded_at = InstantField()

    class Meta:
        constraints = [one_of("implementation", IMPLEMENTATION)]


class Contact(Table):
    """A chase by telephone, e-mail, letter or in a meeting, as the case officer logged it."""

    assignment = ForeignKeyField(Assignment, backref="contacts")
    contacted_on = DateField()
    channel = CharField(max_length=10)
    spoke_to = CharField(max_length=limits.LINE, default="")
    note = TextField()
    person = ForeignKeyField(Person)
    recorded_at = InstantField()

    class Meta:
        constraints = [one_of("channel", CONTACT_CHANNELS)]
