"""What a person does at the browser, from signing in to handing in a recording."""

import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect


def sign_in(page: Page, name: str) -> None:
    """Sign in through the whole OIDC round trip, as the demonstration person of that name."""
    page.goto("/")
    page.locator("a.fr-connect").click()
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(re.compile(r"/t/[\w-]+/$"))


def schedule_meeting(page: Page, title: str) -> None:
    """Schedule a meeting that took place yesterday; its page stays open."""
    page.get_by_role("navigation").get_by_role("link", name="Réunions", exact=True).click()
    page.get_by_role("link", name="Programmer une réunion").click()
    page.get_by_label("Titre", exact=True).fill(title)
    page.get_by_label("Date", exact=True).fill((date.today() - timedelta(days=1)).isoformat())
    page.locator("[name=start_time]").fill("10:00")
    page.locator("[name=end_time]").fill("11:00")
    page.get_by_role("button", name="Programmer la réunion").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def hand_in_recording(page: Page, recording: Path) -> None:
    """Send a recording from the page of its meeting; the page of its transcription opens."""
    page.locator("input[type=file]").set_input_files(recording)
    page.get_by_label("Langue parlée").select_option("fr")
    page.get_by_role("button", name="Transcrire l’enregistrement").click()
    page.wait_for_url(re.compile(r"/recordings/[0-9a-f-]{36}/$"))
