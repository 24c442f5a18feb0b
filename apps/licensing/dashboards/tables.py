"""Tables of figures, whole enough to be drawn, read aloud and exported: nothing of them is known to the page alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum


class Kind(Enum):
    """How the values of a column are written."""

    TEXT = "text"
    COUNT = "count"
    EUROS = "euros"
    PRICE = "price"  # euros whose cents count
    PERCENT = "percent"
    DAY = "day"
    MONTH = "month"


NUMBERS = (Kind.COUNT, Kind.EUROS, Kind.PRICE, Kind.PERCENT)
Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class Cell:
    """One value; None says why it is missing: suppressed for fewer than ten people, or not computable.

    ``reason`` says for want of what, where that is known.
    """

    kind: Kind
    value: Value
    url: str = ""
    is_suppressed: bool = False
    reason: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True)
class Column:
    heading: str
    kind: Kind = Kind.TEXT
    url: str = ""  # where the table is sorted by it
    sorted: str = ""  # how it is: "ascending", "descending"

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Chart:
    """A picture of some of a table's columns: an element of @gouvfr/dsfr-chart with its attributes."""

    tag: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Table:
    """Figures with their source and the day that they tell of; ``key`` names it in addresses and file names."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: list[list[Cell]]
    source: str
    as_of: date | None
    note: str = ""
    chart: Chart | None = None
    empty: str = ""  # what to do where there are no rows
    is_open: bool = False  # read at once, although there is a chart
    links: list[Link] = field(default_factory=list)

    @property
    def has_suppressed(self) -> bool:
        return any(cell.is_suppressed for row in self.rows for cell in row)


def row(columns: Sequence[Column], *values: Value, url: str = "") -> list[Cell]:
    """Return a row's cells; the first one leads to ``url``."""
    pairs = zip(columns, values, strict=True)
    return [Cell(column.kind, value, url if number == 0 else "") for number, (column, value) in enumerate(pairs)]
