"""A real Chromium for the tests of this folder, and people signed in to it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from apps.tenants.models import Membership
from apps.tenants.tests.clients import client_of
from bootstrap.install import find_browser
from visio_portal.tests.browser.inspection import CHROMIUM_ARGUMENTS

# Playwright's event loop runs in the tests' own thread, where Django would refuse to make rows for a test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: a loop that outlived it would disturb tests that have one of their own."""
    chromium = find_browser()
    if chromium is None:
        reason = "Chromium is missing: install it, or name it with CHROMIUM=/path/to/chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    """What a test's browser window is like; tests override it for another language, size or theme."""
    return {"locale": "fr-FR", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def context(
    browser: Browser, browser_context_args: dict[str, Any], live_server: LiveServer
) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=live_server.url, **browser_context_args)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(context: BrowserContext, live_server: LiveServer, member: Membership) -> None:
    """Give the browser a session of the member's, with a second factor, without the identity provider."""
    session = client_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
