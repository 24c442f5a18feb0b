"""An edition as documents; each carries its number, its coverage, the age of its data and its digest."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.licensing.dashboards.files import workbook_of
from apps.licensing.dashboards.tables import Column, Table, row
from apps.licensing.editions.content import Content
from apps.licensing.editions.tables import coverage_in_words, tables_of, title_of
from apps.licensing.templatetags.figures import in_words
from visio_portal.dates import written

TEMPLATE = Path(__file__).with_name("edition.typ")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Paper:
    """An edition in words, in the person's language: its title, what stands below it, and its tables."""

    content: Content
    title: str
    lines: list[str]
    tables: list[Table]

    @property
    def language(self) -> str:
        return (get_language() or "fr")[:2]


def paper_of(content: Content, digest: str) -> Paper:
    oldest = content.whole.oldest_on
    lines = [
        _("Leaving Teams and Zoom: figures of the State, frozen on %(day)s") % {"day": written(content.frozen_on)},
        coverage_in_words(content),
        _("Oldest figures: %(day)s") % {"day": written(oldest) if oldest else _("not known")},
        _("SHA-256 of the whole edition: %(digest)s") % {"digest": digest},
    ]
    return Paper(content, title_of(content), lines, tables_of(content))


def pdf_of(paper: Paper) -> bytes:
    """Return the edition as PDF/UA-1 and PDF/A-3b with its workbook inside."""
    from apps.licensing.printing import pdf_of as printed  # noqa: PLC0415  # typst is loaded at the first document

    day = paper.content.frozen_on
    name = _("edition-%(number)s.%(format)s") % {"number": paper.content.number, "format": "xlsx"}
    data = {
        "language": paper.language,
        "title": paper.title,
        "lines": paper.lines,
        "day": [day.year, day.month, day.day],
        "tables": [_printed(table) for table in paper.tables],
        "page": _("page"),
        "file": {"name": name, "description": _("The tables of this edition"), "type": SPREADSHEET},
    }
    return printed(TEMPLATE, data, {name: xlsx_of(paper)})


def xlsx_of(paper: Paper) -> bytes:
    """Return the edition as a workbook: what it is on the first sheet, its tables on the others."""
    columns = [Column(paper.title)]
    about = Table("about", _("About"), columns, [row(columns, line) for line in paper.lines], _("Visio Portal"), None)
    return workbook_of([about, *paper.tables])


def odt_of(paper: Paper) -> bytes:
    """Return the edition as OpenDocument text, to be edited."""
    from apps.licensing.editions.text_document import odt_of as written_text  # noqa: PLC0415  # odfdo too

    return written_text(paper)


def _printed(table: Table) -> dict[str, object]:
    return {
        "title": table.title,
        "headings": [column.heading for column in table.columns],
        "is_number": [column.is_number for column in table.columns],
        "rows": [[in_words(cell) for cell in cells] for cells in table.rows],
        "note": table.note,
        "empty": table.empty or _("Nothing is known yet."),
    }


# By the end of the file's name: who writes it, and its media type.
DOCUMENTS = {
    "pdf": (pdf_of, "application/pdf"),
    "odt": (odt_of, "application/vnd.oasis.opendocument.text"),
    "xlsx": (xlsx_of, SPREADSHEET),
}
