"""What balancers and monitoring ask: without a cookie, without a person, and to nobody else."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.middleware.proxy_fix import ProxyFix

from registry.app import create_app
from registry.records import jobs
from registry.records.database import database as bound
from registry.records.database import open_database
from registry.web import measures
from tests import given
from tests.given import DAY, NOW


def values(text: str) -> dict[tuple, float]:
    """The measures as the program of the operator reads them: (name, labels) -> value."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_are_plain_not_indexed_and_set_no_cookie(register, browse, path):
    answer = browse().get(path)
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_the_process_is_alive_without_a_single_query(register, browse):
    reader = browse(given.the_case_officer())
    with given.queries() as sent:
        assert reader.get("/healthz").text == "ok\n"
    assert sent == []


@pytest.fixture
def without_database(settings, tmp_path):
    """The site with a database that cannot be reached."""
    before = bound.obj
    open_database("psycopg3+pool://nobody@127.0.0.1:1/nothing", Path("/"))
    app = create_app(settings, clock=lambda: NOW)
    yield app.test_client()
    bound.initialize(before)


def test_without_a_database_it_is_alive_not_ready_and_still_measured(without_database):
    assert without_database.get("/healthz").status_code == 200
    ready = without_database.get("/readyz")
    assert (ready.status_code, ready.text) == (503, "The database cannot be reached.\n")
    found = values(without_database.get("/metrics").text)
    assert found[("registry_database_up",)] == 0
    assert ("registry_messages_waiting",) not in found


def test_without_a_database_a_page_says_so_and_not_more(without_database):
    answer = without_database.get("/recommendations")
    assert answer.status_code == 503
    assert "the register cannot be reached just now" in answer.text
    assert "127.0.0.1:1" not in answer.text and "nobody" not in answer.text


def test_it_is_ready_when_the_database_is_and_the_worker_need_not_run(register, browse):
    assert browse(now=NOW + 400 * DAY).get("/readyz").text == "ready\n"


def test_pending_migrations_make_it_not_ready(register, browse):
    bound.execute_sql("DELETE FROM schema_migration WHERE name = '0001_first_tables'")
    answer = browse().client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "Migrations are pending. Run: registry migrate\n")


def test_readiness_is_asked_of_the_database_every_few_seconds_only(register, browse):
    reader = browse()
    with given.queries() as sent:
        for _ in range(10):
            reader.get("/readyz")
    assert len(sent) <= 2


def test_the_measures_tell_what_waits_and_how_old_the_last_sweep_is(register, browse):
    given.a_liaison_officer()
    given.a_made_notice()
    jobs.finish_slot(jobs.claim_slot("sweep", NOW, NOW), "done", now=NOW)
    found = values(browse(now=NOW + timedelta(hours=2)).get("/metrics").text)
    assert found[("registry_messages_waiting",)] == 1
    assert found[("registry_messages_oldest_seconds",)] == 7200
    assert found[("registry_messages_parked",)] == 0
    assert found[("registry_reports_waiting",)] == 0
    assert found[("registry_assignments_open",)] == 1
    assert found[("registry_assignments_overdue",)] == 0
    assert found[("registry_job_slot_age_seconds", "sweep")] == 7200
    assert found[("registry_database_up",)] == 1
    assert found[("registry_build_info", "0.1.0")] == 1


def test_requests_are_counted_by_page_and_class_of_status(register, browse):
    reader = browse()
    before = values(reader.get("/metrics").text)
    reader.get("/recommendations?q=cord")
    reader.get("/recommendations/LR-1999-0001", status=404)
    reader.client.get("/no/such/page/at/all")
    after = values(reader.get("/metrics").text)

    def more(*key):
        return after.get(key, 0) - before.get(key, 0)

    assert more("registry_requests_total", "2xx", "public.recommendations") == 1
    assert more("registry_requests_total", "4xx", "public.recommendation") == 1
    assert more("registry_requests_total", "4xx", "none") == 1
    assert more("registry_request_seconds_count", "public.recommendations") == 1


def test_the_measures_name_nobody_and_no_reference(register, browse):
    given.a_published_notice(titles=["Replace emergency pull cords"])
    text = browse(given.the_case_officer()).get("/metrics").text
    assert not [word for word in ("kent", "Kent", "LR-", "@", "cord") if word in text]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.9.9.9", {}, 200),
        ("192.0.2.7", {}, 404),
        ("10.0.0.1", {}, 404),
        ("192.0.2.7", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 404),
        ("", {}, 404),
    ],
)
def test_the_measures_are_there_for_the_operators_network_alone(register, browse, address, headers, status):
    """Behind a proxy of which the register was not told, everybody would seem to be next door."""
    client = browse().client
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_what_a_trusted_proxy_says_of_the_address_counts(register, browse):
    app = browse().client.application
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)
    client = app.test_client()
    for told, status in (("127.0.0.1", 200), ("192.0.2.7", 404), ("127.0.0.1, 192.0.2.7", 404)):
        answer = client.get("/metrics", headers={"X-Forwarded-For": told})
        assert answer.status_code == status, told


def test_several_processes_are_counted_together(tmp_path, monkeypatch):
    """As under `registry serve`, which names the folder."""
    one = "from registry.web import measures; measures.count('public.home', 200, 0.1)"
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", one], env=environment, check=True, cwd=Path(__file__).parents[2])
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    found = values(measures.text(None, NOW).decode())
    assert found[("registry_requests_total", "2xx", "public.home")] == 2


def test_the_desk_says_when_no_reminders_go_out_to_those_who_can_have_it_mended(register, browse):
    people = given.people()
    for who, told in ((people.case_officer, True), (people.administrator, True), (people.author, False)):
        reader = browse(who, now=NOW + 2 * DAY)
        reader.get("/desk")
        said = "No reminders have been sent since 2 March 2026 at 09:00: the worker is not running."
        assert (said in reader.text) is told, who.name
        fresh = browse(who, now=NOW)
        fresh.get("/desk")
        assert "worker" not in fresh.text


def test_whoever_is_refused_the_measures_holds_no_connection(shared_database, settings):
    client = create_app(settings, clock=lambda: NOW).test_client()
    bound.close()
    try:
        assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
        assert bound.is_closed()
        client.get("/nowhere")
        assert bound.is_closed()
    finally:
        bound.connect(reuse_if_open=True)
