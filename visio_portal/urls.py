"""Every address of the portal."""

from django.urls import include, path

from apps.tenants import operator_views
from visio_portal import home

urlpatterns = [
    path("", home.index, name="home"),
    path("", include("visio_portal.page_urls")),
    path("oidc/", include("apps.tenants.identity.urls")),
    path("files/", include("apps.files.urls")),
    path("worker/v1/", include("apps.transcripts.worker_urls")),
    path("api/v1/", include("visio_portal.api_urls")),
    path("api/v2/", include("apps.transcripts.service.urls")),
    path("health/", include("visio_portal.health_urls")),
    path("operator/", operator_views.home, name="operator_home"),
    path("operator/", include("apps.tenants.operator_urls")),
    path("operator/", include("apps.licensing.operator_urls")),
    path("operator/", include("apps.licensing.state.urls")),
    path("operator/", include("apps.licensing.editions.operator_urls")),
    path("operator/", include("apps.rooms.places.operator_urls")),
    path("t/<slug:tenant_slug>/", include("visio_portal.tenant_urls")),
]

handler400 = "visio_portal.errors.bad_request"
handler403 = "visio_portal.errors.permission_denied"
handler404 = "visio_portal.errors.not_found"
handler500 = "visio_portal.errors.server_error"
