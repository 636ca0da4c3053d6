"""The world of the permission matrix, and what the model says about it, written by hand.

One notice for each stage of a life, every text of it with a mark of its own. `may_read` is the table "Who may see
what" of the model in words of its own: it imports nothing from `rules.permissions`, so that a wrong table is found too.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from registry.actions import assignments, notices
from registry.actions.assignments import Call, Extent, Reply
from registry.records import people as people_records
from registry.records.assignments import Assignment
from registry.records.jobs import ReportJob
from registry.records.people import Membership, Person
from registry.records.recommendations import Notice
from registry.rules.permissions import Actor
from tests import given
from tests.given import DAY, NOW, TODAY

LATER = NOW + 10 * DAY

# ---- stages

DRAFTS = ("draft", "inreview", "returned", "approved")
HIDDEN = ("embargoed", "hiddenreply", "hiddeninvited")
PUBLIC = (
    *("published", "acknowledged", "replied", "nothing", "decided", "disclosed", "disclosedpart", "publishedpart"),
    *("publishedall", "shown", "done", "closed", "withdrawn", "invited"),
)
MADE = (*HIDDEN, *PUBLIC)
STAGES = (*DRAFTS, *MADE)
INVITED = ("hiddeninvited", "invited")
REPLIED = tuple(s for s in MADE if s not in ("embargoed", "hiddeninvited", "invited", "published", "acknowledged"))
# stage -> (publication decided, disclosure decided, the reply is published)
DECIDED = {
    "hiddenreply": ("all", "all", False),
    "nothing": ("none", "none", False),
    "decided": ("all", "none", False),
    "disclosed": (None, "all", False),
    "disclosedpart": ("none", "part", False),
    "publishedpart": ("part", "none", True),
    "publishedall": ("all", "part", True),
    "shown": ("all", "all", True),
    "done": ("part", "all", True),
    "closed": ("all", None, True),
    "withdrawn": ("none", "all", False),
}
PROGRESS = ("shown", "done", "hiddenreply")
SHOWS_WORK = ("shown",)

# The organisation a stage is told about; two more are put to it too and have said nothing.
TOLD = "kent"
ALSO = ("essex",)
IN_SCOPE = ("surrey",)
ASKED = (TOLD, *ALSO, *IN_SCOPE)


def mark(stage: str, fact: str) -> str:
    """The text of a fact: found on a page, it says what was shown."""
    return f"Zq{stage}x{fact}qZ"


MARK = re.compile(r"Zq([a-z]+)x([a-z]+)qZ")

NOTICE_FACTS = ("title", "body", "background", "case")
INSIDE_FACTS = ("embargo", "note", "returnreason")
REPLY_FACTS = ("reply", "representations", "publicpart", "disclosedpart", "whynot")
OTHER_FACTS = ("progress", "contact", "spoketo")


# ---- who


@dataclass(frozen=True)
class Who:
    """Somebody who tries: what they are called, as whom they are signed in, and what they belong to."""

    name: str
    actor: Actor | None
    roles: tuple[str, ...] = ()
    slug: str = ""

    @property
    def regulator(self) -> bool:
        return bool({"author", "approver", "case_officer", "administrator"} & set(self.roles))

    @property
    def auditor(self) -> bool:
        return bool({"audit_planner", "auditor"} & set(self.roles))

    @property
    def force(self) -> bool:
        return bool({"liaison_officer", "chief_officer_delegate"} & set(self.roles))

    @property
    def policing_body_of(self) -> str:
        return self.slug.removesuffix("-pcc") if "local_policing_body_reader" in self.roles else ""


def everybody() -> list[Who]:
    inside = [("author", "regulator"), ("approver", "regulator"), ("case_officer", "regulator")]
    inside += [("administrator", "regulator"), ("auditor", "audit-body"), ("audit_planner", "audit-body")]
    inside += [("liaison_officer", slug) for slug in ("kent", "essex", "surrey", "npcc")]
    inside += [("chief_officer_delegate", slug) for slug in ("kent", "essex")]
    inside += [("local_policing_body_reader", slug) for slug in ("kent-pcc", "essex-pcc")]
    inside += [("auditor", "kent")]
    found = [Who("public", None)]
    for role, slug in inside:
        emails = {"author": "author", "approver": "approver", "case_officer": "case-officer"}
        email = f"{emails.get(role, role)}@example.org" if slug == "regulator" else f"{role}@{slug}.example.org"
        if role == "liaison_officer":
            email = f"liaison@{slug}.example.org"
        found.append(Who(f"{role} of {slug}", given.a_person(email, slug, role), (role,), slug))
    left = given.a_person("left@kent.example.org", "kent", "liaison_officer")
    Membership.update(to_on=TODAY - DAY).where(Membership.person == left.person_id).execute()
    gone = people_records.actor(Person.get_by_id(left.person_id), TODAY)
    return [*found, Who("somebody who left kent", gone)]


# ---- the world


@dataclass
class World:
    """What there is to look at: ids and references by stage, and who looks."""

    who: list[Who]
    notice: dict[str, int] = field(default_factory=dict)
    reference: dict[str, str] = field(default_factory=dict)
    recommendation: dict[str, str] = field(default_factory=dict)
    assignment: dict[tuple[str, str], int] = field(default_factory=dict)
    report: dict[int, int] = field(default_factory=dict)


def a_world() -> World:
    given.a_register()
    world = World(everybody())
    for stage in STAGES:
        notice = _taken_to(stage)
        world.notice[stage] = notice.id
        if stage in MADE:
            world.reference[stage] = notice.reference
            world.recommendation[stage] = given.recommendation_of(notice).reference
            for slug in asked(stage):
                world.assignment[stage, slug] = given.assignment_of(notice, slug).id
    for who in world.who:
        if who.roles in (("liaison_officer",), ("auditor",), ("case_officer",)) and who.slug != "npcc":
            about = given.organisation(who.slug if who.force else "kent")
            told = {"kind": "force", "state": "failed", "requested_at": NOW}
            job = ReportJob.create(organisation=about, person=who.actor.person_id, **told)
            world.report[job.id] = who.actor.person_id
    return world


def asked(stage: str) -> tuple[str, ...]:
    return ("npcc",) if stage in INVITED else ASKED


def _taken_to(stage: str) -> Notice:
    content = {
        "to": ("npcc",) if stage in INVITED else (TOLD, *ALSO),
        "in_scope": () if stage in INVITED else IN_SCOPE,
        "basis": "section_10" if stage in INVITED else "28a",
        "titles": (mark(stage, "title"),),
        "body": mark(stage, "body"),
        "background": mark(stage, "background"),
        "case_references": (mark(stage, "case"),),
    }
    early = {"draft": given.a_draft, "inreview": given.a_submitted_notice, "approved": given.an_approved_notice}
    if stage in early:
        return early[stage](**content)
    if stage == "returned":
        notice = given.a_submitted_notice(**content)
        return notices.return_draft(notice.id, mark(stage, "returnreason"), actor=given.the_approver(), now=NOW)
    notice = given.a_made_notice(embargo_reason=mark(stage, "embargo"), **content)
    Notice.update(internal_note=mark(stage, "note")).where(Notice.id == notice.id).execute()
    if stage in PUBLIC:
        check = notices.PublicationCheck("yes", True, True, True, show_implementation=stage in SHOWS_WORK)
        given.publish(notice, check=check)
    told = given.assignment_of(notice, asked(stage)[0])
    _told(stage, told)
    if stage == "closed":
        Assignment.update(closed_on=LATER.date(), closed_reason="in_place").where(Assignment.id == told.id).execute()
    if stage == "withdrawn":
        Notice.update(state="withdrawn").where(Notice.id == notice.id).execute()
    return given.again(notice)


def _told(stage: str, told: Assignment) -> None:
    """What the organisation and the regulator did in this stage with the assignment the stage is about."""
    officer, kent = given.the_case_officer(), given.a_liaison_officer(TOLD)
    call = Call(TODAY, "telephone", mark(stage, "contact"), mark(stage, "spoketo"))
    assignments.log_contact(told.id, call, actor=officer, now=NOW)
    if stage == "acknowledged":
        assignments.acknowledge(told.id, actor=kent, now=NOW)
    if stage in REPLIED:
        texts = {"action_taken": mark(stage, "reply"), "representations": mark(stage, "representations")}
        assignments.respond(told.id, Reply("alternative_proposed", **texts), actor=kent, now=NOW)
    publication, disclosure, published = DECIDED.get(stage, (None, None, False))
    for extent, verb, fact in (
        (publication, assignments.decide_publication, "publicpart"),
        (disclosure, assignments.decide_disclosure, "disclosedpart"),
    ):
        if extent:
            decision = Extent(extent, mark(stage, fact) if extent == "part" else "", mark(stage, "whynot"))
            verb(told.id, decision, actor=officer, now=NOW)
    if published:
        assignments.publish_response(told.id, actor=officer, now=NOW)
    if stage in PROGRESS:
        report = assignments.report_done if stage == "done" else assignments.report_progress
        report(told.id, mark(stage, "progress"), actor=kent, now=NOW)


# ---- what the model says


def may_see_notice(who: Who, stage: str) -> bool:
    """Drafts: the regulator. Made: the regulator, auditors, addressees, bodies sent a copy. Published: everybody."""
    if who.regulator or stage in PUBLIC:
        return True
    if stage in DRAFTS:
        return False
    addressed = who.slug in asked(stage) and who.force
    # A copy goes to the body of a force that must reply; nobody must under section 10.
    copied = who.policing_body_of in (TOLD, *ALSO) and stage not in INVITED
    return who.auditor or addressed or copied


def may_see_assignment(who: Who, stage: str, slug: str) -> bool:
    """That an organisation was asked: before publication only itself, its policing body, auditors, the regulator."""
    if stage in DRAFTS:
        return False
    return stage in PUBLIC or who.regulator or _close(who, stage, slug)


def _close(who: Who, stage: str, slug: str) -> bool:
    own = who.force and who.slug == slug
    body = bool(who.policing_body_of) and who.policing_body_of == slug and stage not in INVITED
    return own or body or (who.auditor and who.slug != slug)


def has_page(who: Who, stage: str, slug: str) -> bool:
    """The page of an assignment is for those whose business it is; everybody else reads the register."""
    return stage in MADE and (who.regulator or _close(who, stage, slug))


def may_read(who: Who, stage: str, fact: str) -> bool:
    """The table "Who may see what", for the organisation the stage is about."""
    slug = asked(stage)[0]
    if fact in NOTICE_FACTS:
        return may_see_notice(who, stage)
    if fact in INSIDE_FACTS or fact in ("contact", "spoketo"):
        return who.regulator
    own = who.regulator or (who.force and who.slug == slug)
    if own:
        return True
    publication, disclosure, published = DECIDED.get(stage, (None, None, False))
    body = who.policing_body_of == slug
    auditor = who.auditor and who.slug != slug
    in_public = published and stage in PUBLIC
    to_copies = disclosure if body or auditor else None
    if fact == "reply":
        return (in_public and publication == "all") or to_copies == "all"
    if fact == "publicpart":
        return in_public and publication == "part"
    if fact == "disclosedpart":
        return to_copies == "part" and not (in_public and publication == "all")
    if fact == "acceptance":
        return (in_public and publication in ("part", "all")) or to_copies in ("part", "all")
    if fact == "work":
        return body or auditor or (stage in PUBLIC and stage in SHOWS_WORK)
    if fact == "progress":
        return auditor
    return False


def facts_of(stage: str) -> list[str]:
    """The marks that were written for a stage."""
    if stage in DRAFTS:
        return [*NOTICE_FACTS, *(("returnreason",) if stage == "returned" else ())]
    publication, disclosure, _ = DECIDED.get(stage, (None, None, False))
    said = ["reply", "representations"] if stage in REPLIED else []
    said += ["publicpart"] if publication == "part" else []
    said += ["disclosedpart"] if disclosure == "part" else []
    said += ["whynot"] if publication or disclosure else []
    said += ["progress"] if stage in PROGRESS else []
    return [*NOTICE_FACTS, "embargo", "note", "contact", "spoketo", *said]


# ---- the state a verb starts from


def state_of(stage: str) -> str:
    return {"inreview": "in_review", "returned": "draft", "withdrawn": "withdrawn"}.get(
        stage, stage if stage in DRAFTS else "made"
    )


def in_turn(endpoint: str, stage: str, slug: str, who: Who) -> bool:
    """Whether the verb may be done now, by the state tables of the model. `slug` is empty for a notice."""
    state, told = state_of(stage), slug == asked(stage)[0]
    replied = told and stage in REPLIED
    publication, disclosure, published = DECIDED.get(stage, (None, None, False)) if told else (None, None, False)
    closed = told and stage == "closed"
    work = ("reported_done" if stage == "done" else "under_way") if told and stage in PROGRESS else "not_started"
    recipient = stage not in INVITED and slug not in IN_SCOPE
    return {
        "drafts.revise_draft": state == "draft",
        "drafts.submit": state == "draft",
        "drafts.return_draft": state in ("in_review", "approved"),
        "drafts.approve": state == "in_review",
        "drafts.make": state == "approved",
        "notices.publish": state == "made" and stage in HIDDEN,
        "assignments.acknowledge": not closed and not (told and stage == "acknowledged"),
        "assignments.respond": not closed and not replied and slug not in IN_SCOPE,
        "assignments.report_progress": not closed and work != "reported_done",
        "assignments.report_done": not closed and work != "reported_done",
        "assignments.decide_publication": replied and publication is None,
        "assignments.decide_disclosure": replied and disclosure is None,
        "assignments.publish_response": publication in ("part", "all") and not published and stage in PUBLIC,
        "assignments.report_none": not closed and work in ("not_started", "under_way"),
        "assignments.hold_reply": not closed and not replied and slug not in IN_SCOPE,
        "assignments.give_view": replied,
        "assignments.publish_view": False,
        "assignments.claim_not_applicable": not closed and not recipient,
        "assignments.agree_not_applicable": False,
        "assignments.refuse_not_applicable": False,
        "assignments.close": False,
        "assignments.reopen": closed,
        "assignments.request_extension": not closed and not replied and recipient,
        "assignments.grant_extension": False,
        "assignments.refuse_extension": False,
        "assignments.add_court_days": recipient,
        "assignments.log_contact": True,
    }[endpoint]


def a_day(day: date) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


RECEIVED = a_day((LATER - timedelta(days=1)).date())
