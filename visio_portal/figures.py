"""What the operator may know of each tenant: aggregates of a day, without a value for fewer than ten people."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils import timezone

from apps.licensing.state.computing import licensing_measures
from apps.licensing.state.measures import Measured
from apps.rooms.models import Occurrence
from apps.tenants.models import Membership, Tenant, TenantFigure
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import Recording
from visio_portal.figure_requests import forget_request
from visio_portal.realtime import publish

WINDOW = timedelta(days=28)


def compute_figures(*, tenant_id: UUID, day: date) -> None:
    """Recompute a whole day of a tenant's figures; doing it again gives the same rows."""
    tenant, now = Tenant.objects.get(id=tenant_id), timezone.now()
    forget_request(tenant_id, day)
    with tenant_scope(tenant.id):
        rows = [
            TenantFigure(
                tenant=tenant,
                day=day,
                measure=item.measure,
                dimension=item.dimension,
                value=item.shown_value,
                population=item.shown_population,
                computed_at=now,
            )
            for item in measures_of(tenant, day)
        ]
        TenantFigure.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["tenant", "day", "measure", "dimension"],
            update_fields=["value", "population", "computed_at"],
        )
        _forget_older(tenant, day, now)
        publish(tenant_id, f"figures:{tenant_id}", {"day": day.isoformat()})
        for operator_id in Tenant.objects.filter(kind=Tenant.Kind.OPERATOR).values_list("id", flat=True):
            publish(operator_id, f"figures:{operator_id}", {"day": day.isoformat()})


def _forget_older(tenant: Tenant, day: date, now: datetime) -> None:
    """Remove what this day is no more measured by, and the months and places as earlier days of its month told them.

    Each day tells of two years of months: only a month's last day is kept of them.
    """
    own = Q(day=day)
    earlier = Q(day__gte=day.replace(day=1), day__lt=day) & ~Q(dimension="")
    TenantFigure.objects.filter(own | earlier, tenant=tenant, computed_at__lt=now).delete()


def measures_of(tenant: Tenant, day: date) -> Iterator[Measured]:
    """Yield each measure of a day, which ends at midnight in the tenant's zone."""
    yield from _portal_measures(tenant, day)
    yield from licensing_measures(tenant, day)


def _portal_measures(tenant: Tenant, day: date) -> Iterator[Measured]:
    end = datetime.combine(day + timedelta(days=1), time(), tenant.zone)
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
