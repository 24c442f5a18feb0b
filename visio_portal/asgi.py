"""ASGI entry point: WebSockets always, HTTP too where daphne serves alone."""

import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

from apps.files.pacing import PacedApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visio_portal.settings")
http = get_asgi_application()  # loads the apps: what follows imports models

from apps.licensing.dashboards.consumers import may_follow_figures  # noqa: E402
from apps.licensing.imports.consumers import may_follow_imports  # noqa: E402
from apps.rooms.consumers import may_follow_calendar, may_follow_meeting  # noqa: E402
from apps.tenants.consumers import TenantConsumer  # noqa: E402
from apps.transcripts.consumers import may_follow_job, may_follow_transcript  # noqa: E402

TOPICS = {
    "calendar": may_follow_calendar,
    "imports": may_follow_imports,
    "figures": may_follow_figures,
    "job": may_follow_job,
    "meeting": may_follow_meeting,
    "transcript": may_follow_transcript,
}

consumer: Any = TenantConsumer.as_asgi(topics=TOPICS)
routes: list[Any] = [path("ws/t/<slug:tenant_slug>/", consumer)]
websocket = URLRouter(routes)
application = ProtocolTypeRouter(
    {"http": PacedApplication(http), "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(websocket))}
)
