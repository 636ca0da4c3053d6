"""The doctor: each check on the real thing, well and ill; never a secret on the screen."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from registry import config
from registry.cli import doctor
from registry.records.database import database as bound
from registry.records.database import is_sqlite
from registry.records.history import record
from registry.records.installation import Holiday, Installation
from registry.records.jobs import SlotClaim
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.worker.jobs import this_morning
from tests import given
from tests.channels.mail_server import HOST, a_mail_server
from tests.postgres import free_port

KEY = "long enough for tests and nothing else"
EVERY_CHECK = [
    "settings",
    "secret key",
    "signing key",
    "base URL",
    "files",
    "checkpoints",
    "mail",
    "reports",
    "pages",
    "database",
    "writing",
    "history",
    "clock",
    "bank holidays",
    "worker",
]


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load({"REGISTRY_SECRET_KEY": KEY, "REGISTRY_FILES": f"file://{tmp_path}/files"}, tmp_path)


@pytest.fixture
def run(tmp_path: Path):
    """Run the command in a process of its own; returns the exit code and what was found, by the check's name."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    places = {"REGISTRY_FILES": f"file://{tmp_path}/files", "REGISTRY_MAIL": f"file://{tmp_path}/mail"}
    places["REGISTRY_CHECKPOINTS"] = f"file://{tmp_path}/checkpoints"

    def run(**named: str) -> tuple[int, dict[str, dict[str, str]]]:
        command = [sys.executable, "-c", "from registry.cli import main; main()", "doctor", "--json"]
        environment = own | places | {"REGISTRY_SECRET_KEY": KEY} | named
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert KEY not in done.stdout + done.stderr and "s3cret" not in done.stdout + done.stderr
        assert done.stderr == ""
        result = json.loads(done.stdout)
        assert result["ok"] == (done.returncode == 0)
        return done.returncode, {check["name"]: check for check in result["checks"]}

    return run


# ---- the command


def test_a_sound_register_passes_every_check(shared_database, run):
    given.a_register()
    code, found = run(REGISTRY_DATABASE=shared_database)
    assert code == 0, found
    assert list(found) == EVERY_CHECK
    assert {one["state"] for one in found.values()} == {"ok", "warning"}
    assert [name for name, one in found.items() if one["state"] == "warning"] == ["worker"]
    assert "holds a register" in found["database"]["said"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_that_is_not_there_fails_and_what_needs_it_is_not_checked(run, tmp_path, kind):
    nowhere = f"psycopg3+pool://me:s3cret@127.0.0.1:{free_port()}/register"
    code, found = run(REGISTRY_DATABASE=nowhere if kind == "postgresql" else f"sqlite:///{tmp_path}/none.db")
    assert code == 1
    assert found["database"]["state"] == "failed"
    assert [name for name, one in found.items() if one["state"] == "not checked"] == list(doctor.IN_THE_DATABASE)
    assert not (tmp_path / "none.db").exists(), "a check-up creates nothing"
    if kind == "postgresql":
        assert "me:…@127.0.0.1" in found["database"]["said"]


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_every_bad_setting_is_told_and_nothing_else_checked(shared_database, run):
    code, found = run(REGISTRY_DATABASE=shared_database, REGISTRY_MIAL="x", REGISTRY_BASE_URL="registry")
    assert (code, list(found)) == (1, ["settings"])
    assert "did you mean REGISTRY_MAIL?" in found["settings"]["said"]
    assert "REGISTRY_BASE_URL must begin with http" in found["settings"]["said"]


@pytest.mark.parametrize("shared_database", ["postgresql"], indirect=True)
def test_an_empty_database_is_answered_with_the_command_to_run(shared_database, run):
    bound.execute_sql("DROP SCHEMA public CASCADE")
    bound.execute_sql("CREATE SCHEMA public")
    code, found = run(REGISTRY_DATABASE=shared_database)
    assert code == 1
    assert found["database"]["said"].endswith("pending. Run: registry migrate")


# ---- mail, against a real server


def mail(settings, url):
    return doctor.check_mail(replace(settings, mail=url), given.NOW)


def test_a_mail_server_that_answers_is_well_and_gets_no_mail(settings):
    with a_mail_server() as inbox:
        assert mail(settings, inbox.url).state == doctor.OK
        assert (inbox.connections, inbox.received) == (1, [])


def test_a_mail_server_that_refuses_the_login_has_failed(settings):
    with a_mail_server(login=True) as inbox:
        found = mail(settings, f"smtp://registry:s3cret@{HOST}:{inbox.port}")
    assert found.state == doctor.FAILED
    assert "REGISTRY_MAIL" in found.said and "s3cret" not in found.said


def test_a_mail_server_without_the_tls_that_was_asked_for_has_failed(settings):
    with a_mail_server() as inbox:
        found = mail(settings, f"{inbox.url}?starttls=1")
    assert (found.state, "not offered" in found.said) == (doctor.FAILED, True)


def test_where_no_mail_server_listens_the_check_fails(settings):
    found = mail(settings, f"smtp://{HOST}:{free_port()}")
    assert (found.state, "Nothing listens" in found.said) == (doctor.FAILED, True)


def test_a_folder_for_mail_that_cannot_be_written_has_failed(settings, tmp_path):
    assert mail(settings, "file://mail").state == doctor.OK
    (tmp_path / "taken").write_text("a file where the folder should be")
    assert mail(settings, "file://taken").state == doctor.FAILED


# ---- this machine


def test_a_folder_for_files_that_cannot_be_written_has_failed(settings):
    assert doctor.check_files(settings, given.NOW).state == doctor.OK
    assert list(settings.files.iterdir()) == [], "nothing is left behind"
    settings.files.rmdir()
    settings.files.write_text("a file where the folder should be")
    assert doctor.check_files(settings, given.NOW).state == doctor.FAILED


@pytest.mark.parametrize(
    ("free", "state"), [(2 * 1024**3, doctor.OK), (500 * 1024**2, doctor.WARNING), (1024**2, doctor.FAILED)]
)
def test_little_room_on_the_disk_is_told_before_there_is_none(free, state):
    assert doctor._with_space(free, "The disk").state == state


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://[::1]:8000", doctor.OK),
        ("http://register.example.org", doctor.WARNING),
    ],
)
def test_a_site_for_others_without_https_is_a_warning(settings, url, state):
    assert doctor.check_base_url(replace(settings, base_url=url), given.NOW).state == state


