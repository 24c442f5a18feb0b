"""Wall times around the changes of clocks."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.rooms.wall_time import FRENCH_ZONES, NonexistentTime, is_doubled, resolve, zone_name

PARIS = ZoneInfo("Europe/Paris")
MIQUELON = ZoneInfo("America/Miquelon")


@pytest.mark.parametrize("key", [key for key, _ in FRENCH_ZONES])
def test_french_zones_are_known_to_the_database_of_zones(key: str) -> None:
    assert ZoneInfo(key).utcoffset(datetime(2026, 7, 1)) is not None


def test_resolve_returns_the_instant() -> None:
    assert resolve(date(2026, 7, 1), time(10, 0), PARIS) == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    marquesas = ZoneInfo("Pacific/Marquesas")
    assert resolve(date(2026, 7, 1), time(10, 0), marquesas) == datetime(2026, 7, 1, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize("minute", [0, 1, 59])
def test_resolve_refuses_a_skipped_time_and_names_the_next(minute: int) -> None:
    with pytest.raises(NonexistentTime) as caught:
        resolve(date(2026, 3, 29), time(2, minute), PARIS)
    assert caught.value.next_valid == datetime(2026, 3, 29, 3, 0)


def test_resolve_takes_the_first_of_a_doubled_time() -> None:
    assert resolve(date(2026, 10, 25), time(2, 30), PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_saint_pierre_et_miquelon_changes_its_clocks_on_american_dates() -> None:
    with pytest.raises(NonexistentTime):
        resolve(date(2026, 3, 8), time(2, 30), MIQUELON)
    assert is_doubled(date(2026, 11, 1), time(1, 30), MIQUELON)


@pytest.mark.parametrize(("at", "expected"), [(time(1, 59), False), (time(2, 0), True), (time(3, 0), False)])
def test_is_doubled_only_in_the_hour_that_comes_twice(at: time, expected: bool) -> None:
    assert is_doubled(date(2026, 10, 25), at, PARIS) is expected


def test_a_skipped_time_is_not_doubled() -> None:
    assert not is_doubled(date(2026, 3, 29), time(2, 30), PARIS)


def test_zone_name_falls_back_to_the_key() -> None:
    assert zone_name("Asia/Tokyo") == "Asia/Tokyo"
