"""Who may do what, and who may see which fact: the two tables of the model, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REGULATOR_ROLES = ("author", "approver", "case_officer", "administrator")
FORCE_ROLES = ("liaison_officer", "chief_officer_delegate")
AUDIT_ROLES = ("audit_planner", "auditor")
ROLES = (*REGULATOR_ROLES, *FORCE_ROLES, *AUDIT_ROLES, "local_policing_body_reader", "system")
# These roles act only for the organisation they belong to; the others act on every subject.
OWN_ORGANISATION_ONLY = (*FORCE_ROLES, "local_policing_body_reader")

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "register:read": ("public",),
    "health:read": ("public",),
    "sign-in": ("public",),
    "desk:read": ROLES,
    "draft:read": REGULATOR_ROLES,
    "notice:draft": ("author",),
    "notice:revise_draft": ("author",),
    "notice:submit": ("author",),
    "notice:return_draft": ("approver",),
    "notice:approve": ("approver",),
    "notice:make": ("approver", "case_officer"),
    "notice:publish": ("case_officer",),
    "notice:read": ROLES,
    "assignment:read": ROLES,
    "assignment:acknowledge": ("liaison_officer", "case_officer"),
    "assignment:respond": ("liaison_officer", "case_officer"),
    "assignment:decide_publication": ("case_officer",),
    "assignment:decide_disclosure": ("case_officer",),
    "assignment:publish_response": ("case_officer",),
    "assignment:report_progress": ("liaison_officer",),
    "assignment:report_done": ("liaison_officer",),
    "assignment:report_none": ("liaison_officer",),
    "assignment:hold_reply": ("liaison_officer", "case_officer"),
    "assignment:give_view": ("case_officer",),
    "assignment:publish_view": ("case_officer",),
    "assignment:claim_not_applicable": ("liaison_officer",),
    "assignment:agree_not_applicable": ("case_officer",),
    "assignment:refuse_not_applicable": ("case_officer",),
    "assignment:close": ("case_officer",),
    "assignment:reopen": ("case_officer",),
    "assignment:log_contact": ("case_officer",),
    "assignment:request_extension": ("liaison_officer", "case_officer"),
    "assignment:grant_extension": ("case_officer",),
    "assignment:refuse_extension": ("case_officer",),
    "assignment:add_court_days": ("case_officer",),
    "recommendation:import_recommendation": ("administrator", "system"),
    "reminder:sweep": ("system",),
    "report:read": (*REGULATOR_ROLES, *FORCE_ROLES, *AUDIT_ROLES),
    "report:request": (*REGULATOR_ROLES, *FORCE_ROLES, *AUDIT_ROLES),
    "account:read": ROLES,
    "account:change_password": ROLES,
    "account:end_session": ROLES,
    "account:end_other_sessions": ROLES,
    "person:read": ("liaison_officer", "administrator", "system"),
    "person:invite": ("liaison_officer", "administrator", "system"),
    "person:send_link": ("liaison_officer", "administrator", "system"),
    "person:grant": ("liaison_officer", "administrator", "system"),
    "person:end": ("liaison_officer", "administrator", "system"),
    "person:name_deputy": ("liaison_officer", "administrator", "system"),
    "person:appoint_lead": ("liaison_officer", "administrator", "system"),
    "person:release_lead": ("liaison_officer", "administrator", "system"),
    "person:disable": ("administrator", "system"),
    "person:enable": ("administrator", "system"),
    "history:read": REGULATOR_ROLES,
    "history:redact": ("administrator",),
    "sign_in:read": ("administrator",),
    "sign_in:forget": ("system",),
}
# Of the people of one organisation only its lead has these.
LEAD_ONLY = tuple(name for name in PERMISSIONS if name.startswith("person:"))

# Who leads is for leads in their own right: whoever stands in for one for some days does the daily work.
IN_OWN_RIGHT = ("person:appoint_lead", "person:release_lead")

# Which roles there are in an organisation of a type; in a type that is not named, those of a force.
ROLES_IN: Mapping[str, tuple[str, ...]] = {
    "regulator": REGULATOR_ROLES,
    "audit_body": AUDIT_ROLES,
    **dict.fromkeys(("pcc", "mayor", "mopac", "common_council"), ("local_policing_body_reader",)),
}


class NotPermitted(Exception):
    """The person may see the subject but may not do this to it."""


@dataclass(frozen=True)
class Grant:
    """A role held on the day and the organisation it is held in; whether its people are led, and as a deputy only."""

    role: str
    organisation_id: int
    lead: bool = False
    deputy: bool = False


@dataclass(frozen=True)
class Actor:
    """The person who acts. `person_id` is None for the public, who hold no grants."""

    person_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = field(default=())

    def has(self, *roles: str) -> bool:
        """True when the person holds any of the roles, in any organisation."""
        return any(grant.role in roles for grant in self.grants)

    def organisations(self, *roles: str) -> tuple[int, ...]:
        """The ids of the organisations in which the person holds any of the roles, lowest first."""
        return tuple(sorted({g.organisation_id for g in self.grants if g.role in roles}))

    def led(self) -> tuple[int, ...]:
        """The ids of the organisations whose people the person manages, lowest first."""
        return tuple(sorted({g.organisation_id for g in self.grants if g.lead}))

    @property
    def is_regulator(self) -> bool:
        """True for the regulator's people of whatever role."""
        return self.has(*REGULATOR_ROLES)

    @property
    def is_auditor(self) -> bool:
        """True for those who plan audits or carry them out."""
        return self.has(*AUDIT_ROLES)


