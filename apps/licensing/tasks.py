"""Work of the portal's Celery workers for licensing."""

from uuid import UUID

from celery import shared_task

from apps.licensing.imports import running
from apps.tenants.models import Tenant

FAN_OUT_LIMIT_S = 60
TEND_LIMIT_S = 60
IMPORT_LIMIT_S = 10 * 60


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
