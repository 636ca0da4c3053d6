"""Random assignments as the clock sees them: stored columns only, with dates crowded around the edges."""

from datetime import date, timedelta
from itertools import product
from types import SimpleNamespace

from hypothesis import strategies as st

from registry.rules import clocks, workflow

TODAY = date(2026, 3, 2)
# Where a state begins or ends, seen from today; and anything else now and then.
EDGES = (-15, -14, -1, 0, 1, 13, 14, 15, 56)

edges = st.sampled_from(EDGES).map(lambda offset: TODAY + timedelta(days=offset))
days = st.one_of(edges, edges, st.integers(-400, 400).map(lambda offset: TODAY + timedelta(days=offset)))
perhaps_days = st.one_of(st.none(), days, days, days, days)
todays = st.one_of(st.just(TODAY), st.just(TODAY), days)
CAPACITIES = (*clocks.CAPACITIES, *["recipient"] * 3)
BASES = (*clocks.BASES, *["28a"] * 3)
ACCEPTANCE = (*[value for value in workflow.ACCEPTANCE if value != "not_asked"], *["awaiting"] * 3)


@st.composite
def clocked(draw):
    """The columns an assignment's clock looks at, in any combination that the tables allow."""
    capacity = draw(st.sampled_from(CAPACITIES))
    law = draw(perhaps_days)
    pending = law is not None and draw(st.integers(0, 4)) == 0  # an application is received by the last day, or refused
    return {
        "capacity": capacity,
        "basis": draw(st.sampled_from(BASES)),
        "acceptance": "not_asked" if capacity == "in_scope" else draw(st.sampled_from(ACCEPTANCE)),
        "statutory_last_day": law,
        "response_due_on": draw(perhaps_days),
        "received_on": draw(perhaps_days),
        "extension_requested_on": law - timedelta(days=draw(st.integers(0, 60))) if pending else None,
        "publication": draw(st.sampled_from([None, *workflow.EXTENTS])),
        "invited_by": draw(perhaps_days),
    }


def every_edge():
    """One assignment for each way its dates can lie to today and to each other, under every capacity and basis."""
    offsets = (None, -1, 0, 1, 14, 15)
    days = [None if offset is None else TODAY + timedelta(days=offset) for offset in offsets]
    for capacity, basis, law, letter in product(clocks.CAPACITIES, clocks.BASES, days, days):
        columns = {"capacity": capacity, "basis": basis, "statutory_last_day": law, "response_due_on": letter}
        columns["extension_requested_on"] = None
        yield columns | {"acceptance": "not_asked" if capacity == "in_scope" else "awaiting", "received_on": None}
        if capacity == "recipient" and law and letter:
            yield columns | {"acceptance": "awaiting", "received_on": None, "extension_requested_on": law}
        if capacity != "in_scope":
            for received_on in days[:5]:
                yield columns | {"acceptance": "not_accepted", "received_on": received_on}


def an_assignment(**columns):
    """An assignment as the rules see it: a recipient under 28A who was asked and has not replied."""
    defaults = {
        "capacity": "recipient",
        "basis": "28a",
        "acceptance": "awaiting",
        "statutory_last_day": date(2026, 4, 26),
        "response_due_on": date(2026, 4, 27),
        "invited_by": None,
        "extension_requested_on": None,
        "received_on": None,
        "implementation": "not_started",
        "audit_result": "not_audited",
        "applicability": "applicable",
        "disputed": False,
        "checked_on": None,
        "sites_checked": None,
        "sites_total": None,
        "closed_on": None,
        "publication": None,
        "disclosure": None,
        "response_published_on": None,
        "recommendation": SimpleNamespace(implementation_public=False, audit_result_public=False),
    }
    return SimpleNamespace(**defaults | columns)
