"""REST, version 1: a ministry's token chooses the tenant."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from apps.rooms.meetings.api import MeetingViewSet
from apps.rooms.meetings.occurrences_api import (
    MeetingAnswersView,
    MeetingCancelView,
    MeetingRestoreView,
    OccurrenceViewSet,
)
from apps.rooms.places.api import RoomViewSet
from apps.transcripts.api import SpeakerView, TranscriptViewSet
from visio_portal.api import docs
from visio_portal.api.errors import UnknownAddressView

router = SimpleRouter(use_regex_path=False)
router.register("meetings", MeetingViewSet, basename="meeting")
router.register("occurrences", OccurrenceViewSet, basename="occurrence")
router.register("rooms", RoomViewSet, basename="room")
router.register("transcripts", TranscriptViewSet, basename="transcript")

app_name = "api"
urlpatterns = [
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.docs, name="docs"),
    path(
        "transcripts/<uuid:transcript_id>/speakers/<uuid:speaker_id>/", SpeakerView.as_view(), name="transcript-speaker"
    ),
    path("meetings/<uuid:meeting_id>/answers/", MeetingAnswersView.as_view(), name="meeting-answers"),
    path("meetings/<uuid:meeting_id>/cancel/", MeetingCancelView.as_view(), name="meeting-cancel"),
    path("meetings/<uuid:meeting_id>/restore/", MeetingRestoreView.as_view(), name="meeting-restore"),
    path("", include(router.urls)),
    re_path("", UnknownAddressView.as_view(), name="unknown"),
]
