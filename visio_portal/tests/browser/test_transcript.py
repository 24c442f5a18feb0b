"""Hearing a transcript, going through it by keyboard, and naming its voices."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.files.store import object_store
from apps.files.tests.factories import stored_file
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import Segment, Transcript
from apps.transcripts.tests.factories import JobFactory, RecordingFactory, TranscriptFactory
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import WIDTHS, axe_violations, complaints, overflow_px
from visio_portal.tests.browser.windows import open_page, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SOUND = settings.BASE_DIR / "visio_portal" / "demonstration" / "media" / "reunion_fr.webm"
LINES = 450


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def transcript(settings: Settings, tmp_path: Path) -> Transcript:
    """Two minutes of real sound under a text of many lines by two voices."""
    settings.STORAGE_DIR = tmp_path / "files"
    object_store.cache_clear()
    transcript: Transcript = TranscriptFactory.create()
    AttendeeFactory.create(
        meeting=transcript.recording.meeting, membership=None, name="Jeanne Invitée", email="jeanne@example.org"
    )
    with tenant_scope(transcript.tenant_id):
        track = transcript.recording.tracks.get()
        track.file = stored_file(transcript.tenant_id, SOUND.read_bytes())
        track.save()
        speakers = list(transcript.speakers.all())
        Segment.objects.bulk_create(
            Segment(
                tenant=transcript.tenant,
                transcript=transcript,
                position=position,
                speaker=speakers[position // 2 % 2],
                start_s=6 + position * 0.3,
                end_s=6.2 + position * 0.3,
                text=f"Phrase {position}.",
            )
            for position in range(3, LINES)
        )
    return transcript


@pytest.fixture
def reader(context: BrowserContext, page: Page, live_server: LiveServer, transcript: Transcript) -> Page:
    """A page of the transcript's organiser, still empty."""
    sign_in(context, live_server, transcript.recording.meeting.organizer)
    return page


@pytest.fixture
def reading(reader: Page, transcript: Transcript) -> Page:
    """The transcript's page, before its organiser."""
    return open_transcript(reader, transcript)


def open_transcript(page: Page, transcript: Transcript) -> Page:
    page.route_web_socket("**/ws/**", lambda socket: None)
    open_page(page, f"/t/{transcript.tenant.slug}/transcripts/{transcript.id}/")
    return page


def line(page: Page, position: int) -> Locator:
    return page.locator(f"#line-{position}")


# What the player did, and at which second of the sound: a slow machine may look only after it has gone by.
NOTE_WHAT_IS_HEARD = """() => {
    const sound = document.getElementById("sound");
    window.heard = [];
    const note = (what) => heard.push([what, sound.currentTime]);
    for (const name of ["play", "pause"]) sound.addEventListener(name, () => note(name));
    const marks = new MutationObserver((changes) => {
        for (const { target } of changes) if (target.hasAttribute("aria-current")) note(target.id);
    });
    marks.observe(document.getElementById("lines"), { attributeFilter: ["aria-current"], subtree: true });
}"""


def heard(page: Page) -> list[tuple[str, float]]:
    """Return what the player did since `NOTE_WHAT_IS_HEARD`, with the second of the sound."""
    return [(what, second) for what, second in page.evaluate("heard")]


def test_a_click_on_a_line_plays_from_there_and_marks_it(reading: Page) -> None:
    with complaints(reading) as found:
        reading.evaluate(NOTE_WHAT_IS_HEARD)
        line(reading, 1).get_by_text("avançons").click()
        wait_until(reading, lambda: "line-2" in dict(heard(reading)))
        assert [what for what, _second in heard(reading)][:3] == ["line-1", "play", "line-2"]
        assert 2.4 <= dict(heard(reading))["play"] < 4
        expect(reading.get_by_role("button", name="Pause")).to_be_visible()
        expect(reading.locator("[aria-current=true].transcript-line")).to_have_count(1)
    assert found == []


