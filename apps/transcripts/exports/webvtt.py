"""WebVTT: subtitles with a voice per cue (https://www.w3.org/TR/webvtt1/)."""

from apps.transcripts.exports.document import Line, TranscriptDocument


def to_webvtt(document: TranscriptDocument) -> bytes:
    """Return the document as WebVTT in UTF-8; lines without words make no cue."""
    header = f"WEBVTT - {_one_line(document.title).replace('-->', '→')}"  # no escapes stand there
    language = [f"NOTE language: {document.language}"] if document.language else []
    cues = [_cue(number, line) for number, line in enumerate(document.lines, start=1) if line.text.strip()]
    return ("\n\n".join([header, *language, *cues]) + "\n").encode()


def _cue(number: int, line: Line) -> str:
    # A cue must end after it starts.
    start_ms = round(line.start_s * 1000)
    end_ms = max(round(line.end_s * 1000), start_ms + 1)
    text = escape(_one_line(line.text))
    voiced = f"<v {escape(_one_line(line.speaker))}>{text}" if line.speaker else text
    return f"{number}\n{timestamp(start_ms)} --> {timestamp(end_ms)}\n{voiced}"


def timestamp(milliseconds: int) -> str:
    """Return HH:MM:SS.mmm; hours take more digits where they need them."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def escape(text: str) -> str:
    """Escape what would be markup; without a bare ``>`` there is no ``-->`` either."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _one_line(text: str) -> str:
    """Return the text without line breaks: an empty line would end the cue."""
    return " ".join(text.split())
