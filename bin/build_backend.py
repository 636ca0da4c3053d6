"""Builds the wheel and the sdist: setuptools does it, once the page assets are there to go in.

A package without them would install, start and serve pages without a stylesheet; so none is ever made.
An editable install takes them from the checkout, where bin/setup builds them later.
"""

import shutil
import sys
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ROOT = Path(__file__).resolve().parent.parent
# Written last by bin/assets: where it is, all of them are.
STAMP = ROOT / "registry" / "web" / "static" / "vendor" / "stamp.txt"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build a wheel with the page assets in it."""
    ask_for_assets()
    # What an earlier build left there would go in, files that are gone since included.
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory, config_settings=None):
    """Build an sdist with the page assets in it: who installs from it may have neither network nor npm."""
    ask_for_assets()
    return build_meta.build_sdist(sdist_directory, config_settings)


def ask_for_assets():
    if not STAMP.is_file():
        sys.exit("The page assets are not there, and no package is made without them. Run first: bin/setup")
