"""Random assignments as the clock sees them: stored columns only, with dates crowded around the edges."""

from datetime import date, timedelta
from types import SimpleNamespace

from hypothesis import strategies as st

from registry.rules import clocks, workflow

TODAY = date(2026, 3, 2)
# Where a state begins or ends, seen from today; and anything else now and then.
EDGES = (-56, -15, -14, -13, -2, -1, 0, 1, 2, 13, 14, 15, 16, 56)

days = st.one_of(st.sampled_from(EDGES), st.integers(-400, 400)).map(lambda offset: TODAY + timedelta(days=offset))
perhaps_days = st.one_of(st.none(), days, days, days)


@st.composite
def clocked(draw):
    """The columns an assignment's clock looks at, in any combination that the tables allow."""
    capacity = draw(st.sampled_from((*clocks.CAPACITIES, "recipient", "recipient")))
    open_to_reply = [value for value in workflow.ACCEPTANCE if value != "not_asked"]
    return {
        "capacity": capacity,
        "basis": draw(st.sampled_from((*clocks.BASES, "28a", "28a"))),
        "acceptance": "not_asked" if capacity == "in_scope" else draw(st.sampled_from(open_to_reply)),
        "statutory_last_day": draw(perhaps_days),
        "response_due_on": draw(perhaps_days),
        "received_on": draw(perhaps_days),
    }


def an_assignment(**columns):
    """An assignment as the rules see it: a recipient under 28A who was asked and has not replied."""
    defaults = {
        "capacity": "recipient",
        "basis": "28a",
        "acceptance": "awaiting",
        "statutory_last_day": date(2026, 4, 26),
        "response_due_on": date(2026, 4, 27),
        "received_on": None,
        "implementation": "not_started",
        "audit_result": "not_audited",
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
