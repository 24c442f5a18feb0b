"""REST: how far a meeting's conference is, and who was there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.rooms.conferences.access import kept_occurrence, led_meeting, visible_meeting
from apps.rooms.conferences.attendance import Interval
from apps.rooms.conferences.failures import Failure, advice_of
from apps.rooms.conferences.joining import conference_of, dial_in_of, occurrence_now
from apps.rooms.conferences.operations import try_again
from apps.rooms.conferences.sheet_files import SHEETS, file_name
from apps.rooms.conferences.sheets import Sheet, SheetRow, here_now, sheet_of
from apps.rooms.invitations.links import join_url
from apps.rooms.models import Attendee, Conference, Meeting
from apps.tenants.journal import record_by, record_read
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of


class DialInSerializer(serializers.Serializer[Any]):
    number = serializers.CharField()
    code = serializers.CharField(allow_blank=True)


class HereSerializer(serializers.Serializer[Any]):
    """Somebody who is in the conference at this moment."""

    name = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField()


class ConferenceSerializer(serializers.Serializer[Any]):
    """The conference behind a meeting's join address, which is valid whatever the state.

    ``status`` is null while none was asked for: the date of a poll is not chosen yet, or the meeting is over.
    """

    join_url = serializers.URLField()
    status = serializers.ChoiceField(Conference.Status.choices, allow_null=True)
    failure = serializers.ChoiceField(
        Failure.choices, allow_null=True, help_text=_("What stands in the way, where something does")
    )
    detail = serializers.CharField(allow_blank=True, help_text=_("The same in words, and what to do about it"))
    checked_at = serializers.DateTimeField(allow_null=True)
    dial_in = DialInSerializer(allow_null=True)
    here = HereSerializer(many=True, help_text=_("Who is in the conference"))


class IntervalSerializer(serializers.Serializer[Interval]):
    """From when until when somebody was there; null where they still are."""

    start_at = serializers.DateTimeField(source="start")
    end_at = serializers.DateTimeField(source="end", allow_null=True)


class PresenceSerializer(serializers.Serializer[SheetRow]):
    """A person of the sheet; ``is_recognised``: by the account with which they signed in."""

    name = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    is_organizer = serializers.BooleanField()
    is_recognised = serializers.BooleanField()
    minutes = serializers.IntegerField()
    percent = serializers.IntegerField()
    is_present = serializers.BooleanField(help_text=_("For as long as the organiser asks"))
    intervals = IntervalSerializer(many=True)


class MissingSerializer(serializers.ModelSerializer[Attendee]):
    class Meta:
        model = Attendee
        fields = ["email", "name"]
        read_only_fields = fields


class AttendanceSerializer(serializers.Serializer[Sheet]):
    """Who was in the conference of a date, for how long, and who was invited and is not recognised there."""

    occurrence = serializers.UUIDField(source="occurrence.id")
    threshold = serializers.IntegerField(help_text=_("Percent of the planned time that counts as present"))
    present_count = serializers.IntegerField()
    people = PresenceSerializer(source="rows", many=True)
    missing = MissingSerializer(many=True)


class MeetingConferenceView(APIView):
    """How far the conference of a meeting is."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(operation_id="meetings_conference_retrieve", responses=ConferenceSerializer, tags=["meetings"])
    def get(self, request: Request, meeting_id: UUID) -> Response:
        return Response(state_of(visible_meeting(membership_of(request), meeting_id)))


class ConferenceRetryView(APIView):
    """Have Visio asked again at once for a conference that it could not make."""

    scopes = {"POST": ApiToken.Scope.MEETINGS_WRITE}

    @extend_schema(
        operation_id="meetings_conference_retry_create",
        request=None,
        responses=ConferenceSerializer,
        tags=["meetings"],
    )
    def post(self, request: Request, meeting_id: UUID) -> Response:
        meeting = led_meeting(membership_of(request), meeting_id)
        conference = conference_of(meeting, meeting.occurrences.select_related("room").order_by("start_at").last())
        if conference is None:
            raise Http404("No conference was asked for.")
        try_again(conference=conference, by=membership_of(request))
        return Response(state_of(meeting))


class AttendanceView(APIView):
    """Who was at a date of a meeting that keeps attendance; for its organisers. Reading it is journalled."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(operation_id="occurrences_attendance_retrieve", responses=AttendanceSerializer, tags=["occurrences"])
    def get(self, request: Request, occurrence_id: UUID) -> Response:
        occurrence = kept_occurrence(membership_of(request), occurrence_id)
        record_read(membership_of(request), "attendance.read", occurrence)
        return Response(AttendanceSerializer(sheet_of(occurrence)).data)


class AttendanceSheetView(APIView):
    """The sign-in sheet of a date as a file; taking it out is journalled."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(
        operation_id="occurrences_attendance_sheet_retrieve",
        parameters=[OpenApiParameter("sheet_format", str, OpenApiParameter.PATH, enum=sorted(SHEETS))],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        },
        tags=["occurrences"],
    )
    def get(self, request: Request, occurrence_id: UUID, sheet_format: str) -> HttpResponse:
        if sheet_format not in SHEETS:
            raise Http404("No such format.")
        write, media_type = SHEETS[sheet_format]
        occurrence = kept_occurrence(membership_of(request), occurrence_id)
        record_by(membership_of(request), "attendance.exported", occurrence, format=sheet_format)
        response = HttpResponse(write(sheet_of(occurrence), tenant_of(request).zone), content_type=media_type)
        response["Content-Disposition"] = content_disposition_header(True, file_name(occurrence, sheet_format))
        return response


def state_of(meeting: Meeting) -> Any:
    """Return what the API says about a meeting's conference."""
    now = timezone.now()
    occurrence = occurrence_now(meeting, now)
    conference = conference_of(meeting, occurrence)
    is_ready = conference is not None and conference.status == Conference.Status.READY
    code = conference.failure_code if conference is not None and not is_ready else ""
    words: Sequence[str] = (str(Failure(code).label), advice_of(code)) if code else ()
    values = {
        "join_url": join_url(meeting),
        "status": conference.status if conference else None,
        "failure": code or None,
        "detail": " ".join(filter(None, words)),
        "checked_at": conference.checked_at if conference else None,
        "dial_in": dial_in_of(conference) if conference and is_ready and meeting.has_dial_in else None,
        "here": [
            {"name": presence.name, "since": presence.intervals[-1].start}
            for presence in (here_now(occurrence, now=now) if occurrence and is_ready else ())
        ],
    }
    return ConferenceSerializer(values).data
