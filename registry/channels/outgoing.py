"""An e-mail ready to leave, as bytes no text of a person can break, and how a try to send it ended."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from registry.rules.limits import ADDRESS

# Python folds a subject of some 75 characters into an empty first line, which readers show with a space or not at all.
# Plain ASCII headers need no folding; others keep the short lines that encoded words are bound to.
UNFOLDED = SMTP.clone(max_line_length=998)


@dataclass(frozen=True)
class Outgoing:
    """An e-mail to one person, in plain text and HTML.

    `message_id` stands without angle brackets and is the same each time the same message is sent;
    `at` (aware) is the moment of sending; `language` is a code such as "en".
    """

    to: str
    name: str
    from_name: str
    subject: str
    text: str
    html: str
    message_id: str
    language: str
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """How a try ended: `sent`, `try_later` or `refused`, with the other side's answer as plain text.

    `reached` is False when the trouble lies before this message: nothing could be sent to anybody.
    """

    delivered: str
    answer: str
    reached: bool = True


def compose(outgoing: Outgoing, sender: str, encoding: str = "quoted-printable") -> bytes:
    """The e-mail as bytes with CRLF lines. `encoding` is the transfer encoding of its two parts.

    Names and subjects are put on one line, so that no text of a person becomes a header. Raises
    ValueError with a sentence when the address is not one plain address.
    """
    texts = tuple(_in_header(text) for text in (outgoing.from_name, outgoing.name, outgoing.subject))
    from_name, name, subject = texts
    message = EmailMessage(policy=UNFOLDED if all(text.isascii() for text in texts) else SMTP)
    message["From"] = Address(from_name, addr_spec=plain_address(sender))
    message["To"] = Address(name, addr_spec=plain_address(outgoing.to))
    message["Subject"] = subject
    message["Date"] = outgoing.at
    message["Message-ID"] = f"<{outgoing.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(outgoing.text, cte=encoding)
    message.add_alternative(outgoing.html, subtype="html", cte=encoding)
    # Last: the parts take over what is said about content before them.
    message["Content-Language"] = outgoing.language
    return message.as_bytes()


def _in_header(text: str) -> str:
    """The text as a header takes it. Python decodes what looks like an encoded word, line breaks in it and all."""
    return one_line(text).replace("=?", "= ?")


def message_id(key: str, sender: str) -> str:
    """The Message-ID of a message for ever: its key, in the domain of the sender's address."""
    return f"{re.sub(r'[^0-9A-Za-z_.-]', '.', key)}@{sender.rpartition('@')[2]}"


def plain_address(address: str) -> str:
    """The address itself; raises ValueError when it is not one plain e-mail address."""
    if not ADDRESS.fullmatch(address):
        raise ValueError(f"{one_line(address)!r} is not one plain e-mail address.")
    return address


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
