"""REST resources of rooms and meetings, in the namespace of the whole API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apps.rooms.calendars.api import FreeBusyView
from apps.rooms.conferences.api import (
    AttendanceSheetView,
    AttendanceView,
    ConferenceRetryView,
    MeetingConferenceView,
)
from apps.rooms.invitations.answers_api import PendingAnswerViewSet
from apps.rooms.invitations.feeds_api import FeedViewSet
from apps.rooms.meetings.api import MeetingViewSet
from apps.rooms.meetings.occurrences_api import (
    MeetingAnswersView,
    MeetingCancelView,
    MeetingRestoreView,
    OccurrenceViewSet,
)
from apps.rooms.places.api import RoomViewSet
from apps.rooms.places.requests_api import RequestConfirmView, RequestRefuseView, RoomRequestsView
from apps.rooms.places.rules_api import MeetingRulesView, RoomRulesView
from apps.rooms.planning.delegations_api import DelegationViewSet
from apps.rooms.planning.polls_api import PollViewSet
from apps.rooms.planning.saved_api import GroupViewSet, TemplateViewSet

router = SimpleRouter(use_regex_path=False)
router.register("meetings", MeetingViewSet, basename="meeting")
router.register("occurrences", OccurrenceViewSet, basename="occurrence")
router.register("rooms", RoomViewSet, basename="room")
router.register("polls", PollViewSet, basename="poll")
router.register("delegations", DelegationViewSet, basename="delegation")
router.register("groups", GroupViewSet, basename="group")
router.register("templates", TemplateViewSet, basename="template")
router.register("feeds", FeedViewSet, basename="feed")
router.register("pending-answers", PendingAnswerViewSet, basename="pending-answer")

urlpatterns = [
    path("free-busy/", FreeBusyView.as_view(), name="free-busy"),
    path("rules/", MeetingRulesView.as_view(), name="rules"),
    path("rooms/<uuid:room_id>/rules/", RoomRulesView.as_view(), name="room-rules"),
    path("room-requests/", RoomRequestsView.as_view(), name="room-request-list"),
    path(
        "room-requests/<uuid:meeting_id>/<uuid:room_id>/confirm/",
        RequestConfirmView.as_view(),
        name="room-request-confirm",
    ),
    path(
        "room-requests/<uuid:meeting_id>/<uuid:room_id>/refuse/",
        RequestRefuseView.as_view(),
        name="room-request-refuse",
    ),
    path("meetings/<uuid:meeting_id>/answers/", MeetingAnswersView.as_view(), name="meeting-answers"),
    path("meetings/<uuid:meeting_id>/cancel/", MeetingCancelView.as_view(), name="meeting-cancel"),
    path("meetings/<uuid:meeting_id>/restore/", MeetingRestoreView.as_view(), name="meeting-restore"),
    path("meetings/<uuid:meeting_id>/conference/", MeetingConferenceView.as_view(), name="meeting-conference"),
    path("meetings/<uuid:meeting_id>/conference/retry/", ConferenceRetryView.as_view(), name="conference-retry"),
    path("occurrences/<uuid:occurrence_id>/attendance/", AttendanceView.as_view(), name="occurrence-attendance"),
    path(
        "occurrences/<uuid:occurrence_id>/attendance/sheet.<slug:sheet_format>",
        AttendanceSheetView.as_view(),
        name="occurrence-attendance-sheet",
    ),
    path("", include(router.urls)),
]
