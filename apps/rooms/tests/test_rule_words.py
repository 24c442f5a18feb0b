"""Repetitions in words, in both languages."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from apps.rooms.recurrence import parse_rule
from apps.rooms.rule_words import rule_in_words

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 12, 1, 10)  # a Tuesday, the first of a month


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("FREQ=DAILY", "every day", "chaque jour"),
        (
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10",
            "every working day (Monday to Friday), 10 times in all",
            "chaque jour ouvré (du lundi au vendredi), 10 fois en tout",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "every 2 weeks on Monday and Thursday",
            "toutes les 2 semaines le lundi et jeudi",
        ),
        ("FREQ=WEEKLY", "every week on Tuesday", "chaque semaine le mardi"),
        ("FREQ=MONTHLY", "every month on the 1", "chaque mois le 1er"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "every month on the last day of the month",
            "chaque mois le dernier jour du mois",
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270301T225959Z",
            "every month on the second Tuesday, until 1 March 2027",
            "chaque mois le deuxième mardi, jusqu’au 1er mars 2027",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "every month on the last working day",
            "chaque mois le dernier jour ouvré",
        ),
        ("FREQ=YEARLY", "every year on 1 December", "chaque année le 1er décembre"),
        (
            "FREQ=YEARLY;BYMONTH=3,6;BYDAY=1MO",
            "every year on the first Monday in March and June",
            "chaque année le premier lundi en mars et juin",
        ),
    ],
    ids=range(10),
)
def test_rule_in_words(text: str, english: str, french: str) -> None:
    rule = parse_rule(text, PARIS)
    with translation.override("en"):
        assert rule_in_words(rule, START) == english
    with translation.override("fr"):
        assert rule_in_words(rule, START) == french
