"""State what the portal and the media worker say to each other, as versioned JSON.

Only the standard library is used here: the portal imports this module and nothing else of
the worker. Every message has `from_json` (strict: ContractError names the field and the
fault) and `to_json`/`to_bytes`; both sides test against the files in tests/golden.

The course of a job: the broker message of task TASK_NAME carries job, attempt, claim_url and
claim_secret. The worker posts a ClaimRequest to claim_url with the secret as its bearer
token and gets a TranscriptionRequest; from then on it uses the request's run_token. It posts
Progress at least every HEARTBEAT_INTERVAL_S and obeys the ProgressReply, whose links replace
the former ones. It ends with the parts of a TranscriptionResult and a Completion, or with a
Failure. All times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from .strictjson import ContractError, Fields, Message, read_address, read_text
from .transcript import (
    VERSION,
    NameOrigin,
    Segment,
    Speaker,
    TranscriptionResult,
    Word,
)

__all__ = [
    "CLAIM_EXPIRY_S",
    "HEARTBEAT_INTERVAL_S",
    "PART_BYTES",
    "QUEUE_NAME",
    "TASK_NAME",
    "VERSION",
    "Action",
    "ClaimRequest",
    "Completion",
    "ContractError",
    "EventType",
    "Failure",
    "FailureCode",
    "Links",
    "ModelReference",
    "NameOrigin",
    "PartUpload",
    "Progress",
    "ProgressReply",
    "Refusal",
    "Segment",
    "Speaker",
    "SpeechEvent",
    "Stage",
    "Track",
    "TranscriptionRequest",
    "TranscriptionResult",
    "Word",
    "WorkerIdentity",
]

TASK_NAME = "media_worker.transcribe"
QUEUE_NAME = "media"
PART_BYTES = 8 * 1024 * 1024
"""Size of every part of a result but the last, and the most that a partial result may take."""
HEARTBEAT_INTERVAL_S = 5
CLAIM_EXPIRY_S = 60
"""A claim whose last heartbeat is older than this may be taken over by another run."""


class Stage(StrEnum):
    DECODE = "decode"
    SPEECH = "speech"
    DIARIZATION = "diarization"
    SPEAKERS = "speakers"
    RESULT = "result"


class Action(StrEnum):
    """What the portal asks for in its answer to a progress message."""

    CONTINUE = "continue"
    CANCEL = "cancel"
    SUPERSEDED = "superseded"


class Refusal(StrEnum):
    """Codes in the body {"code": ...} of a 409 or 422 answer."""

    ALREADY_CLAIMED = "already_claimed"
    SUPERSEDED = "superseded"
    FINISHED = "finished"
    DIGEST_MISMATCH = "digest_mismatch"


class FailureCode(StrEnum):
    NO_AUDIO_IN_FILE = "no_audio_in_file"
    MEDIA_DURATION_TOO_LONG = "media_duration_too_long"
    CORRUPTED_AUDIO_FILE = "corrupted_audio_file"
    UNKNOWN_ERROR = "unknown_error"
    SOURCE_UNAVAILABLE = "source_unavailable"
    OUT_OF_MEMORY = "out_of_memory"
    CANCELLED = "cancelled"


class EventType(StrEnum):
    SPEECH_START = "speech_start"
    SPEECH_END = "speech_end"
    PARTICIPANT_CONNECTED = "participant_connected"
    PARTICIPANT_DISCONNECTED = "participant_disconnected"
    CHAT_RECEIVED = "chat_received"


@dataclass(frozen=True)
class ModelReference(Message):
    """One model of a worker: its name and the SHA-256 digest of its weights."""

    name: str
    sha256: str

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.text("name"), values.digest("sha256"))


@dataclass(frozen=True)
class WorkerIdentity(Message):
    """The worker that claims: name is its Celery node name (media@host)."""

    name: str
    version: str
    models: Mapping[str, ModelReference]

    @classmethod
    def read(cls, values: Fields) -> Self:
        models = values.by_name("models", ModelReference.from_json)
        return cls(values.text("name"), values.text("version"), models)


@dataclass(frozen=True)
class ClaimRequest(Message):
    attempt: int
    run: UUID
    worker: WorkerIdentity
    version: int = VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            version=values.version(VERSION),
            attempt=values.integer("attempt", minimum=1),
            run=values.uuid("run"),
            worker=values.part("worker", WorkerIdentity.from_json),
        )


@dataclass(frozen=True)
class Links(Message):
    """Absolute addresses for the run; signed ones expire and are renewed by each progress.

    result_parts[i] takes part number i + 1 of the result with PUT.
    """

    progress: str
    complete: str
    fail: str
    partial_get: str | None
    partial_put: str
    result_parts: tuple[str, ...]

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            progress=values.address("progress"),
            complete=values.address("complete"),
            fail=values.address("fail"),
            partial_get=values.optional_address("partial_get"),
            partial_put=values.address("partial_put"),
            result_parts=values.parts("result_parts", read_address),
        )


@dataclass(frozen=True)
class Track(Message):
    """One recorded sound; participant is the name of who speaks in it, where it is known."""

    url: str
    size_bytes: int
    participant: str | None

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            url=values.address("url"),
            size_bytes=values.integer("size_bytes", minimum=1),
            participant=values.optional_text("participant"),
        )


@dataclass(frozen=True)
class SpeechEvent(Message):
    """Who did what when, as the conference saw it; timestamp counts from the recording's start.

    name is the participant's displayed name, null where it is not known.
    """

    participant_id: str
    name: str | None
    type: EventType
    timestamp: float

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            participant_id=values.text("participant_id"),
            name=values.optional_text("name"),
            type=values.choice("type", EventType),
            timestamp=values.number("timestamp"),
        )


@dataclass(frozen=True)
class TranscriptionRequest(Message):
    """The work of one run: language is ISO 639-1 or null (detect), speakers a count or null."""

    job: UUID
    attempt: int
    run: UUID
    run_token: str
    tracks: tuple[Track, ...]
    language: str | None
    speakers: int | None
    vocabulary: tuple[str, ...]
    events: tuple[SpeechEvent, ...]
    links: Links
    version: int = VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        tracks = values.parts("tracks", Track.from_json)
        if not tracks:
            raise values.refuse("tracks", "at least one track")
        return cls(
            version=values.version(VERSION),
            job=values.uuid("job"),
            attempt=values.integer("attempt", minimum=1),
            run=values.uuid("run"),
            run_token=values.text("run_token"),
            tracks=tracks,
            language=values.optional_text("language"),
            speakers=values.optional_integer("speakers", minimum=1),
            vocabulary=values.parts("vocabulary", read_text),
            events=values.parts("events", SpeechEvent.from_json),
            links=values.part("links", Links.from_json),
        )


@dataclass(frozen=True)
class Progress(Message):
    """The heartbeat of a run: fractions run from 0 to 1, sequence rises with each message."""

    run: UUID
    sequence: int
    stage: Stage
    fraction: float
    stage_fraction: float
    version: int = VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            version=values.version(VERSION),
            run=values.uuid("run"),
            sequence=values.integer("sequence", minimum=1),
            stage=values.choice("stage", Stage),
            fraction=values.number("fraction", maximum=1),
            stage_fraction=values.number("stage_fraction", maximum=1),
        )


@dataclass(frozen=True)
class ProgressReply(Message):
    action: Action
    links: Links

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.choice("action", Action), values.part("links", Links.from_json))


@dataclass(frozen=True)
class PartUpload(Message):
    """One part of the result as it was put: numbers count from 1."""

    number: int
    size_bytes: int
    sha256: str

    @classmethod
    def read(cls, values: Fields) -> Self:
        size_bytes = values.integer("size_bytes", minimum=1)
        if size_bytes > PART_BYTES:
            raise values.refuse("size_bytes", f"at most {PART_BYTES} bytes")
        return cls(values.integer("number", minimum=1), size_bytes, values.digest("sha256"))


@dataclass(frozen=True)
class Completion(Message):
    """Ends a run with its result: the parts joined in order have size_bytes and sha256."""

    run: UUID
    sequence: int
    sha256: str
    size_bytes: int
    parts: tuple[PartUpload, ...]
    version: int = VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        parts = values.parts("parts", PartUpload.from_json)
        if [part.number for part in parts] != list(range(1, len(parts) + 1)) or not parts:
            raise values.refuse("parts", "the parts 1, 2, ... in their order")
        size_bytes = values.integer("size_bytes", minimum=1)
        if sum(part.size_bytes for part in parts) != size_bytes:
            raise values.refuse("size_bytes", "the sum of the sizes of the parts")
        return cls(
            version=values.version(VERSION),
            run=values.uuid("run"),
            sequence=values.integer("sequence", minimum=1),
            sha256=values.digest("sha256"),
            size_bytes=size_bytes,
            parts=parts,
        )


@dataclass(frozen=True)
class Failure(Message):
    """Ends a run without result; detail is for the operator and holds nothing personal."""

    run: UUID
    sequence: int
    code: FailureCode
    retryable: bool
    detail: str
    version: int = VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(
            version=values.version(VERSION),
            run=values.uuid("run"),
            sequence=values.integer("sequence", minimum=1),
            code=values.choice("code", FailureCode),
            retryable=values.flag("retryable"),
            detail=values.text("detail"),
        )
