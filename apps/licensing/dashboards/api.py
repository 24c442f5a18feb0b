"""REST: the figures of a ministry's dashboard, its tiles and its tables, filtered as on its page."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.licensing.dashboards.forms import DashboardForm
from apps.licensing.dashboards.ministry import Dashboard, Tile
from apps.licensing.dashboards.tables import Cell, Kind, Table, Value
from apps.licensing.people.totals import Problem
from apps.tenants.models import ApiToken, Role
from visio_portal.api.access import require_role, tenant_of
from visio_portal.api.errors import ErrorSerializer
from visio_portal.api.forms import errors_of

KINDS = [(kind.value, kind.value) for kind in Kind]


class FigureSerializer(serializers.Serializer[Any]):
    """A value as text: amounts and shares are decimal, days ISO 8601; null is not computable, or suppressed."""

    value = serializers.CharField(allow_null=True)
    is_suppressed = serializers.BooleanField(help_text=_("Fewer than ten people, or such a number would follow"))


class TileSerializer(FigureSerializer):
    key = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    value_with_vat = serializers.CharField(allow_null=True)


class ColumnSerializer(serializers.Serializer[Any]):
    heading = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)


class TableSerializer(serializers.Serializer[Any]):
    """Figures with their source, and the day that they tell of."""

    key = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its origin
    as_of = serializers.DateField(allow_null=True)
    columns = ColumnSerializer(many=True)
    rows = serializers.ListField(child=FigureSerializer(many=True))


class SeatProblemsSerializer(serializers.Serializer[Any]):
    """A vendor whose totals of paid seats contradict each other; null where nothing tells."""

    vendor = serializers.CharField()
    contracted = serializers.IntegerField(allow_null=True)
    subscribed = serializers.IntegerField(allow_null=True)
    assigned = serializers.IntegerField(allow_null=True)
    problems = serializers.ListField(child=serializers.ChoiceField([(item.value, item.value) for item in Problem]))


class DashboardSerializer(serializers.Serializer[Any]):
    """The figures of a year; amounts are in euros before tax unless their heading says otherwise."""

    year = serializers.IntegerField()
    computed_on = serializers.DateField()
    seat_problems = SeatProblemsSerializer(many=True)
    tiles = TileSerializer(many=True)
    tables = TableSerializer(many=True)


class DashboardView(APIView):
    """What is paid, what can go and when, and how far the migration is."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(
        operation_id="dashboard_retrieve",
        parameters=[
            OpenApiParameter("year", int, description=str(_("This year where it is left out"))),
            OpenApiParameter("product", str, description=str(_("A product’s id"))),
            OpenApiParameter("unit", str, description=str(_("A unit’s id: it narrows people and seats alone"))),
        ],
        responses={200: DashboardSerializer, 400: ErrorSerializer},
        tags=["figures"],
    )
    def get(self, request: Request) -> Response:
        require_role(request, Role.PROCUREMENT)
        tenant = tenant_of(request)
        form = DashboardForm(request._request.GET, tenant=tenant)
        if not form.is_valid():
            raise exceptions.ValidationError(errors_of(form))
        wanted = form.cleaned_data
        shown = Dashboard(tenant, wanted["year"] or tenant.today.year, wanted["product"], wanted["unit"])
        body = {
            "year": shown.year,
            "computed_on": shown.today,
            "seat_problems": shown.seat_problems,
            "tiles": [_tile(tile) for tile in shown.tiles],
            "tables": [_table(table) for table in shown.tables],
        }
        return Response(DashboardSerializer(body).data)


def _tile(tile: Tile) -> dict[str, Any]:
    return {
        "key": tile.key,
        "kind": tile.kind.value,
        "value": _text(tile.value),
        "value_with_vat": _text(tile.with_vat),
        "is_suppressed": tile.is_suppressed,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "key": table.key,
        "title": table.title,
        "source": table.source,
        "as_of": table.as_of,
        "columns": [{"heading": column.heading, "kind": column.kind.value} for column in table.columns],
        "rows": [[_cell(cell) for cell in cells] for cells in table.rows],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"value": _text(cell.value), "is_suppressed": cell.is_suppressed}


def _text(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)
