"""Sending over one kept SMTP connection, and what the server's answers mean for a message."""

import smtplib
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from registry.channels.outgoing import Outcome, Outgoing, compose, one_line

# Seconds for each step of the conversation. A message takes five steps.
TIMEOUT = 20.0
PORT = 25
OPTIONS = ("starttls",)
DONE = 250
WILL_FORWARD = 251
CLOSING = 421
LOGIN_WANTED = 530
PERMANENT = 500


class Unreachable(Exception):
    """The server takes no mail at all just now, from anybody to anybody. The message says why in plain words."""


class SmtpChannel:
    """Sends over a connection that is made for the first message and kept for the next ones."""

    def __init__(self, url: str, sender: str, timeout: float = TIMEOUT):
        """Raises ValueError with a sentence when the URL names no host, a bad port or an unknown option."""
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        unknown = [name for name in options if name not in OPTIONS]
        if unknown or not parts.hostname:
            raise ValueError("A mail server is written smtp://user:password@host:port?starttls=1.")
        self.host, self.port = parts.hostname, parts.port or PORT
        self.login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self.starttls = options.get("starttls", ["0"])[-1] not in ("", "0")
        self.sender, self.timeout = sender, timeout
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye and close; a server that is gone already is no trouble."""
        if self._connection:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
        self._drop()

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one e-mail to the server. Never raises for what the server or the network does."""
        try:
            content = compose(outgoing, self.sender)
        except ValueError as fault:
            return Outcome("refused", str(fault))
        kept = self._connection is not None
        try:
            return self._hand_over(outgoing.to, content)
        except Unreachable as trouble:
            self._drop()
            if not kept:
                return Outcome("try_later", str(trouble), reached=False)
        # A server may close a kept connection whenever it likes: only a fresh one tells.
        return self.send(outgoing)

    def fault(self) -> str | None:
        """Why nothing could be sent just now, as a sentence, or None: connects and logs in, and sends nothing."""
        try:
            code, answer = self._connected().noop()
        except Unreachable as trouble:
            return str(trouble)
        except OSError as trouble:
            return self._in_words(trouble)
        return None if code == DONE else _said(code, answer)

    def _hand_over(self, to: str, content: bytes) -> Outcome:
        connection = self._connected()
        try:
            code, answer = connection.mail(self.sender)
        except OSError as fault:
            raise Unreachable(self._in_words(fault)) from fault
        if code != DONE:
            # Said before the recipient was named, so it is about us or about the server.
            raise Unreachable(_said(code, answer))
        return self._to_recipient(connection, to, content)

    def _to_recipient(self, connection: smtplib.SMTP, to: str, content: bytes) -> Outcome:
        try:
            code, answer = connection.rcpt(to)
            if code in (CLOSING, LOGIN_WANTED):
                raise Unreachable(_said(code, answer))
            if code in (DONE, WILL_FORWARD):
                code, answer = connection.data(content)
                if code == DONE:
                    return Outcome("sent", _said(code, answer))
        except smtplib.SMTPDataError as refusal:
            code, answer = refusal.smtp_code, _bytes(refusal.smtp_error)
        except OSError as fault:
            # The message may have arrived or not: it is sent again, under the same Message-ID.
            self._drop()
            return Outcome("try_later", self._in_words(fault))
        self._forget()
        return Outcome("refused" if code >= PERMANENT else "try_later", _said(code, answer))

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connect()
            except OSError as fault:
                raise Unreachable(self._in_words(fault)) from fault
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        own_name = self.sender.rpartition("@")[2]
        connection = smtplib.SMTP(self.host, self.port, local_hostname=own_name, timeout=self.timeout)
        try:
            connection.ehlo_or_helo_if_needed()
            if self.starttls:
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            if self.login:
                connection.login(*self.login)
        except OSError:
            connection.close()
            raise
        return connection

    def _forget(self) -> None:
        """Clear the refused message away, so that the connection serves the next one."""
        try:
            if self._connection:
                self._connection.rset()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _in_words(self, fault: OSError) -> str:
        """What went wrong with the server, as a sentence for the person who runs it. smtplib's errors are OSErrors."""
        where = f"the mail server {self.host}:{self.port}"
        match fault:
            case smtplib.SMTPAuthenticationError():
                return f"Login was refused by {where}: {_said(fault.smtp_code, fault.smtp_error)}"
            case smtplib.SMTPResponseException():
                return _said(fault.smtp_code, fault.smtp_error)
            case smtplib.SMTPServerDisconnected():
                return f"The connection to {where} broke: {one_line(str(fault))}"
            case smtplib.SMTPNotSupportedError():
                return f"This is not offered by {where}: {one_line(str(fault))}"
            case ssl.SSLError():
                return f"No safe (TLS) connection to {where}: {one_line(str(fault))}"
            case TimeoutError():
                return f"No answer from {where} within {self.timeout:g} seconds."
            case ConnectionRefusedError():
                return f"Nothing listens at {where}."
        return f"No connection to {where}: {one_line(str(fault))}"


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


def _said(code: int, answer: bytes | str) -> str:
    return one_line(f"{code} {_bytes(answer).decode('utf-8', 'replace')}")
