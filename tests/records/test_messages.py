"""The outbox: each message leaves once, whoever sends it and whoever dies meanwhile."""

from datetime import timedelta

import pytest

from registry.records import messages
from registry.records.database import database as bound
from registry.records.messages import BACK_OFF, LEASE, PAUSE, Attempt, Message
from tests import given
from tests.given import NOW, TODAY


@pytest.fixture
def person_id(database):
    given.a_register()
    return given.a_liaison_officer().person_id


def queue(person_ids, key="LN-2026-0001", at=NOW):
    messages.queue("notice_made", person_ids, key, day=TODAY, at=at)


def claimed(now=NOW, limit=10):
    return [message.id for message in messages.claim(now, limit)]


# ---- queueing


def test_queueing_twice_under_one_key_is_one_message(person_id):
    queue([person_id])
    queue([person_id])
    assert [message.key for message in Message.select()] == [f"notice_made:LN-2026-0001:{person_id}"]


def test_another_key_is_another_message(person_id):
    queue([person_id])
    queue([person_id], "LN-2026-0002")
    assert Message.select().count() == 2


def test_a_message_already_sent_is_not_queued_again(person_id):
    queue([person_id])
    (message,) = messages.claim(NOW, 1)
    messages.settle(message, "sent", "250 OK", now=NOW)
    queue([person_id])
    assert Message.get().state == "sent"


def test_queueing_for_nobody_queues_nothing(database):
    queue([])
    assert Message.select().count() == 0


def test_messages_to_many_are_queued_in_one_statement(person_id):
    people = [given.a_person(f"p{n}@example.org", "kent", "liaison_officer").person_id for n in range(20)]
    with given.queries() as sent:
        queue(people)
    assert len(sent) == 1
    assert Message.select().count() == 20


# ---- claiming


def test_a_claimed_message_comes_with_its_person_and_is_held(person_id):
    queue([person_id])
    (message,) = messages.claim(NOW, 10)
    with given.queries() as sent:
        assert message.person.email == "liaison@kent.example.org"
    assert sent == []
    assert (message.state, message.lease_until) == ("sending", NOW + LEASE)
    assert claimed() == []


def test_the_oldest_message_goes_first_and_no_more_than_asked_for(person_id):
    for hours in (3, 1, 2):
        queue([person_id], f"after-{hours}", at=NOW + timedelta(hours=hours))
    late = NOW + timedelta(hours=9)
    assert [messages.claim(late, 1)[0].key.split(":")[1] for _ in range(3)] == ["after-1", "after-2", "after-3"]


def test_a_message_waits_for_its_time(person_id):
    queue([person_id], at=NOW + timedelta(minutes=1))
    assert claimed(NOW) == []
    assert len(claimed(NOW + timedelta(minutes=1))) == 1


def test_a_message_whose_sender_died_comes_back_when_its_lease_is_over(person_id):
    queue([person_id])
    (first,) = claimed()
    assert claimed(NOW + LEASE) == []
    assert claimed(NOW + LEASE + timedelta(seconds=1)) == [first]


def test_two_senders_at_once_never_hold_the_same_message(shared_database):
    given.a_register()
    people = [given.a_person(f"p{n}@example.org", "kent", "liaison_officer").person_id for n in range(40)]
    queue(people)
    held = given.together(*[lambda: [claimed(limit=3) for _ in range(5)]] * 4)
    taken = [message for rounds in held for each in rounds for message in each]
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


@pytest.mark.parametrize("shared_database", ["postgresql"], indirect=True)
def test_a_sender_does_not_wait_for_what_another_is_claiming(shared_database):
    """SKIP LOCKED: the second goes on with the rest while the first has not committed."""
    given.a_register()
    queue([given.a_person(f"p{n}@example.org", "kent").person_id for n in range(4)])
    with bound.atomic():
        first = claimed(limit=2)
        (second,) = given.together(lambda: claimed(limit=4))
    assert len(first) == len(second) == 2
    assert not set(first) & set(second)


# ---- settling


