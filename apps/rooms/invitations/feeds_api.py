"""REST: calendar feeds, whose secret address a calendar program reads."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.invitations.feeds import feed_url, make_feed, revoke_feed
from apps.rooms.meetings.people_api import organizer_named
from apps.rooms.models import CalendarFeed
from apps.rooms.places.api import RoomField
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages


class FeedSerializer(serializers.ModelSerializer[CalendarFeed]):
    """A feed of the owner's own meetings (both fields are null), of a principal's meetings, or of a room's times."""

    room = RoomField(required=False, allow_null=True)
    organizer_id = serializers.UUIDField(
        source="principal_id",
        required=False,
        allow_null=True,
        help_text=_("Whose meetings: a member who has delegated scheduling to the token's owner"),
    )

    class Meta:
        model = CalendarFeed
        fields = ["id", "room", "organizer_id", "created_at"]
        read_only_fields = ["id", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        by, wanted = membership_of(self.context["request"]), attrs.get("principal_id")
        if wanted is not None and attrs.get("room") is not None:
            raise serializers.ValidationError({"organizer_id": _("A calendar is a person’s or a room’s, not both.")})
        member = organizer_named(by, wanted)
        attrs["principal"] = None if member.id == by.id else member
        return attrs


class NewFeedSerializer(FeedSerializer):
    url = serializers.URLField(read_only=True, help_text=_("The secret address; it is shown this once"))

    class Meta(FeedSerializer.Meta):
        fields = [*FeedSerializer.Meta.fields, "url"]


class FeedViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[CalendarFeed]):
    """Calendar feeds of the token's owner that are not ended."""

    serializer_class = FeedSerializer
    lookup_url_kwarg = "feed_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ, "POST": ApiToken.Scope.MEETINGS_WRITE}

    class pagination_class(Pages):
        ordering = ("-created_at", "id")

    def get_queryset(self) -> QuerySet[CalendarFeed]:
        return CalendarFeed.objects.filter(membership=membership_of(self.request), revoked_at=None)

    @extend_schema(responses={201: NewFeedSerializer})
    def create(self, request: Request) -> Response:
        """Make a feed; its address is in this answer alone."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        feed, secret = make_feed(by=membership_of(request), room=values.get("room"), principal=values["principal"])
        feed.url = feed_url(tenant_of(request).slug, secret)  # type: ignore[attr-defined]
        return Response(NewFeedSerializer(feed).data, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, feed_id: UUID) -> Response:
        """End a feed: its address is of no use any more."""
        revoke_feed(by=membership_of(request), feed=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
