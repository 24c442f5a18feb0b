"""A tenant's members, journal and tokens."""

from django.urls import path

from apps.tenants import journal_views, members_views, token_views

app_name = "tenants"
urlpatterns = [
    path("journal/", journal_views.journal, name="journal"),
    path("members/", members_views.member_list, name="member_list"),
    path("members/<uuid:membership_id>/roles/", members_views.member_roles, name="member_roles"),
    path("units/", members_views.unit_list, name="unit_list"),
    path("tokens/", token_views.token_list, name="token_list"),
    path("tokens/new/", token_views.token_create, name="token_create"),
    path("tokens/<uuid:token_id>/revoke/", token_views.token_revoke, name="token_revoke"),
]
