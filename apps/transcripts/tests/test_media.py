"""What is refused before a job starts, and what is found in the rest."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.utils import translation

from apps.transcripts import media
from apps.transcripts.failures import MEDIA_REFUSALS, MediaRefused
from apps.transcripts.media import probe
from apps.transcripts.tests.media_files import write_media

MEETING = Path(__file__).parents[3] / "visio_portal/demonstration/media/reunion_fr.webm"
BROWSER_WEBM: dict[str, Any] = {"container": "webm", "codec": "libopus", "options": {"live": "1"}}
ACCEPTED: dict[str, tuple[dict[str, Any], str]] = {
    "webm": ({"container": "webm", "codec": "libopus"}, "audio/webm"),
    "webm from a browser": (BROWSER_WEBM, "audio/webm"),
    "webm with pictures": ({"container": "webm", "codec": "libopus", "video_codec": "libvpx"}, "video/webm"),
    "ogg": ({"container": "ogg", "codec": "libopus"}, "audio/ogg"),
    "mp3": ({"container": "mp3", "codec": "libmp3lame"}, "audio/mpeg"),
    "mp3 without its length": (
        {"container": "mp3", "codec": "libmp3lame", "options": {"write_xing": "0", "id3v2_version": "0"}},
        "audio/mpeg",
    ),
    "m4a": ({"container": "ipod", "codec": "aac"}, "audio/mp4"),
    "m4a for streaming": ({"container": "mp4", "codec": "aac", "options": {"movflags": "faststart"}}, "audio/mp4"),
    "mp4 in fragments": (
        {
            "container": "mp4",
            "codec": "aac",
            "options": {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "1000000"},
        },
        "audio/mp4",
    ),
    "wav": ({"container": "wav", "codec": "pcm_s16le"}, "audio/wav"),
}
STATES_NO_LENGTH = {"webm from a browser", "mp3 without its length"}
CUTS = [
    (kind, kept)
    for kind in sorted(set(ACCEPTED) - STATES_NO_LENGTH)
    for kept in (0.5, 0.97)
    if (kind, kept) != ("mp3", 0.97)  # it states its length in seconds alone, and two are forgiven
]


def refusal(content: bytes | BinaryIO, **options: float) -> str:
    with pytest.raises(MediaRefused) as caught:
        probe(io.BytesIO(content) if isinstance(content, bytes) else content, **options)
    return caught.value.code


@pytest.mark.parametrize("kind", ACCEPTED)
def test_probe_finds_length_and_media_type(kind: str, tmp_path: Path) -> None:
    options, media_type = ACCEPTED[kind]
    path = write_media(tmp_path / "tone", **options)

    with path.open("rb") as file:
        info = probe(file)

    assert info.duration_s == pytest.approx(6, abs=0.1)
    assert info.media_type == media_type


@pytest.mark.parametrize(("kind", "kept"), CUTS)
def test_probe_refuses_a_file_that_is_cut_short(kind: str, kept: float, tmp_path: Path) -> None:
    content = write_media(tmp_path / "tone", **ACCEPTED[kind][0]).read_bytes()

    assert refusal(content[: int(len(content) * kept)]) == "truncated"


def test_probe_takes_what_there_is_of_a_browsers_recording(tmp_path: Path) -> None:
    content = write_media(tmp_path / "tone", **BROWSER_WEBM).read_bytes()

    info = probe(io.BytesIO(content[: len(content) // 2]))

    assert 2 < info.duration_s < 4


def test_probe_finds_the_meeting_of_the_demonstration() -> None:
    with MEETING.open("rb") as file:
        info = probe(file)

    assert (round(info.duration_s, 1), info.codec, info.media_type) == (144.9, "opus", "audio/webm")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"Bonjour,\n" * 1000, "not_media"),
        (b"%PDF-1.7\n" + bytes(5000), "not_media"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "not_media"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "not_media"),
        (b"\x1a\x45\xdf\xa3", "truncated"),
        (b"\x1a\x45\xdf\xa3" + os.urandom(5000), "truncated"),
        (b"OggS" + bytes(100), "truncated"),
        (b"ID3" + os.urandom(5000), "truncated"),
        (b"RIFF\x00\x00\x00\x00WAVE", "truncated"),
        (b"\x00\x00\x00\x08ftyp" + bytes(100), "truncated"),
    ],
)
def test_probe_refuses_what_is_no_recording(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_probe_refuses_pictures_without_sound(tmp_path: Path) -> None:
    path = write_media(tmp_path / "silent", container="webm", video_codec="libvpx")

    assert refusal(path.read_bytes()) == "no_audio"


def test_probe_refuses_a_recording_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_media(tmp_path / "tone", container="wav", codec="pcm_s16le")
    monkeypatch.setattr(media, "MAX_DURATION_S", 5)

    assert refusal(path.read_bytes()) == "too_long"


def test_probe_refuses_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb+") as file:
        file.truncate(media.MAX_BYTES + 1)

        assert refusal(file) == "too_large"


def test_probe_stops_when_its_time_is_over(tmp_path: Path) -> None:
    path = write_media(tmp_path / "tone", container="wav", codec="pcm_s16le")

    assert refusal(path.read_bytes(), time_limit_s=-1) == "too_slow"


def inspect_with(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a program of one line stand in for the inspection."""
    monkeypatch.setattr(media, "INSPECTION", (sys.executable, "-c", program))


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "print()",
        "import sys; sys.stdout.buffer.write(bytes(12) + b'no JSON')",
        "import sys; sys.stdout.buffer.write(bytes(12) + b'[' * 4000)",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 12 + bytes(12) + b'{\"format\": 1}')",
        "import sys; sys.stdout.buffer.write(bytes(8) + b'\\xff' * 4)",
    ],
)
def test_probe_refuses_a_file_that_brings_the_inspection_down(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inspect_with(program, monkeypatch)

    assert refusal(b"OggS" + bytes(2_000_000)) in ("truncated", "not_media")
    assert refusal(bytes(2_000_000)) == "not_media"


def test_probe_ends_an_inspection_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    inspect_with("import time; time.sleep(60)", monkeypatch)

    assert refusal(bytes(1000), time_limit_s=0.2) == "too_slow"


def test_inspection_gets_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "invented")
    names = tmp_path / "names"
    inspect_with(f"import os, pathlib; pathlib.Path({str(names)!r}).write_text(' '.join(os.environ))", monkeypatch)

    refusal(bytes(1000))

    assert set(names.read_text().split()) <= {*media.PASSED_ON, "LC_CTYPE", "__CF_USER_TEXT_ENCODING"}


def test_inspection_may_open_nothing_once_it_has_a_file() -> None:
    program = "from apps.transcripts.inspection import empty_hands; empty_hands(); open('/etc/hostname')"

    ended = subprocess.run([sys.executable, "-c", program], cwd=media.BASE_DIR, stderr=subprocess.PIPE, check=False)

    assert b"Too many open files" in ended.stderr


def test_portal_does_not_load_what_few_requests_need() -> None:
    program = "import sys; import visio_portal.asgi, visio_portal.urls; print(*sorted(sys.modules))"

    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=media.BASE_DIR, stdout=-1, check=True)

    assert not {b"av", b"lxml", b"docx", b"boto3"} & set(ended.stdout.split())


@pytest.mark.parametrize("code", MEDIA_REFUSALS)
def test_refusal_says_why(code: str) -> None:
    with translation.override("en"):
        assert str(MediaRefused(code)).endswith(".")
