"""Organisations of every type: forces, national bodies, policing bodies, the regulator, the audit body."""

from datetime import date

from peewee import CharField, DateField, ForeignKeyField, ModelSelect

from registry.records.database import Table, one_of
from registry.rules import limits

POLICING_BODY_TYPES = ("pcc", "mayor", "mopac", "common_council")
TYPES = (
    "territorial",
    "special_police",
    "ports_police",
    "agency",
    "national_body",
    "government_department",
    "regulator",
    "audit_body",
    *POLICING_BODY_TYPES,
)


class Organisation(Table):
    """Anybody a notice may go to, or who works on the register. `force` is set on a local policing body only."""

    slug = CharField(max_length=limits.REFERENCE, unique=True)
    name = CharField(max_length=limits.LINE)
    type = CharField(max_length=30, index=True)
    region = CharField(max_length=60, default="")
    ons_code = CharField(max_length=9, null=True)
    force = ForeignKeyField("self", null=True, backref="policing_bodies")
    valid_from = DateField(null=True)
    valid_to = DateField(null=True)
    successor = ForeignKeyField("self", null=True)

    class Meta:
        constraints = [one_of("type", TYPES)]


# Lists by organisation are in the order of names.
Organisation.add_index(Organisation.index(Organisation.name, Organisation.id, name="organisation_name"))


def addressable(today: date) -> ModelSelect:
    """The organisations a notice can be addressed to on the day, forces first, by name."""
    in_force = (Organisation.valid_to.is_null() | (Organisation.valid_to >= today)) & (
        Organisation.valid_from.is_null() | (Organisation.valid_from <= today)
    )
    return (
        Organisation.select()
        .where(in_force & Organisation.type.not_in(("regulator", "audit_body", *POLICING_BODY_TYPES)))
        .order_by(Organisation.type != "territorial", Organisation.name)
    )
