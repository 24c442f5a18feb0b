"""Why a recording was refused or a job failed: stable codes, and what a person reads."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What the portal itself finds, beside the worker's own codes.
WORKER_LOST = "worker_lost"
INVALID_RESULT = "invalid_result"

JOB_FAILURES: dict[str, Promise] = {
    "no_audio_in_file": _("The file holds no sound that could be transcribed."),
    "media_duration_too_long": _("The recording is longer than what can be transcribed at once."),
    "corrupted_audio_file": _("The sound of the file is damaged and could not be read to its end."),
    "source_unavailable": _("The recording could not be fetched from the store, also after several attempts."),
    "out_of_memory": _("The recording needs more memory than the transcription machine has."),
    "cancelled": _("The transcription was cancelled."),
    WORKER_LOST: _("The transcription machine stopped answering, also after several attempts."),
    INVALID_RESULT: _("The transcription machine sent a result that the portal cannot read."),
}
UNKNOWN_FAILURE = _("The transcription failed for an unforeseen reason. The operations team can see it.")

MEDIA_REFUSALS: dict[str, Promise] = {
    "empty": _("The file is empty."),
    "not_media": _("This is not a recording that the portal reads: WebM, Ogg, MP3, M4A, MP4 or WAV."),
    "truncated": _("The file is incomplete or damaged: its end is missing. Export or copy it once more."),
    "no_audio": _("The file holds no sound: it has no audio track."),
    "too_long": _("The recording lasts more than 12 hours. Cut it into several files."),
    "too_large": _("The file has more than 2 GB. Keep the sound alone, or cut it into several files."),
    "too_slow": _("The file could not be checked in time. Convert it to MP3 or M4A and try again."),
}


class MediaRefused(Exception):
    """A file that cannot be transcribed: ``code`` is stable, the text is for the person."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(MEDIA_REFUSALS[code])

    def __str__(self) -> str:
        return str(MEDIA_REFUSALS[self.code])


def job_failure(code: str) -> Promise:
    """Return what a person reads about a failed job's code."""
    return JOB_FAILURES.get(code, UNKNOWN_FAILURE)
