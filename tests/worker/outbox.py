"""What the tests of the worker share: settings that send to a server, messages that wait, and a clock to push."""

from datetime import datetime
from pathlib import Path

from registry import config
from registry.actions import reminders
from registry.config import Settings
from registry.records.jobs import SlotClaim
from registry.records.messages import Message
from tests import given


def last_run(job: str) -> SlotClaim | None:
    """The newest slot of the job that was claimed."""
    return SlotClaim.select().where(SlotClaim.job == job).order_by(SlotClaim.slot_at.desc()).first()


def settings_for(mail: str, base: Path = Path("/nowhere")) -> Settings:
    """Settings whose mail leaves by that URL."""
    environ = {
        "REGISTRY_MAIL": mail,
        "REGISTRY_MAIL_FROM": "register@example.org",
        "REGISTRY_BASE_URL": "https://register.example.org",
        "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
        "REGISTRY_SIGNING_KEY": "11" * 32,
    }
    return config.load(environ, base=base)


def messages_wait(count: int = 3) -> list[Message]:
    """A notice to that many forces with one liaison officer each: as many messages wait."""
    given.a_register()
    given.a_made_notice(to=given.many_forces(count))
    return list(Message.select().order_by(Message.id))


def sweep(now: datetime) -> int:
    return reminders.sweep(actor=given.the_system(), now=now)


def states() -> dict[str, int]:
    """How many messages stand in each state."""
    found: dict[str, int] = {}
    for (state,) in Message.select(Message.state).tuples():
        found[state] = found.get(state, 0) + 1
    return found


class PushedClock:
    """A clock that stands still until it is pushed."""

    def __init__(self, now: datetime):
        self.now = now

    def __call__(self) -> datetime:
        return self.now
