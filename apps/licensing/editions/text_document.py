"""An edition as OpenDocument text (ISO/IEC 26300): headings, paragraphs and tables that word processors edit."""

from io import BytesIO

from odfdo import Cell, Document, Header, Paragraph, Row, Style
from odfdo import Table as TextTable

from apps.licensing.dashboards.tables import Table
from apps.licensing.editions.documents import Paper
from apps.licensing.templatetags.figures import in_words


def odt_of(paper: Paper) -> bytes:
    document = Document("text")
    document.meta.title = paper.title
    document.set_language(f"{paper.language}-{'FR' if paper.language == 'fr' else 'GB'}")
    document.insert_style(Style("paragraph", name="Small", area="text", size="8pt"))
    body = document.body
    body.clear()
    body.append(Header(1, paper.title))
    for line in paper.lines:
        body.append(Paragraph(line))
    for number, table in enumerate(paper.tables, 1):
        body.append(Header(2, table.title))
        body.append(_table(table, number) if table.rows else Paragraph(table.empty))
        if table.note:
            body.append(Paragraph(table.note))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _table(table: Table, number: int) -> TextTable:
    """Return a table whose first row is its heading; cells are small, for there are many columns."""
    made = TextTable(f"Table{number}")
    made.append(_row([column.heading for column in table.columns]))
    for cells in table.rows:
        made.append(_row([in_words(cell) for cell in cells]))
    return made


def _row(texts: list[str]) -> Row:
    made = Row()
    for text in texts:
        cell = Cell()
        cell.append(Paragraph(text, style="Small"))
        made.append(cell)
    return made
