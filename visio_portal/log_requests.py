"""One log line for each request, with its id and its tenant."""

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares.request import RequestMiddleware


class RequestLogMiddleware(RequestMiddleware):
    """Name the tenant in the line, and the request's id in the answer, so that both can be found together."""

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if request_id:
            response["X-Request-ID"] = request_id
        tenant = getattr(request, "tenant", None)
        with structlog.contextvars.bound_contextvars(**{"tenant_id": str(tenant.id)} if tenant else {}):
            super().handle_response(request, response)
