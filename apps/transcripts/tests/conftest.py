"""A store and a broker of the test's own, and a job on its way between them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from apps.files.store import object_store
from apps.tenants.scoping import tenant_scope
from apps.transcripts import jobs
from apps.transcripts.models import Recording, TranscriptionJob
from apps.transcripts.tests.factories import RecordingFactory
from apps.transcripts.tests.protocol import FakeBroker


@pytest.fixture(autouse=True)
def storage_dir(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The folder in which this test's objects lie; the store is chosen anew."""
    settings.STORAGE_DIR = tmp_path / "files"
    object_store.cache_clear()
    yield settings.STORAGE_DIR
    object_store.cache_clear()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> FakeBroker:
    return FakeBroker().install(monkeypatch)


@pytest.fixture
def recording() -> Recording:
    return RecordingFactory.create()


@pytest.fixture
def commit(
    recording: Recording, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[..., Any]:
    """Run an operation in the tenant, then what waits for the commit."""

    def run(operation: Callable[..., Any], **arguments: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True), tenant_scope(recording.tenant_id):
            return operation(**arguments)

    return run


@pytest.fixture
def message(broker: FakeBroker, recording: Recording, commit: Callable[..., Any]) -> dict[str, Any]:
    """What a worker receives of a fresh job."""
    commit(jobs.queue_transcription, recording=recording)
    (message,) = broker.sent()
    return message


@pytest.fixture
def job(message: dict[str, Any], recording: Recording) -> TranscriptionJob:
    with tenant_scope(recording.tenant_id):
        return TranscriptionJob.objects.get()
