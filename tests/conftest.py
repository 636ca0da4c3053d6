"""What every test may ask for: an empty database of either kind, and the tests that are left out unless asked for.

    database           fresh, migrated, empty, bound to registry.records.database.database; for one thread
    shared_database    the same for several threads, connections or processes; its value is the URL

Both run a test twice, on SQLite and on PostgreSQL; `@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`
takes one. A machine without PostgreSQL fails them, it does not skip.
"""

import itertools
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from peewee import Database

from registry import config
from registry.records import migrating
from registry.records.database import database as bound
from registry.records.database import open_database
from tests.postgres import Cluster, cluster

KINDS = ("sqlite", "postgresql")
LEFT_OUT = {
    "browser": "drives a real browser",
    "slow": "takes longer than the everyday run can spare",
}
TEMPLATE = "template_registry"

# The same examples each time in the everyday run; many more, and new ones, with --all.
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
settings.register_profile("everyday", max_examples=100, derandomize=True, database=None, **QUIET)
settings.register_profile("all", max_examples=300, print_blob=True, database=None, **QUIET)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help=f"also run the tests marked {' or '.join(LEFT_OUT)}")


def pytest_configure(config: pytest.Config) -> None:
    for name, reason in LEFT_OUT.items():
        config.addinivalue_line("markers", f"{name}: {reason}; left out unless --all is given")
    # What structlog does by itself with an exception, pictures of every variable, takes seconds.
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer(key_order=["event"])]
    )
    settings.load_profile("all" if config.getoption("--all") else "everyday")


def pytest_report_header(config: pytest.Config) -> str | None:
    return None if config.getoption("--all") else f"left out without --all: tests marked {' or '.join(LEFT_OUT)}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in LEFT_OUT)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases the permission matrix tried: a test there tries thousands."""
    tried: Counter[str] = Counter()
    for report in itertools.chain.from_iterable(terminalreporter.stats.values()):
        for name, said in getattr(report, "user_properties", ()):
            if name == "permission matrix":
                tried[said[0]] += said[1]
    if tried:
        kinds = ", ".join(f"{count:,} {what}" for what, count in tried.items())
        terminalreporter.write_line(f"permission matrix: {tried.total():,} cases ({kinds})")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated, empty database for this thread. Its connection is open; never close it."""
    template = request.getfixturevalue(f"{request.param}_template")
    with template.for_one_thread() as found:
        yield found
    bound.initialize(None)


@pytest.fixture(params=KINDS)
def shared_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database that others can open too. This thread has a connection open.

    Every other thread opens and closes its own: `with database.connection_context()`, or `given.together`.
    """
    template = request.getfixturevalue(f"{request.param}_template")
    with template.for_many(tmp_path) as url, _open(url):
        yield url
    bound.initialize(None)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SqliteTemplate"]:
    """What the SQLite databases are copied from."""
    file = tmp_path_factory.mktemp("template") / "registry.db"
    with _open(f"sqlite:///{file}") as found:
        migrating.migrate(config.folder("migrations"))
        found.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(file)) as kept:
        yield SqliteTemplate(file, kept)


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator["PostgresqlTemplate"]:
    """A private PostgreSQL server for this session, and what its databases are copied from."""
    with cluster() as server:
        with _open(server.create_database(TEMPLATE)):
            migrating.migrate(config.folder("migrations"))
        with _open(server.create_database("for_one_thread", TEMPLATE)) as found:
            yield PostgresqlTemplate(server, found)


@contextmanager
def _open(url: str) -> Iterator[Database]:
    """Bind the models to the URL and connect; afterwards close this thread's connection and whatever the pool kept."""
    found = open_database(url, Path("/"))
    found.connect()
    try:
        yield found
    finally:
        found.close()
        getattr(found, "close_all", lambda: None)()


@dataclass
class SqliteTemplate:
    """A migrated file: copied into memory for one thread, as a file for many."""

    file: Path
    kept: sqlite3.Connection

    @contextmanager
    def for_one_thread(self) -> Iterator[Database]:
        with _open("sqlite:///:memory:") as found:
            self.kept.backup(found.connection())
            yield found

    @contextmanager
    def for_many(self, folder: Path) -> Iterator[str]:
        file = Path(shutil.copy(self.file, folder / "registry.db"))
        file.chmod(0o600)
        yield f"sqlite:///{file}"


@dataclass
class PostgresqlTemplate:
    """A migrated database: one transaction rolled back for one thread, a copy for many."""

    server: Cluster
    kept: Database
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def for_one_thread(self) -> Iterator[Database]:
        bound.initialize(self.kept)
        with self.kept.transaction() as outer:
            try:
                yield self.kept
            finally:
                outer.rollback(begin=False)

    @contextmanager
    def for_many(self, _folder: Path) -> Iterator[str]:
        name = f"shared_{next(self.numbers)}"
        yield self.server.create_database(name, TEMPLATE)
        self.server.drop_database(name)
