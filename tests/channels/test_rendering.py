"""What a message says when it leaves: the links, the dates, who it is for, and that no text breaks it."""

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from jinja2 import UndefinedError

from registry import config
from registry.actions import assignments, extensions, notices, reminders
from registry.channels import letters, rendering
from registry.channels.letters import NO_LONGER_CONCERNED, NOTHING_WAITS, Unneeded
from registry.channels.outgoing import Outgoing
from registry.records import messages
from registry.records.installation import Installation
from registry.records.messages import Message
from registry.records.people import Membership, Person
from registry.rules.permissions import Actor
from tests import given
from tests.given import DAY, NOW

SITE = "https://register.example.org"
HOSTILE = '<script>alert("1")</script> & <b>cords</b>'


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def settings() -> config.Settings:
    return config.load(
        {
            "REGISTRY_BASE_URL": SITE,
            "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
            "REGISTRY_SIGNING_KEY": "11" * 32,
        },
        base=Path("/nowhere"),
    )


def written(kind: str, to: Actor, *, now=NOW, demonstration: bool = False) -> Outgoing:
    """The newest message of the kind to the person, as it would leave now."""
    message = (
        Message.select(Message, Person)
        .join(Person)
        .where(Message.kind == kind, Message.person == to.person_id)
        .order_by(Message.id.desc())
        .get()
    )
    return rendering.render(message, settings=settings(), demonstration=demonstration, now=now)


def swept(days: int) -> object:
    """Sweep that many days after NOW, and return the instant."""
    now = NOW + timedelta(days=days)
    reminders.sweep(actor=given.the_system(), now=now)
    return now


