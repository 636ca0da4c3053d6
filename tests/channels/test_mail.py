"""The ways out that a setting may name, and the folder for trying out."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from registry.channels.mail import open_channel
from tests.channels.test_outgoing import OUTGOING

SENDER = "register@example.org"


def test_a_folder_takes_each_e_mail_as_a_readable_file(tmp_path: Path):
    with open_channel("file://var/mail", SENDER, tmp_path) as channel:
        outcome = channel.send(OUTGOING)
    (file,) = (tmp_path / "var/mail").iterdir()
    assert (outcome.delivered, file.name) == ("sent", "reminders.2026-04-30.12.eml")
    assert "https://register.example.org/assignments/12" in file.read_text(encoding="utf-8")
    assert "27 April – please" in file.read_text(encoding="utf-8")
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message.get_body(("html",)).get_content().strip() == OUTGOING.html


def test_sent_twice_it_is_in_the_folder_once(tmp_path: Path):
    with open_channel("file://mail", SENDER, tmp_path) as channel:
        channel.send(OUTGOING)
        channel.send(OUTGOING)
    assert len(list((tmp_path / "mail").iterdir())) == 1


def test_an_absolute_folder_is_taken_as_it_is(tmp_path: Path):
    with open_channel(f"file://{tmp_path}/elsewhere", SENDER, Path("/nowhere")) as channel:
        assert channel.send(OUTGOING).delivered == "sent"
    assert len(list((tmp_path / "elsewhere").glob("*.eml"))) == 1


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_message(tmp_path: Path):
    (tmp_path / "mail").write_text("a file, not a folder")
    with open_channel("file://mail", SENDER, tmp_path) as channel:
        outcome = channel.send(OUTGOING)
    assert (outcome.delivered, outcome.reached) == ("try_later", False)
    assert "mail cannot be written" in outcome.answer


@pytest.mark.parametrize(
    "url", ["carrier-pigeon://roof", "smtp://", "smtp://host?tls=1", "smtp://host:port", "smtp://host:99999"]
)
def test_a_url_of_another_kind_is_refused_with_a_sentence(url, tmp_path: Path):
    with pytest.raises(ValueError, match=r"."):
        open_channel(url, SENDER, tmp_path)
