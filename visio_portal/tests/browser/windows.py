"""Browser windows for tests: patient, and acting only on a page whose scripts follow.

A page is shown long before its scripts run, on a busy machine by seconds. What was pressed in between went to
a menu that nothing had opened yet. So each click, key on a locator, and expectation first waits for the scripts,
after every navigation; `page.keyboard` and `page.evaluate` wait for nothing: use them after one of those, or after
`open_page`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response, expect

PATIENCE_MS = 30_000  # until a page answers, on two slow cores that other tests keep busy

# The document, as long as something would be pressed too early; nothing afterwards. The DSFR starts one frame after
# its script ran, makes all components at once, and connects them with their buttons in the frames that follow: then
# nothing waits for its next frame any more. HTMX marks what it has put into the page until it has processed it.
PENDING = "scripts=pending"
PENDING_ENGINE = """
({
  query(root) {
    return this.queryAll(root)[0];
  },
  queryAll(root) {
    const loads = document.readyState !== "complete";
    const system = window.dsfr?.internals?.state;
    const starts = document.querySelector('script[src*="dsfr.module"]')
      && !(system?.isActive && system.getModule("render").nexts.length === 0);
    return loads || starts || document.querySelector(".htmx-added") ? [document.documentElement] : [];
  },
})
"""


def set_up(playwright: Playwright) -> None:
    """Teach Playwright to wait as long as tests need, and what `PENDING` stands for."""
    expect.set_options(timeout=PATIENCE_MS)
    playwright.selectors.register("scripts", PENDING_ENGINE)


@contextmanager
def browser_window(browser: Browser, **settings: Any) -> Iterator[BrowserContext]:
    """Open a window without cookies, in which every page is waited for; `settings` are those of a context."""
    context = browser.new_context(**settings)
    context.set_default_timeout(PATIENCE_MS)
    context.on("page", hold_until_ready)
    yield context
    context.close()


def hold_until_ready(page: Page) -> None:
    """Let every action and expectation on this page wait for its scripts, whatever led to it."""
    page.add_locator_handler(page.locator(PENDING), lambda: None)


def open_page(page: Page, address: str) -> Response:
    """Open a page and return its response once the page follows keys."""
    response = page.goto(address)
    expect(page.locator(PENDING)).to_have_count(0)
    assert response is not None
    return response


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page go on until the test has noticed something in its events; raise AssertionError where it does not."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)


def stop_clock(page: Page) -> None:
    """Let the page's time pass by `page.clock.run_for` alone, its frames too."""
    now = datetime.now(UTC)
    page.clock.install(time=now)
    page.clock.pause_at(now + timedelta(seconds=1))
