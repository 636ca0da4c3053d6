"""What the documents say is there is there, and what is there is in the documents."""

import re
from pathlib import Path

import pytest

from registry import config

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def readme():
    assert README.is_file(), "README.md is where the settings are told"
    return README.read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_readme_with_its_default(readme, setting):
    name = f"{config.PREFIX}{setting.name}"
    lines = [line for line in readme.splitlines() if name in line]
    assert lines, f"{name} is not in README.md"
    assert not setting.default or any(setting.default in line for line in lines), f"{name}: {setting.default}"


def test_the_readme_tells_of_no_setting_that_is_not_there(readme):
    known = {config.PREFIX + setting.name for setting in config.SETTINGS}
    told = set(re.findall(rf"{config.PREFIX}[A-Z][A-Z_]*[A-Z]", readme))
    assert told <= known


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_says_why_it_is_there_in_a_sentence(setting):
    assert setting.reason.endswith(".")
    assert setting.check(setting.default) is None or not setting.default


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("REGISTRY_DATABSE", "did you mean REGISTRY_DATABASE?"),
        ("REGISTRY_BASEURL", "did you mean REGISTRY_BASE_URL?"),
        ("REGISTRY_COLOUR", "see Settings in README.md for the list."),
    ],
)
def test_an_unknown_setting_stops_the_start_with_its_name_and_a_hint(tmp_path, name, hint):
    with pytest.raises(config.BadSetting) as stopped:
        config.load({name: "x"}, tmp_path)
    assert str(stopped.value) == f"{name} is not a setting of the registry; {hint}"


BAD_VALUES = [
    ("DATABASE", "mysql://localhost/x"),
    ("DATABASE", "sqlite:///"),
    ("DATABASE", "sqlite://var/registry.db"),
    ("DATABASE", "sqlite:///var/"),
    ("DATABASE", "psycopg3+pool://user:password@127.0.0.1:5432"),
    ("DATABASE", "psycopg3+pool://user:password@127.0.0.1:5432/"),
    ("DATABASE", "psycopg3+pool://user:password@127.0.0.1:post/name"),
    ("DATABASE", "psycopg3+pool://user:pass word@127.0.0.1/name"),
    ("DATABASE", "psycopg3+pool://127.0.0.1/name/more"),
    ("FILES", "var/files"),
    ("FILES", "file:var/files"),
    ("FILES", "file://"),
    ("RESPONSE_DAY_RULE", "soon"),
    ("RESPONSE_DAY_RULE", "0"),
    ("MAIL", "carrier-pigeon://x"),
    ("MAIL", "file:///"),
    ("MAIL", "smtp://"),
    ("MAIL", "smtp://user:password@"),
    ("MAIL", "smtp://mail.example.org:0"),
    ("MAIL", "smtp://mail.example.org:smtp"),
    ("MAIL", "smtp://mail.example.org:70000"),
    ("MAIL", "smtp://mail.example.org/inbox"),
    ("MAIL", "smtp://mail.example.org?tls=1"),
    ("MAIL", "smtp://[::1"),
    ("MAIL_FROM", "not an address"),
    ("MAIL_FROM", "@example.org"),
    ("MAIL_FROM", "register@"),
    ("MAIL_FROM", "register@example.org\nBcc:other@example.org"),
    ("BASE_URL", "registry"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https:// register.example.org"),
    ("BASE_URL", "https://register.example.org/path"),
    ("BASE_URL", "https://register.example.org/?from=here"),
    ("BASE_URL", "https://register.example.org/#top"),
    ("BASE_URL", "https://register.example.org:99999"),
    ("BASE_URL", "https://user@register.example.org"),
    ("SERVICE_NAME", "Two\nlines"),
    ("SECRET_KEY", "short"),
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_stops_the_start_with_its_name(tmp_path, name, value):
    with pytest.raises(config.BadSetting, match=f"REGISTRY_{name} must") as stopped:
        config.load({f"REGISTRY_{name}": value}, tmp_path)
    assert str(stopped.value).count("\n") == 0


GOOD_VALUES = [
    ("DATABASE", "sqlite:////srv/register/my registry.db"),
    ("DATABASE", "sqlite:///:memory:"),
    ("DATABASE", "psycopg3+pool://user:p%40ss@[::1]:5432/name?sslmode=require"),
    ("DATABASE", "psycopg3://user@/name"),
    ("FILES", "file:///srv/my files"),
    ("MAIL", "smtp://registry:s3cret%40%2F@mail.example.org:587?starttls=1"),
    ("MAIL", "smtp://[::1]:25"),
    ("MAIL", "file:///srv/mail"),
    ("BASE_URL", "https://register.example.org/"),
    ("BASE_URL", "http://[::1]:8000"),
    ("SERVICE_NAME", "Cofrestr ddysgu – Llŷn"),
]


@pytest.mark.parametrize(("name", "value"), GOOD_VALUES)
def test_a_good_value_is_taken_as_it_is(tmp_path, name, value):
    assert config.load({f"REGISTRY_{name}": value}, tmp_path)


def test_every_fault_of_the_settings_is_told_at_once():
    told = config.faults({"REGISTRY_MIAL": "x", "REGISTRY_MAIL": "x", "REGISTRY_FILES": "x", "HOME": "x"})
    assert [one.split()[0] for one in told] == ["REGISTRY_MIAL", "REGISTRY_FILES", "REGISTRY_MAIL"]


def test_an_address_is_shown_without_its_password():
    shown = config.without_password("psycopg3+pool://me:s3cret@127.0.0.1:5432/name?password=other")
    assert shown == "psycopg3+pool://me:…@127.0.0.1:5432/name"
    assert config.without_password("smtp://me:a@b:c@mail.example.org") == "smtp://me:…@mail.example.org"
    assert config.without_password("sqlite:///var/registry.db") == "sqlite:///var/registry.db"


def test_without_any_setting_everything_has_its_default(tmp_path):
    settings = config.load({}, tmp_path)
    assert (settings.response_days, settings.base) == (56, tmp_path)
    assert settings.database == "sqlite:///var/registry.db"


def test_a_secret_that_is_not_given_is_made_once_and_kept_to_the_owner(tmp_path):
    first, second = config.load({}, tmp_path), config.load({}, tmp_path)
    kept = tmp_path / "var" / "keys" / "secret_key"
    assert first.secret_key == second.secret_key == kept.read_text()
    assert len(first.secret_key) >= 32
    assert kept.stat().st_mode & 0o077 == 0


def test_a_secret_that_cannot_be_kept_stops_the_start_with_a_sentence(tmp_path):
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(config.BadSetting, match=r"REGISTRY_SECRET_KEY is not set and none can be kept in .*: "):
        config.load({}, tmp_path)


@pytest.mark.parametrize("kept", ["", "short"])
def test_a_kept_secret_that_is_no_good_stops_the_start(tmp_path, kept):
    config.secret_file(tmp_path).parent.mkdir(parents=True)
    config.secret_file(tmp_path).write_text(kept)
    with pytest.raises(config.BadSetting, match="Remove the file and a new one is made"):
        config.load({}, tmp_path)
