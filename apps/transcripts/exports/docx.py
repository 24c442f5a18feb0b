"""DOCX: a document to read and file, with headings, a language, and the same bytes for the same version."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC
from xml.sax.saxutils import escape

import docx
from django.utils.translation import gettext as _
from docx.document import Document
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml

from apps.transcripts.exports.document import Line, TranscriptDocument
from visio_portal.dates import written

LOCALES = {"fr": "fr-FR", "en": "en-GB"}
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP holds
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Written as XML: through python-docx's objects 12,000 turns take 18 s instead of half a one.
TURN = (
    f"<w:p {nsdecls('w')}>"
    '<w:pPr><w:spacing w:after="120"/></w:pPr>'
    '<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">{name}</w:t></w:r>'
    '<w:r><w:rPr><w:color w:val="5A5A5A"/></w:rPr><w:t xml:space="preserve">  {time}</w:t><w:br/></w:r>'
    '<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
    "</w:p>"
)


def to_docx(document: TranscriptDocument) -> bytes:
    """Return the document as DOCX; its own words are in the active language, which should be the text's."""
    word = docx.Document()
    _describe(word, document)
    word.add_heading(_clean(document.title), level=0)
    for line in _particulars(document):
        word.add_paragraph(_clean(line))
    if document.speakers:
        word.add_heading(_("Speakers"), level=1)
        for speaker in document.speakers:
            word.add_paragraph(_clean(speaker), style="List Bullet")
    word.add_heading(_("Transcript"), level=1)
    last = word.element.body.sectPr
    for turn in turns(document.lines):
        last.addprevious(parse_xml(_turn_xml(turn)))
    return _with_fixed_dates(word)


def turns(lines: tuple[Line, ...]) -> Iterator[list[Line]]:
    """Join consecutive lines of one speaker."""
    turn: list[Line] = []
    for line in lines:
        if turn and line.speaker != turn[0].speaker:
            yield turn
            turn = []
        turn.append(line)
    if turn:
        yield turn


def clock(seconds: float) -> str:
    """Return H:MM:SS."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _describe(word: Document, document: TranscriptDocument) -> None:
    """Set the language of all text, and properties that depend on the version alone."""
    defaults = word.styles.element.find(qn("w:docDefaults"))
    language = defaults.find(f".//{qn('w:lang')}")
    language.set(qn("w:val"), LOCALES.get(document.language, document.language or "und"))
    properties = word.core_properties
    properties.title = _clean(document.title)[:255]
    properties.author = properties.last_modified_by = _clean(document.organization)[:255]
    properties.language = document.language
    properties.comments = ""
    properties.created = properties.modified = document.started_at.astimezone(UTC).replace(tzinfo=None)
    properties.revision = document.version + 1


def _particulars(document: TranscriptDocument) -> list[str]:
    status = _("approved") if document.is_approved else _("not approved yet")
    return [
        document.organization,
        written(document.started_at, "DATETIME_FORMAT"),
        _("Length: %(length)s") % {"length": clock(document.duration_s)},
        _("Version %(number)s, %(status)s") % {"number": document.version, "status": status},
    ]


def _turn_xml(turn: list[Line]) -> str:
    """Return a paragraph: who in bold, when in grey, and the words below."""
    return TURN.format(
        name=escape(_clean(turn[0].speaker or _("Unknown voice"))),
        time=clock(turn[0].start_s),
        text=escape(_clean(" ".join(" ".join(line.text for line in turn).split()))),
    )


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return NOT_IN_XML.sub("", text)


def _with_fixed_dates(word: Document) -> bytes:
    """Return the document's ZIP with one date for all its members."""
    written, fixed = io.BytesIO(), io.BytesIO()
    word.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w") as target:
        for member in source.infolist():
            entry = zipfile.ZipInfo(member.filename, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(member))
    return fixed.getvalue()
