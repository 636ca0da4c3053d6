"""When the database is locked, full, restarted or gone: the page says so, and the next request works."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from registry import config
from registry.app import create_app
from registry.records import migrating
from registry.records.database import database as bound
from registry.records.database import open_database
from tests import given
from tests.given import NOW
from tests.postgres import cluster, find_programs, unprivileged
from tests.web.browsing import Browser

UNAVAILABLE = "the register cannot be reached just now"
sqlite_only = pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)


def site(settings, actor=None) -> Browser:
    return Browser(create_app(settings, clock=lambda: NOW), actor)


@sqlite_only
def test_a_locked_database_is_said_and_the_form_can_be_sent_again(shared_database, settings):
    given.a_register()
    assignment = given.an_assignment()
    officer = site(settings, given.a_liaison_officer())
    bound.obj.timeout = 0.1
    with closing(sqlite3.connect(bound.obj.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        officer.post(f"/assignments/{assignment.id}/acknowledge", status=503)
        assert UNAVAILABLE in officer.text
        other.execute("ROLLBACK")
    officer.post(f"/assignments/{assignment.id}/acknowledge")
    assert given.events().count("assignment.acknowledged") == 1


@sqlite_only
def test_a_full_disk_is_said_and_nothing_is_half_written(shared_database, settings):
    given.a_register()
    assignment = given.an_assignment()
    officer = site(settings, given.a_liaison_officer())
    before = given.events()
    (pages,) = bound.execute_sql("PRAGMA page_count").fetchone()
    bound.execute_sql(f"PRAGMA max_page_count = {pages}")
    answers = {officer.client.post(path(assignment), data=filled(officer, number)).status_code for number in range(40)}
    assert answers <= {302, 503} and 503 in answers
    bound.execute_sql("PRAGMA max_page_count = 1000000")
    written = len(given.events()) - len(before)
    assert written < 40
    assert officer.client.post(path(assignment), data=filled(officer, 0)).status_code == 302
    assert len(given.events()) - len(before) == written + 1


def path(assignment) -> str:
    return f"/assignments/{assignment.id}/report-progress"


def filled(officer: Browser, number: int) -> dict[str, str]:
    return {"csrf_token": officer._token(), "text": f"{number} " + "We have replaced some cords. " * 60}


@pytest.fixture(scope="module")
def server():
    with cluster() as found:
        yield found


@pytest.fixture
def restartable(server, settings):
    """A site on a server that may be stopped, its register filled."""
    open_database(server.create_database("restartable"), Path("/"))
    bound.connect()
    migrating.migrate(config.folder("migrations"))
    bound.connect(reuse_if_open=True)
    given.a_register()
    given.an_assignment(published=True)
    yield site(settings, given.the_case_officer())
    bound.obj.close_all()
    bound.initialize(None)
    server.drop_database("restartable")


def control(server, *words: str) -> None:
    command = [find_programs() / "pg_ctl", *words, "--silent", "--wait", "--pgdata", server.folder / "data"]
    log = ["--log", server.folder / "log"] if words[0] != "stop" else []
    subprocess.run([*command, *log], check=True, cwd="/", stdout=subprocess.DEVNULL, **unprivileged())


def test_after_a_restart_of_postgresql_no_request_meets_a_dead_connection(server, restartable):
    bound.close()
    restartable.get("/desk")
    control(server, "restart", "--mode", "fast")
    restartable.get("/desk")
    restartable.get("/readyz")


def test_while_postgresql_is_down_every_page_says_so_and_then_all_is_as_before(server, restartable):
    bound.close()
    restartable.get("/desk")
    control(server, "stop", "--mode", "fast")
    for _ in range(2):
        restartable.get("/desk", status=503)
        assert UNAVAILABLE in restartable.text
    restartable.get("/healthz")
    control(server, "restart")  # which knows the options it was started with; "start" does not
    restartable.get("/desk")


def test_a_connection_lost_in_the_middle_of_a_request_is_not_used_again(server, restartable):
    bound.close()

    def lose() -> str:
        (number,) = bound.execute_sql("SELECT pg_backend_pid()").fetchone()
        with psycopg.connect(host=server.host, port=server.port, user=server.user, dbname="postgres") as other:
            other.execute("SELECT pg_terminate_backend(%s)", (number,))
        return str(bound.execute_sql("SELECT 1").fetchone())

    restartable.client.application.add_url_rule("/lose", "lose", lose)
    restartable.get("/lose", status=503)
    assert UNAVAILABLE in restartable.text
    restartable.get("/desk")
