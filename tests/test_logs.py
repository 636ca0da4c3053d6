"""The log: one line an event, JSON for programs, and no address or password in it whoever wrote it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PROGRAM = """
import logging, sys
import structlog
from registry import logs
logs.use(sys.argv[1])
log = structlog.get_logger()
structlog.contextvars.bind_contextvars(request="1234-5678-9012")
log.info("message sent", answer="550 no such user <Somebody.Else@mail.example.org>", count=3)
logging.getLogger("peewee.pool").warning("cannot reach psycopg3+pool://user:pass%20word@db.example.org/register")
logging.getLogger("peewee.pool").info("of no interest")
logging.getLogger("gunicorn.error").error("Error handling request /invitation/sEcReT?q=x")
try:
    raise ValueError("Key (email)=(somebody@example.org) already exists\\nsecond line")
except ValueError:
    log.exception("request failed")
    logging.getLogger("library").exception("it broke")
print("results go to stdout")
"""


def run(mode: str) -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "results go to stdout\n"
    return done.stderr


@pytest.mark.parametrize("mode", ["json", "auto"])
def test_without_a_terminal_every_line_is_one_json_object(mode):
    lines = [json.loads(line) for line in run(mode).splitlines()]
    assert [line["event"].split()[0] for line in lines] == ["message", "cannot", "Error", "request", "it"]
    assert {line["request"] for line in lines} == {"1234-5678-9012"}
    assert [line["level"] for line in lines] == ["info", "warning", "error", "error", "error"]
    assert all(line["at"].endswith("Z") for line in lines)
    assert lines[1]["logger"] == "peewee.pool"
    assert "Traceback" in lines[3]["exception"] and "Traceback" in lines[4]["exception"]


@pytest.mark.parametrize("mode", ["json", "text"])
def test_no_address_password_or_link_is_in_the_log(mode):
    log = run(mode)
    assert "[address]" in log and "[hidden]" in log
    for secret in ("omebody", "pass%20word", "sEcReT", "mail.example.org"):
        assert secret not in log, secret


def test_for_people_a_line_is_words():
    first = run("text").splitlines()[0]
    assert "message sent" in first and "count=3" in first
    assert not first.startswith("{")
