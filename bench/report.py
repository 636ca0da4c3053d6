"""How long one organisation's report takes, against the same content with careless CSS and without tags.

    .venv/bin/python bench/report.py [ASSIGNMENTS ...]      default: 30 227

Each measurement runs in a process of its own, after one warm-up; prints CPU seconds and the ratios.
"""

import gc
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

from registry import config
from registry.actions import demonstration
from registry.records import migrating, people
from registry.records.database import database, open_database
from registry.records.organisations import Organisation
from registry.reporting import rendering
from registry.reporting.force_report import ForceReport, gather

NOW = datetime(2026, 7, 14, 9, tzinfo=UTC)
FOLDER = config.folder("reports") / "force"
# The habits that the print sheet avoids.
CARELESS = """
section { display: flex; flex-direction: column }
table { table-layout: auto; border-collapse: collapse }
.overdue, .due_soon, .running, .replied_late, .reference { display: inline-block }
"""


def demonstration_report() -> tuple[ForceReport, float]:
    """The report of the demonstration's force with most assignments, and the seconds that gathering it took."""
    open_database("sqlite:///:memory:", Path("/"))
    with database.connection_context():
        migrating.migrate(config.folder("migrations"))
        demonstration.load(config.PACKAGE / "data", now=NOW)
        actor = people.system(NOW.date())
        force = Organisation.get(Organisation.slug == "oakenmoor")
        started = time.process_time()
        report = gather(force.id, actor=actor, as_at=NOW)
        return report, time.process_time() - started


def grown(report: ForceReport, count: int) -> ForceReport:
    """The same report with its assignments repeated until there are `count`."""
    lines = [line for group in report.groups for line in group.lines]
    many = [replace(lines[n % len(lines)], reference=f"LR-2026-{n:04d}") for n in range(1, count + 1)]
    groups = (replace(group, lines=tuple(line for line in many if line.group == group.key)) for group in report.groups)
    return replace(report, groups=tuple(group for group in groups if group.lines))


def measure(report: ForceReport, how: str) -> tuple[float, int, int]:
    """CPU seconds, pages and peak memory (MB) of rendering a report `plain`, `untagged` or `careless`."""
    rendering.render(replace(report, groups=()), service_name="warm-up")
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    with TemporaryDirectory() as folder:
        sheet = (FOLDER / "print.css").read_text() + (CARELESS if how == "careless" else "")
        (Path(folder) / "print.css").write_text(sheet)
        started = time.process_time()
        html = rendering.page(report, service_name="Police learning register", version="bench")
        document = rendering.lay_out(html, Path(folder))
        document.write_pdf(pdf_variant=None if how == "untagged" else rendering.VARIANT)
        seconds = time.process_time() - started
    return seconds, len(document.pages), getrusage(RUSAGE_SELF).ru_maxrss // 1024


def apart(report: ForceReport, how: str) -> tuple[float, int, int]:
    """`measure` in a process of its own; the quickest of three."""
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        return min(pool.submit(measure, report, how).result() for _ in range(3))


def main(counts: list[int]) -> None:
    report, gathering = demonstration_report()
    print(f"gathering {report.figures.assignments} assignments: {gathering * 1000:.0f} ms")
    for count in counts:
        larger = grown(report, count)
        plain, pages, memory = apart(larger, "plain")
        print(f"{count} assignments, {pages} pages: {plain:.2f} s, {memory} MB")
        for how in ("untagged", "careless"):
            seconds, *_ = apart(larger, how)
            print(f"    {how}: {seconds:.2f} s = {seconds / plain:.2f} of it")


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [30, 227])
