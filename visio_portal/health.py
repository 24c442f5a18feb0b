"""Is the portal alive, is it ready for work, and do workers do it?"""

import asyncio
import dataclasses
import io
import time
import uuid
from typing import Any, Literal, get_args

import kombu.exceptions
from celery import current_app
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from health_check.base import HealthCheck, HealthCheckResult
from health_check.checks import Cache, Database
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView
from redis.exceptions import RedisError

from apps.files.models import Purpose
from apps.files.objects import Body, StoreError, new_key
from apps.files.store import object_store

Queue = Literal["portal", "interactive", "media"]
QUEUES: tuple[Queue, ...] = get_args(Queue)
SEEN_FOR_S = 120  # a worker that was not seen for this long is missing
BROKER_TIMEOUT_S = 3
NOBODY = uuid.UUID(int=0)  # the tenant of the object that only shows whether the store takes objects


def note_worker(queue: Queue) -> None:
    """Remember that a worker of the queue was seen now."""
    cache.set(f"worker-seen:{queue}", time.time(), SEEN_FOR_S)


@dataclasses.dataclass
class Broker(HealthCheck):
    """The message broker takes a connection."""

    def run(self) -> None:
        try:
            with current_app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_S)
        except (kombu.exceptions.OperationalError, RedisError, OSError) as error:
            raise ServiceUnavailable("no connection") from error


@dataclasses.dataclass
class ObjectStorage(HealthCheck):
    """The object store takes an object and gives it back."""

    def run(self) -> None:
        key = new_key(NOBODY, Purpose.EXPORT)
        try:
            object_store().put(key, Body(io.BytesIO(b"ready"), max_bytes=5), media_type="text/plain")
            object_store().size(key)
            object_store().delete(key)
        except (StoreError, OSError) as error:
            raise ServiceUnavailable("no object could be stored") from error


@dataclasses.dataclass
class WorkerSeen(HealthCheck):
    """A worker of the queue answered lately; a task in each of the portal's queues asks them all (see tasks.py)."""

    queue: Queue

    def run(self) -> None:
        try:
            seen_at = cache.get(f"worker-seen:{self.queue}")
        except RedisError as error:
            raise ServiceUnavailable("not known: the cache does not answer") from error
        if seen_at is None:
            raise ServiceUnavailable(f"not seen for {SEEN_FOR_S} s")


NAMES = {"Cache": "cache", "Database": "database", "Broker": "broker", "ObjectStorage": "storage"}
WORKERS: list[Any] = [(WorkerSeen, {"queue": queue}) for queue in QUEUES]


class ChecksView(HealthCheckView):
    """Run the checks side by side; 503 where one fails that ``needs`` counts, as JSON."""

    checks: list[Any] = []
    needs: frozenset[str] = frozenset()

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        results: list[HealthCheckResult] = await asyncio.gather(
            *(check.get_result(None) for check in self.get_checks())
        )
        failing = {name_of(result) for result in results if result.error}
        is_ready = not failing & self.needs
        status = "failing" if not is_ready else "degraded" if failing else "ok"
        found = {name_of(result): reason_of(result) for result in results}
        return JsonResponse({"status": status, "checks": found}, status=200 if is_ready else 503)


class ReadyView(ChecksView):
    """May this process get requests? A missing worker is said, but stops no request: the status is then 200."""

    checks = [Database, Cache, Broker, ObjectStorage, *WORKERS]
    needs = frozenset({"database", "cache", "broker", "storage"})


class WorkersView(ChecksView):
    """Do workers answer? For monitoring: 503 where a queue has none."""

    checks = WORKERS
    needs = frozenset(f"worker_{queue}" for queue in QUEUES)


def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process can; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


def name_of(result: HealthCheckResult) -> str:
    check = result.check
    return f"worker_{check.queue}" if isinstance(check, WorkerSeen) else NAMES[type(check).__name__]


def reason_of(result: HealthCheckResult) -> str:
    """Return "ok", or the reason in words that tell strangers nothing about the inside."""
    if result.error is None:
        return "ok"
    return str(result.error.message) if isinstance(result.check, (Broker, ObjectStorage, WorkerSeen)) else "failing"
