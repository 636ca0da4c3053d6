"""Checkpoints: signatures over the number and hash of an event.

Frozen: this is a copy of the table as it stood, and does not follow the model.
"""

from peewee import CharField, Field, IntegerField, Model


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Checkpoint(Model):
    number = IntegerField(index=True)
    hash = CharField(max_length=64)
    signed_at = InstantField()
    key = CharField(max_length=64)
    signature = CharField(max_length=128)

    class Meta:
        legacy_table_names = False


def up(migrator, db):
    with db.bind_ctx((Checkpoint,), bind_refs=False, bind_backrefs=False):
        db.create_tables((Checkpoint,), safe=False)
