"""Answers to lost races, for pages and REST alike."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from apps.tenants.conflicts import Conflict, status_of
from visio_portal.errors import error_page


class ConflictMiddleware:
    """Turn a lost race into a 409 that says what happened; the tenant's transaction is rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        status = status_of(exception)
        if status is None:
            return None
        told = isinstance(exception, Conflict)
        detail = str(exception) if told else _("Somebody else changed the same thing at the same moment.")
        if request.path_info.startswith("/api/"):
            return JsonResponse({"code": "conflict", "detail": detail}, status=status)
        return error_page(request, status, detail=detail)
