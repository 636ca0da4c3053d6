"""The states a register can be in, made through the verbs, and every page of it for every kind of reader."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from werkzeug.routing import Rule

from registry.actions import applicability, assignments, closing, extensions, replies, reports
from registry.records import sign_ins
from registry.records.assignments import Assignment
from registry.records.jobs import ReportJob
from registry.records.organisations import Organisation
from registry.records.people import SYSTEM_EMAIL, Membership, Person
from registry.records.recommendations import Notice, Recommendation
from registry.rules.permissions import Actor
from tests import given
from tests.given import DAY, NOW
from tests.web.browsing import Browser

# Buttons that would end the walk or shut out who walks next: their own tests press them.
NOT_PRESSED = re.compile("/sign-out|/sessions/|/(disable|enable|send-link|appoint-lead|release-lead)$")
UNBROKEN = "Unbroken" * 25
MANY_WORDS = "A very long name of many words that goes on and on " * 3
LATER = NOW + 70 * DAY


# ---- what is in the register


def empty() -> None:
    """Nothing but organisations."""


def one() -> None:
    """One public notice, one draft."""
    given.an_assignment(published=True)
    given.a_draft()


def every_state() -> None:
    """A notice in each state, and an assignment in each state of each of its facts that the verbs can reach."""
    one_time_links()
    given.a_draft(to=[], background="")
    given.a_submitted_notice()
    given.an_approved_notice()
    given.a_made_notice(titles=["Kept back"], embargo_reason="Inquest in May")
    given.a_published_notice(basis="section_10", titles=["Invited"], in_scope=["essex"])
    given.a_published_notice(titles=["Overdue"], to=["kent", "essex"])
    given.a_published_notice(titles=["Due soon"], made_at=NOW + 20 * DAY)
    given.a_published_notice(titles=["Running"], made_at=LATER)
    _with_more_time()
    _beside_the_facts()
    for place, acceptance in enumerate(("accepted", "accepted_in_part", "alternative_proposed", "not_accepted")):
        _answered(acceptance, NOW + place * 20 * DAY, ("all", "part", "none", "all")[place])


def _with_more_time() -> None:
    """More time asked for, given, refused, asked for again; and days added by a court."""
    officer = given.the_case_officer()
    wanted = extensions.MoreTime(10, "The survey is not back.")
    for place, ends in enumerate(("asked", "granted", "refused", "again")):
        notice = given.a_published_notice(titles=[f"More time: {ends}"], made_at=NOW + 20 * DAY)
        kent, now = given.assignment_of(notice), NOW + (30 + place) * DAY
        extensions.request_extension(kent.id, wanted, actor=given.a_liaison_officer(), now=now)
        if ends in ("granted", "again"):
            extensions.grant_extension(kent.id, wanted, actor=officer, now=now)
        if ends == "refused":
            extensions.refuse_extension(kent.id, "It is planned already.", actor=officer, now=now)
    extensions.request_extension(kent.id, wanted, actor=given.a_liaison_officer(), now=now)
    claim = extensions.Proceedings(given.day_of(now), 5, "A claim.")
    extensions.add_court_days(kent.id, claim, actor=officer, now=now)


def _beside_the_facts() -> None:
    """Claims in each state, a holding reply, no action planned, views inside and public, closed and reopened."""
    officer, kent = given.the_case_officer(), given.a_liaison_officer()
    for decided in ("claimed", "agreed", "refused"):
        notice = given.a_published_notice(titles=[f"Applies? {decided}"], to=["npcc"], in_scope=["kent"])
        one = given.assignment_of(notice)
        applicability.claim_not_applicable(one.id, "There is no custody suite.", actor=kent, now=NOW)
        if decided == "agreed":
            applicability.agree_not_applicable(one.id, "So it is.", actor=officer, now=NOW)
        if decided == "refused":
            applicability.refuse_not_applicable(one.id, "There is one.", actor=officer, now=NOW)
    held = given.an_assignment(published=True, titles=["Held"])
    replies.hold_reply(held.id, "We are considering it.", actor=kent, now=NOW)
    assignments.report_none(held.id, "There are no such cords.", actor=kent, now=NOW)
    for end in ("closed", "reopened"):
        one = given.an_assignment(published=True, titles=[f"Not accepted, {end}"])
        given.replied(one, "not_accepted")
        assignments.decide_publication(one.id, assignments.Extent("all"), actor=officer, now=NOW)
        assignments.publish_response(one.id, actor=officer, now=NOW)
        replies.give_view(one.id, replies.Judgement("more_asked", "What of the old suites?"), actor=officer, now=NOW)
        closing.close(one.id, "Nothing more is asked.", actor=officer, now=NOW)
        if end == "reopened":
            replies.publish_view(one.id, actor=officer, now=NOW)
            closing.reopen(one.id, "It happened again.", actor=officer, now=NOW)


def one_time_links() -> None:
    """A link that can be used, one that was, and one whose time is over; a lead; somebody who has not signed in yet."""
    kent, lead = Person.get_by_id(given.a_liaison_officer().person_id), given.a_lead()
    sign_ins.new_link(kent, "reset", NOW)
    sign_ins.use_up_links(kent, NOW)
    sign_ins.new_link(kent, "reset", NOW)
    sign_ins.new_link(Person.get_by_id(lead.person_id), "invitation", LATER)


def _answered(acceptance: str, replied_at, extent: str) -> None:
    """A reply of that kind, decided about and published where it may be; progress reported; a contact logged."""
    shown = given.notices.PublicationCheck("yes", True, True, True, show_implementation=True, show_audit_result=True)
    notice = given.publish(given.a_made_notice(titles=[f"Answered: {acceptance}"]), check=shown)
    kent, officer = given.assignment_of(notice), given.the_case_officer()
    liaison = given.a_liaison_officer()
    assignments.acknowledge(kent.id, actor=liaison, now=replied_at)
    given.replied(kent, acceptance, now=replied_at, action_taken="Looked at.", why_none="None.", representations="X")
    decided = assignments.Extent(extent, "Looked at." if extent == "part" else "", "" if extent == "all" else "Names")
    for decide in (assignments.decide_publication, assignments.decide_disclosure):
        decide(kent.id, decided, actor=officer, now=replied_at)
    if extent != "none":
        assignments.publish_response(kent.id, actor=officer, now=replied_at)
    if acceptance != "not_accepted":
        report = assignments.report_done if acceptance == "accepted" else assignments.report_progress
        report(kent.id, "Half of it.", actor=liaison, now=replied_at)
    call = assignments.Call(given.day_of(replied_at), "telephone", "Said it was in hand.", "Liaison officer")
    assignments.log_contact(kent.id, call, actor=officer, now=replied_at)


def many() -> None:
    """More than one page of a list, and a notice of several recommendations put to many forces."""
    given.a_published_notice(to=["npcc"], in_scope=given.many_forces(43), titles=["First", "Second", "Third"])
    for number in range(51):
        given.a_published_notice(titles=[f"Number {number}"])
        given.a_draft(titles=[f"Draft {number}"])


def long_words() -> None:
    """Names and texts nobody thought of: 200 letters without a break, and a name of a hundred words."""
    Organisation.update(name=UNBROKEN[:200]).where(Organisation.slug == "kent").execute()
    Organisation.update(name=MANY_WORDS.strip()).where(Organisation.slug == "essex").execute()
    texts = {"titles": [UNBROKEN[:200]], "body": UNBROKEN * 3, "background": f"- {UNBROKEN}\n- {MANY_WORDS}"}
    given.a_draft(case_references=("2024/" + "0" * 40,), **texts)
    given.a_submitted_notice(**texts)
    notice = given.a_published_notice(to=["kent", "essex"], case_references=("X" * 40,), **texts)
    kent = given.assignment_of(notice)
    given.replied(kent, action_taken=UNBROKEN * 2, representations=UNBROKEN)
    given.a_made_notice(embargo_reason=UNBROKEN, **texts)


def reports_of_every_kind() -> None:
    """A report in each of its states."""
    kent = given.organisation("kent").id
    for state in ("queued", "making", "ready", "failed"):
        job = reports.request_report("force", kent, actor=given.an_auditor(), now=NOW)
        more = {"pages": 4, "sha256": "0" * 64, "as_at": NOW, "file": "x.pdf"} if state == "ready" else {}
        ReportJob.update(state=state, reason="It could not be drawn." if state == "failed" else "", **more).where(
            ReportJob.id == job.id
        ).execute()


SCENES: dict[str, Callable[[], None]] = {
    "empty": empty,
    "one": one,
    "every-state": every_state,
    "many": many,
    "long-words": long_words,
    "reports": reports_of_every_kind,
}


# ---- who reads it


def readers() -> dict[str, Actor | None]:
    """One of each kind."""
    return {
        "public": None,
        "author": given.the_author(),
        "approver": given.the_approver(),
        "case-officer": given.the_case_officer(),
        "administrator": given.the_administrator(),
        "liaison-officer": given.a_liaison_officer(),
        "delegate": given.a_person("delegate@kent.example.org", "kent", "chief_officer_delegate"),
        "audit-planner": given.a_person("planner@example.org", "audit-body", "audit_planner"),
        "auditor": given.an_auditor(),
        "policing-body": given.a_policing_body_reader(),
        "lead": given.a_lead(),
    }


# ---- every page


@dataclass
class Walk:
    """Every page one reader opens, once each: address -> HTML."""

    browser: Browser
    pages: dict[str, str] = field(default_factory=dict)

    def open(self, path: str) -> int:
        """Fetch a page, whatever it answers short of a fault; returns the status."""
        answer = self.browser.client.get(path)
        assert answer.status_code < 500, f"{path}: {answer.status_code}"
        return self._keep(path, answer)

    def send(self, path: str, fields: dict[str, str], what: str) -> int:
        """Send a form that is wrong or empty."""
        answer = self.browser.client.post(path, data={"csrf_token": self.browser._token(), **fields})
        assert answer.status_code < 500, f"{path} with {what}: {answer.status_code}"
        return self._keep(f"{path} with {what}", answer)

    def _keep(self, name: str, answer) -> int:
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303, 308):
            self.pages[name] = answer.text
        answer.close()
        return answer.status_code


def walk(browser: Browser, most_of_a_kind: int = 12) -> Walk:
    """Open every page there is for the reader, then send every form on them empty, and filled with nonsense."""
    found = Walk(browser)
    secret = browser.client.application.extensions["registry_settings"].secret_key
    for rule in browser.client.application.url_map.iter_rules():
        if rule.endpoint != "static" and "GET" in rule.methods:
            for path in list(addresses(rule, secret))[:most_of_a_kind]:
                found.open(path)
    for path in [*found.pages]:
        for action, names in forms(found.pages[path], path):
            found.send(action, dict.fromkeys(names, ""), "nothing")
            found.send(action, dict.fromkeys(names, UNBROKEN * 200), "nonsense")
    for path in ("/recommendations?q=cords", "/recommendations?page=2", "/nowhere", "/recommendations?q=zzz"):
        found.open(path)
    return found


def addresses(rule: Rule, secret: str) -> Iterator[str]:
    """The addresses of a route for what is in the register."""
    wanted = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
    if not wanted:
        yield rule.rule
    for values in _subjects(rule.rule, wanted, secret):
        path = rule.rule
        for value in values:
            path = re.sub(r"<[^>]+>", str(value), path, count=1)
        yield path


def _subjects(rule: str, wanted: list[str], secret: str) -> Iterator[tuple]:
    found = {
        "draft_id": Notice.select(Notice.id),
        "assignment_id": Assignment.select(Assignment.id),
        "job_id": ReportJob.select(ReportJob.id),
        "slug": Organisation.select(Organisation.slug),
        "organisation": Organisation.select(Organisation.slug).order_by(Organisation.id),
        "person_id": Person.select(Person.id).where(Person.email != SYSTEM_EMAIL),
        "membership_id": Membership.select(Membership.id).where(Membership.role != "system"),
        "person_id organisation": Membership.select(Membership.person, Organisation.slug).join(Organisation),
    }
    name = " ".join(wanted)
    if wanted == ["reference"]:
        source = Notice if "/notices/" in rule else Recommendation
        yield from source.select(source.reference).where(source.reference.is_null(False)).tuples()
    elif wanted == ["token"]:
        yield from [(sign_ins.token(link, secret),) for link in sign_ins.OneTimeLink.select()]
        yield ("0-nobody-has-this",)
    elif name in found:
        yield from found[name].tuples()
    elif wanted:
        yield tuple(1 for _ in wanted)


def forms(html: str, path: str) -> Iterator[tuple[str, list[str]]]:
    """The forms of a page that change something: where they are sent and the names of their fields."""
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", html, re.DOTALL):
        action = re.search(r'action="([^"]*)"', attributes)
        to = action.group(1) if action else path.partition(" with ")[0]
        if 'method="post"' in attributes and not NOT_PRESSED.search(to):
            names = set(re.findall(r'name="([^"]+)"', inside)) - {"csrf_token", "add"}
            yield to, sorted(names)


def without_tokens(html: str) -> str:
    """The page without what differs each time: two that differ in nothing else need be checked only once."""
    html = re.sub(r'name="csrf_token"[^>]*>', "", html)
    return re.sub(r'nonce="[^"]*"', "", html)
