"""A real SMTP server on the loopback, for tests: keeps what it accepts, and answers as it is told to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Lock
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.postgres import free_port

HOST = "127.0.0.1"


@dataclass
class Inbox:
    """What arrived, and what to answer: address -> answers to RCPT, used up one by one."""

    port: int
    answers: dict[str, list[str]] = field(default_factory=dict)
    received: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    drop_after_data: int = 0
    drop_before_mail: int = 0
    mail_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    @property
    def to(self) -> list[str]:
        """To whom messages came, in order."""
        return [message["To"].addresses[0].addr_spec for message in self.received]

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for message in self.received]

    async def handle_EHLO(
        self, _server: Any, session: Session, _envelope: Envelope, hostname: str, offered: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return offered

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Envelope, address: str, options: list) -> str:
        if self.drop_before_mail:
            self.drop_before_mail -= 1
            server.transport.close()
        answer = self.mail_answers.pop(0) if self.mail_answers else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, options: list) -> str:
        waiting = self.answers.get(address)
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        with self.lock:
            self.received.append(message_from_bytes(envelope.content, policy=default))
        if self.drop_after_data:
            self.drop_after_data -= 1
            server.transport.close()
        return "250 Accepted"


def lets_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=given == LoginPassword(b"registry", b"s3cret@/"), handled=False)


@contextmanager
def a_mail_server(*, port: int = 0, tls: ssl.SSLContext | None = None, login: bool = False) -> Iterator[Inbox]:
    """Run a server for the block, on a free port unless one is given; with STARTTLS and login if asked for."""
    inbox = Inbox(port or free_port())
    options: dict[str, Any] = {"authenticator": lets_in, "auth_required": True} if login else {}
    controller = Controller(inbox, hostname=HOST, port=inbox.port, tls_context=tls, **options)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
