"""A backup is one consistent moment, restored whole or not at all, whatever the file is that somebody hands in."""

import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import threading
import zlib
from pathlib import Path

import pytest
from peewee import DatabaseError

from registry import config
from registry.records import backups, dumps, presence, search, verifying
from registry.records.archives import BadBackup
from registry.records.database import database as bound
from registry.records.database import is_sqlite, open_database
from registry.records.history import History
from registry.records.recommendations import Notice, Recommendation
from tests import given
from tests.given import NOW

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = config.folder("migrations")


def silent(_line: str) -> None:
    """Nobody watches."""


@pytest.fixture
def files(tmp_path) -> Path:
    """The folder of files, with two in it."""
    folder = tmp_path / "kept" / "files"
    (folder / "reports" / "deep").mkdir(parents=True)
    (folder / "reports" / "kent.pdf").write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 100)
    (folder / "reports" / "deep" / "ŵ ’.pdf").write_bytes(b"")
    return folder


@pytest.fixture
def empty(shared_database, request, tmp_path):
    """The URL of an empty place of the same kind, on disk or on the server."""
    if shared_database.startswith("sqlite"):
        (tmp_path / "new").mkdir()
        yield f"sqlite:///{tmp_path}/new/registry.db"
        return
    server = request.getfixturevalue("postgresql_template").server
    yield server.create_database("restored_into")
    getattr(bound.obj, "close_all", lambda: None)()
    server.drop_database("restored_into")


def a_story() -> None:
    given.a_register()
    given.an_assignment(published=True, titles=["Replace emergency pull cords"])
    given.a_draft()


def back_up(out: Path, files: Path, tell=silent) -> backups.BackedUp:
    """As the command does it: nothing of this thread is open."""
    if not bound.is_closed():
        bound.close()
    return backups.backup(out, files=files, version="0.1.0", now=NOW, tell=tell)


def restore(archive: Path, files: Path, *, force: bool = False) -> backups.Restored:
    return backups.restore(archive, files=files, migrations=MIGRATIONS, force=force, tell=silent)


def move_to(url: str) -> None:
    """Bind the models to another database; what the pool kept open to the old one is closed."""
    bound.close()
    getattr(bound.obj, "close_all", lambda: None)()
    open_database(url, Path("/"))


def everything() -> dict[str, list]:
    """Every row of every table, as the database gives it."""
    with bound.connection_context():
        tables = [name for name in bound.get_tables() if not name.startswith("sqlite_")]
        return {name: sorted(map(repr, bound.execute_sql(f'SELECT * FROM "{name}"').fetchall())) for name in tables}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def left_behind(folder: Path) -> list[str]:
    """Names that only a run under way may leave."""
    return [path.name for path in folder.rglob(".*")]


# ---- there and back


def test_what_comes_back_is_equal_in_every_table_and_file(shared_database, empty, files, tmp_path):
    a_story()
    before, kept = everything(), contents(files)
    done = back_up(tmp_path / "b.registry", files)
    assert (done.files, done.left_out) == (2, [])
    assert done.manifest["counts"]["notice"] == 2
    move_to(empty)
    restored = restore(tmp_path / "b.registry", tmp_path / "other" / "files")
    assert (restored.faults, restored.pending, restored.files) == ([], [], 2)
    assert everything() == before
    assert contents(tmp_path / "other" / "files") == kept
    assert left_behind(tmp_path) == []


