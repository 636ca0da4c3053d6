"""A cell of a sheet is never run as a formula, and gives back what it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules import sheets


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+44 20",
        "-5",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "  =1",
        "\u00a0=1",
        "\u200b=1",
        "＝1",
        "'x",
        '=cmd|"/C calc"!A0',
    ],
)
def test_a_text_that_looks_like_a_formula_is_marked_with_an_apostrophe(text):
    assert sheets.safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=b", "2024/010817", "LR-2026-0007", "1-2", "tŷ", "5 March", " x", '"="'])
def test_any_other_text_stays_as_it_is(text):
    assert sheets.safe(text) == text


@given(st.text().filter(lambda text: text.isprintable()))
def test_what_was_written_can_be_read_back(text):
    assert sheets.original(sheets.safe(text)) == text


@given(st.text())
def test_no_cell_begins_like_a_formula_whatever_is_in_it(text):
    cell = sheets.safe(text)
    assert not cell.strip().startswith(("=", "+", "-", "@")) and not cell.startswith(("\t", "\r", "\n"))
    assert "\0" not in cell
