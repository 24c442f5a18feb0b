"""Who spoke when, as Visio saw it: its metadata file becomes the events that a media worker names voices by.

The file (suitenumerique/meet, src/agents/metadata_collector.py): ``events`` of ``participant_id``, ``type`` and
``timestamp`` (ISO 8601, absolute), and ``participants`` of ``participantId`` and ``name``.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from media_worker.contract import EventType, SpeechEvent

SPOKEN = (EventType.SPEECH_START.value, EventType.SPEECH_END.value)  # the others name nobody
EVENTS_MAX = 50_000
TEXT_MAX = 200  # characters of an identity or a name
UNSTORABLE = re.compile("[\x00-\x1f\ud800-\udfff]")


class MetadataUnreadable(ValueError):
    """The file is not what Visio writes; the recording is transcribed without names."""


def speech_events(content: bytes, started_at: datetime) -> list[dict[str, Any]]:
    """Return the events as JSON of ``SpeechEvent``, in seconds from the recording's start.

    What was said before counts from 0; an entry that is not understood is left out. Raises MetadataUnreadable.
    """
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MetadataUnreadable("no JSON") from error
    match read:
        case {"events": list(events), "participants": list(participants)}:
            names = dict(filter(None, map(_participant, participants)))
        case _:
            raise MetadataUnreadable("no events or participants")
    found = (_event(event, names, started_at) for event in events[:EVENTS_MAX])
    return [event.to_json() for event in found if event is not None]


def stored_events(rows: list[dict[str, Any]]) -> tuple[SpeechEvent, ...]:
    """Return what ``speech_events`` made, for the worker."""
    return tuple(SpeechEvent.from_json(row) for row in rows)


def _participant(entry: object) -> tuple[str, str] | None:
    match entry:
        case {"participantId": str(identity), "name": str(name)} if identity and name.strip():
            return identity, " ".join(UNSTORABLE.sub(" ", name).split())[:TEXT_MAX]
        case _:
            return None


def _event(entry: object, names: Mapping[str, str], started_at: datetime) -> SpeechEvent | None:
    match entry:
        case {"participant_id": str(identity), "type": str(kind), "timestamp": str(stamp)} if kind in SPOKEN:
            pass
        case _:
            return None
    try:
        moment = datetime.fromisoformat(stamp)
        seconds = (moment - started_at).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no time, or one without a zone
        return None
    name = names.get(identity)
    if not name or not math.isfinite(seconds):
        return None
    return SpeechEvent(UNSTORABLE.sub(" ", identity)[:TEXT_MAX], name, EventType(kind), max(0.0, round(seconds, 3)))
