"""REST: what is bought, assigned and active, by vendor and unit; nobody's name."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.licensing.models import Vendor
from apps.licensing.people.figure_lines import figure_lines
from apps.licensing.people.reconciliation import MEASURES, Reconciliation, UnitTable, VendorFigures, reconcile
from apps.tenants.models import ApiToken, Role
from visio_portal.api.access import require_role, tenant_of


class SourceSerializer(serializers.Serializer[Any]):
    """Where a figure is known from; where it is not computable, what is missing."""

    figure = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its origin
    as_of = serializers.DateField(allow_null=True)


class UnitSeatsSerializer(serializers.Serializer[Any]):
    """A unit's seats; null is fewer than ten, or a number from which such a one would follow, or not computable."""

    unit = serializers.UUIDField(allow_null=True, help_text=_("Null: unit unknown"))
    name = serializers.CharField(allow_blank=True)
    assigned = serializers.IntegerField(allow_null=True)
    active_30d = serializers.IntegerField(allow_null=True)
    dormant_90d = serializers.IntegerField(allow_null=True)
    blocked = serializers.IntegerField(allow_null=True)
    deleted = serializers.IntegerField(allow_null=True)
    double = serializers.IntegerField(allow_null=True)


class VendorSeatsSerializer(serializers.Serializer[Any]):
    """One vendor's seats; null is not computable."""

    vendor = serializers.ChoiceField(Vendor.choices)
    bought = serializers.IntegerField(allow_null=True)
    shelfware = serializers.IntegerField(allow_null=True, help_text=_("Bought, not assigned; negative: more assigned"))
    assigned = serializers.IntegerField(allow_null=True)
    active_30d = serializers.IntegerField(allow_null=True)
    dormant_90d = serializers.IntegerField(allow_null=True)
    blocked = serializers.IntegerField(allow_null=True)
    deleted = serializers.IntegerField(allow_null=True)
    double = serializers.IntegerField(allow_null=True)
    sources = SourceSerializer(many=True)
    units = UnitSeatsSerializer(many=True)


class ReconciliationSerializer(serializers.Serializer[Any]):
    """The counts of a day; ``day`` is null before anything was counted."""

    day = serializers.DateField(allow_null=True)
    computed_at = serializers.DateTimeField(allow_null=True)
    vendors = VendorSeatsSerializer(many=True)


class ReconciliationView(APIView):
    """What is bought, assigned and active, for the ministry's procurement officers."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(operation_id="reconciliation_retrieve", responses=ReconciliationSerializer, tags=["reconciliation"])
    def get(self, request: Request) -> Response:
        require_role(request, Role.PROCUREMENT)
        tenant = tenant_of(request)
        found = reconcile(tenant, tenant.today)
        body = {"day": found.day, "computed_at": found.computed_at, "vendors": _vendors(found)}
        return Response(ReconciliationSerializer(body).data)


def _vendors(found: Reconciliation) -> list[dict[str, Any]]:
    tables = {table.vendor: table for table in found.units}
    return [_vendor(item, tables.get(item.vendor)) for item in found.vendors]


def _vendor(item: VendorFigures, table: UnitTable | None) -> dict[str, Any]:
    return {
        "vendor": item.vendor.value,
        "bought": item.bought.seats if item.bought else None,
        "shelfware": item.shelfware,
        "assigned": item.assigned,
        "active_30d": item.active,
        "dormant_90d": item.dormant,
        "blocked": item.blocked,
        "deleted": item.deleted,
        "double": item.double,
        "sources": [{"figure": line.label, "source": line.source, "as_of": line.as_of} for line in figure_lines(item)],
        "units": _units(table) if table else [],
    }


def _units(table: UnitTable) -> list[dict[str, Any]]:
    return [
        {
            "unit": row.unit.id if row.unit else None,
            "name": row.unit.name if row.unit else "",
            **{name: row.shown.get(name) for name in MEASURES},
        }
        for row in table.rows
    ]
