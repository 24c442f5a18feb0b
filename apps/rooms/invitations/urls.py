"""Invitations of a tenant: answers, mails, the portal mailbox, calendar feeds."""

from django.urls import path

from apps.rooms.invitations import answer_views, feed_views, mailbox_views, views

urlpatterns = [
    path("answers/<str:token>/", answer_views.answer, name="answer"),
    path("meetings/<uuid:meeting_id>/answers/", views.answers, name="answers"),
    path("meetings/<uuid:meeting_id>/answers/<uuid:pending_id>/", views.pending_settle, name="pending_settle"),
    path("meetings/<uuid:meeting_id>/mails/", views.mail_list, name="mail_list"),
    path("meetings/<uuid:meeting_id>/mails/<uuid:attendee_id>/", views.mail_correct, name="mail_correct"),
    path("mailbox/", mailbox_views.mailbox_edit, name="mailbox"),
    path("mailbox/check/", mailbox_views.mailbox_check, name="mailbox_check"),
    path("feeds/", feed_views.feed_list, name="feed_list"),
    path("feeds/<uuid:feed_id>/revoke/", feed_views.feed_revoke, name="feed_revoke"),
    path("feeds/<str:token>.ics", feed_views.feed, name="feed"),
]
