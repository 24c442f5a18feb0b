from __future__ import annotations

import numpy as np
import pytest

from media_worker.diarization import Turn
from media_worker.speakers import (
    Unit,
    assign_speakers,
    cut_units,
    most_likely_course,
    number_by_appearance,
    turn_labels,
)
from media_worker.tests.voices import say, voice_prints


def make_units(durations: list[float], *, gap: float = 0.5) -> list[Unit]:
    units, time = [], 0.0
    for index, duration in enumerate(durations):
        units.append(Unit(index, index + 1, time, time + duration, is_after_break=True))
        time += duration + gap
    return units


def test_units_end_at_punctuation_pauses_and_turn_changes() -> None:
    words = [
        *say("Bonjour, je commence.", start=0.0),
        *say("puis une pause", start=2.0),
        *say("autre voix", start=3.2),
    ]
    turns = [Turn(0.0, 3.2, "A"), Turn(3.2, 5.0, "B")]

    units = cut_units(words, turns)

    assert [(unit.first, unit.last) for unit in units] == [(0, 1), (1, 3), (3, 6), (6, 8)]
    assert [unit.is_after_break for unit in units] == [True, False, True, False]


def test_units_cover_every_word_once_and_are_never_too_long() -> None:
    words = say(" ".join(["mot"] * 100), start=0.0)

    units = cut_units(words, [])

    assert [unit.first for unit in units[1:]] == [unit.last for unit in units[:-1]]
    assert units[-1].last == 100
    assert max(unit.duration_s for unit in units) <= 12.0


def test_word_outside_all_turns_takes_the_nearest() -> None:
    words = say("un deux", start=4.0)

    labels = turn_labels(words, [Turn(0.0, 1.0, "A"), Turn(5.0, 6.0, "B")])

    assert labels.tolist() == [1, 1]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_speakers_are_counted_and_assigned(count: int) -> None:
    course = [i % count for i in range(8 * count)]

    found = assign_speakers(make_units([2.0] * len(course)), voice_prints(course), distance=0.55, speakers=None)

    assert found.tolist() == course


def test_given_number_of_speakers_is_kept() -> None:
    course = [i % 4 for i in range(32)]

    found = assign_speakers(make_units([2.0] * len(course)), voice_prints(course), distance=0.55, speakers=3)

    assert len(set(found.tolist())) == 3


def test_short_unit_within_a_sentence_stays_with_its_speaker() -> None:
    units = make_units([3.0, 3.0, 0.3, 3.0, 3.0])
    units[2] = Unit(2, 3, units[2].start, units[2].end, is_after_break=False)
    units[3] = Unit(3, 4, units[3].start, units[3].end, is_after_break=False)
    prints = voice_prints([0, 1, 0, 1, 0])

    found = assign_speakers(units, prints, distance=0.55, speakers=None)

    assert found.tolist() == [0, 1, 1, 1, 0]


def test_passing_noise_is_no_speaker() -> None:
    course = [0, 0, 1, 0, 0]

    found = assign_speakers(make_units([4.0, 4.0, 1.3, 4.0, 4.0]), voice_prints(course), distance=0.55, speakers=None)

    assert found.tolist() == [0, 0, 0, 0, 0]


def test_only_short_units_still_get_a_speaker() -> None:
    found = assign_speakers(make_units([0.3, 0.4]), voice_prints([0, 0]), distance=0.55, speakers=None)

    assert found.tolist() == [0, 0]


def test_course_agrees_with_trying_every_course() -> None:
    random = np.random.default_rng(3)
    similarities = random.uniform(size=(6, 3))
    weights = random.uniform(size=6)
    costs = random.uniform(0, 0.3, size=6)

    def score(course: tuple[int, ...]) -> float:
        gains = sum(similarities[i, who] * weights[i] for i, who in enumerate(course))
        switches = sum(costs[i] for i in range(1, 6) if course[i] != course[i - 1])
        return float(gains - switches)

    courses = [tuple(int(who) for who in index) for index in np.ndindex(*[3] * 6)]
    found = most_likely_course(similarities, weights, costs)

    assert tuple(found.tolist()) == max(courses, key=score)


def test_numbers_follow_first_appearance() -> None:
    assert number_by_appearance(np.array([5, 2, 5, 9])).tolist() == [0, 1, 0, 2]
