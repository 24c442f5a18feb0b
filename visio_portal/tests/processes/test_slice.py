"""From signing in to a downloaded transcript, as a person does it, with nothing but real parts."""

import io
import re
from pathlib import Path

import docx
import webvtt
from playwright.sync_api import Page, expect

from visio_portal.services.demo import Installation
from visio_portal.tests.browser.inspection import axe_violations, complaints
from visio_portal.tests.processes.people import hand_in_recording, schedule_meeting, sign_in

MEDIA = Path(__file__).resolve().parents[2] / "demonstration" / "media"
RECORDING = MEDIA / "reunion_fr.webm"
TRANSCRIBED_MS = 15 * 60 * 1000  # on two busy cores, behind the demonstration's own recording
JOURNALLED = [
    "connexion",
    "texte de la transcription créé",
    "transcription consultée",
    "intervenant nommé",
    "transcription exportée",
]
SAID = ["budget", "préfecture", "dérogation", "agents", "décembre", "consultation"]


def test_a_recording_becomes_a_transcript_with_names(page: Page) -> None:
    with complaints(page) as found:
        sign_in(page, "Claire Vasseur")
        schedule_meeting(page, "Comité de suivi")
        hand_in_recording(page, RECORDING)
        expect(page.get_by_role("progressbar")).to_be_visible(timeout=TRANSCRIBED_MS)
        assert axe_violations(page) == []
        open_finished_transcript(page)
        assert axe_violations(page) == []
        assert found == []

    expect(page.get_by_role("link", name="Nommer cette voix")).to_have_count(4)
    text = page.locator("main").inner_text()
    assert [word for word in SAID if word not in text] == []

    rename_first_voice(page, "Hélène Marchand")

    subtitles = download(page, "Sous-titres WebVTT")
    captions = webvtt.from_string(subtitles.decode()).captions
    assert len(captions) >= 20
    assert {caption.voice for caption in captions} >= {"Hélène Marchand"}
    document = docx.Document(io.BytesIO(download(page, "Document Word (DOCX)")))
    assert any("Hélène Marchand" in paragraph.text for paragraph in document.paragraphs)


def test_the_first_start_transcribes_the_demonstrations_recording(page: Page) -> None:
    sign_in(page, "Hélène Marchand")
    page.get_by_role("navigation").get_by_role("link", name="Transcriptions").click()
    page.locator("main").get_by_role("link", name="Réunion de cabinet").first.click()

    open_finished_transcript(page)

    expect(page.locator("main")).to_contain_text("conseil des ministres")


def test_each_step_stands_in_the_journal(page: Page, installation: Installation) -> None:
    sign_in(page, "Inès Carpentier")
    page.get_by_role("navigation").get_by_role("button", name="Administration").click()
    page.get_by_role("navigation").get_by_role("link", name="Journal").click()

    for step in JOURNALLED:
        expect(page.get_by_role("table")).to_contain_text(step)
    installation.manage("verify_journal")


def open_finished_transcript(page: Page) -> None:
    """Wait on the page of a transcription until the page itself says that it is done, and open the text."""
    page.wait_for_url(re.compile(r"/(recordings|transcripts)/[0-9a-f-]{36}/"))
    if "/recordings/" in page.url:
        link = page.get_by_role("link", name=re.compile("Lire la transcription"))
        link.click(timeout=TRANSCRIBED_MS)
        page.wait_for_url(re.compile(r"/transcripts/[0-9a-f-]{36}/"))


def rename_first_voice(page: Page, name: str) -> None:
    page.get_by_role("link", name="Nommer cette voix").first.click()
    page.get_by_label(re.compile("Nom de")).fill(name)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("link", name="Nommer cette voix")).to_have_count(3)


def download(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label).click()
    return Path(waiting.value.path()).read_bytes()
