"""The real models, loaded once per run of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from media_worker.models import has_models, models_folder

if TYPE_CHECKING:
    from media_worker.pipeline import Engine

MEDIA = Path(__file__).parents[2] / "visio_portal/demonstration/media"


@pytest.fixture(scope="session")
def models() -> Path:
    """Return the models folder, assembled where it does not exist yet."""
    from media_worker.assembly import assemble_models  # noqa: PLC0415  seconds, needed by few tests

    folder = models_folder()
    if not has_models(folder):
        assemble_models(folder, report=lambda line: None)
    return folder


@pytest.fixture(scope="session")
def engine(models: Path) -> Engine:
    from media_worker.pipeline import load_engine  # noqa: PLC0415  seconds, needed by few tests

    return load_engine(models)