PUBLIC = Actor()


def may(actor: Actor, permission: str, organisation_id: int | None = None) -> bool:
    """True when the actor may do it, to a subject of that organisation where one is given."""
    roles = PERMISSIONS[permission]
    return "public" in roles or any(
        grant.role in roles and _reaches(grant, permission, organisation_id) for grant in actor.grants
    )


def _reaches(grant: Grant, permission: str, organisation_id: int | None) -> bool:
    """True when the role, held so, is good for a subject of the organisation: its own only, or as its lead only."""
    if grant.role not in OWN_ORGANISATION_ONLY:
        return True
    own = organisation_id in (None, grant.organisation_id)
    leads = grant.lead and not (grant.deputy and permission in IN_OWN_RIGHT)
    return own and (leads or permission not in LEAD_ONLY)


def independent(role: str) -> bool:
    """True for those who ask and audit; nobody of them also answers for an organisation that is asked."""
    return role in (*REGULATOR_ROLES, *AUDIT_ROLES, "system")


def roles_in(organisation_type: str) -> tuple[str, ...]:
    """The roles that can be held in an organisation of the type."""
    return ROLES_IN.get(organisation_type, FORCE_ROLES)


def require(actor: Actor, permission: str, organisation_id: int | None = None) -> None:
    """Raise NotPermitted unless `may`."""
    if not may(actor, permission, organisation_id):
        raise NotPermitted(f"Your role does not let you do this ({permission}).")


# Who reads an assignment: the first that fits, from the closest to the farthest.
READERS = ("regulator", "addressee", "auditor", "local_policing_body", "public")

