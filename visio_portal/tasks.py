"""Work of the portal as a whole: looking after workers, and the operator's figures."""

from datetime import date
from uuid import UUID

from celery import current_app, shared_task

from apps.tenants.models import Tenant
from visio_portal import figures
from visio_portal.broker import BACKGROUND
from visio_portal.figure_requests import request_figures
from visio_portal.health import QUEUES, note_worker

ANSWER_WITHIN_S = 3.0
ASKING_LIMIT_S = 20
FAN_OUT_LIMIT_S = 60
FIGURES_LIMIT_S = 5 * 60


@shared_task(name="portal.look_for_workers", time_limit=ASKING_LIMIT_S, expires=ASKING_LIMIT_S)
def look_for_workers() -> None:
    """Note the queues whose workers answer; one that is busy answers too."""
    answers = current_app.control.inspect(timeout=ANSWER_WITHIN_S).active_queues() or {}
    answering = {queue["name"] for queues in answers.values() for queue in queues}
    for queue in QUEUES:
        if queue in answering:
            note_worker(queue)


@shared_task(name="portal.compute_all_figures", time_limit=FAN_OUT_LIMIT_S)
def compute_all_figures() -> None:
    """Ask for today's figures, one task per tenant."""
    for tenant in Tenant.objects.ministries():
        request_figures(tenant.id, tenant.today, queue=BACKGROUND)


@shared_task(name="portal.compute_figures", time_limit=FIGURES_LIMIT_S)
def compute_figures(*, tenant_id: str, day: str) -> None:
    figures.compute_figures(tenant_id=UUID(tenant_id), day=date.fromisoformat(day))
