"""REST: who may schedule in whose name."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.meetings.people_api import MemberSerializer
from apps.rooms.meetings.repetition_forms import FIRST_DAY, LAST_DAY
from apps.rooms.models import Delegation
from apps.rooms.planning.delegations import end_delegation, give_delegation
from apps.rooms.planning.forms import ONE_DAY, DelegationForm
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages


class DelegationSerializer(serializers.ModelSerializer[Delegation]):
    """``delegate`` schedules in the name of ``principal``, the last day included (null: until it is ended)."""

    principal = MemberSerializer(read_only=True)
    delegate = MemberSerializer(read_only=True)
    last_day = serializers.SerializerMethodField()

    class Meta:
        model = Delegation
        fields = ["id", "principal", "delegate", "starts_on", "last_day", "created_at"]
        read_only_fields = fields

    def get_last_day(self, delegation: Delegation) -> str | None:
        return (delegation.ends_on - ONE_DAY).isoformat() if delegation.ends_on else None


class DelegationCreationSerializer(serializers.Serializer[Any]):
    """The token's owner hands their calendar to a colleague."""

    delegate = serializers.EmailField(max_length=254, help_text=_("The colleague’s address"))
    starts_on = serializers.DateField(required=False, help_text=_("Today by default"))
    last_day = serializers.DateField(required=False, allow_null=True, help_text=_("Until it is ended, by default"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check it as the page does."""
        owner = membership_of(self.context["request"])
        for name in ("starts_on", "last_day"):
            if attrs.get(name) and not FIRST_DAY <= attrs[name] <= LAST_DAY:
                raise serializers.ValidationError({name: _("This date is out of range.")}, "out_of_range")
        starts_on = attrs.get("starts_on") or owner.tenant.today
        values = {"delegate": attrs["delegate"], "starts_on": starts_on, "ends_on": attrs.get("last_day")}
        form = DelegationForm(values, principal=owner)
        if not form.is_valid():
            names = {"ends_on": "last_day"}
            raise serializers.ValidationError(
                {names.get(name, name): messages for name, messages in form.errors.items()}
            )
        checked: dict[str, Any] = form.cleaned_data
        return checked


@extend_schema_view(list=extend_schema(description=_("List the delegations that are not ended.")))
class DelegationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Delegation]):
    """Delegations that the token's owner gave or holds."""

    serializer_class = DelegationSerializer
    lookup_url_kwarg = "delegation_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ, "POST": ApiToken.Scope.MEETINGS_WRITE}

    class pagination_class(Pages):
        ordering = ("starts_on", "id")

    def get_queryset(self) -> QuerySet[Delegation]:
        own, tenant = membership_of(self.request), tenant_of(self.request)
        rows = Delegation.objects.filter(Q(principal=own) | Q(delegate=own), tenant=tenant)
        if self.action == "list":
            rows = rows.filter(Q(ends_on=None) | Q(ends_on__gt=tenant.today), revoked_at=None)
        return rows.select_related("principal__user", "delegate__user")

    @extend_schema(request=DelegationCreationSerializer, responses={201: DelegationSerializer})
    def create(self, request: Request) -> Response:
        """Let a colleague schedule in the name of the token's owner."""
        serializer = DelegationCreationSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        delegation = give_delegation(by=membership_of(request), **serializer.validated_data)
        return Response(self.get_serializer(delegation).data, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, delegation_id: UUID) -> Response:
        """End a delegation at once, from either side; meetings that were scheduled under it stay."""
        end_delegation(by=membership_of(request), delegation=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