# fact -> reader -> when: True (always, once the assignment itself is visible), False, or the name of a condition.
FACTS: Mapping[str, Mapping[str, bool | str]] = {
    "reply_clock": dict.fromkeys(READERS, True),
    # That a reply came late, before it was decided what is published of it.
    "unprocessed": {**dict.fromkeys(READERS, True), "public": False},
    "acceptance": {
        "regulator": True,
        "addressee": True,
        "auditor": "published_or_disclosed",
        "local_policing_body": "disclosed",
        "public": "published",
    },
    "reply_text": {
        "regulator": True,
        "addressee": True,
        "auditor": "published_or_disclosed",
        "local_policing_body": "disclosed",
        "public": "published",
    },
    "representations": {
        "regulator": True,
        "addressee": True,
        "auditor": False,
        "local_policing_body": False,
        "public": False,
    },
    "implementation": {
        "regulator": True,
        "addressee": True,
        "auditor": True,
        "local_policing_body": True,
        "public": "implementation_public",
    },
    "audit_result": {
        "regulator": True,
        "addressee": True,
        "auditor": True,
        "local_policing_body": True,
        "public": "audit_result_public",
    },
    # Once it is opened; what it found is the audit result.
    "audit_under_way": {
        "regulator": True,
        "addressee": True,
        "auditor": True,
        "local_policing_body": False,
        "public": False,
    },
    "audit_plan": {
        "regulator": True,
        "addressee": False,
        "auditor": False,
        "local_policing_body": False,
        "public": False,
    },
    "progress": {
        "regulator": True,
        "addressee": True,
        "auditor": True,
        "local_policing_body": False,
        "public": False,
    },
    "contact_log": {
        "regulator": True,
        "addressee": False,
        "auditor": False,
        "local_policing_body": False,
        "public": False,
    },
    # The regulator's view of a reply; one that was published everybody reads.
    "view": {
        "regulator": True,
        "addressee": False,
        "auditor": False,
        "local_policing_body": False,
        "public": False,
    },
    "history": {
        "regulator": True,
        "addressee": True,
        "auditor": True,
        "local_policing_body": False,
        "public": False,
    },
}

# What an event of the history tells, where that is more than the rest: whoever may not see the fact may not see it.
EVENT_FACTS: Mapping[str, str] = {"assignment.contact_logged": "contact_log", "assignment.view_given": "view"}

# What somebody wrote is told with its event to whoever may see the fact; the text of any other event is not.
EVENT_TEXTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("assignment.progress_reported", "assignment.reported_done", "assignment.reported_none"), "progress"
    ),
    **dict.fromkeys(
        (
            "assignment.extension_requested",
            "assignment.extension_granted",
            "assignment.extension_refused",
            "assignment.court_days_added",
            "assignment.not_applicable_claimed",
            "assignment.not_applicable_agreed",
            "assignment.not_applicable_refused",
            "assignment.closed",
            "assignment.reopened",
        ),
        "history",
    ),
    "assignment.contact_logged": "contact_log",
    "assignment.view_given": "view",
}

SHOWN = ("part", "all")


def reader_of(actor: Actor, organisation_id: int, policing_body_id: int | None = None) -> str:
    """As whom the actor reads an organisation's assignment; `policing_body_id` holds that force to account."""
    if actor.is_regulator or actor.has("system"):
        return "regulator"
    if organisation_id in actor.organisations(*FORCE_ROLES):
        return "addressee"
    if actor.is_auditor and organisation_id not in actor.organisations(*AUDIT_ROLES):
        return "auditor"
    bodies = actor.organisations("local_policing_body_reader")
    if organisation_id in bodies or policing_body_id in bodies:
        return "local_policing_body"
    return "public"


def sees(reader: str, fact: str, assignment: Any) -> bool:
    """True when `reader` may see the fact of an assignment that is visible to them.

    What the public may see, everybody may. `assignment` has publication, disclosure,
    response_published_on, and its recommendation's implementation_public and audit_result_public.
    """
    of_fact = FACTS[fact]
    return _fits(of_fact[reader], assignment) or _fits(of_fact["public"], assignment)


def _fits(rule: bool | str, assignment: Any) -> bool:
    return rule if isinstance(rule, bool) else CONDITIONS[rule](assignment)


def parts_shown(reader: str, assignment: Any) -> tuple[str, ...]:
    """The kinds of decision ("publication", "disclosure") that show the reader some of the reply."""
    published = ("publication",) if _published(assignment) else ()
    disclosed = ("disclosure",) if reader in ("auditor", "local_policing_body") and _disclosed(assignment) else ()
    return disclosed + published


def _published(assignment: Any) -> bool:
    return assignment.response_published_on is not None and assignment.publication in SHOWN


def _disclosed(assignment: Any) -> bool:
    return assignment.disclosure in SHOWN


CONDITIONS = {
    "published": _published,
    "disclosed": _disclosed,
    "published_or_disclosed": lambda assignment: _published(assignment) or _disclosed(assignment),
    "implementation_public": lambda assignment: assignment.recommendation.implementation_public,
    "audit_result_public": lambda assignment: assignment.recommendation.audit_result_public,
}
