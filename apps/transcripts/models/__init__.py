"""Recordings, the jobs that transcribe them, the transcripts that people correct, and Visio's orders."""

from apps.transcripts.models.recordings import (
    Recording,
    RecordingTrack,
    Revision,
    Segment,
    Speaker,
    Transcript,
    TranscriptionJob,
    TranscriptReader,
)
from apps.transcripts.models.service import ServiceJob, TranscriptionService

__all__ = [
    "Recording",
    "RecordingTrack",
    "Revision",
    "Segment",
    "ServiceJob",
    "Speaker",
    "Transcript",
    "TranscriptReader",
    "TranscriptionJob",
    "TranscriptionService",
]
