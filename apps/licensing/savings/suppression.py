"""Which counts of people may be shown: none of fewer than ten, and none from which one of those follows.

A table with its totals, or a tree of units, is a circulation: every count is the flow of an edge, and every total
says that what flows into a node flows out of it. What somebody can learn of a hidden count is what the flow
equations, whole numbers and 0 as the least leave open. A hidden count has exactly one possible value if and only
if no cycle of the residual network leads through its edge (Ahuja, Magnanti, Orlin, Network Flows, 1993,
section 3.5; Gusfield, A graph theoretic approach to statistical data security, SIAM J. Comput. 17, 1988). So
edges are hidden along such cycles, the cheapest first, until every small count has one.
"""

import heapq
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

FEWEST_PEOPLE = 10

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)
Node = Hashable


@dataclass(frozen=True)
class Edge:
    """A count that flows from one node to another."""

    key: Hashable
    tail: Node
    head: Node
    people: int

    @property
    def is_small(self) -> bool:
        return self.people < FEWEST_PEOPLE


Steps = Mapping[Node, list[tuple[Node, Edge]]]


@dataclass(frozen=True)
class PublishedTable(Generic[Row, Column]):
    """Counts as they may be shown, with their totals; None is suppressed."""

    cells: dict[tuple[Row, Column], int | None]
    rows: dict[Row, int | None]
    columns: dict[Column, int | None]
    total: int | None


def published_table(counts: Mapping[tuple[Row, Column], int]) -> PublishedTable[Row, Column]:
    """Suppress what must not be shown of a table by two keys; a cell that is not given is 0.

    Totals by row, by column and of everything are shown beside the cells, and count as published.
    """
    rows = list(dict.fromkeys(row for row, _column in counts))
    columns = list(dict.fromkeys(column for _row, column in counts))
    cells = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    in_rows = {row: sum(cells[row, column] for column in columns) for row in rows}
    in_columns = {column: sum(cells[row, column] for row in rows) for column in columns}
    edges = [Edge(("cell", *key), ("row", key[0]), ("column", key[1]), people) for key, people in cells.items()]
    edges += [Edge(("row", row), "all columns", ("row", row), people) for row, people in in_rows.items()]
    edges += [Edge(("column", key), ("column", key), "all rows", people) for key, people in in_columns.items()]
    edges.append(Edge("total", "all rows", "all columns", sum(cells.values())))
    hidden = hidden_keys(edges)
    return PublishedTable(
        cells={key: None if ("cell", *key) in hidden else people for key, people in cells.items()},
        rows={row: None if ("row", row) in hidden else people for row, people in in_rows.items()},
        columns={key: None if ("column", key) in hidden else people for key, people in in_columns.items()},
        total=None if "total" in hidden else sum(cells.values()),
    )


def published_tree(own: Mapping[Row, int], parents: Mapping[Row, Row | None]) -> dict[Row, int | None]:
    """Suppress what must not be shown of units, each shown with all units below it; None is suppressed.

    ``own`` counts those of a unit itself (one not given has none, and everybody may know that); ``parents`` names
    every unit's parent. The sum of the units without a parent counts as published.
    """
    children: dict[Row | None, list[Row]] = {}
    for unit, parent in parents.items():
        children.setdefault(parent, []).append(unit)
    sums = {unit: sum(own.get(below, 0) for below in _with_below(unit, children)) for unit in parents}
    edges = [Edge(("total", unit), parent, unit, sums[unit]) for unit, parent in parents.items()]
    with_own = [unit for unit in parents if own.get(unit) or not children.get(unit)]
    edges += [Edge(("own", unit), unit, "people", own.get(unit, 0)) for unit in with_own]
    everything = sum(sums[unit] for unit in children.get(None, []))
    edges.append(Edge("total", "people", None, everything))
    hidden = hidden_keys(edges, unpublished={("own", unit) for unit in with_own if children.get(unit)})
    return {unit: None if ("total", unit) in hidden else people for unit, people in sums.items()}


