"""The frame of the pages in a real browser: accessible, usable by keyboard, true to its security policy."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect
from pytest_django.live_server_helper import LiveServer

from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.tests.factories import MembershipFactory, TenantFactory
from apps.transcripts.tests.factories import JobFactory, RecordingFactory
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import WIDTHS, axe_violations, complaints, overflow_px

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


def assert_sound(page: Page, address: str) -> None:
    """Open a page at both widths: axe finds nothing, the browser complains of nothing, nothing sticks out."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        with complaints(page) as found:
            response = page.goto(address)
            found += axe_violations(page)
        assert response is not None and response.status < 500
        assert found == [], f"{address} at {width} px"
        assert overflow_px(page) == 0, f"{address} at {width} px"


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
    page.goto(home)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#content")).to_be_focused()


def test_side_menu_opens_by_keyboard_on_a_phone(page: Page, home: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(home)
    meetings = page.locator("#side-menu a").nth(1)
    expect(meetings).to_be_hidden()

    page.locator("#side-menu > div > button").focus()
    page.keyboard.press("Enter")

    expect(meetings).to_be_visible()


def test_language_is_switched_by_keyboard(page: Page, home: str) -> None:
    page.goto(home)
    expect(page.locator("html")).to_have_attribute("lang", "fr")

    page.locator(".fr-header__tools .fr-translate__btn").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith(home)


def test_person_switches_ministry(page: Page, home: str) -> None:
    page.goto(home)

    page.locator(".fr-header__tools [aria-controls=account-modal]").click()
    expect(page.locator("#account-modal")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name="Agence de la biodiversité").click()

    expect(page.locator(".fr-header__service-tagline")).to_contain_text("Agence de la biodiversité")


def test_theme_is_kept(page: Page, home: str) -> None:
    page.goto(home)
    page.locator("#footer [aria-controls=fr-theme-modal]").click()
    page.locator("label[for=fr-radios-theme-dark]").click()

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")


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
    page.goto(home)
    page.route("**/part", lambda route: route.fulfill(body=BUTTON.format(id="again", method="get") + "<p>neuf</p>"))
    add_part(page, BUTTON.format(id="again", method="get"))

    page.locator("#again").press("Enter")

    expect(page.get_by_text("neuf")).to_be_visible()
    expect(page.locator("#again")).to_be_focused()


def test_focus_stays_near_when_its_element_is_gone(page: Page, home: str) -> None:
    page.goto(home)
    page.route("**/part", lambda route: route.fulfill(body="<p>neuf</p>"))
    add_part(page, BUTTON.format(id="once", method="get"))

    page.locator("#once").press("Enter")

    expect(page.locator("#part")).to_be_focused()


def test_changes_carry_the_token_against_forgery(page: Page, home: str) -> None:
    page.goto(home)
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
    page.goto(home)
    page.route("**/part", lambda route: route.fulfill(status=status, body="<p>page</p>"))
    add_part(page, BUTTON.format(id="send", method="post"))

    page.locator("#send").click()

    failure = page.locator("#request-failure")
    text = failure.get_attribute(f"data-{text_of}")
    expect(failure).to_contain_text(text or "?")
    expect(page.locator("#send")).to_be_visible()
    assert axe_violations(page) == []


def test_lost_network_is_said(page: Page, home: str) -> None:
    page.goto(home)
    page.route("**/part", lambda route: route.abort())
    add_part(page, BUTTON.format(id="send", method="post"))

    page.locator("#send").click()

    failure = page.locator("#request-failure")
    expect(failure).to_contain_text(failure.get_attribute("data-network") or "?")


# --- Live parts -------------------------------------------------------------------------------------


class Sockets:
    """The server's end of the page's WebSockets."""

    def __init__(self, page: Page) -> None:
        self.opened: list[WebSocketRoute] = []
        self.received: list[Any] = []
        page.route_web_socket("**/ws/t/**", self.accept)

    def accept(self, socket: WebSocketRoute) -> None:
        self.opened.append(socket)
        socket.on_message(lambda message: self.received.append(message))

    def hint(self, topic: str) -> None:
        self.opened[-1].send(f'{{"topic": "{topic}", "event": {{"type": "changed"}}}}')


@pytest.fixture
def job_topic(member: Membership) -> str:
    recording = RecordingFactory.create(meeting=MeetingFactory.create(organizer=member))
    return f"job:{JobFactory.create(recording=recording).id}"


def test_hint_makes_the_part_read_itself_again(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    page.goto(home)
    page.wait_for_timeout(300)
    assert sockets.received == [f'{{"subscribe":"{job_topic}"}}']

    with page.expect_response("**/home/transcribing/") as answer:
        sockets.hint(job_topic)

    assert answer.value.status == 200
    expect(page.locator(f"[data-live-topic='{job_topic}']")).to_be_visible()


def test_many_hints_become_few_readings(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    page.goto(home)
    page.wait_for_timeout(300)
    readings: list[str] = []
    page.on("request", lambda request: readings.append(request.url) if "transcribing" in request.url else None)

    for _ in range(30):
        sockets.hint(job_topic)
    page.wait_for_timeout(1500)

    assert 1 <= len(readings) <= 3


def test_lost_connection_is_said_after_a_while_and_comes_back(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    page.clock.install()
    page.goto(home)
    page.clock.run_for(500)
    status = page.locator("#live-status")
    is_up = False

    def accept_later(socket: WebSocketRoute) -> None:
        if is_up:
            sockets.accept(socket)
        else:
            socket.close(code=1011)

    page.route_web_socket("**/ws/t/**", accept_later)
    sockets.opened[-1].close(code=1011)
    page.clock.run_for(3000)
    expect(status).to_be_empty()
    page.clock.run_for(4000)
    expect(status).to_contain_text(status.get_attribute("data-lost") or "?")

    is_up = True
    page.clock.run_for(31_000)

    expect(status).to_be_empty()
    assert sockets.received.count(f'{{"subscribe":"{job_topic}"}}') == 2
