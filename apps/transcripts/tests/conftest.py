"""A store and a broker of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.files.store import object_store
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
