"""What makes planning quick."""

from django.urls import path

from apps.rooms.planning import delegation_views, moving_views, poll_views, saved_views

urlpatterns = [
    path("delegations/", delegation_views.delegation_list, name="delegation_list"),
    path("delegations/new/", delegation_views.delegation_create, name="delegation_create"),
    path("delegations/<uuid:delegation_id>/end/", delegation_views.delegation_end, name="delegation_end"),
    path("polls/", poll_views.poll_list, name="poll_list"),
    path("polls/new/", poll_views.poll_create, name="poll_create"),
    path("polls/answers/<str:token>/", poll_views.poll_answer, name="poll_answer"),
    path("polls/<uuid:poll_id>/", poll_views.poll_detail, name="poll_detail"),
    path("polls/<uuid:poll_id>/remind/", poll_views.poll_remind, name="poll_remind"),
    path("polls/<uuid:poll_id>/cancel/", poll_views.poll_cancel, name="poll_cancel"),
    path("polls/<uuid:poll_id>/choose/<uuid:slot_id>/", poll_views.poll_choose, name="poll_choose"),
    path("imports/", moving_views.import_create, name="import_create"),
    path("imports/<uuid:import_id>/", moving_views.import_detail, name="import_detail"),
    path(
        "imports/<uuid:import_id>/originals/<uuid:original_id>/",
        moving_views.original_cancelled,
        name="original_cancelled",
    ),
    path("saved/", saved_views.saved_list, name="saved_list"),
    path("saved/groups/new/", saved_views.group_create, name="group_create"),
    path("saved/groups/<uuid:group_id>/", saved_views.group_edit, name="group_edit"),
    path("saved/groups/<uuid:group_id>/delete/", saved_views.group_delete, name="group_delete"),
    path("saved/templates/<uuid:template_id>/delete/", saved_views.template_delete, name="template_delete"),
    path("meetings/<uuid:meeting_id>/template/", saved_views.template_create, name="template_create"),
]
