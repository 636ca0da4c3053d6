"""No text of a person becomes a header of an e-mail: every field that reaches one, through the real builder."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.channels.outgoing import compose
from tests.channels.test_outgoing import OUTGOING

SENDER = "register@example.org"
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"),
    "content-language",
}
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00\n", "\r\n ", "\r\n\r\n", "=0D=0A"]
INJECTED = ["Bcc: victim@example.com", "To: victim@example.com", "Content-Type: text/html", "", "<script>"]
FIELDS = ("name", "from_name", "subject")


def check(raw):
    """Exactly our headers, each once, nobody else addressed, and still two parts."""
    message = message_from_bytes(raw, policy=default)
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 - the keys of a message repeat
    assert set(names) == HEADERS and len(names) == len(HEADERS)
    assert [address.addr_spec for address in message["To"].addresses] == [OUTGOING.to]
    assert [address.addr_spec for address in message["From"].addresses] == [SENDER]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    return message


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("injected", INJECTED)
def test_a_break_in_a_name_or_a_subject_starts_no_header(field, injected):
    for between in BREAKS:
        message = check(compose(replace(OUTGOING, **{field: f"Cords{between}{injected}"}), SENDER))
        assert message.get_body(("plain",)).get_content().splitlines() == OUTGOING.text.splitlines()


@settings(max_examples=60)
@given(st.sampled_from(FIELDS), st.text(max_size=300))
def test_whatever_a_name_or_a_subject_holds_the_headers_are_ours(field, text):
    check(compose(replace(OUTGOING, **{field: text}), SENDER))


@settings(max_examples=60)
@given(st.text(max_size=300).map(lambda text: f"reader{text}@example.org"))
def test_an_address_is_one_plain_address_or_nothing_is_written(address):
    try:
        raw = compose(replace(OUTGOING, to=address), SENDER)
    except ValueError:
        return
    to = message_from_bytes(raw, policy=default)["To"].addresses
    assert [one.addr_spec for one in to] == [address]
