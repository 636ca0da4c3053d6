"""People: sessions, the security log, one-time links, and who deputises for whom.

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
    SqliteDatabase,
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


class Membership(Table):
    person = ForeignKeyField(Person, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    role = CharField(max_length=30)
    lead = BooleanField()
    from_on = DateField()
    to_on = DateField(null=True)
    deputy_for = ForeignKeyField("self", backref="+", null=True)
    revision = IntegerField()

    class Meta:
        constraints = [
            Check(
                "role IN ('author', 'approver', 'case_officer', 'administrator', 'liaison_officer', 'chief_officer_delegate', 'audit_planner', 'auditor', 'local_policing_body_reader', 'system')"
            ),
        ]
        indexes = ((("organisation", "role"), False),)


class Session(Table):
    key_hash = CharField(max_length=64, unique=True)
    person = ForeignKeyField(Person, backref="+")
    created_at = InstantField()
    last_seen_at = InstantField()
    ended_at = InstantField(null=True)
    agent = CharField(max_length=60)


class OneTimeLink(Table):
    purpose = CharField(max_length=10)
    person = ForeignKeyField(Person, backref="+")
    salt = CharField(max_length=32)
    created_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)

    class Meta:
        constraints = [
            Check("purpose IN ('invitation', 'reset')"),
        ]


class SignInAttempt(Table):
    at = InstantField()
    account = CharField(max_length=64)
    person = ForeignKeyField(Person, backref="+", null=True)
    network = CharField(max_length=45)
    outcome = CharField(max_length=13)

    class Meta:
        constraints = [
            Check(
                "outcome IN ('checking', 'signed_in', 'wrong', 'refused', 'reset_asked', 'password_set', 'link_refused', 'not_permitted')"
            ),
        ]
        indexes = ((("account", "at"), False), (("network", "at"), False), (("at",), False))


TABLES = (Session, OneTimeLink, SignInAttempt)
KEPT = "id, person_id, organisation_id, role, lead, from_on, to_on"
# A column that SQLite adds reads otherwise than one of the model: the table, to which none refers yet, is made anew.
ON_SQLITE = (
    f"INSERT INTO membership ({KEPT}, revision) SELECT {KEPT}, 0 FROM membership_before",
    "DROP TABLE membership_before",
)
ON_POSTGRESQL = (
    "ALTER TABLE membership ADD COLUMN deputy_for_id INTEGER REFERENCES membership (id)",
    "ALTER TABLE membership ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE membership ALTER COLUMN revision DROP DEFAULT",
    "CREATE INDEX membership_deputy_for_id ON membership (deputy_for_id)",
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        db.execute_sql("CREATE TABLE membership_before AS SELECT * FROM membership")
        db.execute_sql("DROP TABLE membership")
        with db.bind_ctx((Membership,), bind_refs=False, bind_backrefs=False):
            db.create_tables((Membership,), safe=False)
    for statement in ON_SQLITE if isinstance(db, SqliteDatabase) else ON_POSTGRESQL:
        db.execute_sql(statement)
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)
