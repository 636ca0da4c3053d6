"""A PostgreSQL of the tests' own, in a temporary folder, gone again with the process that asked for it.

    with cluster() as server:
        url = server.create_database("records")     # psycopg3+pool://postgres@127.0.0.1:54321/records

Never the system's server: port and folder are new each time, and the folder is asked for before anything is
created, so a test can not write into somebody's database by accident.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

USER = "postgres"

# A test database need not survive a power cut: without these three a suite runs several times as fast.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "50",
    "timezone": "UTC",
}

# Clears up at the end of its input, which comes when the test process closes it or dies of whatever cause.
CLEAR_UP = 'read -r _; "$1/pg_ctl" stop --silent --mode immediate --pgdata "$2/data"; rm -rf "$2"'


class NoPostgres(RuntimeError):
    """PostgreSQL is not installed or does not start. Tests fail on it, they do not skip."""


@dataclass(frozen=True)
class Cluster:
    host: str
    port: int
    user: str
    folder: Path

    def url(self, database: str) -> str:
        return f"psycopg3+pool://{self.user}@{self.host}:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A plain connection in autocommit, for what Peewee is not asked to do."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def create_database(self, name: str, template: str = "template0") -> str:
        """Create an empty database (or a copy of `template`) and return its URL."""
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self.connect() as connection:
            connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a private server for the length of the block (about a second to start)."""
    programs, account = find_programs(), unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="registry-postgres-", dir="/tmp"))  # short: it holds a socket
    if account:
        os.chown(folder, account["user"], account["group"])
    watcher = subprocess.Popen(
        ["sh", "-c", CLEAR_UP, "sh", programs, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the tests, not for what clears up after them
        cwd="/",
        **account,
    )
    try:
        yield start(programs, folder, account)
    finally:
        watcher.communicate()


def find_programs() -> Path:
    """The folder of the newest initdb: Debian keeps one for each version, others put it on the PATH."""
    found = [file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    if not on_path:
        raise NoPostgres("PostgreSQL is not installed: run bin/setup --test")
    return Path(on_path).resolve().parent


def unprivileged() -> dict:
    """As whom to run: PostgreSQL refuses root, so root hands over to somebody who may do nothing."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def start(programs: Path, folder: Path, account: dict) -> Cluster:
    def run(program: str, *arguments: str) -> None:
        command = [programs / program, "--pgdata", folder / "data", *arguments]
        with open(os.devnull) as nothing, tempfile.TemporaryFile("w+") as said:
            code = subprocess.call(command, stdin=nothing, stdout=said, stderr=said, cwd="/", **account)
            if code:
                said.seek(0)
                raise NoPostgres(f"{program} failed:\n{said.read()}{log(folder)}")

    run(
        "initdb",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-A",
        "trust",
        "-U",
        USER,
        "--no-sync",
        "--no-instructions",
    )
    for last_try in (False, False, True):
        server = Cluster("127.0.0.1", free_port(), USER, folder)
        options = SETTINGS | {"port": str(server.port), "unix_socket_directories": str(folder)}
        words = " ".join(f"-c {name}={value}" for name, value in options.items())
        try:
            run("pg_ctl", "start", "--wait", "--silent", "--log", str(folder / "log"), "--options", words)
        except NoPostgres:  # most likely another program was quicker to take the port
            if last_try:
                raise
            continue
        break
    check_ours(server)
    return server


def free_port() -> int:
    """A port nobody listens on. Should another program take it first, the server fails to start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_ours(server: Cluster) -> None:
    with server.connect() as connection:
        (where,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    if Path(where) != server.folder / "data":
        raise NoPostgres(f"port {server.port} answers from {where}, which is not the tests' own server")


def log(folder: Path) -> str:
    file = folder / "log"
    return file.read_text(errors="replace") if file.exists() else ""
