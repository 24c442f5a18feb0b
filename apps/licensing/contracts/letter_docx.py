"""The letter of notice as DOCX."""

from io import BytesIO

from docx import Document

from apps.licensing.contracts.letters import Letter


def docx_of(letter: Letter) -> bytes:
    """Return the letter as a document that word processors edit."""
    document = Document()
    document.core_properties.title, document.core_properties.language = letter.subject, "fr-FR"
    for text in (letter.sender, "\n".join(letter.receiver), letter.place_and_day):
        document.add_paragraph(text)
    document.add_heading(letter.subject, level=1)
    for text in (*letter.references, "", *letter.paragraphs):
        document.add_paragraph(text)
    table = document.add_table(rows=1, cols=len(letter.headings), style="Table Grid")
    for row in ([], *letter.rows):
        cells = table.add_row().cells if row else table.rows[0].cells
        for cell, text in zip(cells, row or letter.headings, strict=True):
            cell.text = text
    for text in ("", *letter.closing):
        document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()
