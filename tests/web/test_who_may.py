"""Every route, by everybody, about everything there is: compared with the tables, and with the model by hand.

Whether somebody may *do* a thing is worked out here from PERMISSIONS and the state tables; what somebody may *see* from
`who_may`, which is the model's table written by hand. A new route is picked up by itself. One whose arguments are not
known here, or one that takes a form for which none stands in FORMS or TRIED_EMPTY, fails until it is told.
"""

import re
from collections import Counter
from dataclasses import dataclass

import html5lib
import pytest

from registry.app import create_app
from registry.records import history
from registry.records.assignments import Assignment
from registry.records.database import database
from registry.records.recommendations import Notice
from registry.reporting import force_report
from registry.rules.permissions import FACTS, PERMISSIONS, PUBLIC, READERS, sees
from tests import given
from tests.conftest import KINDS
from tests.web import who_may
from tests.web.browsing import Browser
from tests.web.who_may import (
    LATER,
    MADE,
    MARK,
    RECEIVED,
    Who,
    asked,
    facts_of,
    has_page,
    in_turn,
    may_read,
    may_see_assignment,
    may_see_notice,
)

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")
FEW = ("public", "case_officer of regulator", "liaison_officer of kent", "local_policing_body_reader of kent-pcc")
OWN_ONLY = ("liaison_officer", "chief_officer_delegate", "local_policing_body_reader")

# Arguments whose subjects the matrix does not make: who has the permission gets any answer but a fault.
ANYTHING = {
    "person_id": "1",
    "membership_id": "1",
    "session_id": "1",
    "token": "none",
    "organisation": "kent",
    "number": "1",
}
# Signing in and out, one's own account, people and the history have tests of their own.
NOT_A_VERB = ("people.", "account.", "members.", "language.", "health.", "history.")
# Routes that anybody may ask and that answer as they are, not as who asks.
OPERATORS = ("/healthz", "/readyz", "/metrics")

_cases: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _told_how_many(record_property):
    """Hands the number of cases to the summary of the run (tests/conftest.py), from whatever process they ran in."""
    before = _cases.copy()
    yield
    for what, count in (_cases - before).items():
        record_property("permission matrix", (what, count))


@pytest.fixture(
    scope="module",
    params=[
        *(pytest.param((kind, FEW), id=f"{kind}-few") for kind in KINDS),
        *(pytest.param((kind, ()), id=f"{kind}-everybody", marks=pytest.mark.slow) for kind in KINDS),
    ],
)
def site(request, settings):
    """The world, built once on each database and rolled back with it, and the browsers of those who try."""
    kind, few = request.param
    with request.getfixturevalue(f"{kind}_template").for_one_thread():
        world = who_may.a_world()
        world.who = [who for who in world.who if not few or who.name in few]
        app = create_app(settings, clock=lambda: LATER)
        app.testing = True
        yield Site(app, world, {who.name: Browser(app, who.actor) for who in world.who})
    database.initialize(None)


@dataclass(frozen=True)
class Answer:
    """What came back, and whether anything was written for it."""

    status: int
    text: str
    mimetype: str
    wrote: bool


