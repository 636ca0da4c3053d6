"""Extensions and days added by judicial review: their tables, and what an assignment's clock sees of them.

Frozen: this is a copy of the tables as they stood, and does not follow the models.
"""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DateField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    class Meta:
        legacy_table_names = False


class Organisation(Table):
    """Referred to only."""


class Person(Table):
    """Referred to only."""


class Recommendation(Table):
    """Referred to only."""


class Assignment(Table):
    recommendation = ForeignKeyField(Recommendation, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    capacity = CharField(max_length=10)
    basis = CharField(max_length=12)
    statutory_last_day = DateField(null=True)
    response_due_on = DateField(null=True)
    extension_requested_on = DateField(null=True)
    days_added = IntegerField(constraints=[SQL("DEFAULT 0")])
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
            Check("extension_requested_on IS NULL OR extension_requested_on <= statutory_last_day"),
        ]
        indexes = ((("recommendation", "organisation"), True),)


class Extension(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    days = IntegerField()
    reason = TextField()
    received_on = DateField()
    by_post = BooleanField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()
    decision = CharField(max_length=7, null=True)
    days_granted = IntegerField(null=True)
    decision_reason = TextField()
    decided_on = DateField(null=True)
    decided_by_person = ForeignKeyField(Person, backref="+", null=True)
    old_last_day = DateField()
    old_due_on = DateField()
    new_last_day = DateField(null=True)
    new_due_on = DateField(null=True)

    class Meta:
        constraints = [
            Check("decision IN ('granted', 'refused')"),
            Check("(decision IS NULL) = (decided_on IS NULL)"),
        ]


class CourtDays(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    started_on = DateField()
    days = IntegerField()
    note = TextField()
    added_on = DateField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()
    old_last_day = DateField()
    old_due_on = DateField()
    new_last_day = DateField()
    new_due_on = DateField()


TABLES = (Extension, CourtDays)
# Which of an assignment's indices stand outside the description of its table.
INDICES = (
    'CREATE INDEX IF NOT EXISTS "assignment_reply_open" ON "assignment" ("response_due_on") WHERE (("acceptance" = \'awaiting\') AND ("closed_on" IS NULL))',
    'CREATE INDEX IF NOT EXISTS "assignment_acknowledge_open" ON "assignment" ("acknowledge_by") WHERE (("acknowledged_on" IS NULL) AND ("closed_on" IS NULL))',
    'CREATE INDEX IF NOT EXISTS "assignment_publish_open" ON "assignment" ("publish_by") WHERE (("response_published_on" IS NULL) AND ("closed_on" IS NULL))',
    'CREATE INDEX IF NOT EXISTS "assignment_own_open" ON "assignment" ("organisation_id", "response_due_on", "id") WHERE ("closed_on" IS NULL)',
    'CREATE INDEX IF NOT EXISTS "assignment_to_handle" ON "assignment" ("publish_by", "id") WHERE ((("closed_on" IS NULL) AND ("received_on" IS NOT NULL)) AND ((("publication" IS NULL) OR ("disclosure" IS NULL)) OR ("response_published_on" IS NULL)))',
)
ON_POSTGRESQL = (
    "ALTER TABLE assignment ADD COLUMN extension_requested_on DATE",
    "ALTER TABLE assignment ADD COLUMN days_added INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE assignment ADD CHECK (extension_requested_on IS NULL OR extension_requested_on <= statutory_last_day)",
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _make_anew(db)
    else:
        for statement in ON_POSTGRESQL:
            db.execute_sql(statement)
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)


def _make_anew(db):
    """On SQLite a column that is added reads otherwise than one of the model: the table is made anew, with its rows.

    What refers to it is held until the end of the migration, when every row is there again.
    """
    db.execute_sql("PRAGMA defer_foreign_keys = ON")
    db.execute_sql("CREATE TABLE assignment_before AS SELECT * FROM assignment")
    kept = ", ".join(column.name for column in db.get_columns("assignment"))
    db.execute_sql("DROP TABLE assignment")
    with db.bind_ctx((Assignment,), bind_refs=False, bind_backrefs=False):
        db.create_tables((Assignment,), safe=False)
    db.execute_sql(f"INSERT INTO assignment ({kept}) SELECT {kept} FROM assignment_before")
    db.execute_sql("DROP TABLE assignment_before")
    for statement in INDICES:
        db.execute_sql(statement)
