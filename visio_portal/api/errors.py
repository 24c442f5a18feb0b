"""One shape of error: ``{code, detail}``, and ``fields`` where values are wrong."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as drf_exception_handler

from apps.tenants.conflicts import Conflict, status_of


class FieldErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: ``code`` is stable, ``detail`` is for people; ``fields`` says which values are wrong."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(child=FieldErrorSerializer(many=True), required=False)  # type: ignore[assignment]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error into ``{code, detail}``; what nobody foresaw stays an exception (500)."""
    status = status_of(error)
    if status is not None:
        return Response(body_of_refusal(error), status)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    response = drf_exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        response.data = body_of(error)
    return response


def body_of(error: exceptions.APIException) -> dict[str, Any]:
    """Return the body of an error."""
    if isinstance(error, exceptions.ValidationError):
        details = error.get_full_details()
        return {"code": "invalid", "detail": str(_("Some values are wrong.")), "fields": by_field(details)}
    return {"code": str(error.get_codes()), "detail": str(error.detail)}


def body_of_refusal(error: Exception) -> dict[str, Any]:
    """Return the body of a lost race, or of what the rules in force refuse."""
    if not isinstance(error, Conflict):
        return {"code": Conflict.code, "detail": str(error) or str(_("Try again."))}
    body: dict[str, Any] = {"code": error.code, "detail": str(error) or str(_("Try again."))}
    return body | {"fields": error.fields} if error.fields else body


def by_field(details: Any, path: str = "") -> dict[str, list[dict[str, str]]]:
    """Flatten DRF's nested error details to ``{"attendees.0.email": [{code, detail}]}``."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        return {path or "body": [{"code": str(details["code"]), "detail": str(details["message"])}]}
    items = details.items() if isinstance(details, dict) else enumerate(details)
    flat: dict[str, list[dict[str, str]]] = {}
    for key, inner in items:
        is_message = isinstance(inner, dict) and set(inner) == {"message", "code"} and isinstance(details, list)
        name = str(key)
        below = path if is_message or name == "non_field_errors" else f"{path}.{name}" if path else name
        for where, errors in by_field(inner, below).items():
            flat.setdefault(where, []).extend(errors)
    return flat


class UnknownAddressView(APIView):
    """Answer an unknown address below /api/v1/ in the shape of the other errors."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound
