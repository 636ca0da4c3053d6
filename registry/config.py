"""Every setting, its default and its reason. Settings come from the environment (REGISTRY_…) and from nowhere else."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

PREFIX = "REGISTRY_"
PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
SECRET_LENGTH = 32


class BadSetting(Exception):
    """A setting that is not known or has a bad value. The message names it and says what would do."""


@dataclass(frozen=True)
class Setting:
    """One setting: its name without the prefix, its default, how it is checked, and why it exists."""

    name: str
    default: str
    check: Callable[[str], str | None]
    reason: str


def _line(value: str) -> str | None:
    return None if value.isprintable() else "must be one line of plain characters"


def _parts(value: str) -> SplitResult | None:
    """The parts of an address; None when it is none (a port that is no number, a space, half a bracket)."""
    try:
        parts = urlsplit(value)
        good = parts.port != 0 and value.isprintable() and not set(value) & set(' "<>\\^`{|}')
    except ValueError:
        return None
    return parts if good else None


def _database(value: str) -> str | None:
    if value.startswith("sqlite://"):
        path = value.removeprefix("sqlite:///")
        bad = path in ("", value) or path.endswith("/") or not path.isprintable()
        return "must name a file, such as sqlite:///var/registry.db" if bad else None
    if not value.startswith(("psycopg3+pool://", "psycopg3://")):
        return "must begin with sqlite:/// or psycopg3+pool:// or psycopg3://"
    parts = _parts(value)
    good = parts and parts.path.strip("/") and "/" not in parts.path[1:]
    return None if good else "must name a database, such as psycopg3+pool://user:password@host:5432/name"


def _folder(value: str) -> str | None:
    if not value.startswith("file://"):
        return "must begin with file://"
    good = value.removeprefix("file://").strip("/") and value.isprintable()
    return None if good else "must name a folder, such as file://var/files"


def _mail(value: str) -> str | None:
    if not value.startswith("smtp://"):
        return _folder(value) and "must begin with smtp:// or be a folder, such as file://var/mail"
    parts = _parts(value)
    options = parse_qs(parts.query, keep_blank_values=True) if parts else {}
    good = (
        parts and parts.hostname and not parts.path.strip("/") and not parts.fragment and set(options) <= {"starttls"}
    )
    return None if good else "must be written smtp://user:password@host:port?starttls=1, with a port from 1 to 65535"


def _site(value: str) -> str | None:
    if not value.startswith(("http://", "https://")):
        return "must begin with http:// or https://"
    parts = _parts(value)
    if not parts or not parts.hostname or parts.username is not None:
        return "must be an address with a host, such as https://register.example.org"
    more = parts.path.strip("/") or parts.query or parts.fragment or value.endswith(("?", "#"))
    return "must end after the host and port: the register serves no path below them" if more else None


def _long(value: str) -> str | None:
    return None if not value or len(value) >= SECRET_LENGTH else f"must have {SECRET_LENGTH} characters or more"


def _signing_key(value: str) -> str | None:
    return (
        None if not value or re.fullmatch("[0-9a-f]{64}", value) else "must be 64 hexadecimal digits in small letters"
    )


def _days(value: str) -> str | None:
    return None if value.isdecimal() and 1 <= int(value) <= 366 else "must be a whole number of days from 1 to 366"


def _between(least: int, most: int, what: str) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        good = value.isdecimal() and least <= int(value) <= most
        return None if good else f"must be a whole number of {what} from {least} to {most}"

    return check


def _address(value: str) -> str | None:
    name, _, domain = value.partition("@")
    plain = value.isprintable() and not any(c.isspace() or c in "<>,;" for c in value)
    good = plain and name and domain.strip(".") and "@" not in domain
    return None if good else "must be one e-mail address, such as register@example.org"


def _log(value: str) -> str | None:
    return None if value in ("auto", "json", "text") else "must be json, text or auto"


def _networks(value: str) -> str | None:
    try:
        networks(value)
    except ValueError:
        return "must be networks such as 127.0.0.0/8 with commas between them"
    return None


def networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks of a list with commas. Raises ValueError when one is none."""
    return tuple(ip_network(part.strip()) for part in value.split(","))


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATABASE",
        "sqlite:///var/registry.db",
        _database,
        "Where everything is kept. For PostgreSQL: psycopg3+pool://user:password@host:port/name.",
    ),
    Setting(
        "FILES",
        "file://var/files",
        _folder,
        "The folder in which files are kept: the PDF reports that were made.",
    ),
    Setting(
        "MAIL",
        "file://var/mail",
        _mail,
        "How e-mail leaves: smtp://user:password@host:port?starttls=1, or into a folder for trying out.",
    ),
    Setting("MAIL_FROM", "register@example.org", _address, "The address e-mail is sent from."),
    Setting(
        "BASE_URL",
        "http://127.0.0.1:8000",
        _site,
        "Where people reach the site: the links in e-mails; with https, cookies are sent over https only.",
    ),
    Setting(
        "SECRET_KEY",
        "",
        _long,
        "Signs the sign-in cookie. Empty: made at first start, kept in var/keys. Several hosts need the same one.",
    ),
    Setting(
        "SIGNING_KEY",
        "",
        _signing_key,
        "Signs the checkpoints of the history. Empty: made at first start, kept in var/keys. All hosts need the same.",
    ),
    Setting(
        "CHECKPOINTS",
        "file://var/checkpoints",
        _folder,
        "The folder outside the database that keeps checkpoints too: best where the database's account cannot write.",
    ),
    Setting(
        "RESPONSE_DAY_RULE",
        "56",
        _days,
        "The letter's date: this many days after the day a recommendation was made. The last day in law is separate.",
    ),
    Setting(
        "EXTENSION_DAYS",
        "28",
        _days,
        "The house limit: no more days than these, in all, are granted on top of the period for one reply.",
    ),
    Setting(
        "SESSION_IDLE_MINUTES",
        "60",
        _between(5, 720, "minutes"),
        "Whoever opens no page for so long has to sign in again: a screen left alone in a shared office.",
    ),
    Setting(
        "SESSION_HOURS",
        "10",
        _between(1, 168, "hours"),
        "Whoever signed in so long ago has to do it again: a working day; a stolen cookie is of no use the next.",
    ),
    Setting(
        "SIGN_IN_LOG_DAYS",
        "90",
        _between(1, 3650, "days"),
        "How long the log of sign-ins is kept: long enough to look into a break-in, since it holds network addresses.",
    ),
    Setting(
        "PROXIES",
        "0",
        _between(0, 9, "proxies"),
        "How many proxies of your own stand before the pages; only then what they say of a visitor is believed.",
    ),
    Setting(
        "LOG",
        "auto",
        _log,
        "How the log is written: json, one object a line; text, for people; auto, text on a terminal and else json.",
    ),
    Setting(
        "METRICS_FROM",
        "127.0.0.0/8,::1/128",
        _networks,
        "The networks that may read /metrics, with commas between them; to all others it is not there.",
    ),
    Setting("SERVICE_NAME", "Police learning register", _line, "The name in the header of every page and report."),
)


@dataclass(frozen=True)
class Settings:
    """The settings of this process, checked. `base` is where relative paths start."""

    base: Path
    database: str
    files: Path
    mail: str
    mail_from: str
    base_url: str
    secret_key: str
    signing_key: str
    checkpoints: Path
    response_days: int
    extension_days: int
    service_name: str
    log: str
    metrics_from: tuple[IPv4Network | IPv6Network, ...]
    session_idle: timedelta = timedelta(minutes=60)
    session_lifetime: timedelta = timedelta(hours=10)
    sign_in_log_days: int = 90
    proxies: int = 0

    @property
    def secure(self) -> bool:
        """True when people come over https."""
        return self.base_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None, base: Path | None = None) -> Settings:
    """Read and check the settings; raises BadSetting with one sentence that names the first bad one."""
    environ = os.environ if environ is None else environ
    for fault in faults(environ):
        raise BadSetting(fault)
    values = {setting.name: _value(setting, environ) for setting in SETTINGS}
    base = base or (CHECKOUT if (CHECKOUT / "setup.cfg").exists() else Path.cwd())
    return Settings(
        base=base,
        database=values["DATABASE"],
        files=base / values["FILES"].removeprefix("file://"),
        mail=values["MAIL"],
        mail_from=values["MAIL_FROM"],
        base_url=values["BASE_URL"].rstrip("/"),
        secret_key=values["SECRET_KEY"] or _kept_secret("SECRET_KEY", secret_file(base), secrets.token_urlsafe(48)),
        signing_key=values["SIGNING_KEY"]
        or _kept_secret("SIGNING_KEY", secret_file(base, "signing_key"), secrets.token_hex(32)),
        checkpoints=base / values["CHECKPOINTS"].removeprefix("file://"),
        response_days=int(values["RESPONSE_DAY_RULE"]),
        extension_days=int(values["EXTENSION_DAYS"]),
        service_name=values["SERVICE_NAME"],
        session_idle=timedelta(minutes=int(values["SESSION_IDLE_MINUTES"])),
        session_lifetime=timedelta(hours=int(values["SESSION_HOURS"])),
        sign_in_log_days=int(values["SIGN_IN_LOG_DAYS"]),
        proxies=int(values["PROXIES"]),
        log=values["LOG"],
        metrics_from=networks(values["METRICS_FROM"]),
    )


def faults(environ: Mapping[str, str] | None = None) -> list[str]:
    """Everything that is wrong with the settings, a sentence each; none when the start can go on."""
    environ = os.environ if environ is None else environ
    known = {PREFIX + setting.name: setting for setting in SETTINGS}
    unknown = [_unknown(name, list(known)) for name in given(environ) if name not in known]
    checked = [(name, setting.check(_value(setting, environ))) for name, setting in known.items()]
    return unknown + [f"{name} {fault}." for name, fault in checked if fault]


def given(environ: Mapping[str, str] | None = None) -> list[str]:
    """The names of the settings that the environment gives, known or not."""
    environ = os.environ if environ is None else environ
    return sorted(name for name in environ if name.startswith(PREFIX))


def _unknown(name: str, known: list[str]) -> str:
    # Without what all names begin with, which would make any two of them look alike.
    near = get_close_matches(name.removeprefix(PREFIX), [one.removeprefix(PREFIX) for one in known], n=1, cutoff=0.7)
    hint = f"did you mean {PREFIX}{near[0]}?" if near else "see Settings in README.md for the list."
    return f"{name} is not a setting of the registry; {hint}"


def _value(setting: Setting, environ: Mapping[str, str]) -> str:
    return environ.get(PREFIX + setting.name, "").strip() or setting.default


def without_password(url: str) -> str:
    """An address as it may be shown: neither the password nor what follows a question mark."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    shown = f"{user.partition(':')[0]}:…@{host}" if user else host
    return f"{parts.scheme}://{shown}{parts.path}"


def secret_file(base: Path, name: str = "secret_key") -> Path:
    """Where a secret is kept that was made at first start: `secret_key` or `signing_key`."""
    return base / "var" / "keys" / name


_CHECKS = {setting.name: setting.check for setting in SETTINGS}


def _kept_secret(name: str, file: Path, fresh: str) -> str:
    """The secret in the file, made at first need; two processes starting at once agree on one."""
    try:
        kept = _read_or_make(file, fresh)
    except OSError as error:
        raise BadSetting(f"{PREFIX}{name} is not set and none can be kept in {file}: {error.strerror}.") from error
    fault = _CHECKS[name](kept) if kept else "is empty"
    if fault:
        raise BadSetting(f"The secret kept in {file} {fault}. Remove the file and a new one is made.")
    return kept


def _read_or_make(file: Path, secret: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    if not file.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secret)
        # Another process may have been first: then its secret is the one that holds.
        with suppress(FileExistsError):
            os.link(fresh, file)
        fresh.unlink()
    return file.read_text().strip()


def folder(name: str) -> Path:
    """The folder `templates`, `migrations` or `reports`: inside the installed package, else in the checkout."""
    packaged = PACKAGE / name
    return packaged if packaged.is_dir() else CHECKOUT / name


def data(name: str) -> Path:
    """A file of facts shipped in registry/data."""
    return PACKAGE / "data" / name
