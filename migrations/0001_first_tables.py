"""The first tables: organisations, people, notices, assignments, messages, jobs, and the chained history.

Frozen: this is a copy of the tables as they stood, and does not follow the models.
"""

from peewee import (
    BooleanField,
    CharField,
    Check,
    DateField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    class Meta:
        legacy_table_names = False


class Installation(Table):
    kind = CharField(max_length=13)
    created_at = InstantField()

    class Meta:
        constraints = [
            Check("kind IN ('register', 'demonstration')"),
        ]


class Holiday(Table):
    day = DateField(unique=True)
    name = CharField(max_length=200)


class Organisation(Table):
    slug = CharField(max_length=60, unique=True)
    name = CharField(max_length=200)
    type = CharField(max_length=30, index=True)
    region = CharField(max_length=60)
    ons_code = CharField(max_length=9, null=True)
    force = ForeignKeyField("self", backref="+", null=True)
    valid_from = DateField(null=True)
    valid_to = DateField(null=True)
    successor = ForeignKeyField("self", backref="+", null=True)

    class Meta:
        constraints = [
            Check(
                "type IN ('territorial', 'special_police', 'ports_police', 'agency', 'national_body', 'government_department', 'regulator', 'audit_body', 'pcc', 'mayor', 'mopac', 'common_council')"
            ),
        ]


class Person(Table):
    email = CharField(max_length=254, unique=True)
    name = CharField(max_length=200)
    password_hash = CharField(max_length=200, null=True)
    language = CharField(max_length=2)
    active = BooleanField()
    created_at = InstantField()

    class Meta:
        constraints = [
            Check("language IN ('en', 'cy')"),
        ]


class Membership(Table):
    person = ForeignKeyField(Person, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    role = CharField(max_length=30)
    lead = BooleanField()
    from_on = DateField()
    to_on = DateField(null=True)

    class Meta:
        constraints = [
            Check(
                "role IN ('author', 'approver', 'case_officer', 'administrator', 'liaison_officer', 'chief_officer_delegate', 'audit_planner', 'auditor', 'local_policing_body_reader', 'system')"
            ),
        ]
        indexes = ((("organisation", "role"), False),)


class Topic(Table):
    slug = CharField(max_length=60, unique=True)
    name = CharField(max_length=200)


class HouseNumber(Table):
    series = CharField(max_length=2)
    year = IntegerField()
    last = IntegerField()

    class Meta:
        indexes = ((("series", "year"), True),)


class Notice(Table):
    reference = CharField(max_length=20, unique=True, null=True)
    external_reference = CharField(max_length=60, null=True)
    source_key = CharField(max_length=200, unique=True, null=True)
    source = CharField(max_length=500)
    state = CharField(max_length=12, index=True)
    basis = CharField(max_length=12)
    background = TextField()
    internal_note = TextField()
    author = ForeignKeyField(Person, backref="+")
    approved_by = ForeignKeyField(Person, backref="+", null=True)
    approved_on = DateField(null=True)
    return_reason = TextField()
    made_on = DateField(null=True)
    made_on_precision = CharField(max_length=5)
    sent_at = InstantField(null=True)
    due_reason = TextField()
    published_on = DateField(index=True, null=True)
    embargo_reason = TextField()
    checklist = TextField(null=True)
    created_at = InstantField()
    revision = IntegerField()

    class Meta:
        constraints = [
            Check("state IN ('draft', 'in_review', 'approved', 'made', 'withdrawn', 'superseded')"),
            Check("basis IN ('28a', 'section_10', 'not_stated')"),
            Check("made_on_precision IN ('day', 'month')"),
            Check("published_on IS NULL OR state IN ('made', 'withdrawn', 'superseded')"),
        ]


class Recommendation(Table):
    notice = ForeignKeyField(Notice, backref="+")
    number = IntegerField()
    reference = CharField(max_length=20, unique=True, null=True)
    title = CharField(max_length=200)
    body = TextField()
    topic = ForeignKeyField(Topic, backref="+", null=True)
    implementation_public = BooleanField()
    audit_result_public = BooleanField()

    class Meta:
        indexes = ((("notice", "number"), True),)


class CaseReference(Table):
    notice = ForeignKeyField(Notice, backref="+")
    value = CharField(max_length=60, index=True)


class Addressee(Table):
    notice = ForeignKeyField(Notice, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    capacity = CharField(max_length=10)

    class Meta:
        constraints = [
            Check("capacity IN ('recipient', 'invited', 'in_scope')"),
        ]
        indexes = ((("notice", "organisation"), True),)


class Version(Table):
    notice = ForeignKeyField(Notice, backref="+")
    number = IntegerField()
    language = CharField(max_length=2)
    snapshot = TextField()
    sha256 = CharField(max_length=64)
    made_at = InstantField()

    class Meta:
        constraints = [
            Check("language IN ('en', 'cy')"),
        ]
        indexes = ((("notice", "number", "language"), True),)


class Copy(Table):
    notice = ForeignKeyField(Notice, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    copied_for = ForeignKeyField(Organisation, backref="+")
    copied_on = DateField()

    class Meta:
        indexes = ((("notice", "organisation", "copied_for"), True),)


class Assignment(Table):
    recommendation = ForeignKeyField(Recommendation, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    capacity = CharField(max_length=10)
    basis = CharField(max_length=12)
    statutory_last_day = DateField(null=True)
    response_due_on = DateField(null=True)
    invited_by = DateField(null=True)
    acknowledge_by = DateField(null=True)
    acknowledged_on = DateField(null=True)
    acceptance = CharField(max_length=20)
    received_on = DateField(null=True)
    publish_by = DateField(null=True)
    publication = CharField(max_length=4, null=True)
    disclosure = CharField(max_length=4, null=True)
    response_published_on = DateField(null=True)
    implementation = CharField(max_length=13)
    audit_result = CharField(max_length=16)
    disputed = BooleanField()
    checked_on = DateField(null=True)
    sites_checked = IntegerField(null=True)
    sites_total = IntegerField(null=True)
    applicability = CharField(max_length=11)
    closed_on = DateField(null=True)
    closed_reason = CharField(max_length=14, null=True)
    revision = IntegerField()

    class Meta:
        constraints = [
            Check("capacity IN ('recipient', 'invited', 'in_scope')"),
            Check("basis IN ('28a', 'section_10', 'not_stated')"),
            Check(
                "acceptance IN ('not_asked', 'awaiting', 'accepted', 'accepted_in_part', 'alternative_proposed', 'not_accepted')"
            ),
            Check("publication IN ('none', 'part', 'all')"),
            Check("disclosure IN ('none', 'part', 'all')"),
            Check("implementation IN ('not_started', 'under_way', 'reported_done', 'none_planned')"),
            Check(
                "audit_result IN ('not_audited', 'planned', 'under_way', 'in_place', 'partly_in_place', 'not_in_place', 'could_not_test')"
            ),
            Check("applicability IN ('applicable', 'claimed_not', 'agreed_not', 'refused_not')"),
            Check("closed_reason IN ('in_place', 'not_accepted', 'not_applicable', 'superseded', 'withdrawn')"),
            Check("(closed_on IS NULL) = (closed_reason IS NULL)"),
            Check("(capacity = 'in_scope') = (acceptance = 'not_asked')"),
        ]
        indexes = ((("recommendation", "organisation"), True),)


class Acknowledgement(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    version = ForeignKeyField(Version, backref="+")
    received_on = DateField()
    by_post = BooleanField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()

    class Meta:
        indexes = ((("assignment", "version"), True),)


class Response(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    number = IntegerField()
    acceptance = CharField(max_length=20, null=True)
    text = TextField()
    action_taken = TextField()
    action_proposed = TextField()
    why_none = TextField()
    representations = TextField()
    received_on = DateField(null=True)
    by_post = BooleanField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()

    class Meta:
        constraints = [
            Check("acceptance IN ('accepted', 'accepted_in_part', 'alternative_proposed', 'not_accepted')"),
        ]
        indexes = ((("assignment", "number"), True),)


class Decision(Table):
    response = ForeignKeyField(Response, backref="+")
    kind = CharField(max_length=11)
    extent = CharField(max_length=4)
    redacted_text = TextField()
    reason = TextField()
    decided_on = DateField()
    person = ForeignKeyField(Person, backref="+")

    class Meta:
        constraints = [
            Check("kind IN ('publication', 'disclosure')"),
            Check("extent IN ('none', 'part', 'all')"),
        ]
        indexes = ((("response", "kind"), True),)


class Progress(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    implementation = CharField(max_length=13)
    text = TextField()
    reported_on = DateField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()

    class Meta:
        constraints = [
            Check("implementation IN ('not_started', 'under_way', 'reported_done', 'none_planned')"),
        ]


class Contact(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    contacted_on = DateField()
    channel = CharField(max_length=10)
    spoke_to = CharField(max_length=200)
    note = TextField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()

    class Meta:
        constraints = [
            Check("channel IN ('telephone', 'email', 'meeting', 'letter')"),
        ]


class Reminder(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    clock = CharField(max_length=20)
    step = CharField(max_length=40)
    due_on = DateField()
    queued_on = DateField()

    class Meta:
        indexes = ((("assignment", "clock", "step", "due_on"), True),)


class Message(Table):
    key = CharField(max_length=120, unique=True)
    kind = CharField(max_length=20)
    person = ForeignKeyField(Person, backref="+")
    day = DateField()
    channel = CharField(max_length=10)
    notice = ForeignKeyField(Notice, backref="+", null=True)
    assignment = ForeignKeyField(Assignment, backref="+", null=True)
    state = CharField(max_length=8)
    next_at = InstantField()
    lease_until = InstantField(null=True)
    tries = IntegerField()
    subject = TextField()
    reason = TextField()
    sent_at = InstantField(null=True)

    class Meta:
        constraints = [
            Check("state IN ('queued', 'sending', 'sent', 'parked')"),
        ]


class ReminderMessage(Table):
    reminder = ForeignKeyField(Reminder, backref="+")
    message = ForeignKeyField(Message, backref="+")

    class Meta:
        indexes = ((("reminder", "message"), True),)


class Attempt(Table):
    message = ForeignKeyField(Message, backref="+")
    at = InstantField()
    delivered = CharField(max_length=9)
    answer = TextField()

    class Meta:
        constraints = [
            Check("delivered IN ('sent', 'try_later', 'refused')"),
        ]


class SlotClaim(Table):
    job = CharField(max_length=40)
    slot_at = InstantField()
    claimed_at = InstantField()
    finished_at = InstantField(null=True)
    outcome = TextField()

    class Meta:
        indexes = ((("job", "slot_at"), True),)


class ReportJob(Table):
    kind = CharField(max_length=20)
    organisation = ForeignKeyField(Organisation, backref="+", null=True)
    person = ForeignKeyField(Person, backref="+")
    requested_at = InstantField()
    state = CharField(max_length=7)
    lease_until = InstantField(null=True)
    as_at = InstantField(null=True)
    file = CharField(max_length=120)
    sha256 = CharField(max_length=64)
    pages = IntegerField(null=True)
    reason = TextField()

    class Meta:
        constraints = [
            Check("state IN ('queued', 'making', 'ready', 'failed')"),
        ]


class History(Table):
    id = IntegerField(primary_key=True)
    at = InstantField()
    person = ForeignKeyField(Person, backref="+")
    verb = CharField(max_length=60)
    subject_type = CharField(max_length=30)
    subject_id = IntegerField()
    facts = TextField()
    detail_commitment = CharField(max_length=64, null=True)
    previous = CharField(max_length=64)
    hash = CharField(max_length=64)

    class Meta:
        indexes = ((("subject_type", "subject_id"), False),)


class HistoryDetail(Table):
    history = ForeignKeyField(History, backref="+", primary_key=True)
    text = TextField()
    salt = CharField(max_length=32)


TABLES = (
    Installation,
    Holiday,
    Organisation,
    Person,
    Membership,
    Topic,
    HouseNumber,
    Notice,
    Recommendation,
    CaseReference,
    Addressee,
    Version,
    Copy,
    Assignment,
    Acknowledgement,
    Response,
    Decision,
    Progress,
    Contact,
    Reminder,
    Message,
    ReminderMessage,
    Attempt,
    SlotClaim,
    ReportJob,
    History,
    HistoryDetail,
)
PARTIAL_INDICES = (
    'CREATE INDEX IF NOT EXISTS "assignment_reply_open" ON "assignment" ("response_due_on") WHERE (("acceptance" = \'awaiting\') AND ("closed_on" IS NULL))',
    'CREATE INDEX IF NOT EXISTS "assignment_acknowledge_open" ON "assignment" ("acknowledge_by") WHERE (("acknowledged_on" IS NULL) AND ("closed_on" IS NULL))',
    'CREATE INDEX IF NOT EXISTS "assignment_publish_open" ON "assignment" ("publish_by") WHERE (("response_published_on" IS NULL) AND ("closed_on" IS NULL))',
    'CREATE INDEX IF NOT EXISTS "message_waiting" ON "message" ("next_at") WHERE ("state" IN (\'queued\', \'sending\'))',
)


def up(migrator, db):
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)
    for statement in PARTIAL_INDICES:
        db.execute_sql(statement)
