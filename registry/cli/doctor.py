"""`registry doctor`: is everything there that the register needs? One line a check, each saying what to do.

A check returns sentences that begin with how it went; one that asks the database is left out when there is none.
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click

from registry import config
from registry.channels.mail import open_channel
from registry.cli.framing import as_json, registry, say
from registry.records import checkpoints, guards, inspecting, installation, migrating
from registry.records.database import UNREACHABLE, database, open_database
from registry.rules import calendar, wording

OK, WARNING, FAILED, LEFT_OUT = "ok", "warning", "failed", "not checked"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
YEARS = range(2026, 2100)
SKEW = timedelta(minutes=1)
PATIENCE = timedelta(minutes=15)
HOLIDAYS_AHEAD = timedelta(days=365)
FREE_TO_WARN, FREE_TO_FAIL = 1024**3, 64 * 1024**2
STATIC = config.PACKAGE / "web" / "static"
# stamp.txt is written last: it stands for all the fonts.
ASSETS = ("vendor/stamp.txt", "vendor/govuk-frontend.min.css", "vendor/govuk-frontend.min.js", "vendor/fonts.css")


@dataclass(frozen=True)
class Finding:
    """What a check found: how it went, and a sentence about it."""

    state: str
    said: str


Check = Callable[[config.Settings, datetime], Finding]


@registry.command()
@click.pass_obj
@as_json
def doctor(settings: config.Settings | None, as_json: bool) -> None:
    """Check settings, database, mail, files, fonts and clock; exit 1 when a check fails."""
    found = {"settings": check_settings()}
    if settings:
        found |= examine(settings, datetime.now(UTC))
    failed = [name for name, finding in found.items() if finding.state == FAILED]
    lines = [f"{one.state:<11}  {name}: {one.said}" for name, one in found.items()]
    checks = [{"name": name, **asdict(finding)} for name, finding in found.items()]
    say(as_json, {"ok": not failed, "checks": checks}, "\n".join(lines))
    if failed:
        sys.exit(1)


def examine(settings: config.Settings, now: datetime) -> dict[str, Finding]:
    """Make every check; those that need the database are left out when it cannot be used."""
    found = {name: _checked(check, settings, now) for name, check in MACHINE.items()}
    found["database"] = _checked(check_database, settings, now)
    usable = found["database"].state != FAILED
    for name, check in IN_THE_DATABASE.items():
        found[name] = _checked(check, settings, now) if usable else Finding(LEFT_OUT, "It needs the database.")
    if database.obj is not None and not database.is_closed():
        database.close()
    return found


def _checked(check: Check, settings: config.Settings, now: datetime) -> Finding:
    """What a check found; one that breaks has failed, and the others are still made."""
    try:
        return check(settings, now)
    except (*UNREACHABLE, OSError, ImportError, ValueError) as error:
        return Finding(
            FAILED, f"It could not be checked: {(str(error).strip() or type(error).__name__).splitlines()[0]}"
        )


# ---- what stands on this machine


def check_settings() -> Finding:
    """Every given REGISTRY_ name is known and has a good value."""
    given, faults = config.given(), config.faults()
    if not faults:
        try:
            config.load()
        except config.BadSetting as error:
            faults = [str(error)]
    if faults:
        return Finding(FAILED, " ".join([*faults, "Nothing else was checked."]))
    return Finding(
        OK, f"{', '.join(given)} given; the others have their defaults." if given else "All have their defaults."
    )


def check_secret(settings: config.Settings, now: datetime) -> Finding:
    """Where the secret key comes from. It is never shown."""
    return _check_kept("SECRET_KEY", config.secret_file(settings.base), len(settings.secret_key))


def check_signing_key(settings: config.Settings, now: datetime) -> Finding:
    """Where the key comes from that signs checkpoints. It is never shown."""
    return _check_kept("SIGNING_KEY", config.secret_file(settings.base, "signing_key"), len(settings.signing_key))


def _check_kept(name: str, file: Path, length: int) -> Finding:
    if f"{config.PREFIX}{name}" in config.given():
        return Finding(OK, f"Given, {length} characters.")
    if file.stat().st_mode & 0o077:
        return Finding(WARNING, f"{file} can be read by others on this machine. Run: chmod 600 {file}")
    return Finding(OK, f"Made at first start and kept in {file}; several hosts need the same one.")


def check_base_url(settings: config.Settings, now: datetime) -> Finding:
    """People far away come over https, and are told apart behind the proxy that ends it."""
    host = urlsplit(settings.base_url).hostname
    if settings.secure and not settings.proxies:
        return Finding(
            WARNING,
            f"{settings.base_url} is https, which a proxy ends, and REGISTRY_PROXIES is 0: everybody who comes through "
            "the proxy counts as one network, and one person's wrong passwords hold up all. Set REGISTRY_PROXIES=1.",
        )
    if settings.secure or host in LOOPBACK:
        return Finding(OK, f"{settings.base_url}")
    return Finding(WARNING, f"{settings.base_url} is not https: passwords cross the network in the open.")


def check_files(settings: config.Settings, now: datetime) -> Finding:
    """Reports can be kept."""
    trial = settings.files / ".trial"
    try:
        settings.files.mkdir(parents=True, exist_ok=True, mode=0o700)
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        return Finding(
            FAILED, f"{settings.files} cannot be written: {error.strerror}. Let the register's account write there."
        )
    found = _with_space(shutil.disk_usage(settings.files).free, f"{settings.files} can be written")
    return _for_its_owner(found, settings.files)


def _with_space(free: int, said: str) -> Finding:
    said = f"{said}; {free / 1024**3:.1f} GB free."
    if free < FREE_TO_WARN:
        return Finding(FAILED if free < FREE_TO_FAIL else WARNING, f"{said} Make room, or use another disk.")
    return Finding(OK, said)


def _for_its_owner(found: Finding, *places: Path) -> Finding:
    """What was found; where that is nothing bad, a warning of those of the places that others can read."""
    opened = [str(place) for place in places if place.exists() and place.stat().st_mode & 0o077]
    if found.state != OK or not opened:
        return found
    named = " ".join(opened)
    return Finding(WARNING, f"{named} can be read by others on this machine. Run: chmod go= {named}")


def check_checkpoints(settings: config.Settings, now: datetime) -> Finding:
    """The end of the history can be signed outside the database."""
    try:
        settings.checkpoints.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (settings.checkpoints / checkpoints.FILE).open("a"):
            pass
    except OSError as error:
        said = f"{settings.checkpoints} cannot be written: {error.strerror}."
        return Finding(FAILED, f"{said} Let the register's account write there.")
    held = sum(1 for _ in checkpoints.in_file(settings.checkpoints))
    return Finding(OK, f"{settings.checkpoints} can be written; it holds {wording.plural(held, 'checkpoint')}.")


def check_mail(settings: config.Settings, now: datetime) -> Finding:
    """E-mail could leave: connect, TLS and log in, without sending."""
    shown = config.without_password(settings.mail)
    with open_channel(settings.mail, settings.mail_from, settings.base) as channel:
        fault = channel.fault()
    if fault:
        return Finding(FAILED, f"{fault} See REGISTRY_MAIL ({shown}).")
    if settings.mail.startswith("file://"):
        folder = shown.removeprefix("file://")
        found = Finding(OK, f"E-mail is written into {folder}, for trying out: nobody receives it.")
        return _for_its_owner(found, settings.base / folder)
    return Finding(OK, f"{shown} takes e-mail.")


def check_drawing(settings: config.Settings, now: datetime) -> Finding:
    """A report can be drawn: WeasyPrint, the libraries it needs, and fonts with the letters of Welsh."""
    try:
        from registry.reporting import rendering
    except (ImportError, OSError) as error:
        return Finding(
            FAILED, f"WeasyPrint or a library of the system that it needs is missing: {error} Run bin/setup."
        )
    fault = rendering.fault()
    return Finding(FAILED, fault) if fault else Finding(OK, f"Reports can be drawn: {rendering.SAMPLE}")


def check_assets(settings: config.Settings, now: datetime) -> Finding:
    """Stylesheets, scripts and the Welsh catalogue are there."""
    welsh = any((config.PACKAGE / "translations" / "cy" / "LC_MESSAGES").glob("messages.[mp]o"))
    missing = [name for name in ASSETS if not (STATIC / name).is_file()] + ([] if welsh else ["the Welsh catalogue"])
    if missing:
        return Finding(FAILED, f"Missing: {', '.join(missing)}. Run bin/setup, or install the package again.")
    return Finding(OK, "Stylesheets, scripts, fonts and the Welsh catalogue are there.")


# ---- what the database knows


def check_database(settings: config.Settings, now: datetime) -> Finding:
    """The database answers, is set up as it should be, and is up to date."""
    shown = config.without_password(settings.database)
    file = _file_of(settings)
    if file and not file.exists():
        return Finding(FAILED, f"{file} is not there. Run: registry init")
    try:
        open_database(settings.database, settings.base)
        database.connect()
    except UNREACHABLE as error:
        said = str(error).strip().splitlines()[0]
        return Finding(FAILED, f"{shown} cannot be reached: {said} Is it running, and is REGISTRY_DATABASE right?")
    pending = migrating.pending(config.folder("migrations"))
    if pending:
        return Finding(FAILED, f"{shown}: {wording.plural(len(pending), 'migration')} pending. Run: registry migrate")
    faults = inspecting.server_faults()
    kind = installation.kind()
    said = f"{shown}, {inspecting.server()}; {'holds a ' + kind if kind else 'holds nothing yet'}"
    if faults:
        return Finding(FAILED, f"{said}. {' '.join(faults)}")
    if file is None:
        return Finding(OK, f"{said}.")
    beside = (file.with_name(f"{file.name}{end}") for end in ("", "-wal", "-shm"))
    return _for_its_owner(_with_space(shutil.disk_usage(file.parent).free, said), *beside)


def _file_of(settings: config.Settings) -> Path | None:
    path = settings.database.removeprefix("sqlite:///")
    return None if path in (settings.database, ":memory:") else settings.base / path


def check_writing(settings: config.Settings, now: datetime) -> Finding:
    """The database takes writing: one is made and taken back."""
    try:
        inspecting.try_writing()
    except UNREACHABLE as error:
        said = str(error).strip().splitlines()[0]
        return Finding(FAILED, f"The database cannot be written: {said}. Let the register's account write to it.")
    return Finding(OK, "The database takes writing.")


def check_guards(settings: config.Settings, now: datetime) -> Finding:
    """Nobody can change or remove an event of the history."""
    missing = guards.missing()
    if missing:
        return Finding(
            FAILED, f"Guards of the history are off: {', '.join(missing)}. Run: registry migrate, then verify history"
        )
    return Finding(OK, "The history can only be added to.")


def check_clock(settings: config.Settings, now: datetime) -> Finding:
    """The clock is right as far as can be told, and knows when summer time begins."""
    summer = datetime(2026, 7, 1, tzinfo=calendar.CIVIL).utcoffset()
    if summer != timedelta(hours=1):
        return Finding(
            FAILED, "The time zone Europe/London is not what it should be. Install the package tzdata again."
        )
    if now.year not in YEARS:
        return Finding(FAILED, f"The clock of this machine says {now:%Y-%m-%d}. Set it.")
    theirs, newest = inspecting.clock(), inspecting.last_event_at()
    if theirs and abs(theirs - now) > SKEW:
        apart = abs(theirs - now).total_seconds()
        return Finding(
            FAILED, f"The clocks of this machine and of the database are {apart:.0f} seconds apart. Set them."
        )
    if newest and newest - now > SKEW and installation.kind() == "register":
        return Finding(WARNING, f"The history has an event of {newest:%Y-%m-%d %H:%M} UTC: is the clock slow?")
    return Finding(OK, f"{now:%Y-%m-%d %H:%M} UTC; Europe/London is known.")


def check_holidays(settings: config.Settings, now: datetime) -> Finding:
    """Working days can be counted for long enough."""
    until = installation.holidays().known_until
    today = calendar.day_of(now)
    if until is None:
        return Finding(WARNING, "There are none yet. Run: registry init")
    if until < today:
        return Finding(
            FAILED, f"Known to {until} only: no target in working days can be set. Add the years that follow."
        )
    if until - today < HOLIDAYS_AHEAD:
        return Finding(WARNING, f"Known to {until}, less than 12 months ahead. Add the years that follow.")
    return Finding(OK, f"Known to {until}.")


def check_worker(settings: config.Settings, now: datetime) -> Finding:
    """Somebody sweeps each morning and sends what waits."""
    from registry.worker.jobs import this_morning

    waiting = inspecting.overdue_messages(now, PATIENCE)
    last, due = inspecting.last_finished("sweep"), this_morning(now)
    start = "Is it running? Start: registry worker"
    if waiting:
        return Finding(WARNING, f"{wording.plural(waiting, 'message')} should have left by now. {start}")
    if last is None:
        return Finding(WARNING, f"It has not swept yet. {start}")
    if due and last < due and now - due > PATIENCE:
        return Finding(WARNING, f"It swept last on {last:%Y-%m-%d} and not this morning. {start}")
    return Finding(OK, f"It swept last on {last:%Y-%m-%d at %H:%M} UTC.")


MACHINE: dict[str, Check] = {
    "secret key": check_secret,
    "signing key": check_signing_key,
    "base URL": check_base_url,
    "files": check_files,
    "checkpoints": check_checkpoints,
    "mail": check_mail,
    "reports": check_drawing,
    "pages": check_assets,
}
IN_THE_DATABASE: dict[str, Check] = {
    "writing": check_writing,
    "history": check_guards,
    "clock": check_clock,
    "bank holidays": check_holidays,
    "worker": check_worker,
}
