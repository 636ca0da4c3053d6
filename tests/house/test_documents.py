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


def test_an_unknown_setting_stops_the_start_with_its_name(tmp_path):
    with pytest.raises(config.BadSetting, match="REGISTRY_DATABSE is not a setting"):
        config.load({"REGISTRY_DATABSE": "sqlite:///x"}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE", "mysql://localhost/x"),
        ("RESPONSE_DAY_RULE", "soon"),
        ("RESPONSE_DAY_RULE", "0"),
        ("MAIL", "carrier-pigeon://x"),
        ("MAIL_FROM", "not an address"),
        ("BASE_URL", "registry"),
    ],
)
def test_a_bad_value_stops_the_start_with_its_name(tmp_path, name, value):
    with pytest.raises(config.BadSetting, match=f"REGISTRY_{name} must"):
        config.load({f"REGISTRY_{name}": value}, tmp_path)


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
