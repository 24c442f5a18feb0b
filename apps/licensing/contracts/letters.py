"""The letter of notice, drafted in French as its supplier reads it: PDF to send, DOCX or ODT to edit."""

import json
from dataclasses import dataclass
from pathlib import Path

import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.licensing.amounts import written_count
from apps.licensing.contracts.notices import NoticeDate
from apps.licensing.models import ContractLine, NoticeDecision
from apps.licensing.savings import NoticeRule

TEMPLATE = Path(__file__).with_name("notice.typ")
TO_COMPLETE = "…"


@dataclass(frozen=True)
class Letter:
    """What stands in a letter, in its order; ``rows`` are product, seats now, seats from the date on."""

    sender: str
    receiver: list[str]
    place_and_day: str
    subject: str
    references: list[str]
    paragraphs: list[str]
    headings: list[str]
    rows: list[list[str]]
    closing: list[str]


def letter_of(notice: NoticeDate) -> Letter:
    """Draft the letter of a decision to leave or to reduce; the contract is fetched ``with_lines``."""
    with override("fr"):
        is_leaving = notice.decision is None or notice.decision.choice == NoticeDecision.Choice.LEAVE
        contract, day = notice.contract, date_format(notice.effective_on, "j F Y")
        subject = _("Notice of termination on %(day)s") if is_leaving else _("Notice of a reduction on %(day)s")
        return Letter(
            sender=str(contract.tenant),
            receiver=[contract.supplier_name, f"SIRET {contract.supplier_siret}"],
            place_and_day=_("At %(place)s, on %(day)s") % {"place": TO_COMPLETE, "day": TO_COMPLETE},
            subject=subject % {"day": day},
            references=_references(notice),
            paragraphs=_paragraphs(notice, day, is_leaving),
            headings=[_("Product"), _("Seats today"), _("Seats from that day on")],
            rows=[_row(line, is_leaving) for line in contract.lines.all()],
            closing=[
                _("Please confirm the receipt of this letter and what it changes in your invoices."),
                _("Registered letter with acknowledgement of receipt"),
                _("Name, capacity and signature"),
            ],
        )


def pdf_of(letter: Letter) -> bytes:
    """Return the letter as PDF/UA-1 (ISO 14289), as far as its fonts go; what people typed goes in as data."""
    inputs = {"letter": json.dumps(letter.__dict__)}
    try:
        document: bytes = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError:  # a name in a script that the fonts lack
        document = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs)
    return document


# By the end of the file's name: who writes it (loaded at its first letter), and its media type.
LETTERS = {
    "pdf": ("apps.licensing.contracts.letters.pdf_of", "application/pdf"),
    "docx": (
        "apps.licensing.contracts.letter_docx.docx_of",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "odt": ("apps.licensing.contracts.letter_odt.odt_of", "application/vnd.oasis.opendocument.text"),
}


def _references(notice: NoticeDate) -> list[str]:
    contract = notice.contract
    named = [
        (_("Contract"), contract.name),
        (_("Framework"), str(contract.get_framework_display())),
        (_("Number of the framework or contract"), contract.framework_number),
        (_("Lot"), contract.lot),
        (_("Engagement juridique"), contract.legal_commitment),
        (_("Service exécutant"), contract.executing_service),
    ]
    return [_("%(label)s: %(text)s") % {"label": label, "text": text} for label, text in named if text]


def _paragraphs(notice: NoticeDate, day: str, is_leaving: bool) -> list[str]:
    contract = notice.contract
    words = {
        "start": date_format(contract.starts_on, "j F Y"),
        "day": day,
        "days": contract.notice_days,
        "last": date_format(notice.notice_by, "j F Y"),
    }
    wish = (
        _("We hereby tell you that we do not renew this contract, which began on %(start)s: it ends on %(day)s.")
        if is_leaving
        else _("We hereby tell you that, from %(day)s on, the seats of this contract are reduced as follows.")
    )
    clause = (
        _("This notice is given %(days)s days ahead at least, as the contract asks: sent by %(last)s.")
        if contract.terms.notice_rule is NoticeRule.SENT
        else _("This notice is given %(days)s days ahead at least, as the contract asks: received by %(last)s.")
    )
    return [_("Dear Sir or Madam,"), wish % words, clause % words]


def _row(line: ContractLine, is_leaving: bool) -> list[str]:
    left = 0 if is_leaving else line.needed_seats
    return [
        str(line.product),
        written_count(line.seats),
        TO_COMPLETE if left is None else written_count(left),
    ]
