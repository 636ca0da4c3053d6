"""Making a report in a process of its own: ready, failed with a reason, and never half."""

import gc
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from peewee import DatabaseError
from pypdf import PdfReader

from registry import config
from registry.actions.reports import request_report
from registry.records import jobs
from registry.records.database import snapshot
from registry.records.jobs import ReportJob, readable
from registry.records.organisations import Organisation
from registry.records.people import Membership
from registry.reporting import making, rendering
from registry.reporting.making import CannotMake, make_file, make_waiting
from tests import given
from tests.given import NOW
from tests.reporting import made_up

LATER = NOW + timedelta(minutes=5)
on_sqlite = pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)


@pytest.fixture
def settings(shared_database, tmp_path):
    given.a_register()
    environ = {"REGISTRY_DATABASE": shared_database, "REGISTRY_SECRET_KEY": "long enough for tests and nothing else"}
    return replace(config.load(environ, base=tmp_path), files=tmp_path / "files")


def asked_for(slug: str = "kent") -> ReportJob:
    return request_report("force", given.organisation(slug).id, actor=given.a_liaison_officer(slug), now=NOW)


def made(settings, job: ReportJob) -> ReportJob:
    assert make_waiting(settings, LATER)
    return given.again(job)


def test_a_report_asked_for_is_made_written_and_recorded(settings):
    given.an_assignment()
    job = made(settings, asked_for())
    assert (job.state, job.reason, job.lease_until, job.as_at) == ("ready", "", None, LATER)
    pdf = (settings.files / "reports" / job.file).read_bytes()
    assert job.sha256 == hashlib.sha256(pdf).hexdigest()
    pages = PdfReader(BytesIO(pdf)).pages
    assert job.pages == len(pages)
    assert "As at 2 March 2026 at 09:05" in pages[0].extract_text()
    assert "LR-2026-0001" in pages[1].extract_text()
    assert [file.name for file in (settings.files / "reports").iterdir()] == [job.file]
    assert list(readable(given.a_liaison_officer())) == [job]
    assert make_waiting(settings, LATER) is False


@on_sqlite
def test_two_processes_make_the_same_bytes(settings, tmp_path):
    given.an_assignment()
    first, second = (
        make_file(settings, "kent", tmp_path / name, actor=given.the_system(), now=NOW) for name in ("a.pdf", "b.pdf")
    )
    assert first.sha256 == second.sha256
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert first.seconds > 0


@on_sqlite
def test_an_organisation_that_is_not_there_is_said(settings, tmp_path):
    with pytest.raises(CannotMake, match="no organisation called nowhere"):
        make_file(settings, "nowhere", tmp_path / "a.pdf", actor=given.the_system(), now=NOW)


@on_sqlite
def test_a_place_that_cannot_be_written_is_said(settings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotMake, match=r"file/a.pdf cannot be written: Not a directory\."):
        make_file(settings, "kent", tmp_path / "file" / "a.pdf", actor=given.the_system(), now=NOW)


# ---- what goes wrong is a failed job with its reason


@on_sqlite
@pytest.mark.parametrize(
    ("weasyprint", "reason"),
    [
        ("raise OSError('cannot load library libpango-1.0-0')", "missing: cannot load library libpango-1.0-0"),
        ("import os; os._exit(9)", making.DIED),
        ("raise RuntimeError('a fault')", making.UNEXPECTED),
    ],
)
def test_a_process_that_fails_or_dies_leaves_a_reason_and_no_file(settings, tmp_path, monkeypatch, weasyprint, reason):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "weasyprint.py").write_text(weasyprint)
    monkeypatch.syspath_prepend(broken)
    job = made(settings, asked_for())
    assert job.state == "failed"
    assert reason in job.reason
    assert list((settings.files / "reports").iterdir()) == []


@on_sqlite
def test_a_report_that_takes_for_ever_ends(settings, tmp_path, monkeypatch):
    (tmp_path / "weasyprint.py").write_text("import time; time.sleep(60)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(making, "TIME_LIMIT", 1)
    assert made(settings, asked_for()).reason == making.DIED


@on_sqlite
def test_a_missing_font_is_the_reason(settings, tmp_path, monkeypatch):
    monkeypatch.setitem(rendering.render.__kwdefaults__, "fonts", tmp_path)
    monkeypatch.setattr(making, "_gather", lambda settings, job: made_up.a_report())
    monkeypatch.setattr(making, "make_report", making._make)
    before = gc.get_threshold()
    job = made(settings, asked_for())
    gc.unfreeze()
    gc.set_threshold(*before)
    assert (job.state, job.reason) == (
        "failed",
        "source-sans-3-latin-400-normal.woff2 is missing: run bin/setup, which fetches it.",
    )


@on_sqlite
def test_somebody_whose_role_has_ended_gets_no_report(settings):
    job = asked_for()
    Membership.update(to_on=NOW.date() - given.DAY).execute()
    assert made(settings, job).reason == "The person who asked may no longer have this report."


@on_sqlite
def test_a_folder_that_cannot_be_made_is_the_reason(settings):
    job = asked_for()
    settings.files.write_text("a file where the folder should be")
    assert "reports cannot be made: Not a directory." in made(settings, job).reason


def test_a_maker_that_comes_back_after_its_lease_changes_nothing(settings):
    job = asked_for()
    first = jobs.claim_report(NOW)
    second = jobs.claim_report(NOW + jobs.REPORT_LEASE + timedelta(seconds=1))
    assert first == second == job
    assert jobs.settle_report(first, state="failed", reason="Too late.") is False
    assert jobs.settle_report(second, state="ready", file="a.pdf", pages=3) is True
    assert given.again(job).reason == ""


# ---- what it reads


def test_a_snapshot_reads_and_cannot_write(settings):
    def read_and_write() -> int:
        with snapshot():
            found = Organisation.select().count()
            with pytest.raises(DatabaseError):
                Organisation.create(slug="new", name="New", type="agency")
            return found

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(read_and_write).result() == 9
    given.an_organisation("new")
    assert Organisation.select().count() == 10


def test_the_time_in_a_file_name_is_in_utc(settings, monkeypatch):
    monkeypatch.setattr(making, "make_report", lambda settings, job: making.Made(1, job.out.name, 0.1))
    asked_for()
    assert make_waiting(settings, datetime(2026, 7, 1, 9, tzinfo=UTC).astimezone(making.calendar.CIVIL))
    assert ReportJob.get().file == "force-kent-20260701T090000Z-1.pdf"
