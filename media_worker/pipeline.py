"""Run the stages decode, speech, diarization, speakers, result over the tracks of a meeting."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import ctranslate2
import numpy as np
import torch

from .audio import Sound, decode_audio
from .contract import SpeechEvent, Stage
from .diarization import Diarizer, Turn, diarize, embed_voices, load_diarizer
from .models import (
    DIARIZATION_FOLDER,
    EMBEDDING_FOLDER,
    SPEECH_FOLDER,
    Manifest,
    describe,
    verify,
)
from .naming import name_voices, speech_spans
from .partial import Partial
from .segments import SpokenWord, join_words
from .speakers import assign_speakers, cut_units
from .speech import Recogniser, Speech, load_recogniser, recognise
from .transcript import NameOrigin, Segment, Speaker, TranscriptionResult

Report = Callable[[Stage, float, float], None]
"""Takes stage, overall fraction and fraction of the stage; raises to stop the pipeline."""

DEFAULT_MAX_DURATION_S = 6 * 3600
STAGE_SHARES = {
    Stage.DECODE: (0.0, 0.02),
    Stage.SPEECH: (0.02, 0.38),
    Stage.DIARIZATION: (0.38, 0.85),
    Stage.SPEAKERS: (0.85, 0.99),
    Stage.RESULT: (0.99, 1.0),
}


@dataclass(frozen=True)
class Engine:
    """The loaded models of one process."""

    manifest: Manifest
    recogniser: Recogniser
    diarizer: Diarizer


@dataclass(frozen=True)
class Source:
    """The file of one track; participant is the name of who speaks in it, where it is known."""

    path: Path
    participant: str | None = None


@dataclass(frozen=True)
class Options:
    language: str | None = None
    speakers: int | None = None
    vocabulary: Sequence[str] = ()
    events: Sequence[SpeechEvent] = ()
    max_duration_s: float = DEFAULT_MAX_DURATION_S


@dataclass
class _Clock:
    """Turns the fraction of a track's stage into overall progress, and times the stages."""

    report: Report
    tracks: int
    timings: dict[str, float] = field(default_factory=dict)
    stage: Stage = Stage.DECODE
    since: float = 0.0
    done: float = 0.0

    def enter(self, stage: Stage) -> None:
        self.stop()
        self.stage, self.since, self.done = stage, time.monotonic(), 0.0
        self.step(0, 0.0)

    def stop(self) -> None:
        if self.since:
            self.timings[self.stage.value] = round(time.monotonic() - self.since, 3)

    def step(self, track: int, fraction: float) -> None:
        low, high = STAGE_SHARES[self.stage]
        self.done = max(self.done, min(1.0, (track + float(fraction)) / self.tracks))
        self.report(self.stage, low + (high - low) * self.done, self.done)

    def of_track(self, track: int) -> Callable[[float], None]:
        return lambda fraction: self.step(track, fraction)


def load_engine(folder: Path) -> Engine:
    """Verify and load the models of a folder, on CUDA where there is one; raise ModelsError."""
    manifest = verify(folder)
    has_cuda = torch.cuda.is_available() and ctranslate2.get_cuda_device_count() > 0
    device = "cuda" if has_cuda else "cpu"
    recogniser = load_recogniser(folder / SPEECH_FOLDER, device=device)
    diarizer = load_diarizer(folder / DIARIZATION_FOLDER, embedding=folder / EMBEDDING_FOLDER, device=device)
    return Engine(manifest, recogniser, diarizer)


def transcribe(
    engine: Engine,
    sources: Sequence[Source],
    options: Options,
    *,
    scratch: Path,
    report: Report,
    partial: Partial | None = None,
    keep: Callable[[Partial], None] = lambda partial: None,
) -> TranscriptionResult:
    """Transcribe the tracks of one meeting, which share their start.

    scratch is a folder for decoded sound. keep takes what finished stages found; partial is what a
    former run kept. Raise MediaError for a recording that cannot be transcribed, and whatever
    report raises to stop.
    """
    kept = partial or Partial(describe(engine.manifest), {}, {})
    run = _Run(engine, sources, options, _Clock(report, len(sources)), kept, keep)
    sounds = run.decode(scratch)
    speeches = run.recognise(sounds)
    turns = run.diarize(sounds, speeches)
    segments, speakers = run.attribute(sounds, speeches, turns)
    return run.conclude(sounds, speeches, segments, speakers)


