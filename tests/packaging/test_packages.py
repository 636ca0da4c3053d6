"""A wheel, an sdist, an editable install and a checkout: each starts, and finds all that it needs."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from registry import __version__
from tests.packaging.installed import (
    MAPPED,
    Installed,
    assets,
    checks,
    copy,
    environment,
    fetched,
    pythons,
    sound,
    static_files,
    tracked,
)

pytestmark = pytest.mark.slow

PYTHONS = pythons()
NAME = f"learning_recommendation_registry-{__version__}"
# Made by tools at the time of building, or of use to git alone.
ONLY_IN_THE_SDIST = re.compile(r"PKG-INFO|learning_recommendation_registry\.egg-info/.*")
ONLY_IN_GIT = {".gitignore"}
# Translations compiled for use, beside their source.
COMPILED = re.compile(r".*/LC_MESSAGES/\w+\.mo")
NOT_FOR_NPM = ("npm", "npx", "node", "nodejs", "corepack")


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """The project as it would be committed, with its page assets."""
    return copy(tracked() + assets(), tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def built(source, tmp_path_factory) -> Path:
    """The folder with the sdist, and the wheel that was made from it."""
    out = tmp_path_factory.mktemp("built")
    build(source, out)
    return out


def build(source: Path, out: Path, *options: str) -> None:
    sound([sys.executable, "-m", "build", "--no-isolation", "--outdir", out, *options, source])


# ---- what is in them


def where_it_goes(name: str) -> str | None:
    """The place of a file of the project in the wheel; None for what stays behind."""
    top = name.split("/")[0]
    return f"registry/{name}" if top in MAPPED else name if top == "registry" else None


def test_the_wheel_holds_the_package_and_nothing_else(built):
    with zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl") as wheel:
        held = {name for name in wheel.namelist() if not name.startswith(f"{NAME}.dist-info/")}
    wanted = {place for name in tracked() + assets() if (place := where_it_goes(name))}
    assert wanted - held == set()
    assert {name for name in held - wanted if not COMPILED.fullmatch(name)} == set()
    for folder in MAPPED:
        assert any(name.startswith(f"registry/{folder}/") for name in held)
    assert "registry/web/static/vendor/govuk-frontend.min.css" in held
    assert any(name.startswith("registry/translations/cy/") for name in held)


def test_the_sdist_holds_all_that_is_needed_to_run_test_and_build(built):
    with tarfile.open(built / f"{NAME}.tar.gz") as sdist:
        held = {one.name.removeprefix(f"{NAME}/") for one in sdist.getmembers() if one.isfile()}
    wanted = set(tracked() + assets()) - ONLY_IN_GIT
    assert wanted - held == set()
    made = {name for name in held - wanted if ONLY_IN_THE_SDIST.fullmatch(name) or COMPILED.fullmatch(name)}
    assert held - wanted - made == set()


def test_no_package_is_made_before_the_page_assets_are_there(tmp_path):
    bare, out = copy(tracked(), tmp_path / "source"), tmp_path / "out"
    for kind in ("--wheel", "--sdist"):
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, kind, bare]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode != 0
        assert "Run first: bin/setup" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
    assert not out.exists() or list(out.iterdir()) == []


def test_what_an_earlier_build_left_does_not_get_into_a_wheel(tmp_path):
    here, out = copy(tracked() + assets(), tmp_path / "source"), tmp_path / "out"
    left = here / "build" / "lib" / "registry" / "gone.py"
    left.parent.mkdir(parents=True)
    left.write_text("")
    build(here, out, "--wheel")
    with zipfile.ZipFile(out / f"{NAME}-py3-none-any.whl") as wheel:
        assert "registry/gone.py" not in wheel.namelist()


# ---- each of them at work


def listing(folder: Path) -> dict[str, int]:
    return {str(file): file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def make_read_only(folder: Path) -> None:
    for file in [folder, *folder.rglob("*")]:
        file.chmod(0o555 if file.is_dir() else 0o444)


def try_everything(installed: Installed, data: Path) -> None:
    """The commands in their usual order, a page with all it loads, a PDF, and the doctor."""
    assert __version__ in installed.run("--version")
    assert "0 migrations" not in installed.run("migrate")
    assert installed.run("init") == "The register is ready with 102 organisations.\n"
    shipped = installed.python("from registry import config; print(config.data('learning_recommendations.csv'))")
    assert installed.run("import", "recommendations", shipped).startswith("30 recommendations imported")
    assert installed.run("status").startswith("Up to date; holds a register")
    for file in data.glob("registry.db*"):
        file.unlink()
    assert "@example.org" in installed.run("demo")
    try_the_pages(installed)
    out = installed.folder / "report.pdf"
    installed.run("report", "force", "--organisation", installed.an_organisation(data), "--out", out)
    assert out.read_bytes().startswith(b"%PDF-")
    assert set(checks(installed.run("doctor", "--json")).values()) <= {"ok", "warning"}
    assert (data / "keys" / "secret_key").is_file()


def try_the_pages(installed: Installed) -> None:
    with installed.served() as address:
        page = fetched(f"{address}/")
        assert b"<html" in page and b"<h1" in page
        files = static_files(page)
        assert {Path(name.partition("?")[0]).name for name in files} >= {
            "fonts.css",
            "govuk-frontend.min.css",
            "icon.svg",
            "registry.css",
            "start.js",
        }
        for name in files:
            assert fetched(address + name)
        assert fetched(f"{address}/static/vendor/govuk-frontend.min.js")
        fonts = re.findall(r"url\(([^)]+)\)", fetched(f"{address}/static/vendor/fonts.css").decode())
        assert fonts and all(fetched(f"{address}/static/vendor/{font}").startswith(b"wOF2") for font in fonts)
        fetched(f"{address}/sign-in")
        fetched(f"{address}/recommendations?q=cord")


def an_empty_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("version", PYTHONS)
def test_a_wheel_runs_the_register_and_keeps_its_data_in_the_current_folder(built, tmp_path, version):
    made = environment(tmp_path / "env", PYTHONS[version], built / f"{NAME}-py3-none-any.whl")
    installed = Installed(made, an_empty_folder(tmp_path))
    package = Path(installed.python("import registry; print(registry.__file__)")).parent
    assert package.is_relative_to(made)
    before = listing(package)
    make_read_only(package)
    try_everything(installed, installed.folder / "var")
    assert listing(package) == before, "an installed package is not written to"


def test_an_sdist_runs_the_register_and_keeps_its_data_in_the_current_folder(built, tmp_path):
    made = environment(tmp_path / "env", sys.executable, built / f"{NAME}.tar.gz")
    try_everything(installed := Installed(made, an_empty_folder(tmp_path)), installed.folder / "var")


def test_an_editable_install_runs_the_register_and_keeps_its_data_in_the_projects_folder(tmp_path):
    here = copy(tracked() + assets(), tmp_path / "source")
    made = environment(tmp_path / "env", sys.executable, "--editable", here)
    installed = Installed(made, an_empty_folder(tmp_path))
    try_everything(installed, here / "var")
    assert [file.name for file in installed.folder.iterdir()] == ["report.pdf"]


def test_a_fresh_checkout_is_set_up_without_npm_and_runs_the_register(tmp_path):
    here = copy(tracked(), tmp_path / "checkout")
    variables = os.environ | {"PATH": str(programs_without_npm(tmp_path / "programs"))}
    assert shutil.which("npm", path=variables["PATH"]) is None
    sound([here / "bin" / "setup"], env=variables)
    began = time.monotonic()
    assert sound([here / "bin" / "setup"], env=variables) == "", "a second call has nothing to do"
    assert time.monotonic() - began < 5
    new = listing(here).keys() - {str(here / name) for name in tracked()}
    assert {Path(name).relative_to(here).parts[0] for name in new if "egg-info" not in name} <= {
        ".venv",
        "var",
        "registry",
        "bin",
    }
    try_everything(Installed(here / ".venv", an_empty_folder(tmp_path)), here / "var")


def programs_without_npm(folder: Path) -> Path:
    """A folder that leads to every program of the PATH but npm and node."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in NOT_FOR_NPM and not link.is_symlink():
                link.symlink_to(program)
    return folder