def test_https_without_a_proxy_that_is_known_is_a_warning(settings):
    settings = replace(settings, base_url="https://register.example.org")
    found = doctor.check_base_url(settings, given.NOW)
    assert (found.state, "Set REGISTRY_PROXIES=1." in found.said) == (doctor.WARNING, True)
    assert doctor.check_base_url(replace(settings, proxies=1), given.NOW).state == doctor.OK


def test_a_secret_made_at_first_start_is_told_and_kept_from_others(tmp_path, monkeypatch):
    monkeypatch.delenv("REGISTRY_SECRET_KEY", raising=False)
    settings = config.load({}, tmp_path)
    found = doctor.check_secret(settings, given.NOW)
    assert (found.state, settings.secret_key in found.said) == (doctor.OK, False)
    assert "Made at first start" in found.said
    config.secret_file(tmp_path).chmod(0o644)
    assert "chmod 600" in doctor.check_secret(settings, given.NOW).said


def test_reports_can_be_drawn_with_the_letters_of_welsh(settings, tmp_path):
    from registry.reporting import rendering

    assert doctor.check_drawing(settings, given.NOW).state == doctor.OK
    assert "run bin/setup" in (rendering.fault(tmp_path) or "")


def test_a_missing_stylesheet_is_named_with_what_to_do(settings, tmp_path, monkeypatch):
    assert doctor.check_assets(settings, given.NOW).state == doctor.OK
    monkeypatch.setattr(doctor, "STATIC", tmp_path)
    found = doctor.check_assets(settings, given.NOW)
    assert found.state == doctor.FAILED
    assert "govuk-frontend.min.css" in found.said and "bin/setup" in found.said


def chmod_asked_for(found):
    """What a warning says to run, run."""
    assert found.state == doctor.WARNING and "can be read by others" in found.said
    subprocess.run(found.said.partition("Run: ")[2], shell=True, check=True)


def test_a_folder_that_others_can_read_is_a_warning_with_what_to_run(settings, tmp_path):
    assert doctor.check_files(settings, given.NOW).state == doctor.OK
    settings.files.chmod(0o755)
    chmod_asked_for(doctor.check_files(settings, given.NOW))
    assert doctor.check_files(settings, given.NOW).state == doctor.OK
    assert mail(settings, "file://mail").state == doctor.OK
    (tmp_path / "mail").chmod(0o750)
    chmod_asked_for(mail(settings, "file://mail"))
    assert mail(settings, "file://mail").state == doctor.OK


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_database_that_others_can_read_is_a_warning_with_what_to_run(shared_database, settings, tmp_path):
    given.a_register()
    settings = replace(settings, database=shared_database)
    assert doctor.check_database(settings, given.NOW).state == doctor.OK
    for name in ("registry.db", "registry.db-wal"):
        (tmp_path / name).chmod(0o644)
    found = doctor.check_database(settings, given.NOW)
    assert "registry.db-wal" in found.said
    chmod_asked_for(found)
    assert doctor.check_database(settings, given.NOW).state == doctor.OK


