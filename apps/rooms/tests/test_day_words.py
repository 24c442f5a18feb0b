"""Dates of meetings in words."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from apps.rooms.templatetags.meetings import day_in_words

FIRST = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("language", "day", "words"),
    [
        ("fr", FIRST, "Mardi 1er décembre 2026"),
        ("fr", FIRST + timedelta(days=10), "Vendredi 11 décembre 2026"),
        ("en", FIRST, "Tuesday 1 December 2026"),
    ],
)
def test_first_of_a_month_is_written_as_its_language_has_it(language: str, day: date, words: str) -> None:
    with translation.override(language):
        assert day_in_words(day, FIRST - timedelta(days=60)) == words


def test_first_of_a_month_within_the_week_says_how_far_away_it_is() -> None:
    with translation.override("fr"):
        assert day_in_words(FIRST, FIRST - timedelta(days=3)) == "Mardi 1er décembre 2026 (dans 3 jours)"
