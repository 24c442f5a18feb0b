"""Asking for a tenant's figures to be computed anew, from any app: nothing of the apps is imported here."""

from datetime import date, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from visio_portal.broker import INTERACTIVE, send

DEBOUNCE = timedelta(seconds=5)  # soon enough for who looks, late enough for a contract with all its lines
EXPIRES_AFTER = timedelta(minutes=10)  # the beat asks for every tenant again within the hour


def request_figures(tenant_id: UUID, day: date, *, queue: str = INTERACTIVE) -> None:
    """Have a day recomputed soon after commit; many requests within seconds make one computation.

    Call it from what changes a figure at once: contracts, members. Those that also change by the passing of
    time (meetings held, hours recorded) wait for the beat.
    """
    transaction.on_commit(lambda: _ask_once(tenant_id, day, queue), robust=True)


def forget_request(tenant_id: UUID, day: date) -> None:
    """Let what changes from here on be asked for again: the computation is about to read."""
    cache.delete(_key(tenant_id, day))


def _ask_once(tenant_id: UUID, day: date, queue: str) -> None:
    if cache.add(_key(tenant_id, day), 1, DEBOUNCE.total_seconds()):
        ids = {"tenant_id": str(tenant_id), "day": day.isoformat()}
        send("portal.compute_figures", ids, queue=queue, expires_after=EXPIRES_AFTER, wait=DEBOUNCE)


def _key(tenant_id: UUID, day: date) -> str:
    return f"{tenant_id}:figures:{day.isoformat()}"
