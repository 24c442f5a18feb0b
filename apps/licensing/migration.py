"""How far the move to Visio has come: pure arithmetic over counts of people, meetings and checklists.

A figure that misses one of its inputs, or has nothing to be measured against, is None (not computable), never 0.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.licensing.savings import whole_months

FEWEST_POINTS = 6  # a curve through fewer says nothing of its own uncertainty
MOST_STEPS = 500
DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Usage:
    """Distinct people in 28 days by what they used for meetings and calls: V is Visio, L the legacy tools."""

    visio_only: int
    legacy_only: int
    both: int

    @property
    def either(self) -> int:
        """|V or L|"""
        return self.visio_only + self.legacy_only + self.both

    @property
    def dual_use(self) -> Decimal | None:
        """|V and L| / |V or L|"""
        return ratio(self.both, self.either)

    @property
    def switched(self) -> Decimal | None:
        """|V minus L| / |V or L|"""
        return ratio(self.visio_only, self.either)


@dataclass(frozen=True)
class Item:
    """An item of a readiness checklist."""

    name: str
    weight: int
    is_done: bool
    is_mandatory: bool = False


@dataclass(frozen=True)
class Readiness:
    """``share`` is SUM w·done / SUM w; ready is who misses nothing mandatory."""

    share: Decimal
    missing: tuple[str, ...]  # mandatory and not done

    @property
    def is_ready(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Pace:
    """People who have to move per month from today to reach a target, and those who moved of late."""

    left: int
    months: int
    per_month: int | None  # None: the day has come, and people are left
    actual_per_month: Decimal | None

    @property
    def is_kept(self) -> bool | None:
        """Whether going on as of late reaches the target; None where that is not known."""
        if self.left == 0:
            return True
        if self.per_month is None:
            return False
        return None if self.actual_per_month is None else self.actual_per_month >= self.per_month


@dataclass(frozen=True)
class Point:
    """How many people used Visio in the 28 days up to a day."""

    day: date
    people: int


@dataclass(frozen=True)
class Expected:
    """Forecast people on a day, with the interval that holds them with 95 % confidence."""

    day: date
    people: float
    least: float
    most: float


@dataclass(frozen=True)
class Forecast:
    """A(t) = K / (1 + exp(-r (t - t0))), t in months since ``origin``, with what its uncertainty is made of.

    ``covariance`` is that of r and t0, ``noise`` the variance of a single count around the curve, ``quantile``
    Student's t for 95 % and the degrees of freedom.
    """

    origin: date
    capacity: int
    rate: float
    middle: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    noise: float
    quantile: float

    def on(self, day: date) -> Expected:
        """Return the forecast of a day; its interval is that of a count by the delta method, within 0 and K."""
        months = months_since(self.origin, day)
        people = logistic(self.capacity, self.rate, self.middle, months)
        gradient = slopes(self.capacity, self.rate, self.middle, months)
        variance = sum(gradient[i] * self.covariance[i][j] * gradient[j] for i in range(2) for j in range(2))
        spread = self.quantile * math.sqrt(max(0.0, variance) + self.noise)
        return Expected(day, people, max(0.0, people - spread), min(float(self.capacity), people + spread))

    def months_until(self, people: int) -> float | None:
        """Return when so many people are reached, in months since ``origin``; None where they never are."""
        if not 0 < people < self.capacity or self.rate <= 0:
            return None
        return self.middle - math.log(self.capacity / people - 1) / self.rate


def ratio(part: int | None, whole: int | None) -> Decimal | None:
    """Return a share; None where one of both is not known, or there is nothing to be a share of."""
    return None if part is None or not whole else Decimal(part) / whole


def adoption(visio_users: int | None, eligible: int | None) -> Decimal | None:
    """Return distinct Visio users in 28 days / eligible agents (dated headcount)."""
    return ratio(visio_users, eligible)


def usage_of(visio: Collection[str], legacy: Collection[str]) -> Usage:
    """Count people by the identifiers that used each; one person has one identifier in both."""
    used_visio, used_legacy = set(visio), set(legacy)
    both = len(used_visio & used_legacy)
    return Usage(len(used_visio) - both, len(used_legacy) - both, both)


def residual(legacy_meetings: int | None, visio_meetings: int | None) -> Decimal | None:
    """Return legacy meetings / all meetings."""
    if legacy_meetings is None or visio_meetings is None:
        return None
    return ratio(legacy_meetings, legacy_meetings + visio_meetings)


def readiness(items: Iterable[Item]) -> Readiness | None:
    """Return how much of a checklist is done, and what is mandatory and missing; None without items."""
    listed = list(items)
    share = ratio(sum(item.weight for item in listed if item.is_done), sum(item.weight for item in listed))
    missing = tuple(item.name for item in listed if item.is_mandatory and not item.is_done)
    return None if share is None else Readiness(share, missing)


def pace(points: Sequence[Point], target: int, due_on: date, today: date) -> Pace | None:
    """Return the pace needed to reach a target, and that of the last three months; None without any point.

    Months are counted whole; of a target within the month, everybody is left for that month.
    """
    if not points:
        return None
    ordered = sorted(points, key=lambda point: point.day)
    left = max(0, target - ordered[-1].people)
    months = max(1, whole_months(today, due_on)) if due_on > today else 0
    per_month = -(-left // months) if months else (0 if left == 0 else None)
    return Pace(left, months, per_month, _actual_pace(ordered))


def _actual_pace(points: Sequence[Point]) -> Decimal | None:
    last = points[-1]
    earlier = [point for point in points if 1 <= whole_months(point.day, last.day) <= 3]
    if not earlier:
        return None
    return Decimal(last.people - earlier[0].people) / whole_months(earlier[0].day, last.day)


def months_since(origin: date, day: date) -> float:
    return (day - origin).days / DAYS_PER_MONTH


def logistic(capacity: int, rate: float, middle: float, months: float) -> float:
    """Return A(t) = K / (1 + exp(-r (t - t0)))."""
    return capacity / (1 + math.exp(min(700.0, -rate * (months - middle))))


def slopes(capacity: int, rate: float, middle: float, months: float) -> tuple[float, float]:
    """Return dA/dr and dA/dt0."""
    share = logistic(capacity, rate, middle, months) / capacity
    bend = capacity * share * (1 - share)
    return bend * (months - middle), -bend * rate


def forecast(points: Sequence[Point], capacity: int | None) -> Forecast | None:
    """Fit r and t0 to at least six points by least squares, K being the eligible agents.

    Levenberg-Marquardt (Marquardt, J. SIAM 11, 1963) from the straight line through the log-odds; the covariance is
    s² (JᵀJ)⁻¹ (Seber and Wild, Nonlinear Regression, 1989, section 2.1). None with fewer points, without the
    headcount, where the points tell no direction, or where more people use Visio than there are agents.
    """
    ordered = sorted(points, key=lambda point: point.day)
    if len(ordered) < FEWEST_POINTS or not capacity or any(point.people > capacity for point in ordered):
        return None
    origin = ordered[0].day
    measured = [(months_since(origin, point.day), float(point.people)) for point in ordered]
    start = _log_odds_line(measured, capacity)
    return None if start is None else _fitted(origin, measured, capacity, *start)


def _log_odds_line(measured: Sequence[tuple[float, float]], capacity: int) -> tuple[float, float] | None:
    """Return r and t0 of the straight line ln(A / (K - A)) = r (t - t0); None where it is flat."""
    odds = [
        (months, math.log(inside / (capacity - inside)))
        for months, people in measured
        for inside in [min(max(people, 0.5), capacity - 0.5)]
    ]
    mean_t, mean_y = (sum(values) / len(odds) for values in zip(*odds, strict=True))
    spread = sum((months - mean_t) ** 2 for months, _y in odds)
    rate = sum((months - mean_t) * (y - mean_y) for months, y in odds) / spread if spread else 0.0
    return (rate, mean_t - mean_y / rate) if abs(rate) > 1e-9 else None


def _fitted(
    origin: date, measured: Sequence[tuple[float, float]], capacity: int, rate: float, middle: float
) -> Forecast | None:
    damping, error = 1e-3, _squares(measured, capacity, rate, middle)
    for _step in range(MOST_STEPS):
        (a, b, d), (g, h) = _normal_equations(measured, capacity, rate, middle)
        step = _solved(a * (1 + damping), b, d * (1 + damping), g, h)
        if step is None:
            return None
        tried = _squares(measured, capacity, rate + step[0], middle + step[1])
        if tried > error:
            damping *= 10
            if damping > 1e12:
                break
            continue
        is_done = error - tried <= 1e-12 * (1 + error)
        rate, middle, error, damping = rate + step[0], middle + step[1], tried, damping / 10
        if is_done:
            break
    (a, b, d), _gradient = _normal_equations(measured, capacity, rate, middle)
    determinant = a * d - b * b
    if determinant <= 0:
        return None
    freedom = len(measured) - 2
    noise = error / freedom
    covariance = (
        (noise * d / determinant, -noise * b / determinant),
        (-noise * b / determinant, noise * a / determinant),
    )
    return Forecast(origin, capacity, rate, middle, covariance, noise, student_quantile(freedom))


def _squares(measured: Sequence[tuple[float, float]], capacity: int, rate: float, middle: float) -> float:
    return sum((people - logistic(capacity, rate, middle, months)) ** 2 for months, people in measured)


def _normal_equations(
    measured: Sequence[tuple[float, float]], capacity: int, rate: float, middle: float
) -> tuple[tuple[float, float, float], tuple[float, float]]:
    """Return JᵀJ (its three entries) and Jᵀ of the residuals."""
    a = b = d = g = h = 0.0
    for months, people in measured:
        by_rate, by_middle = slopes(capacity, rate, middle, months)
        rest = people - logistic(capacity, rate, middle, months)
        a, b, d = a + by_rate**2, b + by_rate * by_middle, d + by_middle**2
        g, h = g + by_rate * rest, h + by_middle * rest
    return (a, b, d), (g, h)


def _solved(a: float, b: float, d: float, g: float, h: float) -> tuple[float, float] | None:
    determinant = a * d - b * b
    if determinant <= 0:
        return None
    return (d * g - b * h) / determinant, (a * h - b * g) / determinant


def student_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t (Cornish-Fisher: Abramowitz and Stegun, 26.7.5; to 0.01 from 4 on)."""
    z = 1.959963984540054
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / math.pow(freedom, power) for power, term in enumerate(terms))
