"""Claims that a recommendation does not apply, holding replies, and the regulator's view of a reply.

Frozen: this is a copy of the tables as they stood, and does not follow the models.
"""

from peewee import BooleanField, CharField, Check, DateField, Field, ForeignKeyField, Model, TextField


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    """Referred to only."""


class Assignment(Table):
    """Referred to only."""


class Response(Table):
    """Referred to only."""


class Claim(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    reason = TextField()
    claimed_on = DateField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()
    decision = CharField(max_length=7, null=True)
    decision_reason = TextField()
    decided_on = DateField(null=True)
    decided_by_person = ForeignKeyField(Person, backref="+", null=True)

    class Meta:
        constraints = [
            Check("decision IN ('agreed', 'refused')"),
            Check("(decision IS NULL) = (decided_on IS NULL)"),
        ]


class HoldingReply(Table):
    assignment = ForeignKeyField(Assignment, backref="+")
    text = TextField()
    received_on = DateField()
    by_post = BooleanField()
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()


class View(Table):
    response = ForeignKeyField(Response, backref="+")
    judgement = CharField(max_length=10)
    text = TextField()
    given_on = DateField()
    published_on = DateField(null=True)
    person = ForeignKeyField(Person, backref="+")
    recorded_at = InstantField()

    class Meta:
        constraints = [
            Check("judgement IN ('sufficient', 'more_asked', 'none')"),
        ]


TABLES = (Claim, HoldingReply, View)


def up(migrator, db):
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)
