"""Messages to Celery: a message only wakes somebody up, so losing one is never an error."""

from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# Without it kombu tries for six seconds to reach a broker that is down, while a person waits.
RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}


def send_on_commit(task: str, *, queue: str, expires_after: timedelta, **ids: str | int) -> None:
    """Send a task once the transaction is committed; a broker that is down is logged, and the beat sends again."""
    transaction.on_commit(lambda: _send(task, queue, expires_after, ids), robust=True)


def _send(task: str, queue: str, expires_after: timedelta, ids: dict[str, Any]) -> None:
    try:
        current_app.send_task(
            task,
            kwargs=ids,
            kwargsrepr="{…}",  # a claim's secret is not for event monitors
            queue=queue,
            expires=expires_after.total_seconds(),
            retry_policy=RETRY_POLICY,
        )
    except OperationalError as error:
        log.warning("broker_unreachable", task=task, error=str(error))
