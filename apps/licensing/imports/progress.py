"""How far a reading is, told to open pages while its transaction is still going on."""

import time
from datetime import timedelta
from typing import BinaryIO, NamedTuple
from uuid import UUID

from django.core.cache import cache

from apps.licensing.models import UsageImport
from visio_portal.realtime import publish_now

SAY_EVERY_S = 0.7
KEPT_FOR = timedelta(minutes=10)


class Progress(NamedTuple):
    rows: int
    percent: int
    is_checking: bool


def follow_topic(tenant_id: UUID) -> str:
    return f"imports:{tenant_id}"


def progress_of(usage_import: UsageImport) -> Progress | None:
    """Return how far the reading is; None where nobody has said."""
    known = cache.get(_key(usage_import))
    return Progress(*known) if known else None


class Meter:
    """Says how many rows are in, at most once in SAY_EVERY_S."""

    def __init__(self, usage_import: UsageImport, file: BinaryIO) -> None:
        self._usage_import, self._file = usage_import, file
        self._said_at, self._rows = 0.0, 0

    def advance(self, rows: int) -> None:
        self._rows = rows
        now = time.monotonic()
        if now - self._said_at >= SAY_EVERY_S:
            self._said_at = now
            size_bytes = max(1, self._usage_import.stored_file.size_bytes)
            self._say(Progress(rows, min(99, 100 * self._file.tell() // size_bytes), is_checking=False))

    def say_checking(self) -> None:
        self._say(Progress(self._rows, 99, is_checking=True))

    def _say(self, progress: Progress) -> None:
        cache.set(_key(self._usage_import), tuple(progress), KEPT_FOR.total_seconds())
        tenant_id = self._usage_import.tenant_id
        publish_now(tenant_id, follow_topic(tenant_id), {"import": str(self._usage_import.id)})


def _key(usage_import: UsageImport) -> str:
    return f"{usage_import.tenant_id}:import:{usage_import.id}"
