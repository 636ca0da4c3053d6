"""What one reader may read of an assignment: the facts as stored, less what is not theirs to see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.rules.clocks import ACCEPTANCE_UNREPLIED


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

    Where no reply was asked, or none has come, there is nothing to keep back: the reply clock, which everybody
    may see, says as much. A planned audit is not yet one to whoever may not know; nor is one under way to those who
    are told only what was concluded.
    """
    replies = seen("acceptance") or assignment.acceptance in ACCEPTANCE_UNREPLIED
    audits = seen("audit_result")
    return Reading(
        acceptance=assignment.acceptance if replies else None,
        applicability=assignment.applicability if seen("acceptance") else None,
        implementation=assignment.implementation if seen("implementation") else None,
        audit_result=audit_told(assignment, seen) if audits else None,
        disputed=assignment.disputed if audits else None,
        checked_on=assignment.checked_on if audits else None,
        sites_checked=assignment.sites_checked if audits else None,
        sites_total=assignment.sites_total if audits else None,
    )


def audit_told(assignment: Any, seen: Callable[[str], bool]) -> str:
    """The audit result for a reader who may see one: to whoever may not know of an audit there is none yet."""
    untold = {"planned": "audit_plan", "under_way": "audit_under_way"}.get(assignment.audit_result)
    return "not_audited" if untold and not seen(untold) else assignment.audit_result
