"""A text in a cell of a sheet: kept from being taken for a formula, and given back as it was."""

import re

# What a spreadsheet program takes for the beginning of a formula, also after blanks, and in the wide letters of some
# keyboards. An apostrophe of the text's own is marked too, so that the mark can always be taken away again.
_FORMULA = re.compile("[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]|'")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
MARK = "'"


def safe(text: str) -> str:
    """The text as a cell: with an apostrophe in front where it would be run as a formula, and nothing else changed.

    Characters no sheet can hold are left out. Numbers and dates are not texts and need none of this.
    """
    seen = _UNSEEN.sub("", text)
    return MARK + seen if _FORMULA.match(seen) else seen


def original(cell: str) -> str:
    """The text a cell was made of."""
    return cell.removeprefix(MARK)
