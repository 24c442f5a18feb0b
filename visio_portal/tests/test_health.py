"""What the health addresses say."""

from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from apps.files.store import object_store
from visio_portal import tasks
from visio_portal.health import QUEUES, note_worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_seen() -> None:
    cache.clear()


def test_live_asks_nothing_of_others(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert response.json() == {"status": "ok"}


@pytest.mark.django_db(transaction=True)
def test_ready_is_ok_with_everything_there(client: Client) -> None:
    for queue in QUEUES:
        note_worker(queue)

    response = client.get("/health/ready")

    assert response.status_code == 200
    names = ("database", "cache", "broker", "storage", "worker_portal", "worker_interactive", "worker_media")
    assert response.json() == {"status": "ok", "checks": dict.fromkeys(names, "ok")}
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_ready_lets_requests_in_although_workers_are_missing(client: Client) -> None:
    note_worker("portal")

    response = client.get("/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["worker_media"] == "not seen for 120 s"
    assert client.get("/health/workers").status_code == 503


@pytest.mark.django_db(transaction=True)
def test_ready_fails_without_storage(client: Client, settings: Settings, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    settings.STORAGE_DIR = blocked
    object_store.cache_clear()
    try:
        response = client.get("/health/ready")
    finally:
        object_store.cache_clear()

    assert (response.status_code, response.json()["status"]) == (503, "failing")
    assert response.json()["checks"]["storage"] == "no object could be stored"
    assert str(tmp_path) not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_ready_fails_without_broker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == "no connection"


def test_look_for_workers_notes_those_that_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Inspect:
        def __init__(self, timeout: float) -> None: ...

        def active_queues(self) -> dict[str, list[dict[str, str]]]:
            return {"media@host": [{"name": "media"}], "portal@host": [{"name": "portal"}, {"name": "other"}]}

    monkeypatch.setattr(current_app.control, "inspect", Inspect)

    tasks.look_for_workers()

    assert client.get("/health/workers").json() == {
        "status": "failing",
        "checks": {"worker_portal": "ok", "worker_interactive": "not seen for 120 s", "worker_media": "ok"},
    }
