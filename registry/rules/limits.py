"""How long a text may be, in characters. One table for the forms, the imports and the columns."""

import re

LINE = 200
PARAGRAPHS = 20_000
NOTE = 4_000
REFERENCE = 60
EMAIL = 254
RECOMMENDATIONS_IN_A_NOTICE = 30

# What nobody can see and no text needs: control characters but tab and line breaks, halves of characters, the mark of
# a wrong encoding, and the marks that turn the direction of what follows. PostgreSQL cannot store the first of them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")
# One plain address, as SMTP carries it: no white space, no list, no comment, nothing beyond ASCII.
ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[0-9A-Za-z.\-]+")
_BLANK = re.compile("[\\s\u200b-\u200f\u2060\ufeff]*")


def has_unseen(text: str) -> bool:
    """True when the text holds a character that cannot be shown."""
    return _UNSEEN.search(text) is not None


def is_blank(text: str) -> bool:
    """True when there is nothing to read in the text."""
    return _BLANK.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """True when the text is one plain e-mail address that a column can hold."""
    return len(text) <= EMAIL and ADDRESS.fullmatch(text) is not None
