"""What is left of the savings: N = G - R - M, month by month, and when it has paid for itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.licensing.savings.months import Missing


@dataclass(frozen=True)
class RunCost:
    """What Visio costs per user and month from a month on (hosting, support, transcription), before tax."""

    month: date
    eur_per_user: Decimal
    source: str = ""


@dataclass(frozen=True)
class OneOff:
    """What the migration itself costs in a month (training, rooms, running both), before tax."""

    month: date
    eur: Decimal
    label: str = ""
    source: str = ""


@dataclass(frozen=True)
class NetMonth:
    """G, R and M of a month with what R is made of, and the sum of N since the first month."""

    month: date
    gain_eur: Decimal | None
    visio_users: int | None
    run_cost: RunCost | None
    one_offs: tuple[OneOff, ...]
    cumulative_eur: Decimal | None
    missing: tuple[Missing, ...] = ()

    @property
    def run_eur(self) -> Decimal | None:
        """Return R = users × cost; nobody costs nothing."""
        if self.visio_users == 0:
            return Decimal(0)
        if self.visio_users is None or self.run_cost is None:
            return None
        return self.visio_users * self.run_cost.eur_per_user

    @property
    def one_off_eur(self) -> Decimal:
        """Return M."""
        return sum((item.eur for item in self.one_offs), Decimal(0))

    @property
    def net_eur(self) -> Decimal | None:
        """Return N = G - R - M; None where G or R is not known."""
        if self.gain_eur is None or self.run_eur is None:
            return None
        return self.gain_eur - self.run_eur - self.one_off_eur


@dataclass(frozen=True)
class Payback:
    """The first month in which cumulative N >= 0; None: not within the months given, or not computable."""

    month: date | None
    is_computable: bool


def net_timeline(
    gains: Mapping[date, Decimal | None],
    users: Mapping[date, int | None],
    run_costs: Sequence[RunCost],
    one_offs: Iterable[OneOff],
) -> list[NetMonth]:
    """Return N for each month of the gains G (first days, in order), with R and M.

    A month that is not among the users is not known. From the first month whose N is not computable on, the
    cumulative N is not either. One-off costs of months that are not among the gains are left out.
    """
    listed = list(one_offs)
    timeline: list[NetMonth] = []
    cumulative: Decimal | None = Decimal(0)
    for month in sorted(gains):
        spent = tuple(item for item in listed if item.month.replace(day=1) == month)
        item = NetMonth(month, gains[month], users.get(month), run_cost_in(run_costs, month), spent, None)
        net = item.net_eur
        cumulative = None if cumulative is None or net is None else cumulative + net
        timeline.append(
            NetMonth(month, item.gain_eur, item.visio_users, item.run_cost, spent, cumulative, tuple(_missing(item)))
        )
    return timeline


def run_cost_in(run_costs: Iterable[RunCost], month: date) -> RunCost | None:
    """Return the run cost that holds in a month; None before the first."""
    return max((item for item in run_costs if item.month <= month), key=lambda item: item.month, default=None)


def payback(timeline: Iterable[NetMonth]) -> Payback:
    """Return the first month in which cumulative N >= 0, counted from the first gain or cost.

    Before it, nothing has been spent yet that could be paid back.
    """
    is_begun = False
    for item in timeline:
        if item.cumulative_eur is None:
            return Payback(None, False)
        is_begun = is_begun or bool(item.gain_eur or item.run_eur or item.one_off_eur)
        if is_begun and item.cumulative_eur >= 0:
            return Payback(item.month, True)
    return Payback(None, is_begun)


def _missing(item: NetMonth) -> Iterable[Missing]:
    if item.run_eur is None:
        if item.visio_users is None:
            yield Missing.VISIO_USERS
        if item.run_cost is None:
            yield Missing.RUN_COST
