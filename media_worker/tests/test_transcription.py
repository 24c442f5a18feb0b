"""The whole pipeline with the real models on a real recording."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_worker.audio import SAMPLE_RATE, Sound, decode_audio
from media_worker.contract import Stage, TranscriptionResult
from media_worker.diarization import embed_voices
from media_worker.models import describe
from media_worker.partial import Partial
from media_worker.pipeline import Engine, Options, Source, transcribe
from media_worker.scoring import (
    join_by_speaker,
    normalise,
    read_turns,
    speaker_word_error_rate,
    word_error_rate,
)
from media_worker.tests.conftest import MEDIA

pytestmark = pytest.mark.models

MEETING = MEDIA / "reunion_fr.webm"


@dataclass
class Observed:
    """A transcription and what could be seen from outside while it ran."""

    result: TranscriptionResult
    progress: list[tuple[Stage, float, float]] = field(default_factory=list)
    partials: list[Partial] = field(default_factory=list)
    addresses: list[Any] = field(default_factory=list)


@pytest.fixture(scope="module")
def meeting(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    progress: list[tuple[Stage, float, float]] = []
    partials: list[Partial] = []
    addresses: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", lambda _socket, address: addresses.append(address))
        patch.setattr(socket, "getaddrinfo", lambda *names, **_options: addresses.append(names))
        result = transcribe(
            engine,
            [Source(MEETING)],
            Options(language="fr"),
            scratch=tmp_path_factory.mktemp("scratch"),
            report=lambda *step: progress.append(step),
            keep=partials.append,
        )
    yield Observed(result, progress, partials, addresses)


def test_every_speaker_is_found(meeting: Observed) -> None:
    assert len(meeting.result.speakers) == 4


def test_words_are_recognised(meeting: Observed) -> None:
    reference = normalise(" ".join(text for _, text in read_turns(MEDIA / "reunion_fr.txt")))
    hypothesis = normalise(" ".join(segment.text for segment in meeting.result.segments))

    assert word_error_rate(reference, hypothesis) <= 16


def test_words_are_given_to_their_speakers(meeting: Observed) -> None:
    reference = join_by_speaker(read_turns(MEDIA / "reunion_fr.txt"))
    hypothesis = join_by_speaker([(segment.speaker or "", segment.text) for segment in meeting.result.segments])

    assert speaker_word_error_rate(reference, hypothesis) <= 17


def test_result_follows_the_contract(meeting: Observed) -> None:
    assert TranscriptionResult.from_json(meeting.result.to_bytes()) == meeting.result
    assert set(meeting.result.timings) == {stage.value for stage in Stage}
    assert meeting.result.duration_s == pytest.approx(144.93, abs=0.1)
    for segment in meeting.result.segments:
        assert segment.text == " ".join(word.word for word in segment.words)
        assert {word.speaker for word in segment.words} == {segment.speaker}


def test_segments_can_be_clicked(meeting: Observed) -> None:
    starts = [segment.start for segment in meeting.result.segments]

    assert starts == sorted(starts)
    assert max(segment.end - segment.start for segment in meeting.result.segments) <= 30


def test_progress_rises_to_the_end(meeting: Observed) -> None:
    fractions = [fraction for _, fraction, _ in meeting.progress]

    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len({stage for stage, _, _ in meeting.progress}) == 5


def test_nothing_is_sent_out(meeting: Observed) -> None:
    assert meeting.addresses == []


def test_another_run_takes_over_finished_stages(
    meeting: Observed, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a finished stage was repeated")

    monkeypatch.setattr("media_worker.pipeline.recognise", refuse)
    monkeypatch.setattr("media_worker.pipeline.diarize", refuse)
    monkeypatch.setattr("media_worker.pipeline.embed_voices", lambda *_, **__: np.eye(200, 192, dtype="f4"))
    monkeypatch.setattr(
        "media_worker.pipeline.assign_speakers", lambda units, *_, **__: np.zeros(len(units), dtype=int)
    )

    result = transcribe(
        engine,
        [Source(MEETING)],
        Options(),
        scratch=tmp_path,
        report=lambda *step: None,
        partial=meeting.partials[-1],
    )

    words = [word.word for segment in result.segments for word in segment.words]
    assert words == [word.word for segment in meeting.result.segments for word in segment.words]


def test_kept_stages_hold_no_voice_embeddings(meeting: Observed) -> None:
    kept = meeting.partials[-1].to_json()

    assert set(kept) == {"models", "speech", "turns", "version"}
    assert set(kept["speech"]["0"]["words"][0]) == {"text", "start", "end", "score"}
    assert set(kept["turns"]["0"]["turns"][0]) == {"start", "end", "speaker"}


class CancelledError(Exception):
    pass


def test_pipeline_stops_when_told_to(engine: Engine, tmp_path: Path) -> None:
    def stop(stage: Stage, _fraction: float, _stage_fraction: float) -> None:
        if stage is Stage.SPEECH:
            raise CancelledError

    with pytest.raises(CancelledError):
        transcribe(engine, [Source(MEETING)], Options(), scratch=tmp_path, report=stop)


def test_silence_gives_an_empty_transcript(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    write_wav(path, np.zeros(5 * SAMPLE_RATE))

    result = transcribe(engine, [Source(path)], Options(), scratch=tmp_path, report=lambda *step: None)

    assert result.segments == ()
    assert result.speakers == ()
    assert result.language is None


def test_tracks_name_their_speakers(engine: Engine, tmp_path: Path) -> None:
    result = transcribe(
        engine,
        [Source(excerpt("ministre", tmp_path), "Claire Dupont"), Source(excerpt("directeur", tmp_path), "Hugo Blanc")],
        Options(language="fr"),
        scratch=tmp_path,
        report=lambda *step: None,
    )

    assert [speaker.name for speaker in result.speakers] == ["Claire Dupont", "Hugo Blanc"]
    names = {speaker.label: speaker.name for speaker in result.speakers}
    assert names[result.segments[0].speaker or ""] == "Claire Dupont"
    assert names[result.segments[-1].speaker or ""] == "Hugo Blanc"


def test_equal_voices_are_nearer_than_different_ones(engine: Engine) -> None:
    random = np.random.default_rng(1)
    samples = random.normal(scale=0.1, size=4 * SAMPLE_RATE).astype(np.float32)
    spans = [(0.0, 2.0), (0.5, 2.5), (3.9, 4.0)]

    embeddings = embed_voices(engine.diarizer, Sound(samples), spans, report=lambda fraction: None)

    assert embeddings.shape == (3, 192)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx([1.0, 1.0, 1.0], abs=1e-5)


def test_command_writes_the_transcript(models: Path, tmp_path: Path) -> None:
    path, output = excerpt("ministre", tmp_path, duration_s=6), tmp_path / "transcript.json"

    finished = subprocess.run(
        [
            sys.executable,
            *["-m", "media_worker", "transcribe", str(path)],
            *["--language", "fr", "--speakers", "1", "--output", str(output)],
        ],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=300,
    )

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    result = TranscriptionResult.from_json(json.loads(output.read_text()))
    assert "bonjour a toutes et a tous" in normalise(result.segments[0].text)
    assert set(result.models) == {"speech", "segmentation", "embedding"}


def test_models_are_described_by_digest(engine: Engine) -> None:
    assert describe(engine.manifest)["speech"].startswith("whisper-base@sha256:905e5bf8336bcc62")


def excerpt(who: str, folder: Path, *, duration_s: int = 25) -> Path:
    """Cut the first seconds of one participant's track."""
    path = MEDIA / f"piste.{who}.webm"
    sound = decode_audio(path, folder / f"{who}.raw", max_duration_s=3600, report=lambda fraction: None)
    return write_wav(folder / f"{who}.wav", sound.samples[: duration_s * SAMPLE_RATE])


def write_wav(path: Path, samples: Any) -> Path:
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(SAMPLE_RATE)
        target.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path