def test_a_restored_register_is_guarded_searched_and_worked_in_as_before(shared_database, empty, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    move_to(empty)
    restore(tmp_path / "b.registry", tmp_path / "other")
    with bound.connection_context():
        with pytest.raises(DatabaseError, match="append-only"), bound.atomic():
            bound.execute_sql("UPDATE history SET verb = 'x'")
        with pytest.raises(DatabaseError, match="no gaps"), bound.atomic():
            bound.execute_sql("INSERT INTO history SELECT * FROM history LIMIT 1")
        assert Recommendation.select().where(search.matching("pull cord")).count() == 1
        given.a_draft()
        assert verifying.verify([], "").faults == []
        if is_sqlite():
            assert bound.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_backup_is_for_its_owner_alone_and_nothing_else_is_left(shared_database, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    assert (tmp_path / "b.registry").stat().st_mode & 0o777 == 0o600
    assert left_behind(tmp_path) == []


def test_no_secret_is_in_the_backup(shared_database, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    with tarfile.open(tmp_path / "b.registry") as tar:
        assert [name for name in tar.getnames() if "key" in name or "password" in name] == []


# ---- while others write


WRITER = """
import sys
from pathlib import Path
from registry.records.database import database, open_database
from tests import given
open_database(sys.argv[1], Path("/"))
database.connect()
print("begun", flush=True)
while True:
    given.a_draft()
"""


def test_a_backup_taken_while_another_process_writes_is_one_moment(shared_database, empty, files, tmp_path):
    given.a_register()
    given.the_author()
    command = [sys.executable, "-c", WRITER, shared_database]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."})
    try:
        assert writer.stdout.readline() == b"begun\n"
        taken = [back_up(tmp_path / f"{number}.registry", files).manifest for number in range(3)]
    finally:
        writer.kill()
        writer.communicate()
    with bound.connection_context():
        assert History.select().count() > taken[-1]["history"]["events"] > taken[0]["history"]["events"]
    move_to(empty)
    for number, manifest in enumerate(taken):
        assert restore(tmp_path / f"{number}.registry", tmp_path / "other", force=True).faults == []
        with bound.connection_context():
            drafted = History.select().where(History.verb == "notice.drafted").count()
            assert Notice.select().count() == drafted == manifest["history"]["events"]


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_file_that_vanishes_meanwhile_is_left_out_and_named(shared_database, files, tmp_path):
    a_story()

    def delete(line: str) -> None:
        if line.startswith("Packing"):
            (files / "reports" / "kent.pdf").unlink()

    done = back_up(tmp_path / "b.registry", files, tell=delete)
    assert done.left_out == ["reports/kent.pdf: it was deleted while the backup was made"]
    assert done.files == 1


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_links_and_unfinished_files_are_not_taken(shared_database, files, tmp_path):
    (files / "link").symlink_to("/etc/hostname")
    (files / "reports" / ".abc.part").write_bytes(b"half")
    done = back_up(tmp_path / "b.registry", files)
    assert (done.files, done.left_out) == (2, ["link: it is a link"])


# ---- what a restore refuses


def test_a_database_or_folder_that_holds_anything_is_replaced_only_by_force(shared_database, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    with bound.connection_context():
        given.a_draft()
    later, kept = everything(), contents(files)
    with pytest.raises(BadBackup, match="add --force"):
        restore(tmp_path / "b.registry", files)
    assert (everything(), contents(files)) == (later, kept)
    (files / "extra").write_text("made after the backup")
    assert restore(tmp_path / "b.registry", files, force=True).faults == []
    assert everything() != later
    assert contents(files) == kept


def test_a_folder_of_files_alone_is_not_overwritten_either(shared_database, empty, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    move_to(empty)
    with pytest.raises(BadBackup, match="add --force"):
        restore(tmp_path / "b.registry", files)


def test_a_database_in_use_is_not_replaced(shared_database, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    before, kept = everything(), contents(files)
    entered, leave = threading.Event(), threading.Event()

    def use() -> None:
        with bound.connection_context():
            History.select().count()
            entered.set()
            leave.wait(30)

    other = threading.Thread(target=use)
    other.start()
    assert entered.wait(10)
    try:
        with pytest.raises(presence.InUse, match=r"in use|connected"):
            restore(tmp_path / "b.registry", files, force=True)
    finally:
        leave.set()
        other.join()
    assert (everything(), contents(files)) == (before, kept)


SERVER = """
import sys
from pathlib import Path
from registry.records import presence
from registry.records.database import open_database
open_database(sys.argv[1], Path("/"))
presence.announce()
print("there", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_server_between_two_requests_is_noticed_until_it_dies(shared_database, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    command = [sys.executable, "-c", SERVER, shared_database]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert server.stdout.readline() == b"there\n"
        with pytest.raises(presence.InUse, match="Stop `registry serve`"):
            restore(tmp_path / "b.registry", files, force=True)
    finally:
        server.kill()
        server.communicate()
    assert restore(tmp_path / "b.registry", files, force=True).faults == []


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_damaged_database_can_be_replaced(shared_database, files, tmp_path):
    a_story()
    back_up(tmp_path / "b.registry", files)
    path = Path(bound.obj.database)
    path.write_bytes(b"scribbled over" * 1000)
    Path(f"{path}-wal").write_bytes(b"a log of long ago")
    with pytest.raises(BadBackup, match="add --force"):
        restore(tmp_path / "b.registry", files)
    assert restore(tmp_path / "b.registry", files, force=True).faults == []


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(shared_database, files, tmp_path):
    a_story()
    bound.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    bound.close()
    path = Path(bound.obj.database)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 8192] = bytes(8192)
    path.write_bytes(damaged)
    with pytest.raises((BadBackup, DatabaseError)):
        back_up(tmp_path / "b.registry", files)
    assert not (tmp_path / "b.registry").exists()
    assert left_behind(tmp_path) == []


# ---- what is no backup


@pytest.fixture
def made(shared_database, files, tmp_path) -> bytes:
    """The bytes of a good backup, and a database and files to lose."""
    a_story()
    back_up(tmp_path / "b.registry", files)
    return (tmp_path / "b.registry").read_bytes()


def refuse(content: bytes, files: Path, tmp_path: Path) -> str:
    """The sentence a file is refused with. Nothing was touched, and nothing is left."""
    before, kept = everything(), contents(files)
    bad = tmp_path / "bad.registry"
    bad.write_bytes(content)
    with pytest.raises(BadBackup) as refused:
        restore(bad, files, force=True)
    assert (everything(), contents(files)) == (before, kept)
    assert left_behind(tmp_path) == []
    sentence = str(refused.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def repacked(content: bytes, change) -> bytes:
    """The backup with its members changed: `change` takes and returns a list of (entry, bytes)."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        members = [(entry, tar.extractfile(entry).read()) for entry in tar]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for entry, data in change(members):
            if entry.isreg():
                entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def retold(content: bytes, **said) -> bytes:
    """The backup with another manifest."""

    def change(members):
        entry, text = members[-1]
        return [*members[:-1], (entry, json.dumps({**json.loads(text), **said}).encode())]

    return repacked(content, change)


on_sqlite = pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)


@on_sqlite
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "ends too early|not a backup|no manifest"),
        (b"reference,title\n1,2\n", "is not a backup of the registry"),
        (gzip.compress(b"not a tar" * 1000), "is not a backup of the registry"),
        (gzip.compress(b""), "not a backup|no manifest"),
    ],
    # Named: a compressed text holds the second at which it was compressed, and no two test processes agree on that.
    ids=["nothing", "a CSV file", "compressed nonsense", "compressed nothing"],
)
def test_something_else_is_refused(made, files, tmp_path, content, sentence):
    assert re.search(sentence, refuse(content, files, tmp_path))


@on_sqlite
def test_a_backup_cut_off_anywhere_is_refused(made, files, tmp_path):
    for part in (0.02, 0.3, 0.7, 0.999):
        refuse(made[: int(len(made) * part)], files, tmp_path)
    refuse(made[:-1], files, tmp_path)


def says_the_same(one: bytes, other: bytes) -> bool:
    try:
        return gzip.decompress(one) == gzip.decompress(other)
    except (OSError, EOFError, zlib.error):
        return False


@on_sqlite
def test_a_changed_byte_is_noticed_wherever_it_is(made, files, tmp_path):
    # Not the ten of the header, which hold the time and the name of the system.
    for place in range(20, len(made), len(made) // 12):
        changed = bytearray(made)
        changed[place] ^= 0x10
        # A few bits of a compressed file fill up a byte and stand for nothing: without them it is the same backup.
        if not says_the_same(changed, made):
            refuse(bytes(changed), files, tmp_path)


def entry_named(name: str, **columns) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    for column, value in columns.items():
        setattr(entry, column, value)
    return entry


TRICKS = [
    entry_named("../outside"),
    entry_named("/tmp/outside"),
    entry_named("files/../../outside"),
    entry_named("files//etc/outside"),
    entry_named("files/./outside"),
    entry_named("files/"),
    entry_named("files"),
    entry_named("outside"),
    entry_named("files/link", type=tarfile.SYMTYPE, linkname="/etc"),
    entry_named("files/hard", type=tarfile.LNKTYPE, linkname="database"),
    entry_named("files/pipe", type=tarfile.FIFOTYPE),
    entry_named("files/device", type=tarfile.CHRTYPE),
    entry_named("files/folder", type=tarfile.DIRTYPE),
    entry_named("database"),
]


@on_sqlite
@pytest.mark.parametrize("entry", TRICKS, ids=lambda entry: entry.name + str(entry.type))
def test_a_member_that_leads_elsewhere_is_refused(made, files, tmp_path, entry):
    bad = repacked(made, lambda members: [*members[:-1], (entry, b""), members[-1]])
    assert "was not made by the registry" in refuse(bad, files, tmp_path)
    assert not (tmp_path / "outside").exists()


@on_sqlite
def test_members_and_manifest_must_agree(made, files, tmp_path):
    assert "is missing" in refuse(repacked(made, lambda m: [m[0], *m[2:]]), files, tmp_path)
    assert "is missing" in refuse(repacked(made, lambda m: m[1:]), files, tmp_path)
    assert "no manifest" in refuse(repacked(made, lambda m: m[:-1]), files, tmp_path)
    more = (entry_named("files/more"), b"x")
    assert "changed after" in refuse(repacked(made, lambda m: [*m[:-1], more, m[-1]]), files, tmp_path)
    other = repacked(made, lambda m: [m[0], (m[1][0], m[1][1] + b"x"), *m[2:]])
    assert "changed after" in refuse(other, files, tmp_path)
    after = repacked(made, lambda m: [*m, more])
    assert "was not made by the registry" in refuse(after, files, tmp_path)


@on_sqlite
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"migrations": ["0001_first_tables", "9999_from_the_future"]}, "newer version"),
        ({"database": "postgresql"}, "is of postgresql"),
        ({"format": 2}, "does not read"),
        ({"counts": []}, "counts"),
        ({"members": None}, "members"),
        ({"members": {}}, "changed after"),
        ({"members": {"database": 7}}, "changed after|missing"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(made, files, tmp_path, said, sentence):
    assert re.search(sentence, refuse(retold(made, **said), files, tmp_path))


@on_sqlite
@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_manifest_that_is_no_manifest_is_refused(made, files, tmp_path, text):
    refuse(repacked(made, lambda m: [*m[:-1], (m[-1][0], text)]), files, tmp_path)


@on_sqlite
def test_what_is_not_as_counted_is_told_after_the_restore(made, files, tmp_path):
    bad = tmp_path / "bad.registry"
    bad.write_bytes(retold(made, counts={"notice": 7}, history={"events": 1, "hash": "x"}))
    faults = restore(bad, files, force=True).faults
    assert faults == ["notice holds 2 rows, not 7.", "The last event is not the one the backup was made at."]


@pytest.mark.parametrize("shared_database", ["postgresql"], indirect=True)
def test_a_dump_that_breaks_off_changes_nothing(made, files, tmp_path):
    """All of it runs in one transaction: the tables that were there are there again."""

    def change(members):
        half = members[0][1][: len(members[0][1]) // 2]
        said = json.loads(members[-1][1])
        said["members"]["database"] = {"size": len(half), "sha256": hashlib.sha256(half).hexdigest()}
        return [(members[0][0], half), *members[1:-1], (members[-1][0], json.dumps(said).encode())]

    assert "pg_restore failed" in refuse(repacked(made, change), files, tmp_path)


# ---- where it cannot be written


@on_sqlite
def test_a_place_that_cannot_be_is_refused_with_a_sentence(shared_database, files, tmp_path):
    for out, sentence in [
        (tmp_path / "nowhere" / "b", "There is no folder"),
        (tmp_path, "is a folder"),
        (files / "b", "lies among the files"),
    ]:
        with pytest.raises(BadBackup, match=sentence):
            back_up(out, files)


@on_sqlite
def test_on_a_full_disk_the_old_backup_stays(shared_database, files, tmp_path):
    """/dev/full cannot be renamed onto; a file system of one megabyte can be filled."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", small], capture_output=True)
    if mounted.returncode:
        pytest.skip("only somebody who may mount can fill a disk")
    try:
        (small / "b.registry").write_bytes(b"the backup of yesterday")
        with pytest.raises(BadBackup, match=r"No space left|cannot be written|full"):
            (files / "large").write_bytes(os.urandom(2_000_000))
            back_up(small / "b.registry", files)
        assert (small / "b.registry").read_bytes() == b"the backup of yesterday"
        assert [path.name for path in small.iterdir()] == ["b.registry"]
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.parametrize("shared_database", ["postgresql"], indirect=True)
def test_without_the_programs_of_postgresql_a_sentence_says_what_to_install(
    shared_database, files, tmp_path, monkeypatch
):
    monkeypatch.setattr(dumps, "DEBIAN", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadBackup, match="apt-get install postgresql-client"):
        back_up(tmp_path / "b.registry", files)


@pytest.mark.parametrize("shared_database", ["postgresql"], indirect=True)
def test_a_password_is_on_no_command_line(shared_database, files, tmp_path, monkeypatch):
    """It goes through a file that only its owner reads, and that is gone afterwards."""
    real = subprocess.run
    lines = []

    def noted(command, **options):
        lines.append(" ".join(map(str, command)))
        return real(command, **options)

    monkeypatch.setattr(dumps.subprocess, "run", noted)
    monkeypatch.setitem(bound.obj.connect_params, "password", r"sec:ret\word")
    back_up(tmp_path / "b.registry", files)
    assert any("passfile=" in line for line in lines)
    assert not any("ret" in line.replace("--restrict", "") and "sec" in line for line in lines)
    assert left_behind(tmp_path) == []
