"""Describe a transcript: who said which words when. Times are seconds from the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from .strictjson import Fields, Message, read_number, read_text

VERSION = 1


class NameOrigin(StrEnum):
    """Where the name of a speaker comes from."""

    TRACK = "track"
    METADATA = "metadata"


@dataclass(frozen=True)
class Word(Message):
    """A word as written, with its punctuation; score is the recogniser's confidence, 0 to 1."""

    word: str
    start: float | None
    end: float | None
    score: float | None
    speaker: str | None

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            word=values.text("word"),
            start=values.optional_number("start"),
            end=values.optional_number("end"),
            score=values.optional_number("score", maximum=1),
            speaker=values.optional_text("speaker"),
        )


@dataclass(frozen=True)
class Segment(Message):
    """A run of one speaker's words; speaker is the label of a Speaker of the same result."""

    start: float
    end: float
    text: str
    speaker: str | None
    words: tuple[Word, ...]

    @classmethod
    def read(cls, values: Fields) -> Self:
        start, end = values.number("start"), values.number("end")
        if end < start:
            raise values.refuse("end", "a time that is not before start")
        return cls(
            start=start,
            end=end,
            text=values.text("text"),
            speaker=values.optional_text("speaker"),
            words=values.parts("words", Word.from_json),
        )


@dataclass(frozen=True)
class Speaker(Message):
    """One voice: label names it in the segments; name and origin are null while unknown."""

    label: str
    name: str | None
    origin: NameOrigin | None
    confidence: float | None

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            label=values.text("label"),
            name=values.optional_text("name"),
            origin=values.optional_choice("origin", NameOrigin),
            confidence=values.optional_number("confidence", maximum=1),
        )


@dataclass(frozen=True)
class TranscriptionResult(Message):
    """The transcript of a recording in the shape of Visio's own service, with more fields.

    models maps a role to "name@sha256:digest"; timings maps a stage to the seconds it took.
    A recording without speech has no segments.
    """

    language: str | None
    duration_s: float
    segments: tuple[Segment, ...]
    speakers: tuple[Speaker, ...]
    models: Mapping[str, str]
    timings: Mapping[str, float]
    word_segments: tuple[Word, ...] = ()
    version: int = VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        segments = values.parts("segments", Segment.from_json)
        speakers = values.parts("speakers", Speaker.from_json)
        labels = {speaker.label for speaker in speakers}
        if len(labels) != len(speakers):
            raise values.refuse("speakers", "labels that differ")
        if not {segment.speaker for segment in segments} <= labels | {None}:
            raise values.refuse("segments", "speakers that are listed in speakers")
        return cls(
            version=values.version(VERSION),
            language=values.optional_text("language"),
            duration_s=values.number("duration_s"),
            segments=segments,
            speakers=speakers,
            models=values.by_name("models", read_text),
            timings=values.by_name("timings", read_number),
            word_segments=values.parts("word_segments", Word.from_json),
        )