class Site:
    """The application, what there is in it, and who looks."""

    def __init__(self, app, world, browsers):
        self.app, self.world, self.browsers = app, world, browsers
        self.tokens: dict[str, str] = {}
        self.rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
        references = [*world.reference.items(), *world.recommendation.items()]
        self.stage_of_reference = {reference: stage for stage, reference in references}
        self.answers: dict[tuple[str, str], Answer] = {}

    def permission(self, rule):
        return self.app.view_functions[rule.endpoint].permission

    def client(self, who):
        return self.browsers[who.name].client

    def get(self, who, address):
        """What the address answers to somebody; asked once, for all the tests that read it."""
        if (who.name, address) not in self.answers:
            with given.queries() as sent:
                answer = self.client(who).get(address)
                text = answer.get_data(as_text=True)
            wrote = any(sql.lstrip().upper().startswith(WRITES) for sql in sent)
            self.answers[who.name, address] = Answer(answer.status_code, text, answer.mimetype, wrote)
        return self.answers[who.name, address]

    def token(self, who):
        if who.name not in self.tokens:
            self.tokens[who.name] = self.browsers[who.name]._token()
        return self.tokens[who.name]

    def addresses(self, rule):
        """Every address of the route with what it is about: (address, subject)."""
        if not rule.arguments:
            return [(rule.rule, None)]
        found = [(self.fill(rule, value), subject) for value, subject in self.subjects(rule)]
        return found

    def fill(self, rule, value):
        values = {name: ANYTHING.get(name, value) for name in rule.arguments}
        return re.sub(r"<(?:[a-z_]+:)?([a-z_]+)>", lambda found: str(values[found.group(1)]), rule.rule)

    def subjects(self, rule):
        """What a route's argument can be: (value in the address, (kind, stage, organisation))."""
        known = rule.arguments - ANYTHING.keys()
        if not known:
            return [("", ("anything", "", ""))]
        (name,) = known
        world = self.world
        made = world.recommendation if rule.rule.startswith("/recommendations") else world.reference
        return {
            "draft_id": [(id, ("draft", stage, "")) for stage, id in world.notice.items()],
            "assignment_id": [(id, ("assignment", *key)) for key, id in world.assignment.items()],
            "reference": [(ref, ("notice", stage, "")) for stage, ref in made.items()],
            "slug": [(slug, ("organisation", "", slug)) for slug in ("kent", "essex", "npcc", "kent-pcc")],
            "job_id": [(id, ("report", str(person), "")) for id, person in world.report.items()],
        }[name]


def holds(who: Who, permission: str, slug: str = "") -> bool:
    """What the table of permissions says, worked out anew: an own role counts for its own organisation only."""
    roles = PERMISSIONS[permission]
    return "public" in roles or any(
        role in roles and (not slug or role not in OWN_ONLY or who.slug == slug) for role in who.roles
    )


def is_there(who: Who, subject) -> bool:
    """Whether the subject of an address exists for this reader."""
    if subject is None:
        return True
    kind, stage, slug = subject
    if kind == "draft":
        return who.regulator
    if kind == "notice":
        return may_see_notice(who, stage)
    if kind == "assignment":
        return has_page(who, stage, slug)
    if kind == "report":
        return who.actor is not None and str(who.actor.person_id) == stage
    return True


def expected(site, rule, who, subject, method):
    """The statuses a request may end with."""
    permission = site.permission(rule)
    if not holds(who, permission):
        if who.actor is None:
            return {302}
        return {404} if permission.endswith(":read") else {403}
    if subject and subject[0] == "anything":
        return {200, 302, 400, 403, 404, 409}
    if not is_there(who, subject):
        return {404}
    if subject and subject[0] == "assignment" and is_verb(rule) and not holds(who, permission, subject[2]):
        return {403}
    if subject and is_verb(rule):
        return {409} if not in_turn(rule.endpoint, *subject[1:], who) else {302} if method == "POST" else {200}
    if rule.endpoint == "reports.download":
        return {404}
    if rule.endpoint in ("people.sign_in", *NOT_A_VERB) or rule.endpoint.startswith(NOT_A_VERB):
        return {200, 302, 303, 400, 403, 404, 409, 503}
    return {200}


def is_verb(rule):
    return "POST" in rule.methods and rule.endpoint.startswith(("drafts.", "notices.", "assignments."))


def worth_trying(site, rule, who):
    """All subjects where they can make a difference; one where the role alone refuses."""
    found = site.addresses(rule)
    return found if holds(who, site.permission(rule)) else found[:1]


# ---- reading


def test_every_page_opens_for_whom_the_tables_say_and_writes_nothing(site):
    before = history.length()
    wrong = []
    for who in site.world.who:
        for rule in site.rules:
            if "GET" in rule.methods:
                for address, subject in worth_trying(site, rule, who):
                    _cases["pages"] += 1
                    answer = site.get(who, address)
                    right = expected(site, rule, who, subject, "GET")
                    if answer.status not in right:
                        wrong.append(f"{who.name}: GET {address} {subject}: {answer.status}, not {right}")
                    if answer.wrote:
                        wrong.append(f"{who.name}: GET {address} wrote")
    assert wrong == []
    assert history.length() == before


