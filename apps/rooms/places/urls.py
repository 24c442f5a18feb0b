"""Rooms of a tenant, the requests for them, and the rules."""

from django.urls import path

from apps.rooms.places import policy_views, request_views, views

urlpatterns = [
    path("rooms/", views.room_list, name="room_list"),
    path("rooms/new/", views.room_create, name="room_create"),
    path("rooms/requests/", request_views.request_list, name="request_list"),
    path(
        "rooms/requests/<uuid:meeting_id>/<uuid:room_id>/confirm/",
        request_views.request_confirm,
        name="request_confirm",
    ),
    path(
        "rooms/requests/<uuid:meeting_id>/<uuid:room_id>/refuse/", request_views.request_refuse, name="request_refuse"
    ),
    path("rooms/<uuid:room_id>/", views.room_detail, name="room_detail"),
    path("rooms/<uuid:room_id>/edit/", views.room_edit, name="room_edit"),
    path("rooms/<uuid:room_id>/close/", views.room_close, name="room_close"),
    path("rooms/<uuid:room_id>/reopen/", views.room_reopen, name="room_reopen"),
    path("policy/", policy_views.policy, name="policy"),
    path("policy/<slug:rule>/", policy_views.policy_rule, name="policy_rule"),
    path("policy/units/<uuid:unit_id>/", policy_views.unit_policy, name="unit_policy"),
    path("policy/units/<uuid:unit_id>/<slug:rule>/", policy_views.unit_policy_rule, name="unit_policy_rule"),
]
