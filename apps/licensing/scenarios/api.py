"""REST: the kept scenarios, computed to 2030 from what holds today."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.licensing import savings
from apps.licensing.models import Contract, Scenario
from apps.licensing.savings_pages.api import EurosField, ministry_of
from apps.licensing.scenarios.comparison import Result
from apps.licensing.situation import assumptions_of, situation_of
from apps.tenants.models import ApiToken


class ScenarioYearSerializer(serializers.Serializer[Any]):
    """A year of a scenario in euros before tax; null is not computable."""

    year = serializers.IntegerField()
    gain_eur = EurosField()
    run_eur = EurosField()
    one_off_eur = EurosField()
    net_eur = EurosField()
    cumulative_eur = EurosField()


class ScenarioSerializer(serializers.Serializer[Any]):
    """Assumptions and what comes of them; ``id`` is null for what holds now."""

    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    migrated_per_month = serializers.IntegerField(allow_null=True)
    buffer_percent = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    price_rise_percent = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    run_cost_eur_per_user = EurosField(help_text=_("Per year; null: the run cost that the operator entered"))
    gain_eur = EurosField()
    net_eur = EurosField()
    payback_month = serializers.DateField(allow_null=True)
    is_payback_computable = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField(), help_text=_("Inputs that are not known"))
    years = ScenarioYearSerializer(many=True)


class ScenariosSerializer(serializers.Serializer[Any]):
    """What holds now if nothing more is done, and every kept scenario."""

    as_of = serializers.DateField()
    now = ScenarioSerializer()
    scenarios = ScenarioSerializer(many=True)


class ScenarioListView(APIView):
    """The kept scenarios side by side, for the ministry's procurement officers."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(operation_id="scenarios_list", responses=ScenariosSerializer, tags=["savings"])
    def get(self, request: Request) -> Response:
        tenant = ministry_of(request)
        contracts = Contract.objects.filter(tenant=tenant).with_lines()
        situation = situation_of(tenant, contracts, tenant.today)
        kept = Scenario.objects.filter(tenant=tenant)
        results = [(item, Result(item.name, savings.outcome(situation, assumptions_of(item)), tenant)) for item in kept]
        body = {
            "as_of": situation.today,
            "now": _outcome(None, Result("", savings.unchanged(situation), tenant)),
            "scenarios": [_outcome(scenario, result) for scenario, result in results],
        }
        return Response(ScenariosSerializer(body).data)


def _outcome(scenario: Scenario | None, result: Result) -> dict[str, Any]:
    outcome = result.outcome
    return {
        "id": scenario.id if scenario else None,
        "name": result.title,
        "migrated_per_month": scenario.migrated_per_month if scenario else None,
        "buffer_percent": scenario.buffer_percent if scenario else None,
        "price_rise_percent": scenario.price_rise_percent if scenario else None,
        "run_cost_eur_per_user": scenario.run_cost_eur_per_user if scenario else None,
        "gain_eur": outcome.gain_eur,
        "net_eur": outcome.net_eur,
        "payback_month": outcome.payback.month,
        "is_payback_computable": outcome.payback.is_computable,
        "missing": [what.value for what in outcome.missing],
        "years": result.years,
    }