class Links(HTMLParser):
    """The addresses a page links to, and the names of its elements."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.language = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "a":
            self.found.append(dict(attrs)["href"])
        if tag == "html":
            self.language = dict(attrs)["lang"]


def in_both(outgoing: Outgoing, link: str) -> bool:
    return link in outgoing.text.split() and link in Links(outgoing.html).found


# ---- the notice


def test_a_notice_links_an_addressee_to_each_of_its_assignments():
    officer = given.a_liaison_officer()
    notice = given.a_made_notice(to=("kent", "npcc"), titles=("Replace the cords", "Check the toilets"))
    outgoing = written("notice_made", officer)
    for number in (1, 2):
        assert in_both(outgoing, f"{SITE}/assignments/{given.assignment_of(notice, 'kent', number).id}")
        other = given.assignment_of(notice, "npcc", number)
        assert f"/assignments/{other.id}\n" not in outgoing.text
    assert in_both(outgoing, f"{SITE}/notices/{notice.reference}")
    assert outgoing.to == "liaison@kent.example.org"


def test_a_notice_says_what_is_asked_by_both_dates_and_why_of_this_person():
    officer = given.a_liaison_officer()
    given.a_made_notice()
    outgoing = written("notice_made", officer)
    assert outgoing.subject == "Learning recommendation LN-2026-0001: reply by 27 April 2026"
    for text in (outgoing.text, outgoing.html):
        assert "Replace the cords by another way of raising the alarm" in text
        assert "Reply in writing by 27 April 2026. The last day in law is 26 April 2026." in text
        assert "Acknowledge by 9 March 2026." in text
        assert "Liaison officer, Kent" in text
        assert "This notice has not been published." in text


def test_a_published_notice_may_be_passed_on():
    officer = given.a_liaison_officer()
    given.a_published_notice()
    assert "has not been published" not in written("notice_made", officer).text


def test_those_in_scope_and_those_invited_are_told_that_no_reply_is_due():
    in_scope, invited = given.a_liaison_officer("essex"), given.a_liaison_officer("surrey")
    given.a_made_notice(to=("kent",), in_scope=("essex",))
    given.a_made_notice(to=("surrey",), basis="section_10")
    assert "No reply is due from you" in written("notice_made", in_scope).text
    assert written("notice_made", in_scope).subject.endswith("for you to put in place")
    assert "You are invited to reply. No law sets a date." in written("notice_made", invited).text
    assert written("notice_made", invited).subject.endswith("you are invited to reply")


def test_the_copy_to_a_policing_body_links_to_the_notice_and_asks_nothing():
    reader = given.a_policing_body_reader()
    notice = given.a_made_notice()
    outgoing = written("notice_made", reader)
    assert in_both(outgoing, f"{SITE}/notices/{notice.reference}")
    assert "/assignments/" not in outgoing.text + outgoing.html
    assert "It was sent to: Kent." in outgoing.text
    assert "You need not do anything." in outgoing.html
    assert outgoing.subject == "Copy for you: learning recommendation LN-2026-0001"


def test_a_long_recommendation_is_cut_and_the_page_has_the_rest():
    officer = given.a_liaison_officer()
    given.a_made_notice(body="word " * 4_000)
    outgoing = written("notice_made", officer)
    assert len(outgoing.text) < 4_000
    assert outgoing.text.count("…") == 1
    assert max(len(line) for line in outgoing.text.splitlines()) < 100


# ---- reminders


def test_a_digest_lists_what_waits_the_most_urgent_first():
    officer = given.a_liaison_officer()
    late = given.an_assignment("kent")
    fresh = given.an_assignment("kent", made_at=NOW + 50 * DAY)
    now = swept(58)
    outgoing = written("reminders", officer, now=now)
    assert outgoing.subject == "3 things wait for you, 1 overdue"
    lines = outgoing.text.splitlines()
    headings = [line for line in lines if line.startswith(("Reply to", "Acknowledge receipt of"))]
    assert headings == [
        "Reply to LR-2026-0001: Overdue by 2 days",
        "Acknowledge receipt of LR-2026-0001: Target passed 51 days ago",
        "Acknowledge receipt of LR-2026-0002: Target passed 1 day ago",
    ]
    assert in_both(outgoing, f"{SITE}/assignments/{late.id}")
    assert in_both(outgoing, f"{SITE}/assignments/{fresh.id}")
    assert "The written reply was due on 27 April 2026. The last day in law was 26 April 2026." in " ".join(
        outgoing.text.split()
    )


def test_one_thing_alone_is_named_in_the_subject():
    officer = given.a_liaison_officer()
    assignment = given.an_assignment("kent")
    now = swept(7)
    assert written("reminders", officer, now=now).subject == "Acknowledge receipt of LR-2026-0001: Due 9 March 2026"
    assert in_both(written("reminders", officer, now=now), f"{SITE}/assignments/{assignment.id}")


def test_what_was_answered_meanwhile_is_left_out():
    officer = given.a_liaison_officer()
    answered, waiting = given.an_assignment("kent"), given.an_assignment("kent")
    now = swept(58)
    given.replied(answered, now=now)
    outgoing = written("reminders", officer, now=now)
    assert f"/assignments/{answered.id}" not in outgoing.text
    assert in_both(outgoing, f"{SITE}/assignments/{waiting.id}")


def test_when_everything_was_answered_nothing_is_said():
    officer = given.a_liaison_officer()
    assignment = given.an_assignment("kent")
    now = swept(58)
    given.replied(assignment, now=now)
    with pytest.raises(Unneeded, match=NOTHING_WAITS):
        written("reminders", officer, now=now)


def test_a_step_that_was_overtaken_by_a_later_one_is_told_once():
    officer = given.a_liaison_officer()
    given.an_assignment("kent")
    now = swept(42)
    message = Message.get(kind="reminders")
    # The same message takes the later step too: the first morning's mail has not left yet.
    later = swept(54)
    newer = Message.select().where(Message.kind == "reminders").order_by(Message.id.desc()).get()
    messages.ReminderMessage.update(message=message).where(messages.ReminderMessage.message == newer).execute()
    newer.delete_instance()
    assert written("reminders", officer, now=later).text.count("Reply to LR-2026-0001") == 1
    assert now < later


def test_whoever_left_the_role_is_told_nothing():
    officer = given.a_liaison_officer()
    given.an_assignment("kent")
    now = swept(58)
    Membership.update(to_on=now.date() - DAY).where(Membership.person == officer.person_id).execute()
    with pytest.raises(Unneeded, match=NO_LONGER_CONCERNED):
        written("reminders", officer, now=now)
    with pytest.raises(Unneeded, match=NO_LONGER_CONCERNED):
        written("notice_made", officer, now=now)


def test_the_regulators_own_duty_goes_to_its_case_officers():
    case_officer = given.the_case_officer()
    assignment = given.an_assignment("kent")
    given.replied(assignment)
    now = swept(22)
    outgoing = written("reminders", case_officer, now=now)
    assert outgoing.subject == "Decide on the reply to LR-2026-0001 and publish it: Overdue by 2 days"
    assert "Case officer, Regulator" in outgoing.text
    assert in_both(outgoing, f"{SITE}/assignments/{assignment.id}")


def test_a_very_long_digest_is_cut_and_leads_to_the_desk(monkeypatch):
    monkeypatch.setattr(letters, "ITEMS", 2)
    officer = given.a_liaison_officer()
    given.a_made_notice(titles=[f"Thing {number}" for number in range(5)])
    now = swept(43)
    outgoing = written("reminders", officer, now=now)
    assert outgoing.subject == "10 things wait for you"
    assert "And 8 more." in outgoing.text
    assert in_both(outgoing, f"{SITE}/desk")


def test_nobody_is_called_late_before_the_later_of_the_two_dates():
    officer = given.a_liaison_officer()
    generous = notices.LetterDate((NOW + 70 * DAY).date(), "Agreed with the force")
    given.an_assignment("kent", letter_date=generous)
    now = swept(68)
    text = written("reminders", officer, now=now).text
    assert "Overdue" not in text
    assert "was due" not in text


# ---- a reply that came


def test_a_reply_is_told_to_the_case_officers_without_a_word_of_it():
    case_officer = given.the_case_officer()
    assignment = given.an_assignment("kent")
    given.replied(assignment, action_taken="All cords were cut on Tuesday.")
    outgoing = written("response_received", case_officer)
    assert outgoing.subject == "Kent has replied to LR-2026-0001"
    assert in_both(outgoing, f"{SITE}/assignments/{assignment.id}")
    assert "Publish by 22 March 2026" in outgoing.text
    assert "Tuesday" not in outgoing.text + outgoing.html


def test_a_reply_that_was_published_meanwhile_is_not_told_any_more():
    case_officer = given.the_case_officer()
    assignment = given.an_assignment("kent", published=True)
    given.replied(assignment)
    assignments.decide_publication(assignment.id, assignments.Extent("all"), actor=case_officer, now=NOW)
    assignments.publish_response(assignment.id, actor=case_officer, now=NOW)
    with pytest.raises(Unneeded, match=NOTHING_WAITS):
        written("response_received", case_officer)


def test_a_reply_under_section_10_has_no_date_to_publish_by():
    case_officer = given.the_case_officer()
    given.replied(given.an_assignment("kent", basis="section_10"))
    assert "No law sets a date for publishing this reply." in written("response_received", case_officer).html


# ---- whatever people type


def test_an_application_for_more_time_is_told_to_the_case_officers_with_its_reason():
    officer = given.the_case_officer()
    given.an_assignment_with_more_time_asked()
    mail = written("extension_asked", officer)
    assert mail.subject == "Kent asks for more time for LR-2026-0001"
    assert "asks for 14 more days" in mail.text and "The estates survey is not back." in mail.text
    assert "the last day in law is 26 April 2026" in " ".join(mail.text.split())


@pytest.mark.parametrize(
    ("decision", "subject", "words"),
    [
        ("grant", "More time for LR-2026-0001", "The last day in law was 26 April 2026 and is 10 May 2026 now."),
        ("refuse", "No more time for LR-2026-0001", "The last day in law stays 26 April 2026"),
    ],
)
def test_how_an_application_was_decided_is_told_to_the_organisation_with_both_dates(decision, subject, words):
    kent, officer = given.a_liaison_officer(), given.the_case_officer()
    assignment = given.an_assignment_with_more_time_asked()
    if decision == "grant":
        extensions.grant_extension(assignment.id, extensions.MoreTime(14, "Because."), actor=officer, now=NOW)
    else:
        extensions.refuse_extension(assignment.id, "Because.", actor=officer, now=NOW)
    mail = written("extension_decided", kent)
    assert mail.subject == subject
    assert words in " ".join(mail.text.split()) and "Reason: Because." in mail.text
    with pytest.raises(Unneeded, match=NOTHING_WAITS):
        written("extension_asked", officer)


def test_html_in_a_title_is_shown_and_never_run():
    officer = given.a_liaison_officer()
    given.a_made_notice(titles=(HOSTILE,), body=HOSTILE)
    for kind, now in (("notice_made", NOW), ("reminders", swept(58))):
        outgoing = written(kind, officer, now=now)
        assert not {"script", "b"} & Links(outgoing.html).tags
        assert "&lt;script&gt;" in outgoing.html
        assert HOSTILE in outgoing.text


def test_line_breaks_in_names_stay_inside_their_line():
    officer = given.a_person("lo@kent.example.org", "kent", "liaison_officer", name="Lee\r\nBcc: all@example.org")
    given.a_made_notice(titles=("Cords\nBcc: all@example.org",))
    outgoing = written("notice_made", officer)
    assert "Dear Lee Bcc: all@example.org" in outgoing.text
    assert not any(line.startswith("Bcc:") for line in outgoing.text.splitlines())


def test_a_value_missing_in_a_template_is_an_error_and_no_letter_with_a_hole():
    template = rendering._environment("en").from_string("Dear {{ nobody }}")
    with pytest.raises(UndefinedError):
        template.render()


# ---- language and demonstration


@pytest.mark.parametrize("language", ["en", "cy"])
def test_it_is_marked_with_the_language_of_the_person(language):
    officer = given.a_liaison_officer()
    Person.update(language=language).where(Person.id == officer.person_id).execute()
    given.a_made_notice()
    outgoing = written("notice_made", officer)
    assert (outgoing.language, Links(outgoing.html).language) == (language, language)


@pytest.fixture
def welsh(tmp_path: Path, monkeypatch) -> Iterator[None]:
    """A catalogue with two texts, where the package keeps its translations."""
    catalogue = Catalog("cy")
    catalogue.add("Why you get this", "Pam <chi>")
    catalogue.add("Learning recommendation %(reference)s: reply by %(day)s", "Argymhelliad %(reference)s: %(day)s")
    folder = tmp_path / "translations/cy/LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    caches = (rendering.translation, rendering._environment)
    monkeypatch.setattr(config, "PACKAGE", tmp_path)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_a_person_reads_it_in_their_own_language_as_far_as_it_is_translated(welsh):
    officer = given.a_liaison_officer()
    Person.update(language="cy").where(Person.id == officer.person_id).execute()
    given.a_made_notice()
    outgoing = written("notice_made", officer)
    assert outgoing.subject == "Argymhelliad LN-2026-0001: 27 April 2026"
    assert "Pam <chi>" in outgoing.text
    assert "Dear Liaison" in outgoing.text


def test_every_mail_of_a_demonstration_says_first_that_it_is_invented():
    Installation.update(kind="demonstration").execute()
    officer, reader, case_officer = given.a_liaison_officer(), given.a_policing_body_reader(), given.the_case_officer()
    given.replied(given.an_assignment("kent"))
    given.an_assignment("kent")
    now = swept(58)
    people = [("notice_made", officer), ("notice_made", reader), ("reminders", officer)]
    for kind, person in [*people, ("response_received", case_officer)]:
        outgoing = written(kind, person, now=now, demonstration=True)
        assert outgoing.subject.startswith("[Demonstration] ")
        assert outgoing.text.startswith("DEMONSTRATION. Everything in this message is invented.")
        body = outgoing.html.partition("<h1")[0]
        assert "Everything in this message is invented." in body


def test_a_real_register_marks_nothing():
    officer = given.a_liaison_officer()
    given.a_made_notice()
    outgoing = written("notice_made", officer)
    assert "emonstration" not in outgoing.subject + outgoing.text + outgoing.html


def test_the_mail_holds_no_images_scripts_or_linked_styles():
    officer = given.a_liaison_officer()
    given.a_made_notice()
    now = swept(58)
    for kind in ("notice_made", "reminders"):
        html = written(kind, officer, now=now).html
        assert not {"img", "script", "link", "style"} & Links(html).tags
        assert "width=device-width" in html
