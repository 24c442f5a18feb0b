"""A real Chromium for the tests of this folder, and people signed in to it."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from apps.tenants.models import Membership
from apps.tenants.tests.clients import client_of
from visio_portal.tests.browser.windows import PATIENCE_MS, browser_window

# Playwright's event loop runs in the tests' own thread, where Django would refuse to make rows for a test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    """What a test's browser window is like; tests override it for another language, size or theme."""
    return {"locale": "fr-FR", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def context(
    browser: Browser, browser_context_args: dict[str, Any], live_server: LiveServer
) -> Iterator[BrowserContext]:
    with browser_window(browser, base_url=live_server.url, **browser_context_args) as context:
        yield context
    wait_until_served()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def wait_until_served() -> None:
    """Wait for requests that the window left behind: their locks would stop the database from being emptied."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE_MS / 1000)


def sign_in(
    context: BrowserContext, live_server: LiveServer, member: Membership, *, second_factor: bool = True
) -> None:
    """Give the browser a session of the member's, by default with a second factor, without the identity provider."""
    session = client_of(member, second_factor=second_factor).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
