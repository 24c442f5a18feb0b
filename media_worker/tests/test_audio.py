from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from media_worker.audio import SAMPLE_RATE, MediaError, Sound, decode_audio
from media_worker.contract import FailureCode

MEETING = Path(__file__).parents[2] / "visio_portal/demonstration/media/reunion_fr.webm"
RATE = 48_000


def decode(path: Path, *, max_duration_s: float = 3600) -> Sound:
    scratch = path.with_suffix(".scratch")
    return decode_audio(path, scratch, max_duration_s=max_duration_s, report=lambda fraction: None)


def refusal(path: Path, *, max_duration_s: float = 3600) -> tuple[FailureCode, str]:
    with pytest.raises(MediaError) as caught:
        decode(path, max_duration_s=max_duration_s)
    return caught.value.code, str(caught.value)


def write_tone(path: Path, codec: str, *, duration_s: float = 5.0, skipped_s: float = 0.0) -> Path:
    """Write a tone of 440 Hz; skipped_s leaves a gap in its times after the first half."""
    times = np.arange(int(RATE * duration_s)) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        converter = av.AudioResampler(format=stream.format.name, layout="mono", rate=RATE)
        size = 1024 if codec == "aac" else 960
        for first in range(0, len(tone) - size + 1, size):
            frame = av.AudioFrame.from_ndarray(tone[None, first : first + size], "fltp", "mono")
            frame.sample_rate = RATE
            gap = int(skipped_s * RATE) if first >= len(tone) // 2 else 0
            for converted in converter.resample(frame):
                converted.pts = first + gap
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.webm", "libopus"),
        ("a.ogg", "libopus"),
        ("a.mp3", "libmp3lame"),
        ("a.m4a", "aac"),
        ("a.mp4", "aac"),
        ("a.wav", "pcm_s16le"),
        ("a.flac", "flac"),
    ],
)
def test_every_format_is_decoded(tmp_path: Path, name: str, codec: str) -> None:
    sound = decode(write_tone(tmp_path / name, codec))

    assert sound.duration_s == pytest.approx(5.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound.samples[SAMPLE_RATE : 2 * SAMPLE_RATE]))
    assert int(spectrum.argmax()) == 440
    assert np.sqrt(np.square(sound.samples).mean()) == pytest.approx(0.5 / np.sqrt(2), abs=0.02)


def test_gap_in_the_times_becomes_silence(tmp_path: Path) -> None:
    sound = decode(write_tone(tmp_path / "a.webm", "libopus", duration_s=4.0, skipped_s=3.0))

    assert sound.duration_s == pytest.approx(7.0, abs=0.1)
    assert np.abs(sound.samples[int(2.5 * SAMPLE_RATE) : int(4.5 * SAMPLE_RATE)]).max() < 0.01
    assert np.abs(sound.samples[int(5.5 * SAMPLE_RATE) :]).max() > 0.4


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.webm", "libopus"),
        ("a.ogg", "libopus"),
        ("a.m4a", "aac"),
        ("a.wav", "pcm_s16le"),
        ("a.flac", "flac"),
    ],
)
def test_truncated_file_is_refused(tmp_path: Path, name: str, codec: str) -> None:
    path = write_tone(tmp_path / name, codec, duration_s=20.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])

    assert refusal(path)[0] is FailureCode.CORRUPTED_AUDIO_FILE


def test_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    path.touch()

    assert refusal(path) == (FailureCode.CORRUPTED_AUDIO_FILE, "the file is empty")


@pytest.mark.parametrize(
    "content",
    [
        "Compte rendu de la réunion\n" * 100,
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile a.wav\n",
    ],
)
def test_text_and_playlists_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.webm"
    path.write_text(content)

    code, reason = refusal(path)

    assert code is FailureCode.CORRUPTED_AUDIO_FILE
    assert "cannot be read as sound or video" in reason


def test_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    assert refusal(path) == (FailureCode.NO_AUDIO_IN_FILE, "the file holds no audio stream")


def test_wav_without_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)

    assert refusal(path)[0] in {FailureCode.NO_AUDIO_IN_FILE, FailureCode.CORRUPTED_AUDIO_FILE}


def test_long_recording_is_refused() -> None:
    code, reason = refusal(MEETING, max_duration_s=100)

    assert code is FailureCode.MEDIA_DURATION_TOO_LONG
    assert reason == "the recording is longer than 100 s"
