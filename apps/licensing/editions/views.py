"""A ministry's closed months, and the editions that tell of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.dashboards.tables import Cell, Link
from apps.licensing.editions.content import Content, restated_since
from apps.licensing.editions.editions_shown import Shown, detail_head, file_of, list_head
from apps.licensing.editions.figures import (
    LABELS,
    Change,
    Figures,
    cell_of,
    changes,
    closed_months,
    figures_by_month,
    from_json,
    month_of,
)
from apps.licensing.editions.forms import StatementForm
from apps.licensing.editions.operations import state_month
from apps.licensing.editions.tables import month_in_words, restated_today
from apps.licensing.models import Contract, Edition, MonthReminder, MonthStatement
from apps.licensing.state.measures import StateMeasure, month_dimension
from apps.licensing.state.reading import ministry_figures
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted

IN_LIST = (StateMeasure.DUE_EUR, StateMeasure.REALISED_EUR, StateMeasure.SUNK_EUR, "net_eur")


@dataclass(frozen=True)
class ClosedMonth:
    """A month that has ended: its figures of today, what was said of it, the edition that froze it, a last reminder."""

    month: date
    figures: Figures
    statement: MonthStatement | None
    edition: Edition | None
    reminded_at: datetime | None

    @property
    def key(self) -> str:
        return month_dimension(self.month)

    @property
    def cells(self) -> list[Cell]:
        return [cell_of(measure, self.figures[measure]) for measure in IN_LIST]

    @property
    def rows(self) -> list[Change]:
        """Each figure as it was stated and as it is; as it is alone where nothing was stated."""
        stated = from_json(self.statement.figures) if self.statement else self.figures
        return [Change(item, stated.get(item, figure), figure) for item, figure in self.figures.items()]

    @property
    def changes(self) -> list[Change]:
        return changes(from_json(self.statement.figures), self.figures) if self.statement else []


@require_safe
@role_required(Role.PROCUREMENT)
def month_list(request: TenantRequest) -> HttpResponse:
    """List the months that have ended, with what was said of each."""
    context = {
        "heading": _("Closed months"),
        "lead": _(
            "Each month that has ended waits for your word: confirm its figures or comment them, before the operator"
            " freezes them in a numbered edition."
        ),
        "closed": closed_by(request),
        "headings": [*(LABELS[measure] for measure in IN_LIST[:-1]), _("Net")],
        "has_contracts": Contract.objects.filter(tenant=request.tenant).exists(),
    }
    return render(request, "licensing/editions/month_list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def month_detail(request: TenantRequest, month: str) -> HttpResponse:
    """Show a month's figures, and take the ministry's word on them."""
    found = month_of(month, closed_months(request.tenant.today))
    if found is None:
        raise Http404
    closed = next(item for item in closed_by(request) if item.month == found)
    known = closed.statement
    form = StatementForm(posted(request), initial={"answer": known.answer, "comment": known.comment} if known else {})
    if form.is_valid():
        said = form.cleaned_data
        answer = MonthStatement.Answer(said["answer"])
        state_month(
            membership=request.membership,
            month=found,
            answer=answer,
            comment=said["comment"],
            figures=closed.figures,
        )
        messages.success(request, _("Your word on this month is recorded."))
        return redirect("licensing:month_list", request.tenant.slug)
    head: dict[str, Any] = {
        "heading": _("Figures: %(month)s") % {"month": month_in_words(found)},
        "above": Link(_("Closed months"), reverse("licensing:month_list", kwargs={"tenant_slug": request.tenant.slug})),
    }
    return form_page(request, "licensing/editions/month_detail.html", form, closed=closed, **head)


@require_safe
@role_required(Role.PROCUREMENT)
def edition_list(request: TenantRequest) -> HttpResponse:
    """List the editions, each with what it says of this ministry."""
    shown = [_shown(request, edition) for edition in Edition.objects.all()]
    return render(request, "licensing/editions/edition_list.html", {**list_head(), "editions": shown})


@require_safe
@role_required(Role.PROCUREMENT)
def edition_detail(request: TenantRequest, number: int) -> HttpResponse:
    """Show an edition as a ministry may read it: its own figures, and the sums over all."""
    shown = _shown(request, get_object_or_404(Edition, number=number))
    restated = restated_since(shown.content, ministry_figures([shown.edition.month], request.tenant.slug))
    tables = [*shown.tables, restated_today(restated, request.tenant.today)]
    above = reverse("licensing:edition_list", kwargs={"tenant_slug": request.tenant.slug})
    context = {**detail_head(shown, above), "shown": shown, "tables": tables}
    return render(request, "licensing/editions/edition_detail.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def edition_file(request: TenantRequest, number: int, edition_format: str) -> HttpResponse:
    return file_of(request, _shown(request, get_object_or_404(Edition, number=number)), edition_format)


def _shown(request: TenantRequest, edition: Edition) -> Shown:
    known = {"tenant_slug": request.tenant.slug, "number": edition.number}
    content = Content.of(edition).seen_by(request.tenant.id)
    return Shown(edition, content, reverse("licensing:edition_detail", kwargs=known))


def closed_by(request: TenantRequest) -> list[ClosedMonth]:
    """Return the ministry's closed months, the newest first."""
    figures = figures_by_month(request.tenant, request.tenant.today)
    stated = MonthStatement.objects.filter(tenant=request.tenant, month__in=figures).select_related("by__user")
    statements = {item.month: item for item in stated}
    editions = {item.month: item for item in Edition.objects.filter(month__in=figures).defer("content")}
    reminders = MonthReminder.objects.filter(tenant=request.tenant, month__in=figures).order_by("sent_at")
    reminded = dict(reminders.values_list("month", "sent_at"))  # the last one of each month
    return [
        ClosedMonth(month, item, statements.get(month), editions.get(month), reminded.get(month))
        for month, item in figures.items()
    ]
