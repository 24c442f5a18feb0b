"""Look at a page as a person would: screenshots at two widths, axe, and what the browser complained about."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Page

from visio_portal.tests.browser.windows import open_page

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # tests may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = (1280, 375)  # pixels: a desk and a phone
RGAA_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

# A colour on its way to another, or a box that is not yet opaque, has a contrast that nobody will read.
END_TRANSITIONS = """() => {
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
}"""

# A failed request is the server's word, which tests check by status; anything else is a defect of the page.
EXPECTED = re.compile(r"Failed to load resource|Response Status Error Code")


def axe_violations(page: Page) -> list[str]:
    """Return one line per rule that axe finds broken, with the places."""
    page.mouse.move(0, 0)  # a hovered button has the DSFR's own tints, some of them below the contrast asked for
    page.evaluate(END_TRANSITIONS)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {
        "runOnly": {"type": "tag", "values": RGAA_TAGS},
        "resultTypes": ["violations"],
        "preload": False,  # it would copy the styles of shadow trees into elements that the policy refuses
    }
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(r => r.violations)", options
    )
    return [_line(violation) for violation in found]


def _line(violation: dict[str, Any]) -> str:
    places = ", ".join(" ".join(node["target"]) for node in violation["nodes"][:5])
    reason = " ".join(violation["nodes"][0]["failureSummary"].split())
    return f"{violation['id']} ({violation['impact']}): {violation['help']} – {places} – {reason}"


@contextmanager
def complaints(page: Page) -> Iterator[list[str]]:
    """Collect the browser's errors and warnings, among them every breach of the Content Security Policy."""
    found: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.search(message.text):
            found.append(f"{message.type}: {message.text}")

    def note_error(error: Error) -> None:
        found.append(f"uncaught: {error}")

    page.on("console", note_message)
    page.on("pageerror", note_error)
    try:
        yield found
    finally:
        page.remove_listener("console", note_message)
        page.remove_listener("pageerror", note_error)


def overflow_px(page: Page) -> int:
    """Return by how many pixels the page is wider than its window (RGAA 10.11: 0)."""
    width: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def screenshots(page: Page, name: str, folder: Path) -> list[Path]:
    """Save the whole page at both widths as ``<name>-<width>.png``; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    former = page.viewport_size
    paths = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(150)  # the DSFR lays out anew after a resize
        path = folder / f"{name}-{width}.png"
        page.screenshot(path=path, full_page=True)
        paths.append(path)
    if former:
        page.set_viewport_size(former)
    return paths


def assert_sound(page: Page, address: str) -> None:
    """Open a page at both widths: axe finds nothing, the browser complains of nothing, nothing sticks out."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        with complaints(page) as found:
            response = open_page(page, address)
            found += axe_violations(page)
        assert response.status < 500
        assert found == [], f"{address} at {width} px"
        assert overflow_px(page) == 0, f"{address} at {width} px"
