"""Invitations and links by e-mail: built as they leave, and read as a mail program does."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from registry import config
from registry.actions import accounts, people, sign_ins
from registry.actions.people import Term
from registry.actions.sign_ins import Origin
from registry.channels import letters, rendering
from registry.channels.letters import Unneeded
from registry.channels.outgoing import compose
from registry.records import sign_ins as records
from registry.records.messages import Message
from registry.records.people import Person
from tests import given
from tests.given import DAY, NOW, TODAY

KEY = "long enough for tests and nothing else"
ORIGIN = Origin("192.0.2.1")


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def parsed(message=None, now=NOW, **changed):
    """The newest message as a mail program reads it."""
    environ = {
        "REGISTRY_BASE_URL": "https://register.example.org",
        "REGISTRY_SECRET_KEY": KEY,
        "REGISTRY_SIGNING_KEY": "11" * 32,
    }
    message = message or Message.select(Message, Person).join(Person).order_by(Message.id.desc()).get()
    settings = replace(config.load(environ, base=Path("/nowhere")), **changed)
    outgoing = rendering.render(message, settings=settings, demonstration=False, now=now)
    return message_from_bytes(compose(outgoing, "register@example.org"), policy=default)


def body(message, kind):
    return message.get_body((kind,)).get_content()


def invite(email="new@example.org", name="New Officer", role="liaison_officer"):
    where = given.organisation("kent").id
    return people.invite(where, email, name, Term(role, TODAY), actor=given.a_lead(), now=NOW)


def test_an_invitation_carries_a_link_that_works_and_says_until_when():
    link = invite()
    message = parsed()
    address = f"https://register.example.org/links/{records.token(link, KEY)}"
    assert address in body(message, "plain").split()
    assert f'href="{address}"' in body(message, "html")
    assert "until 09:00 on 5 March 2026" in " ".join(body(message, "plain").split())
    assert (message["To"], message["Subject"]) == (
        "New Officer <new@example.org>",
        "You have been invited to the register",
    )
    assert "Liaison officer, Kent" in body(message, "plain")
    token = re.search(r"/links/(\S+)", body(message, "plain")).group(1)
    accounts.set_password(token, "four plain words here", secret=KEY, origin=ORIGIN, now=NOW)


def test_a_reset_carries_the_newest_link():
    officer = given.a_liaison_officer()
    sign_ins.ask_for_reset("liaison@kent.example.org", origin=ORIGIN, now=NOW)
    newest = records.new_link(Person.get_by_id(officer.person_id), "reset", NOW)
    message = parsed()
    assert message["Subject"] == "Set a new password"
    assert records.token(newest, KEY) in body(message, "plain")


def test_whoever_has_a_password_is_told_of_a_role_without_a_link():
    given.a_person("known@example.org", "essex", "liaison_officer", password="four plain words here")
    kent, term = given.organisation("kent").id, Term("liaison_officer", TODAY)
    people.invite(kent, "known@example.org", "Known", term, actor=given.the_administrator(), now=NOW)
    message = parsed()
    assert message["Subject"] == "You have been given a role in the register"
    assert "/links/" not in body(message, "plain") and "/sign-in" in body(message, "plain")


def test_nothing_leaves_for_an_address_nobody_has():
    sign_ins.ask_for_reset("nobody@example.org", origin=ORIGIN, now=NOW)
    with pytest.raises(Unneeded, match="nobody has the address"):
        parsed()


def test_nothing_leaves_once_the_link_is_used_expired_or_the_person_disabled():
    link = invite()
    with pytest.raises(Unneeded):
        parsed(now=NOW + 4 * DAY)
    people.disable(link.person_id, actor=given.the_administrator(), now=NOW)
    with pytest.raises(Unneeded):
        parsed()


HOSTILE = [
    "A\r\nBcc: all@example.org",
    "A\nSubject: other",
    "=?utf-8?q?A=0D=0ABcc:_all@example.org?=",
    '"A" <all@example.org>, B',
    "Ä\r\n ö\r\nCc: all@example.org",
    "<script>alert(1)</script>",
    "A\u2028Bcc: all@example.org",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", ["invitation", "reset", "role_given"])
def test_no_name_becomes_a_header_or_another_reader(hostile, kind):
    """Whatever stands in the name: typed through the verb, or put into the table by other means."""
    invite(name=hostile)
    person = Person.get(email="new@example.org")
    Person.update(name=hostile).where(Person.id == person.id).execute()
    records.new_link(person, "reset", NOW)
    plain = parsed(a_message(kind, person))
    assert plain["Bcc"] is None and plain["Cc"] is None and len(plain.get_all("Subject")) == 1
    assert [one.addr_spec for one in plain["To"].addresses] == ["new@example.org"]
    assert "<script>" not in body(plain, "html")


def a_message(kind, person):
    return Message(kind=kind, person=person, day=TODAY, key=f"{kind}:1:{person.id}", next_at=NOW)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_name_of_the_service_or_of_an_organisation_becomes_a_header(hostile):
    type(given.organisation("kent")).update(name=hostile).execute()
    invite()
    # The settings refuse such a name already; the letter must not depend on that.
    message = parsed(service_name=hostile)
    assert message["Bcc"] is None and message["Cc"] is None
    assert [one.addr_spec for one in message["From"].addresses] == ["register@example.org"]


def test_every_kind_of_message_about_an_account_is_known_to_whoever_writes_it():
    assert {*records.PURPOSES, "role_given"} <= {*letters._KINDS, *records.PURPOSES}
