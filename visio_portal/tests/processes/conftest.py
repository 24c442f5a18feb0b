"""The whole installation, in processes of its own, with the real speech models: what `make demo` starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from visio_portal.services.account import temporary_state
from visio_portal.services.demo import Installation
from visio_portal.services.supervisor import BASE_DIR
from visio_portal.tests.browser.windows import browser_window
from visio_portal.tests.skips import skip_or_fail

MODELS_DIR = BASE_DIR / "var" / "models"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.processes)
    items.sort(key=lambda item: item.path.name == "test_losses.py")  # who kills the workers that all share comes last


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """A running installation with demonstration data, from an empty state folder; one for all modules."""
    if not (MODELS_DIR / "manifest.json").exists():
        skip_or_fail("The speech models are missing: run `python -m media_worker models`")
    with temporary_state() as folder:
        installation = Installation(folder, port=None, models_dir=MODELS_DIR)
        try:
            installation.start()
            yield installation
        finally:
            installation.stop()


@pytest.fixture
def context(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    with browser_window(
        browser,
        base_url=installation.url,
        locale="fr-FR",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    ) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