def settled(outcome, answer="", now=NOW):
    (message,) = messages.claim(now, 1)
    messages.settle(message, outcome, answer, now=now, subject="A notice was made")
    return given.again(message)


def test_a_sent_message_is_done(person_id):
    queue([person_id])
    message = settled("sent", "250 OK")
    assert (message.state, message.sent_at, message.tries, message.lease_until) == ("sent", NOW, 1, None)
    assert message.subject == "A notice was made"
    assert claimed(NOW + timedelta(days=365)) == []


def test_every_try_is_kept_with_what_the_other_side_said(person_id):
    queue([person_id])
    settled("try_later", "451 busy")
    settled("sent", "250 OK", now=NOW + BACK_OFF[0])
    assert [(a.delivered, a.answer) for a in Attempt.select().order_by(Attempt.id)] == [
        ("try_later", "451 busy"),
        ("sent", "250 OK"),
    ]
    assert Message.get().reason == ""


def test_a_failed_try_waits_longer_each_time_and_is_parked_in_the_end(person_id):
    queue([person_id])
    now = NOW
    for tries, wait in enumerate(BACK_OFF, start=1):
        message = settled("try_later", "451 busy", now=now)
        assert (message.state, message.tries, message.next_at) == ("queued", tries, now + wait)
        assert claimed(now + wait - timedelta(seconds=1)) == []
        now += wait
    message = settled("try_later", "451 still busy", now=now)
    assert (message.state, message.reason) == ("parked", "451 still busy")
    assert claimed(now + timedelta(days=365)) == []


def test_a_refused_message_is_parked_at_once_with_the_answer(person_id):
    queue([person_id])
    message = settled("refused", "550 no such mailbox")
    assert (message.state, message.reason, message.tries) == ("parked", "550 no such mailbox", 1)


def test_a_very_long_answer_is_cut(person_id):
    queue([person_id])
    assert len(settled("refused", "x" * 5000).reason) == 500


def test_the_waits_between_tries_grow():
    assert list(BACK_OFF) == sorted(set(BACK_OFF))


# ---- a sender whose lease ran out while it was still at it

LATE = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def taken_over(person_id):
    """A message that a slow sender holds, and another has taken over."""
    queue([person_id])
    (slow,) = messages.claim(NOW, 1)
    (other,) = messages.claim(LATE, 1)
    return slow, other


@pytest.mark.parametrize("outcome", ["try_later", "refused"])
def test_a_slow_sender_that_failed_no_longer_decides(taken_over, outcome):
    slow, other = taken_over
    messages.settle(slow, outcome, "too late", now=LATE)
    assert (Message.get().state, Message.get().lease_until) == ("sending", LATE + LEASE)
    messages.settle(other, "sent", "250 OK", now=LATE)
    assert (Message.get().state, Message.get().tries) == ("sent", 1)


def test_what_a_slow_sender_did_send_is_sent(taken_over):
    slow, other = taken_over
    messages.settle(slow, "sent", "250 OK", now=LATE)
    messages.settle(other, "try_later", "451 busy", now=LATE)
    assert Message.get().state == "sent"
    assert Attempt.select().count() == 2


@pytest.mark.parametrize("put_back", [messages.park, lambda held, why: messages.postpone([held], why, now=LATE)])
def test_a_slow_sender_cannot_put_away_what_another_holds(taken_over, put_back):
    slow, _ = taken_over
    put_back(slow, "too late")
    assert Message.get().state == "sending"


def test_when_the_other_side_cannot_be_reached_all_is_put_back_and_no_try_is_counted(person_id):
    queue([person_id])
    messages.postpone(messages.claim(NOW, 10), "no route to host", now=NOW)
    message = Message.get()
    assert (message.state, message.tries, message.next_at) == ("queued", 0, NOW + PAUSE)
    assert message.reason == "no route to host"


def test_a_parked_message_says_why_and_stays(person_id):
    queue([person_id])
    messages.park(messages.claim(NOW, 10)[0], "Nothing waits any more.")
    assert (Message.get().state, Message.get().reason) == ("parked", "Nothing waits any more.")
    assert claimed(NOW + timedelta(days=365)) == []
