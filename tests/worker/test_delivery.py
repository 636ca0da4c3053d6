"""The outbox, emptied by real senders to a real server: nothing lost, nothing twice but what was in flight."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from peewee import OperationalError

from registry.channels import rendering
from registry.records import messages
from registry.records.installation import Installation
from registry.records.messages import BACK_OFF, LEASE, PAUSE, Attempt, Message
from registry.records.people import Person
from registry.worker import delivery
from registry.worker.delivery import Delivered, deliver
from tests import given
from tests.channels.mail_server import HOST, Inbox, a_mail_server
from tests.given import DAY, NOW
from tests.postgres import free_port
from tests.worker.outbox import PushedClock, messages_wait, settings_for, states, sweep

MINUTE = timedelta(minutes=1)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with a_mail_server() as found:
        yield found


def test_what_waits_is_sent_over_one_connection_and_settled(database, inbox: Inbox):
    messages_wait(3)
    assert deliver(settings_for(inbox.url), now=NOW) == Delivered(sent=3)
    assert states() == {"sent": 3}
    assert inbox.connections == 1
    message = Message.select().order_by(Message.id).first()
    assert message.sent_at == NOW
    assert message.subject == "Learning recommendation LN-2026-0001: reply by 27 April 2026"
    assert (message.attempts.get().delivered, message.attempts.get().answer) == ("sent", "250 Accepted")


def test_a_second_run_sends_nothing_again(database, inbox: Inbox):
    messages_wait(3)
    deliver(settings_for(inbox.url), now=NOW)
    assert deliver(settings_for(inbox.url), now=NOW + DAY) == Delivered()
    assert len(inbox.received) == 3


def test_more_than_a_batch_is_sent_in_one_run(database, inbox: Inbox):
    messages_wait(delivery.BATCH + 3)
    assert deliver(settings_for(inbox.url), now=NOW).sent == delivery.BATCH + 3


def test_no_more_than_the_limit_is_sent(database, inbox: Inbox):
    messages_wait(3)
    assert deliver(settings_for(inbox.url), now=NOW, limit=2) == Delivered(sent=2)
    assert states() == {"sent": 2, "queued": 1}


def test_it_can_go_into_a_folder(database, tmp_path: Path):
    messages_wait(2)
    assert deliver(settings_for("file://var/mail", tmp_path), now=NOW).sent == 2
    assert len(list((tmp_path / "var/mail").glob("notice_made.LN-2026-0001.*.eml"))) == 2


# ---- the server says no


def test_a_4xx_is_tried_again_with_the_same_message_id(database, inbox: Inbox):
    (message,) = messages_wait(1)
    inbox.answers[message.person.email] = ["451 4.7.1 Greylisted", "451 4.7.1 Greylisted"]
    clock = PushedClock(NOW)
    outcomes = []
    for pause in (timedelta(0), BACK_OFF[0], BACK_OFF[1]):
        clock.now += pause
        outcomes.append(deliver(settings_for(inbox.url), now=clock))
    assert outcomes == [Delivered(failed=1), Delivered(failed=1), Delivered(sent=1)]
    assert inbox.ids == [f"<notice_made.LN-2026-0001.{message.person_id}@example.org>"]
    assert [a.answer for a in message.attempts.order_by(Attempt.id)] == ["451 4.7.1 Greylisted"] * 2 + ["250 Accepted"]


def test_it_is_not_tried_again_before_its_back_off_is_over(database, inbox: Inbox):
    (message,) = messages_wait(1)
    inbox.answers[message.person.email] = ["451 4.7.1 Greylisted"]
    deliver(settings_for(inbox.url), now=NOW)
    assert deliver(settings_for(inbox.url), now=NOW + BACK_OFF[0] - timedelta(seconds=1)) == Delivered()


def test_a_4xx_for_ever_parks_the_message_with_the_answer(database, inbox: Inbox):
    (message,) = messages_wait(1)
    inbox.answers[message.person.email] = ["452 4.2.2 Mailbox full"] * 20
    now = NOW
    for pause in (*BACK_OFF, timedelta(0)):
        assert deliver(settings_for(inbox.url), now=now).failed == 1
        now += pause
    assert (given.again(message).state, given.again(message).reason) == ("parked", "452 4.2.2 Mailbox full")
    assert deliver(settings_for(inbox.url), now=now + DAY) == Delivered()


def test_a_5xx_for_one_recipient_parks_that_message_with_the_reason_and_the_others_go(database, inbox: Inbox):
    first, *_ = messages_wait(3)
    inbox.answers[first.person.email] = ["550 5.1.1 No such mailbox"]
    assert deliver(settings_for(inbox.url), now=NOW) == Delivered(sent=2, failed=1)
    assert (given.again(first).state, given.again(first).reason) == ("parked", "550 5.1.1 No such mailbox")
    assert deliver(settings_for(inbox.url), now=NOW + DAY) == Delivered()


def test_an_address_with_a_line_break_is_parked_and_goes_nowhere(database, inbox: Inbox):
    first, *_ = messages_wait(2)
    Person.update(email="a@example.org\nBcc: all@example.org").where(Person.id == first.person_id).execute()
    assert deliver(settings_for(inbox.url), now=NOW) == Delivered(sent=1, failed=1)
    assert given.again(first).state == "parked"
    assert "is not one plain e-mail address" in given.again(first).reason
    assert "all@example.org" not in inbox.to


# ---- the server is away


def test_days_without_a_mail_server_lose_nothing_and_count_against_no_message(database):
    waiting = messages_wait(3)
    port = free_port()
    settings = settings_for(f"smtp://{HOST}:{port}")
    now = NOW
    while now < NOW + 3 * DAY:
        done = deliver(settings, now=now)
        assert done.sent == 0
        assert done.failed in (0, 3)
        now += PAUSE / 2 if now < NOW + PAUSE else DAY / 4
    assert states() == {"queued": 3}
    assert {(m.tries, m.attempts.count()) for m in Message.select()} == {(0, 0)}
    assert given.again(waiting[0]).reason == f"Nothing listens at the mail server {HOST}:{port}."
    with a_mail_server(port=port) as inbox:
        assert deliver(settings, now=now) == Delivered(sent=3)
    assert len(set(inbox.ids)) == 3
    assert {m.reason for m in Message.select()} == {""}


def test_a_server_that_is_away_is_left_alone_for_a_while(database):
    messages_wait(2)
    settings = settings_for(f"smtp://{HOST}:{free_port()}")
    assert deliver(settings, now=NOW).failed == 2
    assert deliver(settings, now=NOW + PAUSE - timedelta(seconds=1)) == Delivered()
    assert deliver(settings, now=NOW + PAUSE).failed == 2


def test_a_server_that_goes_away_in_mid_run_keeps_what_it_took(database, inbox: Inbox):
    messages_wait(4)
    inbox.mail_answers = ["250 OK", "250 OK", "421 4.3.2 Closing", "421 4.3.2 Closing"]
    assert deliver(settings_for(inbox.url), now=NOW) == Delivered(sent=2, failed=2)
    assert states() == {"sent": 2, "queued": 2}
    assert deliver(settings_for(inbox.url), now=NOW + PAUSE) == Delivered(sent=2)
    assert len(set(inbox.ids)) == len(inbox.ids) == 4


def test_a_connection_lost_after_the_text_repeats_that_message_alone(database, inbox: Inbox):
    first, *_ = messages_wait(3)
    inbox.drop_after_data = 1
    assert deliver(settings_for(inbox.url), now=NOW) == Delivered(sent=2, failed=1)
    assert deliver(settings_for(inbox.url), now=NOW + BACK_OFF[0]) == Delivered(sent=1)
    assert sorted(inbox.to) == sorted([m.person.email for m in Message.select()] + [first.person.email])
    assert len(set(inbox.ids)) == 3


# ---- the sender dies, stalls, or is not alone


def test_a_sender_that_dies_after_the_server_took_one_repeats_that_one_alone(database, inbox: Inbox, monkeypatch):
    messages_wait(4)
    settle, settled = messages.settle, []

    def dies_at_the_second(*args, **kwargs):
        if len(settled) == 1:
            raise KeyboardInterrupt
        settled.append(args)
        settle(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(messages, "settle", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            deliver(settings_for(inbox.url), now=NOW)
    assert deliver(settings_for(inbox.url), now=NOW + LEASE) == Delivered()
    assert deliver(settings_for(inbox.url), now=NOW + LEASE + MINUTE) == Delivered(sent=3)
    assert len(inbox.ids) == 5
    assert len(set(inbox.ids)) == 4
    assert inbox.ids[1] in inbox.ids[2:]


def test_two_senders_at_once_send_each_message_once(shared_database, inbox: Inbox):
    messages_wait(43)
    settings = settings_for(inbox.url)
    outcomes = given.together(*[lambda: deliver(settings, now=NOW)] * 3)
    assert sum(done.sent for done in outcomes) == 43
    assert len(inbox.ids) == len(set(inbox.ids)) == 43
    assert states() == {"sent": 43}
    assert Attempt.select().count() == 43


def test_a_sender_whose_lease_ran_out_no_longer_decides(database):
    messages_wait(1)
    (mine,) = messages.claim(NOW, 1)
    (theirs,) = messages.claim(NOW + LEASE + MINUTE, 1)
    messages.settle(mine, "try_later", "451 Too slow", now=NOW + 2 * LEASE)
    assert given.again(mine).state == "sending"
    messages.settle(theirs, "sent", "250 OK", now=NOW + 2 * LEASE)
    messages.settle(mine, "refused", "550 Too late", now=NOW + 3 * LEASE)
    messages.park(mine, "Too late")
    messages.postpone([mine], "Too late", now=NOW + 3 * LEASE)
    assert (given.again(mine).state, given.again(mine).reason) == ("sent", "")


def test_what_was_sent_is_sent_even_when_the_lease_ran_out(database):
    messages_wait(1)
    (mine,) = messages.claim(NOW, 1)
    messages.claim(NOW + LEASE + MINUTE, 1)
    messages.settle(mine, "sent", "250 OK", now=NOW + 2 * LEASE)
    assert messages.claim(NOW + 5 * LEASE, 1) == []


def test_a_slow_server_never_makes_a_sender_begin_near_the_end_of_its_lease(database, inbox: Inbox, monkeypatch):
    messages_wait(3)
    clock = PushedClock(NOW)
    settle = messages.settle

    def takes_four_minutes(*args, **kwargs):
        settle(*args, **kwargs)
        clock.now += timedelta(minutes=4)

    monkeypatch.setattr(messages, "settle", takes_four_minutes)
    assert deliver(settings_for(inbox.url), now=clock).sent == 1
    clock.now += LEASE
    assert deliver(settings_for(inbox.url), now=clock).sent == 1
    assert len(set(inbox.ids)) == len(inbox.ids) == 2


# ---- a message that cannot be written, or need not be


def test_a_message_that_cannot_be_written_is_parked_and_blocks_nobody(database, inbox: Inbox, monkeypatch):
    first, *_ = messages_wait(3)
    write = rendering.render

    def fails_for_the_first(message, **rest):
        if message.id == first.id:
            raise KeyError("reference")
        return write(message, **rest)

    monkeypatch.setattr(delivery, "render", fails_for_the_first)
    assert deliver(settings_for(inbox.url), now=NOW) == Delivered(sent=2, failed=1)
    assert given.again(first).state == "parked"
    assert given.again(first).reason == "It could not be written: KeyError: 'reference'"


def test_trouble_with_the_database_ends_the_run_and_parks_nothing(database, inbox: Inbox, monkeypatch):
    messages_wait(2)

    def database_is_gone(message, **rest):
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "render", database_is_gone)
        with pytest.raises(OperationalError):
            deliver(settings_for(inbox.url), now=NOW)
    assert "parked" not in states()
    assert deliver(settings_for(inbox.url), now=NOW + LEASE + MINUTE) == Delivered(sent=2)


def test_a_digest_in_which_nothing_waits_any_more_is_set_aside_unsent(database, inbox: Inbox):
    given.a_register()
    given.a_liaison_officer()
    assignment = given.an_assignment("kent")
    deliver(settings_for(inbox.url), now=NOW)
    now = NOW + 58 * DAY
    sweep(now)
    given.replied(assignment, now=now)
    assert deliver(settings_for(inbox.url), now=now) == Delivered(unneeded=1)
    digest = Message.get(kind="reminders")
    assert (digest.state, digest.reason, digest.attempts.count()) == ("parked", "Nothing waits any more.", 0)


def test_everything_due_on_a_day_comes_in_one_mail_a_person(database, inbox: Inbox):
    given.a_register()
    for slug in ("kent", "essex"):
        given.a_liaison_officer(slug)
    for _ in range(3):
        given.a_made_notice(to=("kent", "essex"))
    deliver(settings_for(inbox.url), now=NOW)
    inbox.received.clear()
    now = NOW + 42 * DAY
    assert sweep(now) == 12
    assert sweep(now) == 0
    assert deliver(settings_for(inbox.url), now=now).sent == 2
    assert sorted(inbox.to) == ["liaison@essex.example.org", "liaison@kent.example.org"]
    assert inbox.received[0]["Subject"] == "6 things wait for you"


def test_mail_of_a_demonstration_is_marked(database, inbox: Inbox):
    messages_wait(1)
    Installation.update(kind="demonstration").execute()
    deliver(settings_for(inbox.url), now=NOW)
    (message,) = inbox.received
    assert message["Subject"].startswith("[Demonstration] ")
    assert message.get_body(("plain",)).get_content().startswith("DEMONSTRATION.")
    assert "invented" in message.get_body(("html",)).get_content()
