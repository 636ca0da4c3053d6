"""Against a real SMTP server: what is sent, and what each kind of trouble means for a message."""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.channels.mail import SmtpChannel, open_channel
from tests.channels.mail_server import HOST, Inbox, a_mail_server
from tests.channels.test_outgoing import OUTGOING
from tests.postgres import free_port

SENDER = "register@example.org"
OTHER = replace(OUTGOING, to="other@example.org", message_id="other@example.org")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with a_mail_server() as found:
        yield found


def test_many_messages_go_over_one_kept_connection(inbox: Inbox):
    with open_channel(inbox.url, SENDER, Path()) as channel:
        outcomes = [channel.send(OUTGOING), channel.send(OTHER), channel.send(OTHER)]
    assert [(o.delivered, o.answer) for o in outcomes] == [("sent", "250 Accepted")] * 3
    assert inbox.connections == 1
    assert inbox.received[0].get_body(("plain",)).get_content().startswith("Reply by 27 April – please.")


def test_a_5xx_for_one_recipient_refuses_that_message_alone(inbox: Inbox):
    inbox.answers[OUTGOING.to] = ["550 5.1.1 No such mailbox"]
    with open_channel(inbox.url, SENDER, Path()) as channel:
        refused, sent = channel.send(OUTGOING), channel.send(OTHER)
    assert (refused.delivered, refused.answer, refused.reached) == ("refused", "550 5.1.1 No such mailbox", True)
    assert (sent.delivered, inbox.to, inbox.connections) == ("sent", [OTHER.to], 1)


@pytest.mark.parametrize("answer", ["451 4.7.1 Greylisted", "452 4.2.2 Mailbox full"])
def test_a_4xx_for_one_recipient_is_tried_later(inbox: Inbox, answer: str):
    inbox.answers[OUTGOING.to] = [answer]
    with open_channel(inbox.url, SENDER, Path()) as channel:
        later, sent = channel.send(OUTGOING), channel.send(OUTGOING)
    assert (later.delivered, later.answer, later.reached) == ("try_later", answer, True)
    assert sent.delivered == "sent"


def test_a_refusal_after_the_text_was_sent_is_a_refusal(inbox: Inbox):
    inbox.data_answers = ["554 5.7.1 Content refused"]
    with open_channel(inbox.url, SENDER, Path()) as channel:
        assert channel.send(OUTGOING).delivered == "refused"
        assert channel.send(OTHER).delivered == "sent"


def test_a_server_that_dropped_the_kept_connection_gets_a_fresh_one(inbox: Inbox):
    with open_channel(inbox.url, SENDER, Path()) as channel:
        channel.send(OUTGOING)
        inbox.drop_before_mail = 1
        assert channel.send(OTHER).delivered == "sent"
    assert (inbox.to, inbox.connections) == ([OUTGOING.to, OTHER.to], 2)


def test_a_421_in_mid_run_gets_a_fresh_connection(inbox: Inbox):
    with open_channel(inbox.url, SENDER, Path()) as channel:
        channel.send(OUTGOING)
        inbox.mail_answers = ["421 4.3.2 Closing"]
        assert channel.send(OTHER).delivered == "sent"


def test_a_server_that_takes_no_mail_at_all_is_not_reached(inbox: Inbox):
    inbox.mail_answers = ["451 4.3.0 Disk full"]
    with open_channel(inbox.url, SENDER, Path()) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.answer, outcome.reached) == ("try_later", "451 4.3.0 Disk full", False)


def test_a_connection_lost_after_the_text_is_tried_again_later(inbox: Inbox):
    inbox.drop_after_data = 1
    with open_channel(inbox.url, SENDER, Path()) as channel:
        lost, sent = channel.send(OUTGOING), channel.send(OUTGOING)
    assert (lost.delivered, lost.reached) == ("try_later", True)
    assert "broke" in lost.answer
    assert sent.delivered == "sent"
    assert inbox.ids == ["<reminders.2026-04-30.12@example.org>"] * 2


def test_where_nothing_listens_nothing_is_reached():
    port = free_port()
    with SmtpChannel(f"smtp://{HOST}:{port}", SENDER) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)
    assert outcome.answer == f"Nothing listens at the mail server {HOST}:{port}."


def test_a_server_that_hangs_is_given_up_in_time():
    with socket.create_server((HOST, 0)) as silent:
        port = silent.getsockname()[1]
        with SmtpChannel(f"smtp://{HOST}:{port}", SENDER, timeout=0.2) as channel:
            outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)
    assert "timed out" in outcome.answer or "No answer" in outcome.answer


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file, signed by nobody we know."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def guarded(certificate: Path) -> Iterator[Inbox]:
    """A server that takes mail only over TLS and from those it knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with a_mail_server(tls=context, login=True) as found:
        yield found


def test_starttls_and_login_open_a_guarded_server(guarded: Inbox, certificate: Path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpChannel(f"smtp://registry:s3cret%40%2F@{HOST}:{guarded.port}?starttls=1", SENDER) as channel:
        assert channel.send(OUTGOING).delivered == "sent"


def test_a_certificate_nobody_vouches_for_loses_nothing(guarded: Inbox):
    with SmtpChannel(f"smtp://registry:s3cret%40%2F@{HOST}:{guarded.port}?starttls=1", SENDER) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)
    assert "No safe (TLS) connection" in outcome.answer


def test_a_refused_login_says_so_and_never_tells_the_password(guarded: Inbox, certificate: Path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpChannel(f"smtp://registry:wr0ng-word@{HOST}:{guarded.port}?starttls=1", SENDER) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)
    assert "Login was refused" in outcome.answer
    assert "wr0ng" not in outcome.answer


def test_a_server_that_wants_a_login_is_not_a_refusal_of_the_recipient(guarded: Inbox):
    with SmtpChannel(f"smtp://{HOST}:{guarded.port}", SENDER) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)


def test_tls_that_the_server_does_not_offer_is_not_reached(inbox: Inbox):
    with SmtpChannel(f"{inbox.url}?starttls=1", SENDER) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)
    assert "not offered" in outcome.answer
