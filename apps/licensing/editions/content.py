"""What an edition says: the figures of a month by ministry, who spoke of them, how old they are, what changed since."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID

import rfc8785
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from apps.licensing.editions.figures import MEASURES, ORDER, Change, changes, with_net
from apps.licensing.models import Edition
from apps.licensing.savings import add_months
from apps.licensing.state.cells import day_after
from apps.licensing.state.measures import MONTHS_BACK, StateMeasure, month_dimension
from apps.licensing.state.reading import NOT_COMPUTED, Figure, Gap, MinistryFigures, Sum, summed

FORMAT = "visio-portal/edition/1"


class Word(TextChoices):
    CONFIRMED = "confirmed", pgettext_lazy("month", "confirmed")
    COMMENTED = "commented", pgettext_lazy("month", "commented")
    SILENT = "silent", pgettext_lazy("month", "no answer")


NOTHING = Figure(None, Gap.NOT_COMPUTABLE)
WORDS = {Decimal(1): Word.CONFIRMED, Decimal(2): Word.COMMENTED}


@dataclass(frozen=True)
class Told:
    """A ministry's figures of a month, the day they were computed, and that which its imports tell of."""

    id: UUID
    name: str
    word: Word
    figures_on: date | None
    data_on: date | None
    figures: dict[str, Figure]

    @classmethod
    def of(cls, known: MinistryFigures, month: date) -> Self:
        age = known.value(StateMeasure.DATA_AGE_DAYS)
        word = known.value(StateMeasure.MONTH_STATED, month_dimension(month))
        return cls(
            id=known.tenant.id,
            name=str(known.tenant),
            word=WORDS.get(word, Word.SILENT) if word is not None else Word.SILENT,
            figures_on=known.day,
            data_on=day_after(known.day, None if age is None else -age),
            figures=figures_of(known, month),
        )

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        return cls(
            id=UUID(kept["id"]),
            name=kept["name"],
            word=Word(kept["word"]),
            figures_on=_day(kept["figures_on"]),
            data_on=_day(kept["data_on"]),
            figures={measure: figure_from_json(figure) for measure, figure in kept["figures"].items()},
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "word": self.word.value,
            "figures_on": self.figures_on and self.figures_on.isoformat(),
            "data_on": self.data_on and self.data_on.isoformat(),
            "figures": {measure: figure_to_json(figure) for measure, figure in self.figures.items()},
        }


class Restated(NamedTuple):
    """A figure of an earlier edition that became another one."""

    edition: int
    month: date
    ministry: UUID
    name: str
    change: Change


@dataclass(frozen=True)
class Whole:
    """What is told of all ministries together: sums of what is known, how many spoke, the oldest of their figures."""

    sums: dict[str, Sum]
    words: dict[Word, int]
    oldest_on: date | None

    @classmethod
    def of(cls, told: list[Told]) -> Self:
        return cls(
            sums={measure: summed(item.figures[measure].value for item in told) for measure in ORDER},
            words={word: sum(item.word is word for item in told) for word in Word},
            oldest_on=min((item.figures_on for item in told if item.figures_on), default=None),
        )


@dataclass(frozen=True)
class Content:
    """An edition's content; that of a month still to be frozen has the number that it would get."""

    number: int
    month: date
    frozen_on: date
    ministries: list[Told]
    restated: list[Restated]
    whole: Whole

    @classmethod
    def drafted(cls, month: date, today: date, known: list[MinistryFigures], editions: Iterable[Edition]) -> Self:
        """Return what would be frozen today, the figures of earlier editions beside what they became."""
        earlier = sorted(editions, key=lambda edition: edition.number)
        told = [Told.of(item, month) for item in known]
        restated = [item for edition in earlier for item in restated_since(cls.of(edition), known)]
        number = earlier[-1].number + 1 if earlier else 1
        return cls(number, month, today, told, restated, Whole.of(told))

    @classmethod
    def of(cls, edition: Edition) -> Self:
        kept: dict[str, Any] = edition.content
        told = [Told.from_json(item) for item in kept["ministries"]]
        restated = [_restated(item) for item in kept["restated"]]
        return cls(edition.number, edition.month, date.fromisoformat(kept["frozen_on"]), told, restated, Whole.of(told))

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "number": self.number,
            "month": month_dimension(self.month),
            "frozen_on": self.frozen_on.isoformat(),
            "ministries": [told.to_json() for told in self.ministries],
            "restated": [
                {
                    "edition": item.edition,
                    "month": item.month.isoformat(),
                    "ministry": str(item.ministry),
                    "name": item.name,
                    "measure": item.change.measure,
                    "before": figure_to_json(item.change.before),
                    "now": figure_to_json(item.change.now),
                }
                for item in self.restated
            ],
        }

    def seen_by(self, tenant_id: UUID) -> Self:
        """Return what a ministry may read: its own figures, and the sums over all."""
        return replace(
            self,
            ministries=[told for told in self.ministries if told.id == tenant_id],
            restated=[item for item in self.restated if item.ministry == tenant_id],
        )


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of the content's RFC 8785 bytes, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def figures_of(known: MinistryFigures, month: date) -> dict[str, Figure]:
    """Return a ministry's figures of a month as its newest aggregates tell them.

    What those that reach back to it do not name is not computable: nothing was entered that tells of it.
    """
    found: dict[str, Figure] = {measure: known.of(measure, month_dimension(month)) for measure in MEASURES}
    if reaches(known, month):
        found = {name: NOTHING if figure is NOT_COMPUTED else figure for name, figure in found.items()}
    return with_net(found)


def restated_since(content: Content, known: Iterable[MinistryFigures]) -> list[Restated]:
    """Return what the figures of an edition's month say today, where it is something else."""
    today = {item.tenant.id: figures_of(item, content.month) for item in known if reaches(item, content.month)}
    return [
        Restated(content.number, content.month, told.id, told.name, change)
        for told in content.ministries
        if told.id in today
        for change in changes(told.figures, today[told.id])
    ]


def reaches(known: MinistryFigures, month: date) -> bool:
    """Return whether a ministry's newest aggregates reach back to a month."""
    return known.day is not None and add_months(known.day.replace(day=1), -MONTHS_BACK) <= month


def figure_to_json(figure: Figure) -> dict[str, str]:
    return {"gap": (figure.gap or Gap.NOT_COMPUTABLE).value} if figure.value is None else {"value": str(figure.value)}


def figure_from_json(kept: dict[str, str]) -> Figure:
    return Figure(Decimal(kept["value"])) if "value" in kept else Figure(None, Gap(kept["gap"]))


def _restated(kept: dict[str, Any]) -> Restated:
    change = Change(kept["measure"], figure_from_json(kept["before"]), figure_from_json(kept["now"]))
    return Restated(kept["edition"], date.fromisoformat(kept["month"]), UUID(kept["ministry"]), kept["name"], change)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
