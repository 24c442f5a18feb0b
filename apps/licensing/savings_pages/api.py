"""REST: what the contracts cost, free and save by line and month, and what is left of it."""

from datetime import date
from decimal import ROUND_HALF_UP
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.licensing.models import ContractLine
from apps.licensing.savings import HORIZON, LineMonth
from apps.licensing.savings_pages.book import MEASURES, Book
from apps.licensing.savings_pages.months import FIRST_YEAR, MONTH
from apps.licensing.savings_pages.net_book import NetBook, begun_in
from apps.tenants.models import ApiToken, Role, Tenant
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.errors import ErrorSerializer


class EurosField(serializers.DecimalField):
    """Euros before tax as a decimal string with cents; null is not computable."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "max_digits": 20,
            "decimal_places": 2,
            "allow_null": True,
            "rounding": ROUND_HALF_UP,
        }
        super().__init__(**defaults | kwargs)


class LineMonthSerializer(serializers.Serializer[Any]):
    """A line of a contract in one month; amounts are euros before tax, null is not computable."""

    contract = serializers.UUIDField()
    contract_name = serializers.CharField()
    line = serializers.UUIDField()
    product = serializers.CharField()
    month = serializers.DateField(help_text=_("First day of the month"))
    seats_bought = serializers.IntegerField()
    seats_removed = serializers.IntegerField(help_text=_("Shown by an invoice"))
    seats_committed = serializers.IntegerField(help_text=_("Notice given or amendment signed"))
    seats_needed = serializers.IntegerField(allow_null=True)
    freed_price_eur = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    due_eur = EurosField()
    potential_eur = EurosField()
    committed_eur = EurosField()
    realised_eur = EurosField()
    sunk_eur = EurosField()
    avoided_eur = EurosField()
    missing = serializers.ListField(child=serializers.CharField(), help_text=_("Inputs that are not known"))


class SumsSerializer(serializers.Serializer[Any]):
    """A measure over the year."""

    measure = serializers.CharField()
    eur = EurosField()
    eur_with_vat = EurosField()


class SavingsSerializer(serializers.Serializer[Any]):
    """The savings of a year, by line and month, seen from a day."""

    as_of = serializers.DateField()
    year = serializers.IntegerField()
    sums = SumsSerializer(many=True)
    lines = LineMonthSerializer(many=True)


class NetMonthSerializer(serializers.Serializer[Any]):
    """N = G - R - M of a month in euros before tax; null is not computable."""

    month = serializers.DateField()
    gain_eur = EurosField()
    visio_users = serializers.IntegerField(allow_null=True)
    run_cost_eur_per_user = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    run_eur = EurosField()
    one_off_eur = EurosField()
    net_eur = EurosField()
    cumulative_eur = EurosField()
    missing = serializers.ListField(child=serializers.CharField(), help_text=_("Inputs that are not known"))


class NetSerializer(serializers.Serializer[Any]):
    """The net from the first cost, count or saving on; ``payback_month`` is null before it, or not computable."""

    as_of = serializers.DateField()
    payback_month = serializers.DateField(allow_null=True)
    is_payback_computable = serializers.BooleanField()
    months = NetMonthSerializer(many=True)


class SavingsView(APIView):
    """What the contracts cost, free and save in a year, for the ministry's procurement officers."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(
        operation_id="savings_retrieve",
        parameters=[OpenApiParameter("year", int, description=_("2024 to 2030; this year without it"))],
        responses={200: SavingsSerializer, 400: ErrorSerializer},
        tags=["savings"],
    )
    def get(self, request: Request) -> Response:
        tenant = ministry_of(request)
        book = Book(tenant, year_in(request, tenant.today.year))
        body = {
            "as_of": book.today,
            "year": book.year,
            "sums": [
                {"measure": item.measure.value, "eur": item.total.eur, "eur_with_vat": item.total.eur_with_vat}
                for item in book.sums
            ],
            "lines": [line_month(book.rows[item.line.key], item) for item in book.ledger.months],
        }
        return Response(SavingsSerializer(body).data)


class NetView(APIView):
    """What is left of the savings after Visio's run cost and one-off costs."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(
        operation_id="net_retrieve",
        parameters=[OpenApiParameter("since", str, description=_("First month, such as 2026-05"))],
        responses={200: NetSerializer, 400: ErrorSerializer},
        tags=["savings"],
    )
    def get(self, request: Request) -> Response:
        tenant = ministry_of(request)
        book = NetBook(tenant, month_in(request, tenant) or begun_in(tenant))
        body = {
            "as_of": book.today,
            "payback_month": book.payback.month,
            "is_payback_computable": book.payback.is_computable,
            "months": [
                {
                    "month": item.month,
                    "gain_eur": item.gain_eur,
                    "visio_users": item.visio_users,
                    "run_cost_eur_per_user": item.run_cost.eur_per_user if item.run_cost else None,
                    "run_eur": item.run_eur,
                    "one_off_eur": item.one_off_eur,
                    "net_eur": item.net_eur,
                    "cumulative_eur": item.cumulative_eur,
                    "missing": [what.value for what in item.missing],
                }
                for item in book.months
            ],
        }
        return Response(NetSerializer(body).data)


def ministry_of(request: Request) -> Tenant:
    """Return the token's ministry; raise PermissionDenied where its owner does not do its procurement."""
    if not membership_of(request).has_role(Role.PROCUREMENT):
        raise exceptions.PermissionDenied(_("Your role does not allow this."), "missing_role")
    return tenant_of(request)


def year_in(request: Request, this_year: int) -> int:
    """Return the year that is asked for; raise ValidationError for none of those that are computed."""
    text = request.query_params.get("year", str(this_year))
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:5]) <= HORIZON.year):
        raise exceptions.ValidationError({"year": _("Between %s and %s.") % (FIRST_YEAR, HORIZON.year)})
    return int(text)


def month_in(request: Request, tenant: Tenant) -> date | None:
    """Return the month that is asked for, if one is; raise ValidationError for one that is none, or to come."""
    text = request.query_params.get("since")
    if text is None:
        return None
    found = MONTH.fullmatch(text)
    month = date(int(found[1]), int(found[2]), 1) if found else None
    if month is None or not date(FIRST_YEAR, 1, 1) <= month <= tenant.today:
        raise exceptions.ValidationError({"since": _("Write year and month, such as 2026-05.")})
    return month


def line_month(line: ContractLine, state: LineMonth) -> dict[str, Any]:
    """Return a line's month as REST shows it."""
    amounts = {measure: state.amount(measure) for measure in MEASURES}
    missing = dict.fromkeys(what.value for amount in amounts.values() for what in amount.missing)
    return {
        "contract": line.contract_id,
        "contract_name": state.line.contract,
        "line": line.id,
        "product": state.line.product,
        "month": state.month,
        "seats_bought": state.seats.bought,
        "seats_removed": state.seats.removed,
        "seats_committed": state.seats.committed,
        "seats_needed": state.needed_seats,
        "freed_price_eur": state.freed_price_eur,
        **{f"{measure.value}_eur": amount.eur for measure, amount in amounts.items()},
        "missing": list(missing),
    }
