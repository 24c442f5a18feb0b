"""Messages to Celery: a message only wakes somebody up, so losing one is never an error.

What a person waits for has a queue with workers of its own, so that no night's work of the whole State stands before
it. ``settings.CELERY_TASK_ROUTES`` names the tasks that always go there; of those that a person and the beat both ask
for, the one who asks says it.
"""

from collections.abc import Mapping
from datetime import timedelta

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

INTERACTIVE, BACKGROUND = "interactive", "portal"
# Without it kombu tries for six seconds to reach a broker that is down, while a person waits.
RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}


def send_on_commit(task: str, *, queue: str | None = None, expires_after: timedelta, **ids: str | int) -> None:
    """Send a task once the transaction is committed; a broker that is down is logged, and the beat sends again.

    Without ``queue`` it goes where the settings route it.
    """
    transaction.on_commit(lambda: send(task, ids, queue=queue, expires_after=expires_after), robust=True)


def send(
    task: str,
    ids: Mapping[str, str | int],
    *,
    queue: str | None = None,
    expires_after: timedelta,
    wait: timedelta | None = None,
) -> None:
    """Send a task now, to be done at once or after a wait; a broker that is down is logged."""
    try:
        current_app.send_task(
            task,
            kwargs=dict(ids),
            kwargsrepr="{…}",  # a claim's secret is not for event monitors
            queue=queue,
            countdown=wait.total_seconds() if wait else None,
            expires=expires_after.total_seconds(),
            retry_policy=RETRY_POLICY,
        )
    except OperationalError as error:
        log.warning("broker_unreachable", task=task, error=str(error))
