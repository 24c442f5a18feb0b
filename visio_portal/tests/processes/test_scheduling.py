"""A secretary's week: a series in her director's name, a date moved, a guest who answers, a room that is taken, a poll.

Every mail goes over SMTP to the demonstration's mail server, and the guest answers from the link that stands in it.
"""

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from visio_portal.services.demo import Installation
from visio_portal.tests.browser.inspection import axe_violations, complaints, overflow_px
from visio_portal.tests.browser.windows import PATIENCE_MS, browser_window
from visio_portal.tests.processes.people import sign_in

DIRECTOR, SECRETARY = "Hélène Marchand", "Sophie Lambert"
SECRETARY_EMAIL = "sophie.lambert@territoires.example"
MONDAY = date.today() + timedelta(days=28 - date.today().weekday())
SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 375, "height": 800}}


@pytest.fixture(scope="module")
def delegated(browser: Browser, installation: Installation) -> None:
    """The director lets her secretary schedule in her name."""
    with browser_window(browser, base_url=installation.url, locale="fr-FR") as context:
        page = context.new_page()
        sign_in(page, DIRECTOR)
        page.goto(page.url + "delegations/new/")
        page.locator("[name=delegate]").fill(SECRETARY_EMAIL)
        page.get_by_role("button", name="Déléguer").click()
        expect(page.get_by_role("main")).to_contain_text(SECRETARY)


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(browser: Browser, installation: Installation, size: str) -> Iterator[BrowserContext]:
    settings: dict[str, Any] = {"locale": "fr-FR", "viewport": SIZES[size], "reduced_motion": "reduce"}
    with browser_window(browser, base_url=installation.url, **settings) as context:
        yield context


@pytest.fixture
def guest(browser: Browser, size: str) -> Iterator[Page]:
    """A browser of somebody without an account."""
    with browser_window(browser, locale="fr-FR", viewport=SIZES[size]) as context:
        yield context.new_page()


def test_a_secretarys_week(page: Page, guest: Page, installation: Installation, delegated: None, size: str) -> None:
    day = MONDAY + timedelta(days=list(SIZES).index(size))  # a day of its own for each size
    address = f"guest.{size}@example.org"
    with complaints(page) as found:
        sign_in(page, SECRETARY)
        home = page.url
        series = schedule_weekly(page, home, day, address)
        move_one_date(page)
        page.goto(series)
        answer_from_mail(guest, installation, address)
        expect(page.locator("#answers")).to_contain_text("1 accepté")  # by itself, on the page that was open
        take_another_time(page, home, day)
        settle_by_poll(page, guest, installation, home, day, address)
        cancel_all(page, series)
    assert found == []


def schedule_weekly(page: Page, home: str, day: date, address: str) -> str:
    """Schedule a weekly meeting of an equipped room in the director's name; return its address."""
    page.goto(f"{home}meetings/new/")
    page.locator("[name=organizer]").select_option(label=DIRECTOR)
    page.locator("[name=title]").fill("Comité hebdomadaire")
    fill_time(page, day, "10:00", "11:00")
    page.locator("[name=frequency]").select_option("weekly")
    expect(page.locator("#dates")).to_contain_text("deux prochaines années")
    page.get_by_text("Après un nombre de fois").click()
    page.locator("[name=count]").fill("8")
    page.keyboard.press("Tab")
    expect(page.locator("#dates")).to_contain_text("8 dates")
    page.locator("textarea[name=attendees]").fill(address)
    choose_room(page, "free")
    looks_right(page)
    page.get_by_role("button", name="Programmer la réunion").click()
    expect(page.get_by_role("main")).to_contain_text(address)  # who is going to be written to
    looks_right(page)
    page.locator("button[name=step][value=send]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comité hebdomadaire")
    expect(page.get_by_role("main")).to_contain_text(DIRECTOR)
    looks_right(page)
    return page.url


def move_one_date(page: Page) -> None:
    """Move the second date of the series that is shown by two hours."""
    page.locator("a[href*='/dates/']").nth(1).click()
    page.get_by_role("link", name="Modifier cette date").click()
    page.locator("[name=start_time]").fill("14:00")
    page.locator("[name=end_time]").fill("15:00")
    looks_right(page)
    page.get_by_role("button", name="Modifier cette date").click()
    page.locator("button[name=step][value=send]").click()
    expect(page.get_by_role("main")).to_contain_text("14:00")