@dataclass
class _Run:
    """The course of the stages over the tracks of one meeting."""

    engine: Engine
    sources: Sequence[Source]
    options: Options
    clock: _Clock
    kept: Partial
    keep: Callable[[Partial], None]

    def decode(self, scratch: Path) -> list[Sound]:
        self.clock.enter(Stage.DECODE)
        return [
            decode_audio(
                source.path,
                scratch / f"track-{track}.f32",
                max_duration_s=self.options.max_duration_s,
                report=self.clock.of_track(track),
            )
            for track, source in enumerate(self.sources)
        ]

    def recognise(self, sounds: Sequence[Sound]) -> list[Speech]:
        self.clock.enter(Stage.SPEECH)
        speeches: list[Speech] = []
        language = self.options.language
        vocabulary = self.options.vocabulary if self.engine.manifest.is_vocabulary_used else ()
        for track, sound in enumerate(sounds):
            speech = self.kept.speech_of(track)
            if speech is None:
                speech = recognise(
                    self.engine.recogniser,
                    sound,
                    language=language,
                    vocabulary=vocabulary,
                    report=self.clock.of_track(track),
                )
                self.kept = self.kept.with_speech(track, speech)
                self.keep(self.kept)
            language = language or speech.language
            speeches.append(speech)
        return speeches

    def diarize(self, sounds: Sequence[Sound], speeches: Sequence[Speech]) -> list[tuple[Turn, ...]]:
        """Return the turns of each track; those of one known participant need none."""
        self.clock.enter(Stage.DIARIZATION)
        turns: list[tuple[Turn, ...]] = []
        for track, (source, sound, speech) in enumerate(zip(self.sources, sounds, speeches, strict=True)):
            found = self.kept.turns_of(track)
            if found is None and source.participant is None and speech.words:
                report = self.clock.of_track(track)
                diarizer = self.engine.diarizer
                found = diarize(diarizer, sound, speakers=self.unnamed_speakers(), report=report)
                self.kept = self.kept.with_turns(track, found)
                self.keep(self.kept)
            turns.append(found or ())
        return turns

    def attribute(
        self,
        sounds: Sequence[Sound],
        speeches: Sequence[Speech],
        turns: Sequence[tuple[Turn, ...]],
    ) -> tuple[list[Segment], list[Speaker]]:
        """Return the segments of all tracks in the order of their times, and their speakers."""
        self.clock.enter(Stage.SPEAKERS)
        segments: list[Segment] = []
        speakers: dict[str, Speaker] = {}
        for track, (source, sound, speech) in enumerate(zip(self.sources, sounds, speeches, strict=True)):
            if not speech.words:
                continue
            if source.participant is not None:
                key = f"participant {source.participant}"
                label = speakers[key].label if key in speakers else _label(len(speakers))
                speakers[key] = Speaker(label, source.participant, NameOrigin.TRACK, 1.0)
                labels = [label] * len(speech.words)
            else:
                numbers = self.voices(track, sound, speech, turns[track])
                labels = [_label(len(speakers) + number) for number in numbers]
                for label in sorted(set(labels)):
                    speakers[label] = Speaker(label, None, None, None)
            spoken = zip(speech.words, labels, strict=True)
            segments += join_words([SpokenWord(word, label) for word, label in spoken])
        segments.sort(key=lambda segment: (segment.start, segment.end))
        return segments, list(speakers.values())

    def voices(self, track: int, sound: Sound, speech: Speech, turns: tuple[Turn, ...]) -> list[int]:
        """Return the number of the voice that speaks each word of a track."""
        units = cut_units(speech.words, turns)
        embeddings = embed_voices(
            self.engine.diarizer,
            sound,
            [(unit.start, unit.end) for unit in units],
            report=self.clock.of_track(track),
        )
        numbers = assign_speakers(
            units,
            embeddings,
            distance=self.engine.manifest.voice_distance,
            speakers=self.unnamed_speakers(),
        )
        sizes = [unit.last - unit.first for unit in units]
        return [int(number) for number in np.repeat(numbers, sizes)]

    def unnamed_speakers(self) -> int | None:
        """Return how many speakers the one track without a participant has, where it is known."""
        named = {source.participant for source in self.sources} - {None}
        unnamed = sum(source.participant is None for source in self.sources)
        if self.options.speakers is None or unnamed != 1:
            return None
        return max(1, self.options.speakers - len(named))

    def conclude(
        self,
        sounds: Sequence[Sound],
        speeches: Sequence[Speech],
        segments: list[Segment],
        speakers: list[Speaker],
    ) -> TranscriptionResult:
        self.clock.enter(Stage.RESULT)
        duration_s = max(sound.duration_s for sound in sounds)
        named = name_voices(segments, speech_spans(self.options.events, duration_s))
        self.clock.step(len(sounds) - 1, 1.0)
        self.clock.stop()
        return TranscriptionResult(
            language=next((speech.language for speech in speeches if speech.language), None),
            duration_s=round(duration_s, 3),
            segments=tuple(segments),
            speakers=tuple(_named(speaker, named) for speaker in speakers),
            models=describe(self.engine.manifest),
            timings=self.clock.timings,
        )


def _label(number: int) -> str:
    return f"SPK{number + 1:02d}"


def _named(speaker: Speaker, named: Mapping[str, tuple[str, float]]) -> Speaker:
    """Name a speaker from the metadata unless the track has named it."""
    if speaker.name is not None or speaker.label not in named:
        return speaker
    name, confidence = named[speaker.label]
    return Speaker(speaker.label, name, NameOrigin.METADATA, confidence)
