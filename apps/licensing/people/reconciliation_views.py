"""Reconciliation as a page."""

from decimal import Decimal
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.licensing.models import Vendor
from apps.licensing.people.figure_lines import figure_lines
from apps.licensing.people.reconciliation import MEASURES, UnitFigures, UnitTable, reconcile
from apps.tenants.models import Role, TenantRequest, Unit
from apps.tenants.permissions import role_required


class Cell(NamedTuple):
    """A figure of a unit; ``value`` None is suppressed, unless no import tells it at all."""

    value: int | Decimal | None
    is_unknown: bool
    is_percent: bool = False


class UnitRow(NamedTuple):
    unit: Unit | None
    cells: list[Cell]


class ShownTable(NamedTuple):
    vendor: Vendor
    rows: list[UnitRow]


@require_safe
@role_required(Role.PROCUREMENT)
def reconciliation(request: TenantRequest) -> HttpResponse:
    found = reconcile(request.tenant, request.tenant.today)
    context = {
        "found": found,
        "vendors": [{"figures": item, "lines": figure_lines(item)} for item in found.vendors],
        "headings": [
            _("Assigned"),
            _("Active"),
            _("Dormant"),
            _("Blocked"),
            _("Deleted"),
            _("Equipped twice"),
            _("Utilisation"),
        ],
        "unit_tables": [
            ShownTable(table.vendor, [UnitRow(row.unit, _cells(table, row)) for row in table.rows])
            for table in found.units
        ],
    }
    return render(request, "licensing/people/reconciliation.html", context)


def _cells(table: UnitTable, row: UnitFigures) -> list[Cell]:
    cells = [Cell(row.shown.get(name), name not in table.known) for name in MEASURES]
    return [*cells, Cell(row.utilisation, "active_30d" not in table.known, is_percent=True)]
