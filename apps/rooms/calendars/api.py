"""REST: when colleagues are busy."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.rooms.calendars.forms import PEOPLE_MAX
from apps.rooms.calendars.freebusy import Busy, Source, free_busy
from apps.rooms.operations import Invitee, recognise
from apps.rooms.places.api import check_period
from apps.tenants.models import ApiToken
from visio_portal.api.access import tenant_of
from visio_portal.api.errors import ErrorSerializer


class FreeBusyQuerySerializer(serializers.Serializer[Any]):
    """Whose time, and which."""

    email = serializers.ListField(
        child=serializers.EmailField(max_length=254),
        min_length=1,
        max_length=PEOPLE_MAX,
        help_text=_("An address; give the parameter once for each colleague"),
    )
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text=_("At most 62 days later"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_period(attrs["since"], attrs["until"], "until")
        attrs["email"] = list(dict.fromkeys(email.lower() for email in attrs["email"]))
        return attrs


class BusySerializer(serializers.Serializer[Busy]):
    """A time [start_at, end_at) at which somebody is taken, and where that is known from; never for what."""

    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    is_tentative = serializers.BooleanField()


class FreeBusySerializer(serializers.Serializer[Any]):
    """What is known of a person. ``is_known`` is false outside the ministry: then nothing is known, not free."""

    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)
    is_known = serializers.BooleanField()
    external_read_at = serializers.DateTimeField(
        allow_null=True, help_text=_("When their own calendar elsewhere was read last; null: the portal's alone counts")
    )
    busy = BusySerializer(many=True)


class FreeBusyView(APIView):
    """When colleagues are busy: times alone, in the same number of queries for one and for thirty of them."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(
        operation_id="free_busy_list",
        parameters=[FreeBusyQuerySerializer],
        responses={200: FreeBusySerializer(many=True), 400: ErrorSerializer},
        tags=["free-busy"],
    )
    def get(self, request: Request) -> Response:
        query = FreeBusyQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        known = recognise([Invitee(email) for email in wanted["email"]], tenant_id=tenant_of(request).id)
        sheets = free_busy(list(known.values()), wanted["since"], wanted["until"])
        rows = []
        for email in wanted["email"]:
            member = known.get(email)
            sheet = sheets[member.id] if member else None
            rows.append(
                {
                    "email": email,
                    "name": member.user.full_name if member else "",
                    "is_known": member is not None,
                    "external_read_at": sheet.external_read_at if sheet else None,
                    "busy": sheet.busy if sheet else (),
                }
            )
        return Response(FreeBusySerializer(rows, many=True).data)
