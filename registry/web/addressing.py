"""Choosing addressees: all forces, a region, or one by one, and back again."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask_babel import gettext as _

from registry.records import organisations
from registry.records.organisations import Organisation

ALL = "all-forces"
REGION = "region:"


@dataclass(frozen=True)
class Groups:
    """What can be chosen on a day, by slug: `forces` are the territorial ones."""

    forces: tuple[Organisation, ...]
    others: tuple[Organisation, ...]

    @classmethod
    def of(cls, today: date) -> "Groups":
        """The organisations that can be addressed on the day."""
        found = list(organisations.addressable(today))
        forces = tuple(o for o in found if o.type == "territorial")
        return cls(forces, tuple(o for o in found if o.type != "territorial"))

    def regions(self) -> dict[str, list[Organisation]]:
        """The forces by region, both in alphabetical order."""
        ordered = sorted(self.forces, key=lambda force: (force.region, force.name))
        return {region: list(forces) for region, forces in groupby(ordered, key=lambda force: force.region)}

    def choices(self) -> list[tuple[str, str]]:
        """Every value the form accepts, with its words."""
        groups = [(ALL, _("All %(count)s territorial forces", count=len(self.forces)))]
        groups += [(REGION + region, _("All forces in %(region)s", region=region)) for region in self.regions()]
        return groups + [(o.slug, o.name) for o in (*self.others, *self.forces)]

    def expand(self, chosen: list[str]) -> list[int]:
        """The ids of the organisations behind what was ticked, each once, in the order of the lists."""
        slugs = set(chosen)
        return [
            o.id
            for o in (*self.others, *self.forces)
            if o.slug in slugs or (o in self.forces and (ALL in slugs or REGION + o.region in slugs))
        ]

    def collapse(self, slugs: list[str]) -> list[str]:
        """The fewest ticks that stand for these organisations."""
        left = set(slugs)
        ticks: list[str] = []
        for tick, members in [(ALL, list(self.forces)), *((REGION + r, m) for r, m in self.regions().items())]:
            whole = {member.slug for member in members}
            if whole and whole <= left:
                ticks.append(tick)
                left -= whole
        return ticks + sorted(left)
