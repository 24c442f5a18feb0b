"""What the operator may know of each tenant: aggregates of a day, without a value for fewer than ten people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils import timezone

from apps.licensing.figures import tenant_figures
from apps.licensing.models import Contract
from apps.rooms.models import Occurrence
from apps.tenants.models import Headcount, Membership, Tenant, TenantFigure
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import Recording
from visio_portal.figure_requests import forget_request
from visio_portal.realtime import publish

FEWEST_PEOPLE = 10
WINDOW = timedelta(days=28)
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Measured:
    """One measure of a day; ``population`` is the number of people behind it, ``value`` None where unknown."""

    measure: str
    value: Decimal | None
    population: int

    @property
    def shown_value(self) -> Decimal | None:
        """The value that may be kept: none for fewer than ten people."""
        if self.value is None or self.population < FEWEST_PEOPLE:
            return None
        return self.value.quantize(PLACES)


def compute_figures(*, tenant_id: UUID, day: date) -> None:
    """Recompute a whole day of a tenant's figures; doing it again gives the same rows."""
    tenant = Tenant.objects.get(id=tenant_id)
    forget_request(tenant_id, day)
    with tenant_scope(tenant.id):
        rows = [
            TenantFigure(
                tenant=tenant,
                day=day,
                measure=item.measure,
                value=item.shown_value,
                population=item.population,
                computed_at=timezone.now(),
            )
            for item in measures_of(tenant, day)
        ]
        TenantFigure.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["tenant", "day", "measure", "dimension"],
            update_fields=["value", "population", "computed_at"],
        )
        publish(tenant_id, f"figures:{tenant_id}", {"day": day.isoformat()})


def measures_of(tenant: Tenant, day: date) -> Iterator[Measured]:
    """Yield each measure of a day, which ends at midnight in the tenant's zone."""
    end = datetime.combine(day + timedelta(days=1), time(), tenant.zone)
    headcount = Headcount.objects.filter(starts_on__lte=day).order_by("-starts_on").first()
    agents = headcount.agents if headcount else 0
    yield Measured("agents", Decimal(agents) if headcount else None, agents)

    at_end = Q(ended_at=None) | Q(ended_at__gte=end)
    members = Membership.objects.filter(at_end, created_at__lt=end).count()
    yield Measured("members", Decimal(members), members)

    held = Occurrence.objects.filter(
        status=Occurrence.Status.CONFIRMED, start_at__gte=end - WINDOW, start_at__lt=end
    ).aggregate(number=Count("id"), people=Count("meeting__organizer", distinct=True))
    yield Measured("meetings_28d", Decimal(held["number"]), held["people"])

    recorded = Recording.objects.filter(created_at__gte=end - WINDOW, created_at__lt=end).aggregate(
        seconds=Sum("duration_s"), people=Count("meeting__organizer", distinct=True)
    )
    yield Measured("recorded_hours_28d", Decimal(recorded["seconds"] or 0) / 3600, recorded["people"])

    contracts = Contract.objects.filter(tenant=tenant).with_lines()
    yield Measured("potential_eur_year", tenant_figures(tenant, contracts, day).potential_eur, agents)