def answer_from_mail(guest: Page, installation: Installation, address: str) -> None:
    """Accept the series from the link in the invitation's mail, without an account."""
    guest.goto(link_in_mail(installation, address, "Invitation", r"/answers/"))
    guest.get_by_text("Je serai présent").click()
    looks_right(guest)
    guest.get_by_role("button", name="Envoyer ma réponse").click()
    expect(guest.get_by_role("main")).to_contain_text("Merci")


def take_another_time(page: Page, home: str, day: date) -> None:
    """Ask for the same room at the same time, and take the first way out that is offered."""
    page.goto(f"{home}meetings/new/")
    page.locator("[name=title]").fill("Réunion de service")
    fill_time(page, day, "10:45", "11:45")
    expect(page.locator("#dates")).to_contain_text("10:45")  # the rooms are told with the dates
    choose_room(page, "taken")
    page.get_by_role("button", name="Programmer la réunion").click()
    expect(page.locator("#conflict")).to_be_visible()
    looks_right(page)
    page.locator("#conflict button").first.click()
    send, done = page.locator("button[name=step][value=send]"), page.locator("h1", has_text="Réunion de service")
    send.or_(done).first.wait_for()
    if send.is_visible():  # the mail to the organiser is asked about too
        send.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Réunion de service")


def settle_by_poll(page: Page, guest: Page, installation: Installation, home: str, day: date, address: str) -> None:
    """Propose two dates, let the guest choose the second one, and make it the meeting's date."""
    page.goto(f"{home}polls/new/")
    page.locator("[name=title]").fill("Choix d’une date")
    page.locator("[name=closes_on]").fill((date.today() + timedelta(days=5)).isoformat())
    for number in range(2):
        page.locator(f"[name=slots-{number}-starts_on]").fill((day + timedelta(days=7 * number)).isoformat())
        page.locator(f"[name=slots-{number}-start_time]").fill("16:00")
    page.locator("textarea[name=attendees]").fill(address)
    looks_right(page)
    page.get_by_role("button", name="Envoyer le sondage").click()
    expect(page.locator("#poll-answers")).to_contain_text("0 réponse")

    guest.goto(link_in_mail(installation, address, "date", r"/polls/answers/"))
    for number, choice in enumerate(("non", "oui")):
        guest.get_by_role("group").nth(number).get_by_text(choice, exact=True).click()
    looks_right(guest)
    guest.get_by_role("button", name="Envoyer ma réponse").click()
    expect(guest.get_by_role("main")).to_contain_text("Merci")

    expect(page.locator("#poll-answers")).to_contain_text("1 réponse")
    looks_right(page)
    page.get_by_role("link", name=re.compile("Choisir")).nth(1).click()
    page.get_by_role("button", name="Choisir cette date et inviter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choix d’une date")
    link_in_mail(installation, address, "Invitation : Choix", r"/answers/")


def cancel_all(page: Page, series: str) -> None:
    page.goto(series)
    page.get_by_role("link", name="Annuler toutes les dates").click()
    page.get_by_role("main").get_by_role("button", name=re.compile("Annuler")).click()
    expect(page.get_by_role("main")).to_contain_text("Annulée")


def fill_time(page: Page, day: date, start: str, end: str) -> None:
    page.locator("[name=starts_on]").fill(day.isoformat())
    page.locator("[name=start_time]").fill(start)
    page.locator("[name=end_time]").fill(end)
    page.keyboard.press("Tab")


def choose_room(page: Page, state: str) -> None:
    """Choose the first physical room that is free, or the first one that is taken."""
    badge = {"free": ".fr-badge--success", "taken": ".fr-badge--error"}[state]
    label = page.locator(f"#room-choices label[for^='room-']:has({badge}):has-text('Salle équipée')").first
    room = label.get_attribute("for")
    label.click()
    expect(page.locator(f"#{room}")).to_be_checked()


def link_in_mail(installation: Installation, address: str, subject: str, pattern: str) -> str:
    """Return the link in the newest mail to an address whose subject holds the words; it may still be on its way."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        listed = httpx.get(installation.mail_url, params={"to": address}).text
        for key, title in re.findall(r'href="/([^"/]+)">([^<]*)<', listed):
            letter = httpx.get(f"{installation.mail_url}/{key}").text if subject in title else ""
            if link := re.search(rf'https?://[^\s"<&]+{pattern}[^\s"<&]+', letter):
                return link[0]
        time.sleep(0.5)
    raise AssertionError(f"No mail to {address} about {subject}.")


def looks_right(page: Page) -> None:
    assert axe_violations(page) == []
    assert overflow_px(page) == 0