LISTS = (
    *("/", "/recommendations", "/assignments", "/organisations", "/organisations/kent", "/desk", "/drafts", "/reports"),
    *("/recommendations?acceptance=alternative_proposed", "/assignments?acceptance=alternative_proposed"),
    *("/assignments?implementation=under_way", "/assignments?implementation=reported_done"),
    *("/recommendations?organisation=kent", "/recommendations?organisation=essex", "/organisations/npcc"),
)


def test_no_page_tells_a_fact_to_whom_the_model_keeps_it_from_and_each_is_told_to_the_others(site):
    """Both ways: a mark on a page it may not be on is a leak; one that is on none is a fact nobody can find."""
    wrong = []
    for who in site.world.who:
        seen = set()
        for address in pages_of(site, who):
            answer = site.get(who, address)
            if answer.status == 200:
                shown = set(MARK.findall(answer.text))
                seen |= shown
                wrong += [f"{who.name}: {address} tells {one}" for one in shown if not may_read(who, *one)]
        for stage in who_may.STAGES:
            for fact in facts_of(stage):
                _cases["facts"] += 1
                told = may_read(who, stage, fact)
                if told and (stage, fact) not in seen and fact != "embargo":
                    wrong.append(f"{who.name} finds {fact} of {stage} on no page")
    assert wrong == []


def pages_of(site, who):
    """Every address that somebody may open, and the lists with their filters."""
    found = {
        address
        for rule in site.rules
        if "GET" in rule.methods and holds(who, site.permission(rule))
        for address, subject in site.addresses(rule)
        if is_there(who, subject)
    }
    return sorted(found | set(LISTS))


def test_no_list_shows_whether_it_was_accepted_or_done_to_whom_the_model_keeps_it_from(site):
    """The facts that are no text of anybody's: read off the cells of every table, and off what a filter finds."""
    wrong = []
    for who in site.world.who:
        for address in pages_of(site, who):
            answer = site.get(who, address)
            if answer.status == 200 and answer.mimetype == "text/html":
                for stage, slug, accepted, work in cells(site, address, answer.text):
                    _cases["cells"] += 1
                    if slug == asked(stage)[0]:
                        if "Alternative" in accepted and not may_read(who, stage, "acceptance"):
                            wrong.append(f"{who.name}: {address} tells {stage} was answered: {accepted}")
                        if work in ("Under way", "Force says done") and not may_read(who, stage, "work"):
                            wrong.append(f"{who.name}: {address} tells {stage} is {work}")
                    if not may_see_assignment(who, stage, slug):
                        wrong.append(f"{who.name}: {address} tells that {slug} was asked in {stage}")
    assert wrong == []


