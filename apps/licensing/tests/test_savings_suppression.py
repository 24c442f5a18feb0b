"""What is published of small counts, against somebody who tries every table that the published one allows."""

from collections.abc import Callable, Hashable, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.licensing.savings import FEWEST_PEOPLE, published_list, published_table, published_tree

counts = st.integers(0, 16)


def test_a_small_count_takes_a_second_one_with_it() -> None:
    shown, total = published_list({"DSI": 120, "DRH": 7, "DAF": 15})

    assert (shown, total) == ({"DSI": 120, "DRH": None, "DAF": None}, 142)


def test_small_counts_are_not_known_together_either() -> None:
    shown, total = published_list({"DSI": 120, "DRH": 3, "DAF": 4, "SG": 30})

    assert (shown, total) == ({"DSI": 120, "DRH": None, "DAF": None, "SG": None}, 157)


def test_counts_from_ten_on_are_shown() -> None:
    assert published_list({"DSI": 10, "DRH": 11}) == ({"DSI": 10, "DRH": 11}, 21)


def test_the_only_count_takes_its_total_with_it() -> None:
    assert published_list({"DSI": 9}) == ({"DSI": None}, None)


def test_table_hides_along_a_rectangle() -> None:
    table = published_table(
        {
            ("DSI", "Teams"): 120,
            ("DSI", "Zoom"): 40,
            ("DSI", "Webex"): 90,
            ("DRH", "Teams"): 50,
            ("DRH", "Zoom"): 7,
            ("DRH", "Webex"): 30,
        }
    )

    assert [key for key, people in table.cells.items() if people is None] == [
        ("DSI", "Zoom"),
        ("DSI", "Webex"),
        ("DRH", "Zoom"),
        ("DRH", "Webex"),
    ]
    assert (table.rows, table.columns) == ({"DSI": 250, "DRH": 87}, {"Teams": 170, "Zoom": 47, "Webex": 120})
    assert table.total == 337


def test_tree_hides_a_unit_that_its_parent_would_reveal() -> None:
    own = {"Bureau A": 43, "Bureau B": 7, "Bureau C": 60, "SG": 100}
    parents = {"SG": None, "DSI": "SG", "Bureau A": "DSI", "Bureau B": "DSI", "Bureau C": "DSI"}

    assert published_tree(own, parents) == {"SG": 210, "DSI": 110, "Bureau A": None, "Bureau B": None, "Bureau C": 60}


Counts = Mapping[Hashable, int]
Shown = Mapping[Hashable, int | None]
PARENTS = {"SG": None, "DSI": "SG", "A": "DSI", "B": "DSI", "C": "DSI", "DRH": "SG", "D": "DRH", "E": "DRH"}


def shown_list(cells: Counts) -> Shown:
    shown, total = published_list(cells)
    return {**shown, "total": total}


def list_sums(cells: Counts) -> Counts:
    return {**cells, "total": sum(cells.values())}


def table_cells(cells: Counts) -> dict[tuple[int, int], int]:
    return {key: people for key, people in cells.items() if isinstance(key, tuple)}


def shown_table(cells: Counts) -> Shown:
    table = published_table(table_cells(cells))
    rows = {("row", row): people for row, people in table.rows.items()}
    columns = {("column", column): people for column, people in table.columns.items()}
    shown: dict[Hashable, int | None] = {"total": table.total}
    for part in (table.cells, rows, columns):
        shown |= part
    return shown


def table_sums(cells: Counts) -> Counts:
    sums: dict[Hashable, int] = {**cells, "total": sum(cells.values())}
    for (row, column), people in table_cells(cells).items():
        sums["row", row] = sums.get(("row", row), 0) + people
        sums["column", column] = sums.get(("column", column), 0) + people
    return sums


def shown_tree(cells: Counts) -> Shown:
    shown = published_tree({str(unit): people for unit, people in cells.items()}, PARENTS)
    return {unit: people for unit, people in shown.items() if unit in tree_sums(cells)}


def tree_sums(cells: Counts) -> Counts:
    directorates: dict[Hashable, int] = {"DSI": cells["A"] + cells["B"] + cells["C"], "DRH": cells["D"] + cells["E"]}
    return {**cells, **directorates, "SG": sum(directorates.values())}


def assert_nothing_small_is_revealed(
    cells: Counts, shown: Shown, sums: Callable[[Counts], Counts], tried: Callable[[int], range]
) -> None:
    """Try every table that agrees with what is shown: each small count must be able to be another."""
    possible: dict[Hashable, set[int]] = {}
    choices = [tried(people) if shown[key] is None else range(people, people + 1) for key, people in cells.items()]
    for values in product(*choices):
        summed = sums(dict(zip(cells, values, strict=True)))
        if all(people is None or summed[key] == people for key, people in shown.items()):
            for key, people in summed.items():
                possible.setdefault(key, set()).add(people)
    for key, people in sums(cells).items():
        if people < FEWEST_PEOPLE:
            assert shown[key] is None
            assert len(possible[key]) > 1, f"{key} is {people}: {shown}"


def everything(_people: int) -> range:
    return range(17)


def nearby(people: int) -> range:
    """Return the counts next to one: if another table agrees, then one agrees whose cells differ by one."""
    return range(max(0, people - 1), people + 2)


@given(st.dictionaries(st.sampled_from("abc"), counts, min_size=1))
@settings(max_examples=50)
def test_list_never_reveals_a_small_count(cells: Counts) -> None:
    assert_nothing_small_is_revealed(cells, shown_list(cells), list_sums, everything)


@given(st.dictionaries(st.sampled_from("abcdefg"), counts, min_size=1))
@settings(max_examples=50)
def test_longer_list_never_reveals_a_small_count(cells: Counts) -> None:
    assert_nothing_small_is_revealed(cells, shown_list(cells), list_sums, nearby)


@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (2, 3), (4, 2)], ids=str)
@given(data=st.data())
@settings(max_examples=30)
def test_table_never_reveals_a_small_count(shape: tuple[int, int], data: st.DataObject) -> None:
    keys = list(product(range(shape[0]), range(shape[1])))
    cells: Counts = {key: data.draw(st.sampled_from([0, 1, 3, 9, 10, 12, 30])) for key in keys}

    assert_nothing_small_is_revealed(cells, shown_table(cells), table_sums, nearby)


@given(st.lists(st.sampled_from([0, 2, 9, 10, 11, 40]), min_size=5, max_size=5))
@settings(max_examples=50)
def test_tree_never_reveals_a_small_count(numbers: list[int]) -> None:
    cells: Counts = dict(zip("ABCDE", numbers, strict=True))

    assert_nothing_small_is_revealed(cells, shown_tree(cells), tree_sums, nearby)


@given(st.lists(counts, min_size=2, max_size=12))
def test_what_is_hidden_of_a_list_is_ten_or_more_together(numbers: list[int]) -> None:
    shown, total = published_list(dict(enumerate(numbers)))

    if total is not None and None in shown.values():
        assert total - sum(people or 0 for people in shown.values()) >= FEWEST_PEOPLE


def test_nothing_counted_shows_no_total() -> None:
    assert published_list({}) == ({}, None)
    assert published_tree({}, {}) == {}
    assert published_table({}).total is None
