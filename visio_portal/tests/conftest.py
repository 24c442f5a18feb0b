"""A real Chromium, for the tests that look at pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from bootstrap.install import find_browser
from visio_portal.tests.browser.inspection import CHROMIUM_ARGUMENTS
from visio_portal.tests.browser.windows import set_up
from visio_portal.tests.skips import skip_or_fail


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: a loop that outlived it would disturb tests that have one of their own."""
    chromium = find_browser()
    if chromium is None:
        skip_or_fail("Chromium is missing: install it, or name it with CHROMIUM=/path/to/chromium")
    with sync_playwright() as playwright:
        set_up(playwright)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