def cells(site, address, html):
    """(stage, organisation, accepted, work) of each row of an assignment table."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    there = site.stage_of_reference.get(address.rsplit("/", 1)[-1], "")
    for row in page.iter("tr"):
        labelled = {cell.get("data-label"): words(cell) for cell in row.iter("td") if cell.get("data-label")}
        if "Accepted" in labelled:
            text = words(row)
            marks = MARK.findall(text)
            stage = marks[0][0] if marks else there
            named = [slug for slug in (*asked(stage), "kent", "npcc") if slug.title() in text or slug.upper() in text]
            slug = named[0] if named else address.rsplit("/", 1)[-1] if "/organisations/" in address else "kent"
            if stage:
                yield stage, slug, labelled["Accepted"], labelled["The force says"]


def words(element):
    return " ".join("".join(element.itertext()).split())


FILTERS = {
    "acceptance=alternative_proposed": lambda who, stage: (
        stage in who_may.REPLIED and may_read(who, stage, "acceptance")
    ),
    "implementation=under_way": lambda who, stage: stage in ("shown", "hiddenreply") and may_read(who, stage, "work"),
    "implementation=reported_done": lambda who, stage: stage == "done" and may_read(who, stage, "work"),
}


def test_a_filter_finds_only_what_the_reader_may_know(site):
    """A filter that finds more than it shows tells as much as a page would."""
    wrong = []
    for who in site.world.who:
        for query, told in FILTERS.items():
            for path in ("/recommendations", "/assignments"):
                if (path == "/assignments" and who.actor is None) or (path == "/assignments" and not who.roles):
                    continue
                _cases["filters"] += 1
                html = site.get(who, f"{path}?{query}").text
                found = {stage for stage, fact in MARK.findall(html) if fact == "title"}
                right = {stage for stage in MADE if told(who, stage)}
                if path == "/assignments":
                    right = {stage for stage in right if has_page(who, stage, asked(stage)[0])}
                elif query.startswith("implementation"):
                    continue
                if found != right:
                    wrong.append(f"{who.name}: {path}?{query}: more {found - right}, fewer {right - found}")
    assert wrong == []


def test_a_search_for_an_organisation_finds_only_where_the_reader_knows_that_it_was_asked(site):
    wrong = []
    for who in site.world.who:
        for slug in ("kent", "essex", "surrey", "npcc"):
            for query in (f"q={slug}", f"organisation={slug}"):
                _cases["searches"] += 1
                html = site.get(who, f"/recommendations?{query}").text
                found = {stage for stage, fact in MARK.findall(html) if fact == "title"}
                right = {s for s in MADE if slug in asked(s) and may_see_assignment(who, s, slug)}
                if found != right:
                    wrong.append(f"{who.name}: {query}: more {found - right}, fewer {right - found}")
    assert wrong == []


def test_a_search_for_what_was_kept_back_finds_nothing(site):
    for who in site.world.who:
        for fact in ("reply", "representations", "progress", "contact", "note", "embargo"):
            for stage in ("hiddenreply", "nothing", "done"):
                _cases["searches"] += 1
                html = site.get(who, f"/recommendations?q={who_may.mark(stage, fact)}").text
                assert not [one for one in MARK.findall(html) if one[1] == "title"], (who.name, stage, fact)


def test_the_number_beside_an_organisation_counts_only_what_the_reader_may_see(site):
    for who in site.world.who:
        page = html5lib.parse(site.get(who, "/organisations").text, namespaceHTMLElements=False)
        for slug in ("kent", "essex", "surrey", "npcc"):
            _cases["counts"] += 1
            right = len([s for s in MADE if slug in asked(s) and may_see_assignment(who, s, slug)])
            lines = [
                words(item) for item in page.iter("li") if item.find(f"a[@href='/organisations/{slug}']") is not None
            ]
            assert lines and lines[-1].endswith(f"({right})"), (who.name, slug, lines, right)


def test_a_report_tells_and_counts_only_what_its_reader_may_see(site):
    kent = given.organisation("kent")
    for who in site.world.who:
        _cases["reports"] += 1
        report = force_report.gather(kent.id, actor=who.actor or PUBLIC, as_at=LATER)
        assert [one for one in MARK.findall(report.canonical) if not may_read(who, *one)] == [], who.name
        seen = [stage for stage in MADE if "kent" in asked(stage) and may_see_assignment(who, stage, "kent")]
        lines = [line for group in report.groups for line in group.lines]
        assert {MARK.findall(line.title)[0][0] for line in lines} == set(seen), who.name
        assert report.figures.assignments == len(seen), who.name
        for line in lines:
            stage = MARK.findall(line.title)[0][0]
            if line.acceptance not in (None, "awaiting", "not_asked"):
                assert may_read(who, stage, "acceptance"), (who.name, stage)
            if line.implementation not in (None, "not_started"):
                assert may_read(who, stage, "work"), (who.name, stage)


# ---- doing

FORMS = {
    "drafts.new": lambda site, who, id: {
        "recommendations-0-title": "Cords",
        "recommendations-0-topic": "",
        "basis": "28a",
    },
    "drafts.revise_draft": lambda site, who, id: {
        "recommendations-0-title": "Cords",
        "recommendations-0-topic": "",
        "basis": "28a",
        "revision": Notice.get_by_id(id).revision,
    },
    "drafts.submit": lambda site, who, id: {},
    "drafts.return_draft": lambda site, who, id: {"reason": "Say what the cord was."},
    "drafts.approve": lambda site, who, id: {"revision": Notice.get_by_id(id).revision},
    "drafts.make": lambda site, who, id: {"revision": Notice.get_by_id(id).revision},
    "notices.publish": lambda site, who, id: {
        "family_told": "yes",
        "proceedings": "y",
        "anonymity": "y",
        "method": "y",
    },
    "assignments.acknowledge": lambda site, who, id: {} if who.force else {"received_on": RECEIVED},
    "assignments.respond": lambda site, who, id: {
        "acceptance": "accepted",
        "action_taken": "Done.",
        "revision": Assignment.get_by_id(id).revision,
        **({} if who.force else {"received_on": RECEIVED}),
    },
    "assignments.report_progress": lambda site, who, id: {"text": "Half."},
    "assignments.report_done": lambda site, who, id: {"text": "All."},
    "assignments.decide_publication": lambda site, who, id: {
        "extent": "all",
        "revision": Assignment.get_by_id(id).revision,
    },
    "assignments.decide_disclosure": lambda site, who, id: {
        "extent": "all",
        "revision": Assignment.get_by_id(id).revision,
    },
    "assignments.publish_response": lambda site, who, id: {},
    "assignments.report_none": lambda site, who, id: {"text": "None."},
    "assignments.hold_reply": lambda site, who, id: {
        "text": "Considering.",
        **({} if who.force else {"received_on": RECEIVED}),
    },
    "assignments.give_view": lambda site, who, id: {"judgement": "sufficient", "text": "Clear."},
    "assignments.publish_view": lambda site, who, id: {},
    "assignments.claim_not_applicable": lambda site, who, id: {"reason": "No suites."},
    "assignments.agree_not_applicable": lambda site, who, id: {"reason": ""},
    "assignments.refuse_not_applicable": lambda site, who, id: {"reason": "One suite."},
    "assignments.close": lambda site, who, id: {"note": ""},
    "assignments.reopen": lambda site, who, id: {"reason": "It happened again."},
    "assignments.request_extension": lambda site, who, id: {
        "days": "14",
        "reason": "The survey is not back.",
        **({} if who.force else {"received_on": RECEIVED}),
    },
    "assignments.grant_extension": lambda site, who, id: {"days": "14"},
    "assignments.refuse_extension": lambda site, who, id: {"reason": "No."},
    "assignments.add_court_days": lambda site, who, id: {"started_on": RECEIVED, "days": "3", "note": "A claim."},
    "assignments.log_contact": lambda site, who, id: {"contacted_on": RECEIVED, "channel": "email", "note": "Asked."},
    "reports.listing": lambda site, who, id: {"organisation": who.slug if who.force else "essex"},
}
DONE_WITHOUT_SUBJECT = ("drafts.new", "reports.listing")


def test_every_verb_is_done_by_whom_and_when_the_tables_say_and_else_nothing_changes(site):
    wrong = []
    for who in site.world.who:
        for rule in site.rules:
            if "POST" in rule.methods and not rule.endpoint.startswith(NOT_A_VERB):
                for address, subject in worth_trying(site, rule, who):
                    _cases["verbs"] += 1
                    wrong += tried(site, rule, who, address, subject)
    assert wrong == []


# That somebody tried is noted, whatever came of it: when they were last seen, and what they were refused.
NOTED = ('UPDATE "session" SET "last_seen_at"', 'INSERT INTO "sign_in_attempt"')


def tried(site, rule, who, address, subject):
    """Send the form, see what came of it, and undo it."""
    id = next((int(part) for part in address.split("/") if part.isdecimal()), None)
    form = {"csrf_token": site.token(who), **FORMS[rule.endpoint](site, who, id)}
    right = expected(site, rule, who, subject, "POST")
    if rule.endpoint in DONE_WITHOUT_SUBJECT and right == {200}:
        right = {302}
    before = history.length()
    with database.atomic() as undone, given.queries() as sent:
        answer = site.client(who).post(address, data=form)
        events = history.length() - before
        undone.rollback()
    wrote = [sql for sql in sent if sql.lstrip().upper().startswith(WRITES) and not any(one in sql for one in NOTED)]
    done = answer.status_code == 302 and who.actor is not None
    wrong = []
    if answer.status_code not in right:
        wrong.append(f"{who.name}: POST {address} {subject}: {answer.status_code}, not {right}")
    if done and events != 1:
        wrong.append(f"{who.name}: POST {address}: {events} events")
    if not done and (events or wrote):
        wrong.append(f"{who.name}: POST {address} was refused with {answer.status_code} and wrote {wrote[:1]}")
    return wrong


# ---- the tables themselves


def test_every_route_that_takes_a_form_has_one_here_or_tests_of_its_own(site):
    untold = [
        rule.endpoint
        for rule in site.rules
        if "POST" in rule.methods and rule.endpoint not in FORMS and not rule.endpoint.startswith(NOT_A_VERB)
    ]
    assert untold == [], "give each a form that is right in FORMS"


def test_every_argument_of_a_route_is_known_here(site):
    for rule in site.rules:
        assert site.addresses(rule), rule.rule


# The verbs of the model with their "who".
WHO_DOES = {
    "notice": {
        **dict.fromkeys(("draft", "revise_draft", "submit"), ("author",)),
        **dict.fromkeys(("return_draft", "approve"), ("approver",)),
        "make": ("approver", "case_officer"),
        "publish": ("case_officer",),
    },
    "assignment": {
        **dict.fromkeys(("acknowledge", "respond"), ("liaison_officer", "case_officer")),
        **dict.fromkeys(("report_progress", "report_done"), ("liaison_officer",)),
        **dict.fromkeys(("decide_publication", "decide_disclosure", "publish_response"), ("case_officer",)),
        "log_contact": ("case_officer",),
        **dict.fromkeys(("request_extension", "hold_reply"), ("liaison_officer", "case_officer")),
        **dict.fromkeys(("report_none", "claim_not_applicable"), ("liaison_officer",)),
        **dict.fromkeys(("agree_not_applicable", "refuse_not_applicable", "close", "reopen"), ("case_officer",)),
        **dict.fromkeys(("give_view", "publish_view"), ("case_officer",)),
        **dict.fromkeys(("grant_extension", "refuse_extension", "add_court_days"), ("case_officer",)),
    },
}


def test_the_table_of_permissions_says_what_the_model_says_by_hand():
    table = {name: set(roles) for name, roles in PERMISSIONS.items() if not name.endswith(":read")}
    for subject, verbs in WHO_DOES.items():
        ours = {name.partition(":")[2]: roles for name, roles in table.items() if name.startswith(f"{subject}:")}
        assert ours == {verb: set(roles) for verb, roles in verbs.items()}


def test_the_table_of_facts_says_what_the_model_says_by_hand(site):
    """FACTS against `may_read`, for the five readers and every stage."""
    readers = {
        "regulator": "case_officer of regulator",
        "addressee": "liaison_officer of kent",
        "auditor": "auditor of audit-body",
        "local_policing_body": "local_policing_body_reader of kent-pcc",
        "public": "public",
    }
    assert set(readers) == set(READERS)
    by_hand = {
        "acceptance": "acceptance",
        "reply_text": "acceptance",
        "representations": "representations",
        "implementation": "work",
    }
    by_hand |= {"progress": "progress", "contact_log": "contact"}
    assert set(by_hand) <= set(FACTS)
    people = {who.name: who for who in who_may.everybody()}
    for stage in MADE:
        if stage in who_may.INVITED:
            continue
        assignment = Assignment.get_by_id(site.world.assignment[stage, "kent"])
        for reader, name in readers.items():
            if may_see_assignment(people[name], stage, "kent"):
                for fact, hand in by_hand.items():
                    _cases["table"] += 1
                    assert sees(reader, fact, assignment) == may_read(people[name], stage, hand), (reader, stage, fact)
