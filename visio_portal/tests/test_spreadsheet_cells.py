"""Text that people typed does nothing in a spreadsheet."""

import pytest

from visio_portal.spreadsheet_cells import guarded


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+33123456789",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "-1\n=2",
        "-",
        "\N{FULLWIDTH EQUALS SIGN}1+1",
        '=HYPERLINK("http://a","b")',
    ],
    ids=["equals", "plus", "minus", "at", "tab", "return", "line", "two_lines", "dash", "wide", "link"],
)
def test_formula_becomes_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-12", "-3.50", "-3,5", "12", "Anne-Lise", "a=b", "", 7], ids=str)
def test_anything_else_stays(value: object) -> None:
    assert guarded(value) == str(value)
