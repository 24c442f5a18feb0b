"""An edition on pages and as a file, alike for the operator and for a ministry."""

from dataclasses import dataclass
from functools import cached_property

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from apps.licensing.dashboards.tables import Link, Table
from apps.licensing.editions.content import Content
from apps.licensing.editions.documents import DOCUMENTS, paper_of
from apps.licensing.editions.tables import coverage_in_words, tables_of, title_of
from apps.licensing.models import Edition
from apps.tenants.journal import record_by
from apps.tenants.models import TenantRequest


def list_head() -> dict[str, object]:
    """Return the head of the list of editions."""
    lead = _(
        "The State’s figures of a month as they were frozen, numbered; what changed afterwards is listed as a"
        " restatement."
    )
    return {"heading": _("Editions"), "lead": lead}


def detail_head(shown: "Shown", url: str) -> dict[str, object]:
    """Return the head of an edition's page; ``url`` is the list's."""
    return {"heading": title_of(shown.content), "lead": shown.coverage, "above": Link(_("Editions"), url)}


@dataclass(frozen=True)
class Shown:
    """An edition, the part of it that the reader may see, and its address."""

    edition: Edition
    content: Content
    url: str

    @cached_property
    def tables(self) -> list[Table]:
        return tables_of(self.content)

    @property
    def coverage(self) -> str:
        return coverage_in_words(self.content)

    @property
    def files(self) -> list[tuple[str, str]]:
        return [(name.upper(), f"{self.url}edition.{name}") for name in DOCUMENTS]


def file_of(request: TenantRequest, shown: Shown, edition_format: str) -> HttpResponse:
    """Answer with an edition as a document; the journal keeps that it was handed out."""
    if edition_format not in DOCUMENTS:
        raise Http404
    write, media_type = DOCUMENTS[edition_format]
    number = shown.edition.number
    response = HttpResponse(write(paper_of(shown.content, shown.edition.digest)), content_type=media_type)
    name = _("edition-%(number)s.%(format)s") % {"number": number, "format": edition_format}
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    record_by(request.membership, "edition.exported", number=number, format=edition_format)
    return response
