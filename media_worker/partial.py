"""Keep what finished stages found, so that another run of the same job need not repeat them.

Only words and turns are kept, never voice embeddings: those are biometric data.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .diarization import Turn
from .speech import Speech, TimedWord
from .strictjson import ContractError, Fields, Message, read_text

PARTIAL_VERSION = 1


@dataclass(frozen=True)
class KeptWord(Message):
    text: str
    start: float
    end: float
    score: float

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            values.text("text"),
            values.number("start"),
            values.number("end"),
            values.number("score", maximum=1),
        )


@dataclass(frozen=True)
class KeptTurn(Message):
    start: float
    end: float
    speaker: str

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.number("start"), values.number("end"), values.text("speaker"))


@dataclass(frozen=True)
class KeptSpeech(Message):
    language: str | None
    words: tuple[KeptWord, ...]

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.optional_text("language"), values.parts("words", KeptWord.from_json))


@dataclass(frozen=True)
class KeptTurns(Message):
    turns: tuple[KeptTurn, ...]

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.parts("turns", KeptTurn.from_json))


@dataclass(frozen=True)
class Partial(Message):
    """Finished stages by number of the track ("0", "1", ...), and the models that made them."""

    models: Mapping[str, str]
    speech: Mapping[str, KeptSpeech]
    turns: Mapping[str, KeptTurns]
    version: int = PARTIAL_VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            version=values.version(PARTIAL_VERSION),
            models=values.by_name("models", read_text),
            speech=values.by_name("speech", KeptSpeech.from_json),
            turns=values.by_name("turns", KeptTurns.from_json),
        )

    def speech_of(self, track: int) -> Speech | None:
        kept = self.speech.get(str(track))
        if kept is None:
            return None
        words = (TimedWord(word.text, word.start, word.end, word.score) for word in kept.words)
        return Speech(kept.language, tuple(words))

    def turns_of(self, track: int) -> tuple[Turn, ...] | None:
        kept = self.turns.get(str(track))
        if kept is None:
            return None
        return tuple(Turn(turn.start, turn.end, turn.speaker) for turn in kept.turns)

    def with_speech(self, track: int, speech: Speech) -> Partial:
        words = (KeptWord(word.text, word.start, word.end, word.score) for word in speech.words)
        kept = KeptSpeech(speech.language, tuple(words))
        return Partial(self.models, {**self.speech, str(track): kept}, self.turns)

    def with_turns(self, track: int, turns: tuple[Turn, ...]) -> Partial:
        kept = KeptTurns(tuple(KeptTurn(turn.start, turn.end, turn.speaker) for turn in turns))
        return Partial(self.models, self.speech, {**self.turns, str(track): kept})


def pack_partial(partial: Partial) -> bytes:
    return gzip.compress(partial.to_bytes(), mtime=0)


def unpack_partial(packed: bytes, models: Mapping[str, str]) -> Partial:
    """Read a packed partial; one that is damaged or made by other models counts as empty."""
    empty = Partial(models, {}, {})
    try:
        partial = Partial.from_json(gzip.decompress(packed))
    except (ContractError, EOFError, OSError, zlib.error):
        return empty
    return partial if partial.models == models else empty