def published_list(counts: Mapping[Row, int]) -> tuple[dict[Row, int | None], int | None]:
    """Suppress what must not be shown of a list and of its total; None is suppressed."""
    edges = [Edge(("cell", key), "all", "people", people) for key, people in counts.items()]
    edges.append(Edge("total", "people", "all", sum(counts.values())))
    hidden = hidden_keys(edges)
    shown = {key: None if ("cell", key) in hidden else people for key, people in counts.items()}
    return shown, None if "total" in hidden else sum(counts.values())


def hidden_keys(edges: Iterable[Edge], unpublished: Iterable[Hashable] = ()) -> set[Hashable]:
    """Return the keys of the counts to hide: those under ten, and those without which one of them would follow.

    ``unpublished`` are never shown in any case. The edges are a circulation: into each node flows what flows out.
    """
    listed = list(edges)
    steps = _steps(listed)
    hidden = {edge.key for edge in listed if edge.is_small} | set(unpublished)
    for edge in listed:
        if edge.is_small:
            hidden |= _cheapest_cycle(steps, hidden, edge)
    for node in dict.fromkeys(edge.tail for edge in listed):
        hidden |= _beside_few(listed, hidden, node)
    return hidden


def _steps(edges: Iterable[Edge]) -> dict[Node, list[tuple[Node, Edge]]]:
    """Return the residual network: the flow of each edge may rise, and that of one that has any may fall."""
    steps: dict[Node, list[tuple[Node, Edge]]] = {}
    for edge in edges:
        steps.setdefault(edge.tail, []).append((edge.head, edge))
        if edge.people > 0:
            steps.setdefault(edge.head, []).append((edge.tail, edge))
    return steps


def _cheapest_cycle(steps: Steps, hidden: set[Hashable], through: Edge) -> set[Hashable]:
    """Return the edges of a cycle that leaves the flow of an edge open, hiding the fewest people more.

    There is always one, for whatever flows comes back, unless nothing at all is counted.
    """
    ways = [_way(steps, hidden, through, through.head, through.tail)]
    if through.people > 0:
        ways.append(_way(steps, hidden, through, through.tail, through.head))
    nothing: tuple[int, list[Hashable]] = (0, [])
    _cost, keys = min((way for way in ways if way is not None), key=lambda way: way[0], default=nothing)
    return {through.key, *keys}


def _way(
    steps: Steps, hidden: set[Hashable], through: Edge, start: Node, end: Node
) -> tuple[int, list[Hashable]] | None:
    """Return the way beside an edge that hides the fewest people more (Dijkstra); None where there is none."""
    best: dict[Node, int] = {start: 0}
    queue: list[tuple[int, int, Node, list[Hashable]]] = [(0, 0, start, [])]
    pushed = 0
    while queue:
        cost, _order, node, keys = heapq.heappop(queue)
        if node == end:
            return cost, keys
        if cost > best[node]:
            continue
        for head, edge in steps.get(node, []):
            if edge is through:
                continue
            dearer = cost + (0 if edge.key in hidden else 1 + edge.people)
            if dearer < best.get(head, dearer + 1):
                best[head] = dearer
                pushed += 1
                heapq.heappush(queue, (dearer, pushed, head, [*keys, edge.key]))
    return None


def _beside_few(edges: list[Edge], hidden: set[Hashable], node: Node) -> set[Hashable]:
    """Return what to hide at a node so that its hidden counts are not known to be fewer than ten together.

    They are known together where they all flow the same way; one that flows the other way leaves them open.
    """
    into = [edge for edge in edges if edge.head == node]
    out = [edge for edge in edges if edge.tail == node]
    more: set[Hashable] = set()
    for edge in sorted((*into, *out), key=lambda edge: edge.people):
        sums = [sum(item.people for item in side if item.key in hidden | more) for side in (into, out)]
        sides = sum(any(item.key in hidden | more for item in side) for side in (into, out))
        if sides != 1 or max(sums) >= FEWEST_PEOPLE:
            break
        more.add(edge.key)
    return more


def _with_below(unit: Row, children: Mapping[Row | None, list[Row]]) -> Iterator[Row]:
    yield unit
    for child in children.get(unit, []):
        yield from _with_below(child, children)
