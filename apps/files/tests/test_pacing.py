"""Back pressure under a real daphne: a listener who pauses must not fill its memory."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from apps.files.pacing import PacedApplication
from apps.files.tests.endless_app import CHUNK, CHUNKS
from visio_portal.services.processes import free_port

# What the kernel's buffers of both ends may hold, and Twisted's own.
BUFFERED_BYTES = 32 * 1024 * 1024


@pytest.fixture
def progress(tmp_path: Path) -> Path:
    """Where the application notes how many chunks it has sent."""
    return tmp_path / "progress"


@pytest.fixture
def address(progress: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-v", "0", "-p", str(port), "apps.files.tests.endless_app:application"]
    with progress.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=settings.BASE_DIR)
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with httpx.stream("GET", address):
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("daphne did not start.")


def chunks_sent(progress: Path) -> int:
    """Return how far the last answer got, once it has stood still for a second."""
    last = None
    while last != (now := progress.read_bytes()):
        last = now
        time.sleep(1)
    return int(now.split()[-1])


def test_daphne_waits_for_a_listener_who_pauses(address: str, progress: Path) -> None:
    with httpx.stream("GET", address, timeout=30) as answer:
        chunks = answer.iter_raw()
        next(chunks)
        assert chunks_sent(progress) * len(CHUNK) < BUFFERED_BYTES
        rest = sum(len(chunk) for chunk in chunks)  # and goes on when it is read again
        assert rest > (CHUNKS - 1) * len(CHUNK)
    assert chunks_sent(progress) == CHUNKS


def test_other_servers_are_left_alone() -> None:
    seen = []

    async def application(scope: object, receive: object, send: object) -> None:
        seen.append(send)

    async def send(message: object) -> None: ...

    asyncio.run(PacedApplication(application)({}, None, send))
    assert seen == [send]
