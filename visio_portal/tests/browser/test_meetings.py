"""Scheduling a meeting by keyboard, and what its form says."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import WIDTHS, axe_violations, complaints, overflow_px
from visio_portal.tests.browser.windows import open_page, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def form(context: BrowserContext, page: Page, live_server: LiveServer, member: Membership) -> Page:
    sign_in(context, live_server, member)
    page.route_web_socket("**/ws/**", lambda socket: None)
    open_page(page, f"/t/{member.tenant.slug}/meetings/new/")
    return page


def test_a_meeting_is_scheduled_and_found(form: Page, member: Membership) -> None:
    with complaints(form) as found:
        form.locator("[name=title]").fill("Comité de suivi")
        form.locator("[name=starts_on]").fill((timezone.localdate() + timedelta(days=2)).isoformat())
        form.locator("[name=start_time]").fill("10:00")
        form.get_by_role("button", name="Schedule the meeting").click()
        expect(form.get_by_role("heading", name="Comité de suivi")).to_be_visible()
        expect(form.get_by_text("The meeting is scheduled.")).to_be_visible()
        form.get_by_role("navigation", name="You are here").get_by_role("link", name="Meetings").click()
        form.get_by_label("Search by title").fill("suivi")
        form.keyboard.press("Enter")
        expect(form).to_have_url(re.compile("suivi"))
        expect(form.get_by_role("link", name="Comité de suivi")).to_be_visible()
    assert found == []


def test_people_are_recognised_while_they_are_typed(form: Page, member: Membership) -> None:
    colleague = MembershipFactory.create(tenant=member.tenant, user__given_name="Élise", user__usual_name="Garnier")
    form.locator("textarea[name=attendees]").fill(f"{colleague.user.email}, guest@example.org")
    form.keyboard.press("Tab")
    expect(form.locator("#people-typed")).to_contain_text("Élise Garnier")
    expect(form.locator("#people-typed")).to_contain_text("guest@example.org (guest)")
    assert axe_violations(form) == []


def test_errors_stand_at_their_fields_and_the_first_has_the_focus(form: Page) -> None:
    form.locator("[name=start_time]").fill("10:00")
    form.locator("textarea[name=attendees]").fill("Claire")
    form.get_by_role("button", name="Schedule the meeting").click()
    expect(form.get_by_role("main").get_by_role("alert")).to_contain_text("The meeting could not be saved")
    expect(form.locator("[name=title]")).to_be_focused()
    expect(form.locator("textarea[name=attendees]")).to_have_value("Claire")
    expect(form.locator("#id_attendees-desc-error")).to_have_text("This is not an e-mail address: Claire")
    for width in WIDTHS:
        form.set_viewport_size({"width": width, "height": 800})
        assert axe_violations(form) == []
        assert overflow_px(form) == 0


def test_a_room_chosen_while_the_look_ahead_is_on_its_way_stays_chosen(form: Page, member: Membership) -> None:
    room = RoomFactory.create(tenant=member.tenant, name="Salle Descartes")
    form.reload()
    held: list[Route] = []
    form.route("**/meetings/new/", lambda route: held.append(route))
    form.locator("[name=start_time]").fill("11:00")
    form.keyboard.press("Tab")
    wait_until(form, lambda: bool(held))
    form.get_by_text("Salle Descartes").click()
    held[0].continue_()
    expect(form.locator("#dates")).to_contain_text("11:00")
    expect(form.locator(f"#room-{room.id}")).to_be_checked()
    form.wait_for_timeout(100)  # HTMX settles after the swap
    expect(form.locator(f"#room-{room.id}")).to_be_checked()


def test_end_follows_start_and_enter_invites_the_one_who_is_found(form: Page, member: Membership) -> None:
    MembershipFactory.create(tenant=member.tenant, user__given_name="Élise", user__usual_name="Garnier")
    form.locator("[name=start_time]").fill("10:00")
    form.locator("[name=end_time]").fill("11:30")
    form.locator("[name=start_time]").fill("14:00")
    expect(form.locator("[name=end_time]")).to_have_value("15:30")
    form.locator("#who").press_sequentially("garn")
    form.keyboard.press("Enter")
    expect(form.locator("#people-typed")).to_contain_text("Élise Garnier")
    expect(form.locator("#who")).to_be_focused()
    expect(form.locator("#who")).to_have_value("")
    expect(form.locator("#colleagues")).to_contain_text("nobody is known to be busy")
    assert axe_violations(form) == []
