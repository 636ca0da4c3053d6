"""An e-mail as bytes: both forms, the headers, and no text of a person that becomes one."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from registry.channels.outgoing import Outgoing, compose, message_id

OUTGOING = Outgoing(
    to="lo@kent.example.org",
    name="Lee O’Brien",
    from_name="Police learning register",
    subject="Reply to LR-2026-0007: Overdue by 3 days",
    text="Reply by 27 April – please.\nhttps://register.example.org/assignments/12\n",
    html="<p>Reply by 27 April – please.</p>",
    message_id=message_id("reminders:2026-04-30:12", "register@example.org"),
    language="en",
    at=datetime(2026, 4, 30, 7, 15, tzinfo=UTC),
)


def parsed(**changes: str) -> EmailMessage:
    return message_from_bytes(compose(replace(OUTGOING, **changes), "register@example.org"), policy=default)


def test_it_has_a_plain_and_an_html_form():
    message = parsed()
    assert message.get_content_type() == "multipart/alternative"
    assert "27 April – please" in message.get_body(("plain",)).get_content()
    assert "<p>Reply by 27 April – please.</p>" in message.get_body(("html",)).get_content()


def test_the_headers_say_who_when_what_and_that_no_person_wrote_it():
    message = parsed()
    assert message["From"] == "Police learning register <register@example.org>"
    assert message["To"] == "Lee O’Brien <lo@kent.example.org>"
    assert message["Date"].datetime == OUTGOING.at
    assert message["Message-ID"] == "<reminders.2026-04-30.12@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"


def test_lines_end_as_smtp_wants_them_and_hold_ascii_only():
    content = compose(OUTGOING, "register@example.org")
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) < 998


@pytest.mark.parametrize("field", ["name", "subject", "from_name"])
@pytest.mark.parametrize(
    "hostile",
    [
        *("A\r\nBcc: all@example.org", "A\nBcc: all@example.org", "A\x00\x0bB", "A\u2028B"),
        # Encoded words: Python's mail package reads them in what it is given, and writes what they hold.
        *(
            "=?utf-8?q?A=0D=0ABcc:_all@example.org?=",
            "=?utf-8?b?QQ0KQmNjOiBhbGxAZXhhbXBsZS5vcmc=?=",
            "==?utf-8?q?A=0A?=",
        ),
    ],
)
def test_a_line_break_in_a_text_makes_no_header(field, hostile):
    message = parsed(**{field: hostile})
    assert message["Bcc"] is None
    assert len(message.keys()) == len(parsed().keys())


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c", "a b@example.org", "a@example.org\nBcc: b@example.org", "a@example.org, b@example.org"],
)
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(ValueError, match="is not one plain e-mail address"):
        parsed(to=address)


@pytest.mark.parametrize("length", range(55, 130, 5))
@pytest.mark.parametrize("letter", ["a", "ŵ"])
def test_a_subject_of_any_length_arrives_as_it_was_written(length, letter):
    subject = (f"{letter * 6} " * 20)[:length].strip()
    assert parsed(subject=subject, name="Lee")["Subject"] == subject


def test_a_name_that_looks_like_an_address_is_only_a_name():
    message = parsed(name="Chief <chief@other.example.org>")
    assert [address.addr_spec for address in message["To"].addresses] == ["lo@kent.example.org"]


def test_the_message_id_is_the_same_each_time_and_safe_in_a_header():
    assert message_id("notice_made:LN-2026-0001:5", "r@example.org") == "notice_made.LN-2026-0001.5@example.org"
    assert message_id("a b<>\r\n@c", "r@example.org") == "a.b.....c@example.org"
