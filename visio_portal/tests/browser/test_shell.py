"""The frame of the pages in a real browser: accessible, usable by keyboard, true to its security policy."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.tests.factories import MembershipFactory, TenantFactory
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import assert_sound, axe_violations
from visio_portal.tests.browser.windows import PENDING, open_page, stop_clock

pytestmark = pytest.mark.django_db(transaction=True)

ROLES = [Role.PROCUREMENT, Role.AUDITOR, Role.ADMIN]
PUBLIC_PAGES = ["/site-map/", "/accessibility/", "/legal-notice/", "/personal-data/", "/oidc/sign-in/", "/nowhere/"]


@pytest.fixture
def member(context: BrowserContext, live_server: LiveServer) -> Membership:
    """A signed-in member with every role of a ministry, and a second ministry to switch to."""
    member = MembershipFactory.create(roles=ROLES, tenant__name="Ministère de la Culture")
    MembershipFactory.create(user=member.user, tenant__name="Agence de la biodiversité")
    sign_in(context, live_server, member)
    return member


@pytest.fixture
def home(page: Page, member: Membership) -> str:
    """The member's home page, with a WebSocket that answers nothing."""
    page.route_web_socket("**/ws/**", lambda socket: None)
    return f"/t/{member.tenant.slug}/"


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_page_is_sound(page: Page, address: str) -> None:
    assert_sound(page, address)


def test_home_of_a_ministry_is_sound(page: Page, home: str) -> None:
    assert_sound(page, home)


def test_home_of_a_ministry_is_sound_in_the_dark(page: Page, home: str) -> None:
    page.emulate_media(color_scheme="dark")

    assert_sound(page, home)

    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")


def test_choice_of_ministries_is_sound(page: Page, member: Membership) -> None:
    assert_sound(page, "/")


def test_operator_area_is_sound(page: Page, context: BrowserContext, live_server: LiveServer) -> None:
    operator = TenantFactory.create(kind=Tenant.Kind.OPERATOR, name="Opérateur interministériel")
    sign_in(context, live_server, MembershipFactory.create(tenant=operator, roles=[Role.OPERATOR]))

    assert_sound(page, "/operator/")


def test_skip_link_leads_to_the_content(page: Page, home: str) -> None:
    open_page(page, home)

    page.keyboard.press("Tab")
    expect(page.locator(".fr-skiplinks a").first).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#content")).to_be_focused()


def test_side_menu_opens_by_keyboard_on_a_phone(page: Page, home: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    open_page(page, home)
    meetings = page.locator("#side-menu a").nth(1)
    expect(meetings).to_be_hidden()

    page.locator("#side-menu > div > button").press("Enter")

    expect(meetings).to_be_visible()


def test_language_is_switched_by_keyboard(page: Page, home: str) -> None:
    open_page(page, home)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    switch = page.locator(".fr-header__tools .fr-translate__btn")
    languages = page.locator(".fr-header__tools .fr-translate__language")

    switch.press("Enter")
    expect(switch).to_have_attribute("aria-expanded", "true")
    expect(languages.last).to_be_visible()
    page.keyboard.press("Tab")
    expect(languages.first).to_be_focused()
    page.keyboard.press("Tab")
    expect(languages.last).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.wait_for_url(re.compile(f"{re.escape(home)}$"))


def test_person_switches_ministry(page: Page, home: str) -> None:
    open_page(page, home)

    page.locator(".fr-header__tools [aria-controls=account-modal]").click()
    expect(page.locator("#account-modal")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name="Agence de la biodiversité").click()

    expect(page.locator(".fr-header__service-tagline")).to_contain_text("Agence de la biodiversité")


def test_theme_is_kept(page: Page, home: str) -> None:
    open_page(page, home)
    page.locator("#footer [aria-controls=fr-theme-modal]").click()
    page.locator("label[for=fr-radios-theme-dark]").click()
    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")


def test_page_is_held_until_its_scripts_follow(page: Page, home: str) -> None:
    stop_clock(page)
    page.goto(home)  # loaded, yet the DSFR waits for a frame
    assert page.locator(PENDING).count() == 1

    page.clock.run_for(1000)

    assert page.locator(PENDING).count() == 0


# --- Parts that change in place ---------------------------------------------------------------------


def add_part(page: Page, inner: str) -> None:
    """Put a part that HTMX serves into the page's content."""
    page.evaluate(
        """html => {
            const part = document.createElement("div");
            part.id = "part";
            part.innerHTML = html;
            document.getElementById("content").append(part);
            htmx.process(part);
        }""",
        inner,
    )


BUTTON = '<button id="{id}" hx-{method}="/part" hx-target="#part" hx-swap="innerHTML">Lire</button>'


def test_focus_is_kept_after_a_swap(page: Page, home: str) -> None:
    open_page(page, home)
    page.route("**/part", lambda route: route.fulfill(body=BUTTON.format(id="again", method="get") + "<p>neuf</p>"))
    add_part(page, BUTTON.format(id="again", method="get"))

    page.locator("#again").press("Enter")

    expect(page.get_by_text("neuf")).to_be_visible()
    expect(page.locator("#again")).to_be_focused()


def test_focus_stays_near_when_its_element_is_gone(page: Page, home: str) -> None:
    open_page(page, home)
    page.route("**/part", lambda route: route.fulfill(body="<p>neuf</p>"))
    add_part(page, BUTTON.format(id="once", method="get"))

    page.locator("#once").press("Enter")

    expect(page.locator("#part")).to_be_focused()


def test_changes_carry_the_token_against_forgery(page: Page, home: str) -> None:
    open_page(page, home)
    tokens: list[str | None] = []

    def note_token(route: Route) -> None:
        tokens.append(route.request.headers.get("x-csrftoken"))
        route.fulfill()

    page.route("**/part", note_token)
    add_part(page, BUTTON.format(id="send", method="post"))

    page.locator("#send").click()

    expect(page.locator("#send")).to_have_count(0)
    assert tokens == [page.locator("meta[name=csrf-token]").get_attribute("content")]


@pytest.mark.parametrize(("status", "text_of"), [(409, "409"), (500, "5xx"), (418, "4xx")])
def test_refused_change_is_said(page: Page, home: str, status: int, text_of: str) -> None:
    open_page(page, home)
    page.route("**/part", lambda route: route.fulfill(status=status, body="<p>page</p>"))
    add_part(page, BUTTON.format(id="send", method="post"))

    page.locator("#send").click()

    failure = page.locator("#request-failure")
    text = failure.get_attribute(f"data-{text_of}")
    expect(failure).to_contain_text(text or "?")
    expect(page.locator("#send")).to_be_visible()
    assert axe_violations(page) == []


def test_lost_network_is_said(page: Page, home: str) -> None:
    open_page(page, home)
    page.route("**/part", lambda route: route.abort())
    add_part(page, BUTTON.format(id="send", method="post"))

    page.locator("#send").click()

    failure = page.locator("#request-failure")
    expect(failure).to_contain_text(failure.get_attribute("data-network") or "?")
