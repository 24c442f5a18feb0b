"""Addresses of the pages around the service, and of the language switch."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from visio_portal import pages

urlpatterns = [
    path("site-map/", pages.sitemap, name="sitemap"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("legal-notice/", pages.legal_notice, name="legal_notice"),
    path("personal-data/", pages.personal_data, name="personal_data"),
    path("language/", login_not_required(set_language), name="set_language"),
]
