"""Dates in words."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3

from visio_portal.dates import written
from visio_portal.translations import source_strings


@pytest.mark.parametrize(
    ("language", "day", "words"),
    [
        ("fr", date(2026, 12, 1), "1er décembre 2026"),
        ("fr", date(2026, 12, 11), "11 décembre 2026"),
        ("en", date(2026, 12, 1), "1 December 2026"),
    ],
    ids=["French first", "French other", "English"],
)
def test_date_is_written_as_its_language_has_it(language: str, day: date, words: str) -> None:
    with translation.override(language):
        assert written(day) == words


def test_moment_is_written_with_its_time() -> None:
    with translation.override("fr"):
        assert written(datetime(2026, 8, 1, 9, 5), "DATETIME_FORMAT") == "1er août 2026 à 09:05"


def test_templates_write_a_moment_by_the_clocks_of_the_page() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=ZoneInfo("UTC"))  # half past midnight in Paris

    with translation.override("fr"):
        page = Template("{% load dates %}{{ moment|written }}").render(Context({"moment": late}))

    assert page == "1er décembre 2026"


def test_every_month_has_its_french_name() -> None:
    with translation.override("fr"):
        names = [written(date(2026, month, 2), "F") for month in range(1, 13)]

    assert names[4] == "mai"
    assert len(set(names)) == 12


def test_no_string_of_ours_is_a_months_name() -> None:
    """Our catalogue goes before Django's: a column named "May" would rename the month on every page."""
    with translation.override("en"):
        months = {str(name) for name in (*MONTHS.values(), *MONTHS_3.values())}

    assert months & {source.text for source in source_strings() if source.context is None} == set()


def test_templates_leave_dates_in_words_to_the_one_filter() -> None:
    by_django = re.compile(r'\|date:"(DATE_FORMAT|DATETIME_FORMAT|[^"]*(?<!\\)j[^"]*)"')
    templates = (settings.BASE_DIR / "templates").rglob("*.html")

    assert [path.name for path in templates if by_django.search(path.read_text(encoding="utf-8"))] == []
