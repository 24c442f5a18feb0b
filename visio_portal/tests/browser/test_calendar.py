"""The calendar by keyboard, by telephone and without scripts; the list of requests that follows what happens."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.rooms.models import PolicyRule, Room, RoomManager
from apps.rooms.operations import MeetingPlan, schedule_meeting
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import assert_sound
from visio_portal.tests.browser.test_live import Sockets
from visio_portal.tests.browser.windows import open_page, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

WEEK = "?view=week&on=2026-03-10"  # of the factory's meetings


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def member(context: BrowserContext, live_server: LiveServer) -> Membership:
    member = MembershipFactory.create(roles=[Role.ORGANIZER, Role.ADMIN])
    sign_in(context, live_server, member)
    return member


def test_arrows_lead_from_day_to_day_and_into_the_next_week(page: Page, member: Membership) -> None:
    MeetingFactory.create(organizer=member)
    Sockets(page)
    open_page(page, f"/t/{member.tenant.slug}/calendar/{WEEK}")

    page.locator("[data-day='2026-03-14']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-day='2026-03-15']")).to_be_focused()
    page.keyboard.press("ArrowRight")

    page.wait_for_url(re.compile("on=2026-03-16"))
    expect(page.locator("[data-day='2026-03-16']")).to_be_focused()


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_calendar_is_sound(page: Page, member: Membership, view: str) -> None:
    MeetingFactory.create(organizer=member)
    Sockets(page)

    assert_sound(page, f"/t/{member.tenant.slug}/calendar/?view={view}&on=2026-03-10")


def test_calendar_and_menu_are_complete_without_scripts(
    browser: Browser, live_server: LiveServer, browser_context_args: dict[str, Any]
) -> None:
    member = MembershipFactory.create(roles=[Role.ORGANIZER, Role.ADMIN])
    meeting = MeetingFactory.create(organizer=member)
    settings = browser_context_args | {"viewport": {"width": 375, "height": 800}, "java_script_enabled": False}
    context = browser.new_context(base_url=live_server.url, **settings)
    sign_in(context, live_server, member)
    page = context.new_page()

    page.goto(f"/t/{member.tenant.slug}/calendar/{WEEK}")

    expect(page.get_by_role("link", name=meeting.title)).to_be_visible()
    expect(page.get_by_role("link", name="Journal")).to_be_visible()
    page.get_by_role("link", name="After").click()
    page.wait_for_url(re.compile("on=2026-03-17"))
    context.close()


def test_list_of_requests_shows_a_new_one_by_itself(page: Page, member: Membership) -> None:
    room = _room_to_confirm(member)
    topic = f"calendar:{member.tenant_id}"
    sockets = Sockets(page)
    open_page(page, f"/t/{member.tenant.slug}/rooms/requests/")
    expect(page.get_by_text("Nobody waits for your answer.")).to_be_visible()
    wait_until(page, lambda: f'{{"subscribe":"{topic}"}}' in sockets.received)
    colleague = MembershipFactory.create(tenant=member.tenant)
    plan = MeetingPlan(
        title="Point presse",
        starts_on=timezone.localdate() + timedelta(days=3),
        start_time=time(10),
        duration_minutes=60,
        room=room,
    )
    with tenant_scope(member.tenant_id):
        schedule_meeting(by=colleague, plan=plan)

    sockets.hint(topic)

    expect(page.get_by_text("Point presse").first).to_be_visible()


def _room_to_confirm(manager: Membership) -> Room:
    room: Room = RoomFactory.create(tenant=manager.tenant)
    with tenant_scope(manager.tenant_id):
        RoomManager.objects.create(tenant=manager.tenant, room=room, membership=manager)
        PolicyRule.objects.create(tenant=manager.tenant, name="confirmation", value=True, is_enforced=True)
    return room
