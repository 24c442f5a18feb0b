"""Error pages: each says what happened and what to do now, with the frame of the other pages if possible."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from apps.tenants.identity.views import second_factor_page
from apps.tenants.permissions import SecondFactorRequired
from visio_portal.interface import Shell


def error_page(request: HttpRequest, status: int, *, detail: str = "") -> HttpResponse:
    """Return the page of an error: 400, 403, 404, 409, 413, 422 or 500; ``detail`` is shown to the person."""
    template = f"errors/{status}.html"
    context = {"detail": detail}
    try:
        content = render_to_string(template, context, request=request)
    except DatabaseError:  # the transaction is broken: the frame cannot ask who this is
        content = render_to_string(template, context | bare_context())
    return HttpResponse(content, status=status)


def bare_context() -> dict[str, Any]:
    """Return what base.html needs when neither database nor session may be touched."""
    return {"shell": Shell(None), "csrf_token": ""}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the exception's own reason, where the code that raised it gave one."""
    if isinstance(exception, SecondFactorRequired):
        return second_factor_page(request)
    reason = str(exception) if isinstance(exception, PermissionDenied) else ""
    return error_page(request, 403, detail=reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Show the page of an unforeseen error; nothing in it needs the database, the session or the person."""
    return HttpResponse(render_to_string("errors/500.html", {"detail": ""} | bare_context()), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show the 403 page for a form whose token is missing or too old (CSRF_FAILURE_VIEW)."""
    return HttpResponse(render_to_string("errors/csrf.html", {"detail": ""}, request=request), status=403)
