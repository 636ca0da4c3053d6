"""Every text on a page is ready to be translated."""

import io
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "registry" / "translations"
KEYWORDS = {"_": None, "N_": None, "_l": None, "gettext": None, "lazy_gettext": None}


def test_the_welsh_catalogue_knows_every_text():
    """Run bin/texts when this fails."""
    methods, options = parse_mapping_cfg(io.StringIO((TRANSLATIONS / "extract.cfg").read_text()))
    known = {message.id for message in read_po(io.BytesIO((TRANSLATIONS / "cy/LC_MESSAGES/messages.po").read_bytes()))}
    found = extract_from_dir(str(ROOT), methods, options, KEYWORDS, directory_filter=_ours)
    used = {part for _, _, text, _, _ in found for part in ([text] if isinstance(text, str) else text)}
    assert len(used) > 300, "hardly any texts were found: is the mapping right?"
    assert not used - known


def _ours(folder: str) -> bool:
    inside = Path(folder).relative_to(ROOT).parts
    return not inside or (inside[0] in {"registry", "templates", "reports"} and "vendor" not in inside)
