from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media_worker import tasks
from media_worker.contract import QUEUE_NAME, TASK_NAME
from media_worker.tests.portal import JOB, SECRET, serve_portal


def test_worker_takes_one_message_at_a_time_and_acknowledges_early() -> None:
    settings = tasks.app.conf

    assert (settings.worker_disable_prefetch, settings.worker_concurrency) == (True, 1)
    assert settings.task_acks_late is False
    assert settings.task_default_queue == QUEUE_NAME
    assert TASK_NAME in tasks.app.tasks


def test_worker_refuses_to_start_without_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_DIR", str(tmp_path))

    with pytest.raises(SystemExit, match="no speech models"):
        tasks.refuse_bad_models()


@pytest.mark.models
def test_task_claims_with_the_worker_it_is(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_DIR", str(models))
    message: dict[str, Any] = {"job": str(JOB), "attempt": 3, "claim_secret": SECRET}

    with serve_portal() as portal:
        portal.refusals["track"] = [404]
        tasks.transcribe.apply(kwargs={**message, "claim_url": f"{portal.address}/claim"}, throw=True)

    assert portal.claims[0].attempt == 3
    assert portal.claims[0].worker.name
    assert set(portal.claims[0].worker.models) == {"speech", "segmentation", "embedding"}
    assert [failure.code for failure in portal.failures] == ["source_unavailable"]
