"""Cells of a file that a spreadsheet will open."""

import re

FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # East Asian too
NEGATIVE_NUMBER = re.compile(r"-\d+(?:[.,]\d+)?")


def guarded(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP: CSV injection); a negative number is none."""
    text = str(value)
    if text.startswith(FORMULA_STARTS) and not NEGATIVE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text
