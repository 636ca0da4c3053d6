"""Sending what waits in the outbox: claim, write, hand over, settle, one message at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog
from peewee import PeeweeException

from registry import logs
from registry.channels.letters import Unneeded
from registry.channels.mail import Channel, open_channel
from registry.channels.outgoing import Outgoing
from registry.channels.rendering import render
from registry.config import Settings
from registry.records import installation, messages
from registry.records.messages import Message

Clock = Callable[[], datetime]

# Messages claimed at a time. Small, so that what a dying sender held comes back soon.
BATCH = 20
# No message is begun this close to the end of its lease: an SMTP server may take its time over each step.
MARGIN = timedelta(minutes=2)

log = structlog.get_logger()


def now_in_utc() -> datetime:
    """The present instant; the only place where the worker reads a clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Delivered:
    """How many messages were sent, how many were claimed and could not be, and how many no longer had to be."""

    sent: int = 0
    failed: int = 0
    unneeded: int = 0


def deliver(settings: Settings, *, now: Clock | datetime, limit: int | None = None) -> Delivered:
    """Send what waits, up to `limit` messages, over one kept connection. `now` is a clock or a simulated instant.

    Any number of senders may run at once. Each message is settled before the next is begun, so a sender
    that dies after the server accepted one repeats that one at most, under the same Message-ID. A message
    that cannot be written is parked with the reason; a server that cannot be reached ends the run and
    costs no message a try.
    """
    logs.use(settings.log)
    clock = now if callable(now) else lambda: now
    with open_channel(settings.mail, settings.mail_from, settings.base) as channel:
        sender = Sender(settings, channel, clock, demonstration=installation.kind() == "demonstration")
        while batch := messages.claim(clock(), sender.wanted(limit)):
            if not sender.work_off(batch):
                break
    return sender.done


@dataclass
class Sender:
    """One run: the open channel, and what has been done so far."""

    settings: Settings
    channel: Channel
    clock: Clock
    demonstration: bool
    done: Delivered = Delivered()

    def wanted(self, limit: int | None) -> int:
        """How many messages to claim next; 0 when the limit is reached."""
        if limit is None:
            return BATCH
        return max(0, min(BATCH, limit - self.done.sent - self.done.failed - self.done.unneeded))

    def work_off(self, batch: list[Message]) -> bool:
        """Send a claimed batch; False when the other side cannot be reached and the run should end."""
        for place, message in enumerate(batch):
            if message.lease_until < self.clock() + MARGIN:
                # The rest come back when their lease is over; another sender may have them by then.
                return True
            outgoing = self._written(message)
            if outgoing and not self._sent(message, outgoing, batch[place:]):
                return False
        return True

    def _written(self, message: Message) -> Outgoing | None:
        """The e-mail of a message; None when it is parked instead. Trouble with the database ends the run."""
        try:
            return render(message, settings=self.settings, demonstration=self.demonstration, now=self.clock())
        except Unneeded as reason:
            messages.park(message, str(reason))
            self._count(unneeded=1)
        except PeeweeException:
            raise
        except Exception as fault:
            reason_text = f"It could not be written: {type(fault).__name__}: {fault}"
            log.error("message parked", message=message.key, reason=reason_text)
            messages.park(message, reason_text)
            self._count(failed=1)
        return None

    def _sent(self, message: Message, outgoing: Outgoing, rest: list[Message]) -> bool:
        """Try one e-mail and settle it; False when nobody could be reached, and all the rest are put back."""
        outcome = self.channel.send(outgoing)
        if not outcome.reached:
            log.warning("e-mail cannot leave", reason=outcome.answer, waiting=len(rest))
            messages.postpone(rest, outcome.answer, now=self.clock())
            self._count(failed=len(rest))
            return False
        messages.settle(message, outcome.delivered, outcome.answer, now=self.clock(), subject=outgoing.subject)
        if outcome.delivered == "sent":
            self._count(sent=1)
        else:
            log.warning("message not sent", message=message.key, outcome=outcome.delivered, answer=outcome.answer)
            self._count(failed=1)
        return True

    def _count(self, sent: int = 0, failed: int = 0, unneeded: int = 0) -> None:
        done = self.done
        self.done = replace(done, sent=done.sent + sent, failed=done.failed + failed, unneeded=done.unneeded + unneeded)
