"""What one reader may read of an assignment: the facts as stored, less what is not theirs to see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Reading:
    """The facts of an assignment that not everybody may see; None where this reader may not.

    Machine values, as in the tables of `workflow`. Pages, reports and every other way out use this.
    """

    acceptance: str | None
    applicability: str | None
    implementation: str | None
    audit_result: str | None
    disputed: bool | None
    checked_on: date | None
    sites_checked: int | None
    sites_total: int | None


def read(assignment: Any, seen: Callable[[str], bool]) -> Reading:
    """Read an assignment; `seen(fact)` says whether the reader may see a fact of `permissions.FACTS`.

    In scope nothing was asked, so nothing is kept back. A planned audit is not yet one to whoever may not know.
    """
    replies = seen("acceptance") or assignment.acceptance == "not_asked"
    audits = seen("audit_result")
    planned = assignment.audit_result == "planned" and not seen("audit_plan")
    return Reading(
        acceptance=assignment.acceptance if replies else None,
        applicability=assignment.applicability if seen("acceptance") else None,
        implementation=assignment.implementation if seen("implementation") else None,
        audit_result=("not_audited" if planned else assignment.audit_result) if audits else None,
        disputed=assignment.disputed if audits else None,
        checked_on=assignment.checked_on if audits else None,
        sites_checked=assignment.sites_checked if audits else None,
        sites_total=assignment.sites_total if audits else None,
    )
