"""Work without a person: removing what nobody took into use."""

from uuid import UUID

from celery import shared_task

from apps.files import operations
from apps.files.store import object_store
from apps.tenants.models import Tenant

FAN_OUT_LIMIT_S = 60
PURGE_LIMIT_S = 10 * 60


@shared_task(name="files.purge_uploads", time_limit=FAN_OUT_LIMIT_S)
def purge_uploads() -> None:
    """Ask for the removal of expired uploads, one task per tenant."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        purge_tenant_uploads.delay(tenant_id=str(tenant_id))
    object_store().remove_leftovers()


@shared_task(name="files.purge_tenant_uploads", time_limit=PURGE_LIMIT_S)
def purge_tenant_uploads(*, tenant_id: str) -> None:
    operations.purge_uploads(tenant_id=UUID(tenant_id))
