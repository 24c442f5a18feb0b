"""REST: the editions, as a ministry may read them: its own figures, and the sums over all."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.licensing.editions.content import Content, Restated, Told, Word
from apps.licensing.models import Edition
from apps.licensing.state.measures import month_dimension
from apps.licensing.state.reading import Figure, Gap
from apps.tenants.models import ApiToken, Role
from visio_portal.api.access import require_role, tenant_of


class EditionSerializer(serializers.Serializer[Any]):
    """A frozen month; the digest is the SHA-256 of the whole edition's RFC 8785 form."""

    number = serializers.IntegerField()
    month = serializers.CharField(help_text=_("Year and month, such as 2026-10"))
    frozen_at = serializers.DateTimeField()
    digest = serializers.CharField()
    confirmed = serializers.IntegerField(help_text=_("Ministries that confirmed their figures"))
    commented = serializers.IntegerField(help_text=_("Ministries that commented them"))
    silent = serializers.IntegerField(help_text=_("Ministries that did not answer"))
    oldest_on = serializers.DateField(allow_null=True, help_text=_("Day on which the oldest figures were computed"))


class EditionFigureSerializer(serializers.Serializer[Any]):
    """A figure; a null one says why: not_computed, not_computable, or too_few for fewer than ten people."""

    measure = serializers.CharField()
    value = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    gap = serializers.ChoiceField([(gap.value, gap.value) for gap in Gap], allow_null=True)


class EditionMinistrySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    word = serializers.ChoiceField(Word.choices)
    figures_on = serializers.DateField(allow_null=True, help_text=_("Day on which the figures were computed"))
    data_on = serializers.DateField(allow_null=True, help_text=_("Day that the newest import tells of"))
    figures = EditionFigureSerializer(many=True)


class EditionSumSerializer(serializers.Serializer[Any]):
    """A sum over the ministries of which the figure is known."""

    measure = serializers.CharField()
    value = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    known = serializers.IntegerField()
    total = serializers.IntegerField()


class RestatementSerializer(serializers.Serializer[Any]):
    """A figure of an earlier edition, and what it had become when this one was frozen."""

    edition = serializers.IntegerField()
    month = serializers.CharField()
    measure = serializers.CharField()
    before = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    now = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)


class EditionDetailSerializer(EditionSerializer):
    ministries = EditionMinistrySerializer(many=True)
    sums = EditionSumSerializer(many=True)
    restatements = RestatementSerializer(many=True)


class EditionListView(APIView):
    """The editions, the newest first."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(operation_id="edition_list", responses=EditionSerializer(many=True), tags=["editions"])
    def get(self, request: Request) -> Response:
        require_role(request, Role.PROCUREMENT)
        return Response(EditionSerializer([_edition(item) for item in Edition.objects.all()], many=True).data)


class EditionView(APIView):
    """One edition: the token's ministry, and the sums over all."""

    scopes = {"GET": ApiToken.Scope.LICENSING_READ}

    @extend_schema(operation_id="edition_retrieve", responses=EditionDetailSerializer, tags=["editions"])
    def get(self, request: Request, number: int) -> Response:
        require_role(request, Role.PROCUREMENT)
        edition = get_object_or_404(Edition, number=number)
        content = Content.of(edition).seen_by(tenant_of(request).id)
        body = _edition(edition) | {
            "ministries": [_ministry(told) for told in content.ministries],
            "sums": [{"measure": name, **item._asdict()} for name, item in content.whole.sums.items()],
            "restatements": [_restatement(item) for item in content.restated],
        }
        return Response(EditionDetailSerializer(body).data)


def _edition(edition: Edition) -> dict[str, Any]:
    whole = Content.of(edition).whole
    return {
        "number": edition.number,
        "month": month_dimension(edition.month),
        "frozen_at": edition.frozen_at,
        "digest": edition.digest,
        "oldest_on": whole.oldest_on,
        **{word.value: number for word, number in whole.words.items()},
    }


def _ministry(told: Told) -> dict[str, Any]:
    figures = [_figure(measure, figure) for measure, figure in told.figures.items()]
    days = {"figures_on": told.figures_on, "data_on": told.data_on}
    return {"name": told.name, "word": told.word.value, **days, "figures": figures}


def _figure(measure: str, figure: Figure) -> dict[str, Any]:
    return {"measure": measure, "value": figure.value, "gap": figure.gap.value if figure.gap else None}


def _restatement(item: Restated) -> dict[str, Any]:
    return {
        "edition": item.edition,
        "month": month_dimension(item.month),
        "measure": item.change.measure,
        "before": item.change.before.value,
        "now": item.change.now.value,
    }