def test_lines_are_one_tab_stop_and_arrows_go_through_them(reading: Page) -> None:
    reading.evaluate("document.getElementById('sound').playbackRate = 0.1")  # the line is looked at while it is heard
    line(reading, 0).get_by_role("button").press("ArrowDown")
    expect(line(reading, 1).get_by_role("button")).to_be_focused()
    reading.keyboard.press("ArrowDown")
    expect(line(reading, 2).get_by_role("button")).to_be_focused()
    reading.keyboard.press("Enter")
    expect(line(reading, 2)).to_have_attribute("aria-current", "true")
    expect(reading.locator("#player-message")).to_have_text("Playing from 0:04 – Speaker 1")
    expect(reading.get_by_role("button", name="Pause")).to_be_visible()
    reading.keyboard.press(" ")
    expect(reading.get_by_role("button", name="Play", exact=True)).to_be_visible()
    reading.keyboard.press("Home")
    expect(line(reading, 0).get_by_role("button")).to_be_focused()
    expect(reading.locator('#lines [tabindex="0"]')).to_have_count(1)


def test_an_excerpt_stops_by_itself(reading: Page) -> None:
    reading.evaluate(NOTE_WHAT_IS_HEARD)
    reading.get_by_role("button", name="Hear an excerpt at 0:02").click()
    wait_until(reading, lambda: "pause" in dict(heard(reading)))
    assert 2.4 <= dict(heard(reading))["play"] < 4 <= dict(heard(reading))["pause"]
    expect(reading.get_by_role("button", name="Play", exact=True)).to_be_visible()


# Until the browser knows the sound, a seek is only noted.
SEEK = """async (second) => {
    const sound = document.getElementById("sound");
    if (!sound.readyState) await new Promise((resolve) => sound.addEventListener("loadedmetadata", resolve));
    sound.currentTime = second;
}"""


def test_the_following_lines_come_as_they_are_reached(reading: Page) -> None:
    expect(reading.locator(".transcript-line")).to_have_count(200)
    reading.locator("#more-lines").scroll_into_view_if_needed()
    expect(reading.locator(".transcript-line")).to_have_count(400)
    reading.evaluate(SEEK, 140)
    expect(reading.locator(".transcript-line")).to_have_count(LINES)


def test_a_name_changes_everywhere(reading: Page) -> None:
    reading.get_by_role("link", name="Name this voice Speaker 1").click()
    field = reading.get_by_label("Name of “Speaker 1”")
    expect(field).to_be_focused()
    assert axe_violations(reading) == []
    field.fill("Jeanne Invitée")
    reading.keyboard.press("Enter")
    expect(line(reading, 0).get_by_text("Jeanne Invitée")).to_be_visible()
    expect(reading.get_by_role("link", name="Rename Jeanne Invitée")).to_be_focused()
    expect(reading.get_by_text("Speaker 1", exact=True)).to_have_count(0)


def test_both_names_are_shown_when_somebody_was_faster(
    reading: Page, context: BrowserContext, transcript: Transcript
) -> None:
    other = open_transcript(context.new_page(), transcript)
    for page in (reading, other):
        page.get_by_role("link", name="Name this voice Speaker 1").click()
        expect(page.get_by_label("Name of “Speaker 1”")).to_be_focused()
    for page, name in ((reading, "Theirs"), (other, "Mine")):
        page.get_by_label("Name of “Speaker 1”").fill(name)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Theirs").first).to_be_visible()
    expect(other.get_by_role("alert").filter(has_text="Theirs")).to_contain_text("you typed “Mine”")
    assert axe_violations(other) == []
    other.get_by_role("link", name="Keep the other name").click()
    expect(other.get_by_label("Name of “Theirs”")).to_have_count(0)


def test_a_short_recording_is_drawn_within_the_policy(reader: Page, transcript: Transcript) -> None:
    with complaints(reader) as found:
        open_transcript(reader, transcript)
        expect(reader.locator("#waveform canvas").first).to_be_visible()
    assert found == []


def test_the_page_is_sound(reading: Page) -> None:
    for width in WIDTHS:
        reading.set_viewport_size({"width": width, "height": 800})
        assert axe_violations(reading) == []
        assert overflow_px(reading) == 0


def test_progress_is_asked_for_without_a_websocket(
    context: BrowserContext, page: Page, live_server: LiveServer
) -> None:
    recording = RecordingFactory.create()
    job = JobFactory.create(recording=recording)
    sign_in(context, live_server, recording.meeting.organizer)
    page.clock.install()
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    open_page(page, f"/t/{recording.tenant.slug}/recordings/{recording.id}/")
    expect(page.get_by_text("This recording is the next")).to_be_visible()
    with tenant_scope(recording.tenant_id):
        type(job).objects.update(status="failed", failure_code="no_audio_in_file")
    page.clock.run_for(11_000)
    expect(page.get_by_text("holds no sound")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="The transcription failed.")).to_have_count(1)