# ---- in the database


@pytest.fixture
def register(database):
    given.a_register()


def test_a_guard_of_the_history_that_is_off_has_failed(register, settings):
    assert doctor.check_guards(settings, given.NOW).state == doctor.OK
    if is_sqlite():
        bound.execute_sql("DROP TRIGGER history_no_delete")
    else:
        bound.execute_sql("ALTER TABLE history DISABLE TRIGGER history_no_change")
    found = doctor.check_guards(settings, given.NOW)
    assert found.state == doctor.FAILED
    assert ("history_no_delete" if is_sqlite() else "history_no_change") in found.said


def test_a_database_that_takes_no_writing_has_failed(register, settings):
    assert doctor.check_writing(settings, given.NOW).state == doctor.OK
    bound.execute_sql("PRAGMA query_only = 1" if is_sqlite() else "SET TRANSACTION READ ONLY")
    found = doctor.check_writing(settings, given.NOW)
    assert found.state == doctor.FAILED
    assert "read" in found.said


def test_writing_is_tried_and_taken_back(register, settings):
    with given.queries() as sent:
        doctor.check_writing(settings, given.NOW)
    assert [sql.split()[0] for sql in sent] == ["UPDATE"]
    assert Installation.select().count() == 1


@pytest.mark.parametrize("year", [1970, 2020, 2150])
def test_a_clock_in_a_year_that_cannot_be_has_failed(register, settings, year):
    assert doctor.check_clock(settings, given.NOW.replace(year=year)).state == doctor.FAILED


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_clock_that_differs_from_the_databases_has_failed(register, settings):
    (theirs,) = bound.execute_sql("SELECT clock_timestamp()").fetchone()
    assert doctor.check_clock(settings, theirs).state == doctor.OK
    found = doctor.check_clock(settings, theirs + timedelta(minutes=5))
    assert (found.state, "seconds apart" in found.said) == (doctor.FAILED, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_clock_behind_the_history_is_a_warning(register, settings):
    assert doctor.check_clock(settings, given.NOW).state == doctor.OK
    record("test.made", Organisation.get(), person_id=Person.get().id, at=given.NOW + given.DAY)
    assert doctor.check_clock(settings, given.NOW).state == doctor.WARNING


@pytest.mark.parametrize(
    ("now", "state"), [("2027-12-31", doctor.OK), ("2028-02-01", doctor.WARNING), ("2029-01-01", doctor.FAILED)]
)
def test_bank_holidays_are_asked_for_a_year_before_they_run_out(register, settings, now, state):
    instant = given.NOW.fromisoformat(f"{now}T09:00:00+00:00")
    assert doctor.check_holidays(settings, instant).state == state


def test_a_register_without_any_bank_holiday_is_a_warning(register, settings):
    Holiday.delete().execute()
    assert doctor.check_holidays(settings, given.NOW).state == doctor.WARNING


def test_a_worker_that_swept_this_morning_is_well_and_one_that_did_not_is_told(register, settings):
    assert "not swept yet" in doctor.check_worker(settings, given.NOW).said
    slot = this_morning(given.NOW)
    SlotClaim.create(job="sweep", slot_at=slot, claimed_at=slot, finished_at=slot)
    assert doctor.check_worker(settings, given.NOW).state == doctor.OK
    assert "not this morning" in doctor.check_worker(settings, given.NOW + given.DAY).said


def test_messages_that_should_have_left_are_told(register, settings):
    given.a_liaison_officer()
    given.a_made_notice(to=("kent",))
    assert "not swept yet" in doctor.check_worker(settings, given.NOW).said
    found = doctor.check_worker(settings, given.NOW + timedelta(hours=1))
    assert (found.state, "should have left by now" in found.said) == (doctor.WARNING, True)


def test_a_check_that_breaks_has_failed_and_the_others_go_on(settings):
    def breaks(settings, now):
        raise OSError("the disk is on fire")

    assert doctor._checked(breaks, settings, given.NOW) == doctor.Finding(
        doctor.FAILED, "It could not be checked: the disk is on fire"
    )
