"""The measures that are kept of each tenant and day, by name: all that the operator, and closed months, read.

========================== ============ ==================================================================
measure                    dimension    what it is; NULL is not computable, or one to nine people
========================== ============ ==================================================================
agents                     ""           eligible agents of the day (dated headcount)
visio_users_28d            ""           distinct people in 28 days, at the newest day counted
migrated_agents            ""           agents of the units whose switch date has come
assigned_seats             ""           paid seats of Teams and Zoom that somebody holds
dormant_seats              ""           of them, those without a meeting or call in 90 days
notices_late               ""           notices still to be given whose preparation ought to have begun
notices_missed             ""           notices missed within a year
missed_notice_eur          ""           what those cost until the following date
next_notice_days           ""           days from this day to the next notice to give
target_agents              ""           who are to use Visio by the next target
target_days                ""           days from this day to that target
pace_needed                ""           people who have to move per month to reach it
pace_actual                ""           people who moved per month in the last three
data_age_days              ""           days since the one that the newest import tells of
agents, visio_users_28d    YYYY-MM      the same at the end of a month
due_eur … one_off_eur      YYYY-MM      money of a month, before tax, as the ministry's dashboard shows it
month_stated               YYYY-MM      the ministry's word on a closed month: 1 confirmed, 2 commented
agents, visio_users_28d    dep:75       the same by the units' département
========================== ============ ==================================================================

Months reach from 24 before the day's own to that one. What has a dimension is kept for the last day of each month
that was computed, what has none for every day.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apps.licensing.savings import FEWEST_PEOPLE

PLACES = Decimal("0.0001")
MONTHS_BACK = 24
DEPARTEMENT = "dep:"
SOMEBODY = 1  # kept in place of a number of people that may not be told


class StateMeasure(StrEnum):
    AGENTS = "agents"
    VISIO_USERS = "visio_users_28d"
    MIGRATED_AGENTS = "migrated_agents"
    ASSIGNED_SEATS = "assigned_seats"
    DORMANT_SEATS = "dormant_seats"
    NOTICES_LATE = "notices_late"
    NOTICES_MISSED = "notices_missed"
    MISSED_NOTICE_EUR = "missed_notice_eur"
    NEXT_NOTICE_DAYS = "next_notice_days"
    TARGET_AGENTS = "target_agents"
    TARGET_DAYS = "target_days"
    PACE_NEEDED = "pace_needed"
    PACE_ACTUAL = "pace_actual"
    DATA_AGE_DAYS = "data_age_days"
    POTENTIAL_EUR_YEAR = "potential_eur_year"
    DUE_EUR = "due_eur"
    POTENTIAL_EUR = "potential_eur"
    COMMITTED_EUR = "committed_eur"
    REALISED_EUR = "realised_eur"
    SUNK_EUR = "sunk_eur"
    AVOIDED_EUR = "avoided_eur"
    RUN_COST_EUR = "run_cost_eur"
    ONE_OFF_EUR = "one_off_eur"
    MONTH_STATED = "month_stated"

    @property
    def is_of_people(self) -> bool:
        """Whether a value tells how many people there are; a date or a number of letters does not."""
        return self not in NOT_OF_PEOPLE


NOT_OF_PEOPLE = frozenset(
    {
        StateMeasure.NOTICES_LATE,
        StateMeasure.NOTICES_MISSED,
        StateMeasure.NEXT_NOTICE_DAYS,
        StateMeasure.TARGET_DAYS,
        StateMeasure.DATA_AGE_DAYS,
        StateMeasure.MONTH_STATED,
    }
)
# Money of each month, in the order in which pages and editions list it.
MONTHLY = (
    StateMeasure.DUE_EUR,
    StateMeasure.POTENTIAL_EUR,
    StateMeasure.COMMITTED_EUR,
    StateMeasure.REALISED_EUR,
    StateMeasure.SUNK_EUR,
    StateMeasure.AVOIDED_EUR,
    StateMeasure.RUN_COST_EUR,
    StateMeasure.ONE_OFF_EUR,
)


@dataclass(frozen=True)
class Measured:
    """One measure of a day; ``population`` is the number of people behind it, ``value`` None where unknown.

    What the operator may read of it are ``shown_value`` and ``shown_population``; nobody is no secret.
    """

    measure: str
    value: Decimal | None
    population: int
    dimension: str = ""

    @property
    def shown_value(self) -> Decimal | None:
        """The value that may be kept: none for fewer than ten people."""
        if self.value is None or (self.is_of_people and self.is_few):
            return None
        return self.value.quantize(PLACES)

    @property
    def shown_population(self) -> int:
        """The number of people that may be kept: of fewer than ten, no more than that there is somebody."""
        return SOMEBODY if self.is_few else self.population

    @property
    def is_few(self) -> bool:
        return 0 < self.population < FEWEST_PEOPLE

    @property
    def is_of_people(self) -> bool:
        return self.measure not in NOT_OF_PEOPLE


def month_dimension(day: date) -> str:
    return f"{day:%Y-%m}"


def departement_dimension(code: str) -> str:
    """Return the dimension of a département, by its INSEE code."""
    return f"{DEPARTEMENT}{code}"
