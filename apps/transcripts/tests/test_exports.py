"""Exports, read back by other programs' eyes."""

import io
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import docx
import pytest
import webvtt
from django.utils import translation

from apps.tenants.models import JournalEvent
from apps.tenants.scoping import tenant_scope
from apps.transcripts.exports.document import Line, TranscriptDocument, document_of
from apps.transcripts.exports.docx import to_docx, turns
from apps.transcripts.exports.webvtt import to_webvtt
from apps.transcripts.models import Segment, Speaker, Transcript
from apps.transcripts.operations import ExportFormat, export_transcript
from apps.transcripts.tests.factories import TranscriptFactory

DOCUMENT = TranscriptDocument(
    title="Comité & --> pilotage",
    organization="Ministère de l’Exemple",
    started_at=datetime(2026, 3, 10, 14, 0, tzinfo=ZoneInfo("Europe/Paris")),
    duration_s=3725.4,
    language="fr",
    version=2,
    is_approved=False,
    speakers=("Claire Dupont", "Intervenant 2"),
    lines=(
        Line(0.62, 1.9, "Claire Dupont", "Bonjour à <tous> & merci --> d’être là."),
        Line(1.9, 1.9, "Claire Dupont", "Deux\n\nlignes\x01."),
        Line(3600.0, 3601.5, "A <b> & C", "Oui."),
        Line(3602.0, 3603.0, "", "Sans voix."),
        Line(3604.0, 3605.0, "", "  "),
    ),
)


# --- WebVTT


def test_webvtt_is_read_back_by_another_program() -> None:
    captions = webvtt.from_buffer(io.StringIO(to_webvtt(DOCUMENT).decode())).captions

    assert [(caption.start, caption.end) for caption in captions] == [
        ("00:00:00.620", "00:00:01.900"),
        ("00:00:01.900", "00:00:01.901"),
        ("01:00:00.000", "01:00:01.500"),
        ("01:00:02.000", "01:00:03.000"),
    ]
    assert captions[0].voice == "Claire Dupont"


def test_webvtt_escapes_markup() -> None:
    lines = to_webvtt(DOCUMENT).decode().splitlines()

    assert lines[0] == "WEBVTT - Comité & → pilotage"
    assert "<v Claire Dupont>Bonjour à &lt;tous&gt; &amp; merci --&gt; d’être là." in lines
    assert "<v A &lt;b&gt; &amp; C>Oui." in lines
    assert "Sans voix." in lines
    assert sum("-->" in line for line in lines) == 4


def test_webvtt_of_silence_is_a_header() -> None:
    silence = TranscriptDocument(**{**vars(DOCUMENT), "lines": (), "language": ""})

    assert to_webvtt(silence) == "WEBVTT - Comité & → pilotage\n".encode()


# --- DOCX


def test_docx_is_read_back_by_another_program() -> None:
    with translation.override("fr"):
        word = docx.Document(io.BytesIO(to_docx(DOCUMENT)))

    headings = [p.text for p in word.paragraphs if p.style is not None and (p.style.name or "").startswith("Heading")]
    assert len(headings) == 2
    assert word.paragraphs[0].text == DOCUMENT.title
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "Claire Dupont  0:00:00\nBonjour à <tous> & merci --> d’être là. Deux" in text
    assert "A <b> & C  1:00:00\nOui." in text
    assert "\x01" not in text


def test_docx_writes_the_first_of_a_month_as_french_has_it() -> None:
    first = replace(DOCUMENT, started_at=datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Europe/Paris")))

    with translation.override("fr"):
        word = docx.Document(io.BytesIO(to_docx(first)))

    assert word.paragraphs[2].text == "1er décembre 2026 à 10:00"


def test_docx_says_its_language_and_properties() -> None:
    word = docx.Document(io.BytesIO(to_docx(DOCUMENT)))

    assert 'w:lang w:val="fr-FR"' in word.styles.element.xml
    properties = word.core_properties
    assert (properties.title, properties.author, properties.language) == (DOCUMENT.title, DOCUMENT.organization, "fr")
    assert properties.created == datetime(2026, 3, 10, 13, 0, tzinfo=ZoneInfo("UTC"))


def test_docx_is_the_same_for_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    first = to_docx(DOCUMENT)
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)

    assert to_docx(DOCUMENT) == first


def test_turns_join_lines_of_one_speaker() -> None:
    assert [len(turn) for turn in turns(DOCUMENT.lines)] == [2, 1, 2]
    assert list(turns(())) == []


# --- From a transcript


@pytest.mark.django_db
def test_document_names_voices_and_leaves_others_unnamed() -> None:
    transcript = TranscriptFactory.create()
    with tenant_scope(transcript.tenant_id), translation.override("en"):
        Speaker.objects.filter(label="SPK01").update(name="Claire Dupont")
        Segment.objects.filter(position=2).update(speaker=None)

        document = document_of(Transcript.objects.get())

    assert document.speakers == ("Claire Dupont", "Speaker 2")
    assert [line.speaker for line in document.lines] == ["Claire Dupont", "Speaker 2", ""]
    assert document.started_at.isoformat() == "2026-03-10T14:00:00+01:00"


@pytest.mark.django_db
@pytest.mark.parametrize("export_format", ExportFormat)
def test_export_gives_a_named_file_and_is_journalled(export_format: ExportFormat) -> None:
    transcript = TranscriptFactory.create(recording__meeting__title="Comité / été ../2026")
    member = transcript.recording.uploaded_by

    with tenant_scope(transcript.tenant_id):
        exports = [
            export_transcript(membership=member, transcript=transcript, export_format=export_format) for _ in range(2)
        ]
        events = JournalEvent.objects.filter(action="transcript.exported", object_id=transcript.id)
        formats = [event.data["format"] for event in events]

    assert exports[0] == exports[1]
    assert exports[0].name == f"2026-03-10-comite-ete-2026.{export_format.value}"
    assert formats == [export_format.value] * 2
