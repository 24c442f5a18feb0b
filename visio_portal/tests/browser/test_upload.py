"""Sending a recording in parts from the page: whole, through a lost connection, over a reload, paused, given up."""

import re
import wave
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from apps.files.models import StoredFile, Upload
from apps.rooms.models import Meeting
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import Recording
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import WIDTHS, axe_violations, complaints, overflow_px
from visio_portal.tests.browser.windows import open_page

pytestmark = pytest.mark.django_db(transaction=True)

PART_3 = re.compile(r"/parts/3$")
SECONDS = 600  # 19.2 MB: three parts
SENT_MS = 120_000  # for three parts, and for the page's patience after a lost connection


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten minutes of silence."""
    path = tmp_path_factory.mktemp("sound") / "réunion.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * SECONDS))
    return path


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory.create()


@pytest.fixture
def form(context: BrowserContext, page: Page, live_server: LiveServer, meeting: Meeting) -> Page:
    """The page on which the organiser adds a recording."""
    sign_in(context, live_server, meeting.organizer)
    page.route_web_socket("**/ws/**", lambda socket: None)
    open_page(page, f"/t/{meeting.tenant.slug}/meetings/{meeting.id}/recordings/new/")
    return page


def choose(page: Page, path: Path) -> None:
    page.get_by_label("Enregistrement de la réunion").set_input_files(path)


def send(page: Page) -> None:
    page.get_by_role("button", name="Transcrire l’enregistrement").click()


def sent_parts(page: Page) -> list[str]:
    """Return the numbers of the parts that the page sends from now on."""
    numbers: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT":
            numbers.append(request.url.rsplit("/", 1)[1])

    page.on("request", note)
    return numbers


def expect_lost_connection(page: Page) -> None:
    expect(page.get_by_text("La connexion a été perdue.").first).to_be_visible(timeout=SENT_MS)


def expect_recording(page: Page, meeting: Meeting, sound: Path) -> None:
    page.wait_for_url(re.compile(r"/recordings/[0-9a-f-]{36}/"), timeout=SENT_MS)
    with tenant_scope(meeting.tenant_id):
        assert Recording.objects.get().meeting_id == meeting.id
        assert StoredFile.objects.get().size_bytes == sound.stat().st_size
        assert not Upload.objects.exists()


def test_upload_is_sent_and_taken(form: Page, meeting: Meeting, sound: Path) -> None:
    parts = sent_parts(form)
    with complaints(form) as found:
        choose(form, sound)
        send(form)
        expect_recording(form, meeting, sound)
    assert parts == ["1", "2", "3"]
    assert found == []


def test_upload_waits_out_a_lost_connection(form: Page, meeting: Meeting, sound: Path) -> None:
    form.route(PART_3, lambda route: route.abort())
    choose(form, sound)
    send(form)
    expect_lost_connection(form)
    form.unroute(PART_3)
    expect_recording(form, meeting, sound)


def test_upload_goes_on_after_a_reload(form: Page, meeting: Meeting, sound: Path) -> None:
    form.on("dialog", lambda dialog: dialog.accept())  # the browser asks before it leaves an upload
    form.route(PART_3, lambda route: route.abort())
    choose(form, sound)
    send(form)
    expect_lost_connection(form)
    form.reload()
    form.unroute(PART_3)
    expect(form.get_by_text("66 % de « réunion.wav »")).to_be_visible()
    parts = sent_parts(form)
    choose(form, sound)
    send(form)
    expect_recording(form, meeting, sound)
    assert parts == ["3"]


def test_upload_is_paused_and_given_up(form: Page, meeting: Meeting, sound: Path) -> None:
    form.route(PART_3, lambda route: None)  # never answered
    choose(form, sound)
    with form.expect_request(PART_3, timeout=SENT_MS):
        send(form)
    expect(form.get_by_role("button", name="Pause")).to_be_focused()
    form.get_by_role("button", name="Pause").click()
    expect(form.get_by_role("button", name="Reprendre l’envoi")).to_be_visible()
    for width in WIDTHS:
        form.set_viewport_size({"width": width, "height": 800})
        assert axe_violations(form) == []
        assert overflow_px(form) == 0
    with form.expect_response(lambda response: response.request.method == "DELETE"):
        form.get_by_role("button", name="Annuler l’envoi").click()
    expect(form.get_by_text("L’envoi a été annulé").last).to_be_visible()
    with tenant_scope(meeting.tenant_id):
        assert not Upload.objects.exists()


def test_file_that_is_no_recording_is_refused(form: Page, tmp_path: Path) -> None:
    empty = tmp_path / "vide.wav"
    empty.touch()
    send(form)
    expect(form.get_by_text("Choisissez d’abord un fichier.")).to_be_visible()
    choose(form, empty)
    send(form)
    expect(form.get_by_text("Ce fichier est vide")).to_be_visible()
    text = tmp_path / "notes.wav"
    text.write_text("Ce n’est pas un enregistrement.")
    choose(form, text)
    send(form)
    expect(form.locator(".fr-message--error")).to_contain_text("enregistrement")
    expect(form.get_by_label("Enregistrement de la réunion")).to_have_attribute("aria-invalid", "true")
