"""ASGI entry point: WebSockets always, HTTP too where daphne serves alone."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visio_portal.settings")
http = get_asgi_application()  # loads the apps: what follows imports models

from apps.tenants.consumers import TenantConsumer  # noqa: E402
from apps.transcripts.consumers import may_follow_job, may_follow_transcript  # noqa: E402

TOPICS = {"job": may_follow_job, "transcript": may_follow_transcript}

websocket = URLRouter([path("ws/t/<slug:tenant_slug>/", TenantConsumer.as_asgi(topics=TOPICS))])
application = ProtocolTypeRouter(
    {"http": http, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(websocket))}
)
