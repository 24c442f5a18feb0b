"""Work of the portal's Celery workers for licensing."""

from datetime import date
from uuid import UUID

from celery import shared_task

from apps.licensing.contracts import notice_reminders
from apps.licensing.editions import reminders as month_reminders
from apps.licensing.imports import operations as imports
from apps.licensing.imports import running
from apps.licensing.people import departments, listing, matching, rollups
from apps.licensing.programme import reminders as exemption_reminders
from apps.tenants.models import Tenant
from visio_portal.broker import BACKGROUND
from visio_portal.figure_requests import request_figures

FAN_OUT_LIMIT_S = 60
TEND_LIMIT_S = 60
IMPORT_LIMIT_S = 10 * 60
DAY_LIMIT_S = 10 * 60
REMIND_LIMIT_S = 5 * 60


@shared_task(name=running.RUN_TASK, time_limit=IMPORT_LIMIT_S)
def run_import(*, tenant_id: str, import_id: str) -> None:
    """Read a file; one that fails is sent again by the beat, and refused after some attempts."""
    running.run_import(tenant_id=UUID(tenant_id), import_id=UUID(import_id))


@shared_task(name="licensing.tend_all_imports", time_limit=FAN_OUT_LIMIT_S)
def tend_all_imports() -> None:
    """Look after the imports of every tenant, one task each."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        tend_imports.apply_async(kwargs={"tenant_id": str(tenant_id)}, expires=FAN_OUT_LIMIT_S)


@shared_task(name="licensing.tend_imports", time_limit=TEND_LIMIT_S)
def tend_imports(*, tenant_id: str) -> None:
    running.tend_imports(tenant_id=UUID(tenant_id))


@shared_task(name="licensing.purge_all_unconfirmed", time_limit=FAN_OUT_LIMIT_S)
def purge_all_unconfirmed() -> None:
    """Remove in every ministry the imports that nobody has confirmed for days, one task each."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        purge_unconfirmed.delay(tenant_id=str(tenant_id))


@shared_task(name="licensing.purge_unconfirmed", time_limit=TEND_LIMIT_S)
def purge_unconfirmed(*, tenant_id: str) -> None:
    imports.purge_unconfirmed(tenant_id=UUID(tenant_id))


@shared_task(name="licensing.compute_all_unit_days", time_limit=FAN_OUT_LIMIT_S)
def compute_all_unit_days() -> None:
    """Count every tenant's accounts of today, one task each."""
    for tenant in Tenant.objects.ministries():
        compute_unit_days.delay(tenant_id=str(tenant.id), day=tenant.today.isoformat())


@shared_task(name=rollups.RECOMPUTE_TASK, time_limit=DAY_LIMIT_S)
def recompute_unit_days(*, tenant_id: str, since: str) -> None:
    """Count anew the days from one on: the newest here, as somebody waits for it, the others one task each."""
    tenant = Tenant.objects.get(id=tenant_id)
    *older, newest = rollups.days_since(tenant, date.fromisoformat(since))
    for day in reversed(older):
        compute_unit_days.delay(tenant_id=tenant_id, day=day.isoformat())
    rollups.compute_unit_days(tenant_id=tenant.id, day=newest)
    request_figures(tenant.id, tenant.today)
    _keep_lists(tenant, newest)


@shared_task(name="licensing.compute_unit_days", time_limit=DAY_LIMIT_S)
def compute_unit_days(*, tenant_id: str, day: str) -> None:
    tenant = Tenant.objects.get(id=tenant_id)
    rollups.compute_unit_days(tenant_id=tenant.id, day=date.fromisoformat(day))
    # today's are those of the newest day that was counted
    request_figures(tenant.id, tenant.today, queue=BACKGROUND)
    _keep_lists(tenant, date.fromisoformat(day))


@shared_task(name="licensing.remind_all", time_limit=FAN_OUT_LIMIT_S)
def remind_all() -> None:
    """Remind every ministry of notices and exemptions whose day is close, and of its closed month, one task each."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        remind.delay(tenant_id=str(tenant_id))


@shared_task(name="licensing.remind", time_limit=REMIND_LIMIT_S)
def remind(*, tenant_id: str) -> None:
    notice_reminders.send_reminders(tenant_id=UUID(tenant_id))
    exemption_reminders.send_reminders(tenant_id=UUID(tenant_id))
    month_reminders.send_reminders(tenant_id=UUID(tenant_id))


def _keep_lists(tenant: Tenant, day: date) -> None:
    """Have today's lists ready, which would else read every account for a page; the figures do not wait for them."""
    if day == tenant.today:
        matching.keep_counts(tenant)
        departments.keep_departments(tenant)
        listing.keep_listing(tenant)
