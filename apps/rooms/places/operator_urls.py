"""The State's rules, in the operator's area."""

from django.urls import path

from apps.rooms.places import policy_views

app_name = "state_policy"
urlpatterns = [
    path("policy/", policy_views.state_policy, name="policy"),
    path("policy/<slug:rule>/", policy_views.state_policy_rule, name="policy_rule"),
]
