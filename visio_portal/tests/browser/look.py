"""Take screenshots of pages of a running portal and check them with axe.

python -m visio_portal.tests.browser.look --to var/look http://127.0.0.1:8000/ [more addresses]
"""

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bootstrap.install import find_browser
from visio_portal.tests.browser.inspection import (
    CHROMIUM_ARGUMENTS,
    axe_violations,
    complaints,
    overflow_px,
    screenshots,
)


def main() -> int:
    """Print what is wrong with each page; return 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=Path("var/look"), help="folder of the screenshots")
    parser.add_argument("--dark", action="store_true", help="with the dark theme")
    parser.add_argument("--cookie", default="", help="name=value, such as a session's")
    parser.add_argument("addresses", nargs="+")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(locale="fr-FR", color_scheme="dark" if options.dark else "light")
        if options.cookie:
            name, _, value = options.cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": options.addresses[0]}])
        problems = [look_at(context.new_page(), address, options.to) for address in options.addresses]
        browser.close()
    return 1 if any(problems) else 0


def look_at(page: Page, address: str, folder: Path) -> list[str]:
    """Save screenshots of one page and print its problems."""
    name = re.sub(r"\W+", "-", address.partition("//")[2]).strip("-")
    with complaints(page) as problems:
        page.goto(address)
        page.wait_for_load_state("load")
        problems += axe_violations(page)
        paths = screenshots(page, name, folder)
        page.set_viewport_size({"width": 375, "height": 800})
        problems += [f"at 375: {line}" for line in axe_violations(page)]
        if overflow := overflow_px(page):
            problems.append(f"wider than the window by {overflow} px at 375")
    print(address, *(str(path) for path in paths), *problems, sep="\n  ")  # noqa: T201 -- a command's output
    page.close()
    return problems


if __name__ == "__main__":
    sys.exit(main())
