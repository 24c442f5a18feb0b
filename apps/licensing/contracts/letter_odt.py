"""The letter of notice as ODT."""

from io import BytesIO

from odfdo import Cell, Document, Header, Paragraph, Row, Table

from apps.licensing.contracts.letters import Letter


def odt_of(letter: Letter) -> bytes:
    """Return the letter as an OpenDocument text (ISO 26300), which LibreOffice edits."""
    document = Document("text")
    document.set_language("fr-FR")
    document.meta.title = letter.subject
    body = document.body
    body.clear()
    for text in (letter.sender, *letter.receiver, letter.place_and_day):
        body.append(Paragraph(text))
    body.append(Header(1, letter.subject))
    for text in (*letter.references, *letter.paragraphs):
        body.append(Paragraph(text))
    table = Table("Licences")
    for cells in (letter.headings, *letter.rows):
        row = Row()
        for text in cells:
            row.append_cell(Cell(text))
        table.append_row(row)
    body.append(table)
    for text in letter.closing:
        body.append(Paragraph(text))
    out = BytesIO()
    document.save(out)
    return out.getvalue()
