"""What the history costs: verifying it, appending to it, and what eight writers lose by it.

    .venv/bin/python bench/history.py [1000000]

The events are written by the driver alone, with the hashes of `history.digest`; a tenth of them has a text.
Verbs a second: eight processes report progress on assignments of their own, with and without the event.
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import pages  # noqa: E402
from registry.actions import bench_data  # noqa: E402
from registry.records import history, people  # noqa: E402
from registry.records.database import database, is_sqlite, open_database  # noqa: E402
from registry.records.history import GENESIS, History  # noqa: E402
from registry.records.installation import Installation  # noqa: E402
from tests.postgres import cluster  # noqa: E402

WRITERS, EACH, TURNS = 8, 150, 400
LOT = 20_000


def fill(count: int) -> None:
    """Bring the history to so many events, in good order."""
    head = History.select().order_by(History.id.desc()).first()
    number, previous = (head.id, head.hash) if head else (0, GENESIS)
    at, person = datetime.now(UTC), people.by_email(bench_data.SIGN_INS["case_officer"]).id
    stored = History.at.db_value(at)
    while number < count:
        events, texts = [], []
        for number in range(number + 1, min(number + LOT, count) + 1):  # noqa: B020
            text = f"What was said about event {number}." if number % 10 == 0 else ""
            promised = history.commitment("0" * 32, text) if text else None
            said = (person, "assignment.progress_reported", "assignment", number % 1000 + 1)
            row = (number, stored, *said, '{"implementation":"under_way"}', promised, previous)
            previous = history.digest((*row, None))
            events.append((*row, previous))
            if text:
                texts.append((number, text, "0" * 32))
        put("history", history.COLUMNS, events)
        put("history_detail", ("history_id", "text", "salt"), texts)
        database.connection().commit()


def put(table: str, columns: tuple[str, ...], rows: list[tuple]) -> None:
    named, cursor = ", ".join(columns), database.connection().cursor()
    if is_sqlite():
        cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({', '.join('?' * len(columns))})", rows)
        return
    with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


VERIFY = """
import resource, sys, time
from pathlib import Path
from registry.records import verifying
from registry.records.database import database, open_database
open_database(sys.argv[1], Path("/"))
database.connect()
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
found = verifying.verify([], "")
assert found.faults == [], found.faults[:3]
print(found.events, time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

WRITE = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from registry.actions import assignments, bench_data
from registry.records import history, people
from registry.records.assignments import Assignment
from registry.records.database import database, open_database
url, first, each, kept = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
open_database(url, Path("/"))
database.connect()
now = datetime.now(UTC)
if kept == "without":
    history.record = lambda *args, **kwargs: None
actor = people.actor(people.by_email(bench_data.SIGN_INS["case_officer"]), now.date())
call = assignments.Call(now.date(), "telephone", "Promised for Friday.")
ids = [row.id for row in Assignment.select(Assignment.id).order_by(Assignment.id).offset(first).limit(each)]
print("ready", flush=True)
sys.stdin.readline()
for one in ids:
    assignments.log_contact(one, call, actor=actor, now=now)
"""


def verified(url: str) -> tuple[int, float, float]:
    done = subprocess.run([sys.executable, "-c", VERIFY, url], capture_output=True, text=True, check=True, cwd=ROOT)
    events, seconds, memory = done.stdout.split()
    return int(events), float(seconds), float(memory)


def rate(url: str, kept: str) -> float:
    """Verbs a second of all writers together."""
    command = [sys.executable, "-c", WRITE, url]
    writers = [
        subprocess.Popen(
            [*command, str(number * EACH), str(EACH), kept],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(WRITERS)
    ]
    for one in writers:
        one.stdout.readline()
    started = time.perf_counter()
    for one in writers:
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.wait() for one in writers] == [0] * WRITERS
    return WRITERS * EACH / (time.perf_counter() - started)


def append() -> float:
    """One append inside a transaction, in milliseconds: the median."""
    person, subject, now, taken = (
        people.by_email(bench_data.SIGN_INS["case_officer"]).id,
        Installation.get(),
        datetime.now(UTC),
        [],
    )
    for number in range(TURNS):
        with database.atomic():
            started = time.perf_counter()
            history.record("bench.thing", subject, person_id=person, at=now, facts={"n": number}, detail="A text.")
            taken.append(time.perf_counter() - started)
    return median(taken) * 1000


def measure(name: str, url: str, folder: Path, count: int) -> None:
    pages.load(20_000, pages.environment(url, folder))
    open_database(url, folder)
    database.connect()
    pages.row(name, "one append", f"{append():.2f} ms", "≤ 1 ms")
    turns = [(rate(url, "with"), rate(url, "without")) for _ in range(3)]
    with_, without = median(one for one, _ in turns), median(one for _, one in turns)
    said = f"{with_ / without:.0%}: {with_:,.0f} of {without:,.0f} /s"
    pages.row(name, f"verbs with {WRITERS} writers, against none recorded", said, "≥ 80 %")
    fill(count)
    events, seconds, memory = verified(url)
    pages.row(name, f"verify {events:,} events", f"{seconds:.1f} s, {memory:.0f} MB", "≤ 10 s, ≤ 100 MB")
    database.close()


def main(count: int) -> None:
    pages.row("where", "what", "figure", "limit")
    pages.row(*["---"] * 4)
    with tempfile.TemporaryDirectory() as folder, cluster() as server:
        measure("SQLite", f"sqlite:///{folder}/history.db", Path(folder), count)
        measure("PostgreSQL", server.create_database("history"), Path(folder), count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
