"""Parts of a page that read themselves anew when the portal hints at a change."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect
from pytest_django.live_server_helper import LiveServer

from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.tests.factories import MembershipFactory
from apps.transcripts.tests.factories import JobFactory, RecordingFactory
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.windows import open_page, stop_clock, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

READING = "/home/transcribing/"


class Sockets:
    """The server's end of the page's WebSockets."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.opened: list[WebSocketRoute] = []
        self.received: list[Any] = []
        page.route_web_socket("**/ws/t/**", self.accept)

    def accept(self, socket: WebSocketRoute) -> None:
        self.opened.append(socket)
        socket.on_message(lambda message: self.received.append(message))

    def hint(self, topic: str) -> None:
        self.opened[-1].send(f'{{"topic": "{topic}", "event": {{"type": "changed"}}}}')

    def expect_subscriptions(self, topic: str, times: int = 1) -> None:
        """Wait until the page has subscribed to one topic alone, once for each connection."""
        wait_until(self.page, lambda: len(self.received) >= times)
        assert self.received == [f'{{"subscribe":"{topic}"}}'] * times


@pytest.fixture
def member(context: BrowserContext, live_server: LiveServer) -> Membership:
    member = MembershipFactory.create()
    sign_in(context, live_server, member)
    return member


@pytest.fixture
def home(member: Membership) -> str:
    """A page with live parts: the jobs of the member's recordings, in one section that is read as a whole."""
    return f"/t/{member.tenant.slug}/"


def topic_of_new_job(member: Membership) -> str:
    recording = RecordingFactory.create(meeting=MeetingFactory.create(organizer=member))
    return f"job:{JobFactory.create(recording=recording).id}"


@pytest.fixture
def job_topic(member: Membership) -> str:
    return topic_of_new_job(member)


def test_hint_makes_the_part_read_itself_again(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    open_page(page, home)
    sockets.expect_subscriptions(job_topic)

    with page.expect_response(f"**{READING}") as answer:
        sockets.hint(job_topic)

    assert answer.value.status == 200
    expect(page.locator(f"[data-live-topic='{job_topic}']")).to_be_visible()


def noted_readings(page: Page) -> list[str]:
    """Return the addresses of the readings that begin from now on."""
    readings: list[str] = []
    page.on("request", lambda request: readings.append(request.url) if request.url.endswith(READING) else None)
    return readings


def test_many_hints_become_few_readings(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    stop_clock(page)
    page.goto(home)
    page.clock.run_for(1000)
    sockets.expect_subscriptions(job_topic)
    readings = noted_readings(page)

    for _ in range(30):
        sockets.hint(job_topic)
    wait_until(page, lambda: len(readings) == 1 and page.locator(".htmx-request").count() == 0)
    page.clock.run_for(1000)
    wait_until(page, lambda: len(readings) == 2)
    page.clock.run_for(5000)

    assert len(readings) == 2


def test_hint_during_a_reading_is_not_lost(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    open_page(page, home)
    sockets.expect_subscriptions(job_topic)
    readings = noted_readings(page)
    held: list[Route] = []
    page.route(f"**{READING}", lambda route: route.continue_() if held else held.append(route))
    sockets.hint(job_topic)
    wait_until(page, lambda: bool(held))
    sockets.hint(job_topic)
    page.wait_for_timeout(500)  # longer than hints are gathered
    assert len(readings) == 1

    held[0].continue_()

    wait_until(page, lambda: len(readings) == 2)


def test_hint_for_a_part_that_has_just_been_replaced_is_not_lost(
    page: Page, home: str, job_topic: str, member: Membership
) -> None:
    other_topic = topic_of_new_job(member)
    sockets = Sockets(page)
    stop_clock(page)
    page.goto(home)
    page.clock.run_for(1000)
    wait_until(page, lambda: len(sockets.received) == 2)
    readings = noted_readings(page)

    sockets.hint(job_topic)
    wait_until(page, lambda: page.locator(".htmx-added").count() > 0)
    sockets.hint(other_topic)
    page.clock.run_for(1000)

    wait_until(page, lambda: len(readings) == 2)


def test_lost_connection_is_said_after_a_while_and_comes_back(page: Page, home: str, job_topic: str) -> None:
    sockets = Sockets(page)
    stop_clock(page)
    page.goto(home)
    page.clock.run_for(1000)
    sockets.expect_subscriptions(job_topic)
    status = page.locator("#live-status")
    is_up = False

    def accept_later(socket: WebSocketRoute) -> None:
        if is_up:
            sockets.accept(socket)
        else:
            socket.close(code=1011)

    def time_passes_until_connected() -> bool:
        page.clock.run_for(1000)
        return len(sockets.received) == 2

    page.route_web_socket("**/ws/t/**", accept_later)
    sockets.opened[-1].close(code=1011)
    page.clock.run_for(3000)
    expect(status).to_be_empty()
    page.clock.run_for(4000)
    expect(status).to_contain_text(status.get_attribute("data-lost") or "?")

    is_up = True
    wait_until(page, time_passes_until_connected)

    expect(status).to_be_empty()
    sockets.expect_subscriptions(job_topic, times=2)
