"""Write a transcript as JSON, WebVTT, plain text or RTTM."""

from __future__ import annotations

import json
from collections.abc import Callable

from .transcript import Segment, TranscriptionResult


def write_json(result: TranscriptionResult, _name: str) -> str:
    return json.dumps(result.to_json(), ensure_ascii=False, indent=2) + "\n"


def write_vtt(result: TranscriptionResult, _name: str) -> str:
    """Write WebVTT with a voice span for each cue (https://www.w3.org/TR/webvtt1/)."""
    names = speaker_names(result)
    cues = [
        f"{_vtt_time(segment.start)} --> {_vtt_time(segment.end)}\n{_vtt_cue(segment, names)}\n"
        for segment in result.segments
    ]
    return "\n".join(["WEBVTT\n", *cues])


def write_text(result: TranscriptionResult, _name: str) -> str:
    """Write one line per segment: its time, who speaks and what is said."""
    names = speaker_names(result)
    return "".join(
        f"[{_clock(segment.start)}] {_speaker(segment, names)}: {segment.text}\n" for segment in result.segments
    )


def write_rttm(result: TranscriptionResult, name: str) -> str:
    """Write who speaks when, in NIST's RTTM; name is that of the recording, without spaces."""
    recording = "_".join(name.split()) or "recording"
    return "".join(
        f"SPEAKER {recording} 1 {segment.start:.3f} {segment.end - segment.start:.3f} "
        f"<NA> <NA> {segment.speaker or 'unknown'} <NA> <NA>\n"
        for segment in result.segments
    )


WRITERS: dict[str, Callable[[TranscriptionResult, str], str]] = {
    "json": write_json,
    "vtt": write_vtt,
    "txt": write_text,
    "rttm": write_rttm,
}


def speaker_names(result: TranscriptionResult) -> dict[str, str]:
    return {speaker.label: speaker.name or speaker.label for speaker in result.speakers}


def _speaker(segment: Segment, names: dict[str, str]) -> str:
    return "?" if segment.speaker is None else names[segment.speaker]


def _vtt_cue(segment: Segment, names: dict[str, str]) -> str:
    text = _vtt_escape(segment.text)
    if segment.speaker is None:
        return text
    return f"<v {_vtt_escape(names[segment.speaker])}>{text}</v>"


def _vtt_escape(text: str) -> str:
    """Escape cue text; a line break would end a cue, and "-->" is not allowed in one."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split())


def _vtt_time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{_hours(milliseconds // 1000)}.{milliseconds % 1000:03d}"


def _clock(seconds: float) -> str:
    return _hours(int(seconds))


def _hours(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
