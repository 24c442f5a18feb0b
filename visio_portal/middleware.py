"""Answers to lost races, for pages and REST alike, and to scripts whose session has ended."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
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
            code = exception.code if isinstance(exception, Conflict) else Conflict.code
            return JsonResponse({"code": code, "detail": detail}, status=status)
        return error_page(request, status, detail=detail)


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a sign-in; a script is told so by a 401, for a redirect would put that page into its part."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        is_script = "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Dest") == "empty"
        return HttpResponse(status=401) if answer is not None and is_script else answer
