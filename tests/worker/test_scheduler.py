"""The worker's process: by simulated time, by the clock, and told to stop."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from registry.records.messages import Message
from registry.worker import scheduler
from registry.worker.jobs import JOBS, Job
from tests import given
from tests.channels.mail_server import a_mail_server
from tests.given import DAY, NOW
from tests.worker.outbox import messages_wait, settings_for, states

SETTINGS = settings_for("file:///nowhere")
WITHOUT_REPORTS = tuple(job for job in JOBS if job.name != "reports")
DELIVERY = tuple(job for job in JOBS if job.name == "deliver")


def test_at_an_instant_each_job_runs_once_and_what_is_swept_leaves_in_the_same_pass(database):
    given.a_register()
    given.a_liaison_officer()
    given.an_assignment("kent")
    with a_mail_server() as inbox:
        assert scheduler.run(settings_for(inbox.url), at=NOW + 42 * DAY, jobs=WITHOUT_REPORTS) == 0
        assert scheduler.run(settings_for(inbox.url), at=NOW + 42 * DAY, jobs=WITHOUT_REPORTS) == 0
    assert [message["Message-ID"].partition(".")[0] for message in inbox.received] == ["<notice_made", "<reminders"]
    assert {message["Date"].datetime for message in inbox.received} == {NOW + 42 * DAY}
    assert states() == {"sent": 2}


def test_at_an_instant_a_failing_job_is_counted_and_stops_no_other(database):
    ran = []
    broken = Job("broken", timedelta(minutes=1), lambda settings, clock: 1 / 0)
    sound = Job("sound", timedelta(minutes=1), lambda settings, clock: ran.append(clock()) or "")
    assert scheduler.run(SETTINGS, at=NOW, jobs=(broken, sound)) == 1
    assert ran == [NOW]


def test_by_the_clock_it_runs_its_jobs_until_told_to_stop(shared_database, tmp_path: Path):
    messages_wait(3)
    stop = threading.Event()
    settings = settings_for("file://mail", tmp_path)
    worker = threading.Thread(target=scheduler.run, args=(settings,), kwargs={"jobs": DELIVERY, "stop": stop})
    worker.start()
    try:
        _wait_until(lambda: Message.select().where(Message.state == "sent").count() == 3)
    finally:
        stop.set()
        worker.join(timeout=10)
    assert not worker.is_alive()
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 3


def test_told_to_stop_before_it_began_it_stops(shared_database):
    stop = threading.Event()
    stop.set()
    assert scheduler.run(SETTINGS, jobs=(), stop=stop) == 0


SLOW_WORKER = """
import sys, time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from registry.worker import scheduler
from registry.worker.jobs import Job
from tests.worker.outbox import settings_for

def slowly(settings, clock):
    print("begun", flush=True)
    time.sleep(0.3)
    print("ended", flush=True)
    return "slept"

settings = replace(settings_for("file:///nowhere", Path("/")), database=sys.argv[1])
scheduler.run(settings, jobs=(Job("slow", timedelta(minutes=1), slowly),))
print("left", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_told_by_a_signal_it_finishes_the_running_job_and_leaves(shared_database, number):
    worker = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER, shared_database],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert worker.stdout.readline() == "begun\n"
    worker.send_signal(number)
    worker.send_signal(number)
    out, log = worker.communicate(timeout=20)
    assert (worker.returncode, out) == (0, "ended\nleft\n")
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in lines] == ["worker started", "job done", "worker stopped"]
    assert lines[1]["outcome"] == "slept"


def _wait_until(condition) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within ten seconds")
