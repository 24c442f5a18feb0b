"""How refusals of stores and uploads look in HTTP: a status, a stable code, and a sentence for people."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.files import objects, operations

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


class BadRequestBody(Exception):
    """The JSON body is not what the address takes; ``str`` names the field."""


class Refusal(NamedTuple):
    status: int
    code: str
    detail: Promise


REFUSALS: dict[type[Exception], Refusal] = {
    BadRequestBody: Refusal(400, "bad_request", _("The request cannot be read.")),
    operations.UploadEmpty: Refusal(422, "empty", _("The file is empty.")),
    operations.UploadTooLarge: Refusal(413, "too_large", _("The file is larger than the portal accepts.")),
    objects.BodyTooLarge: Refusal(413, "body_too_large", _("More was sent than was announced. Nothing was kept.")),
    operations.WrongPart: Refusal(422, "wrong_part", _("The file has no such part.")),
    objects.WrongSize: Refusal(422, "wrong_size", _("The part does not have the size that it should have.")),
    objects.DigestMismatch: Refusal(422, "digest_mismatch", _("The part was damaged on its way.")),
    operations.UploadClosed: Refusal(
        409, "closed", _("This upload has ended or expired. Choose the file again to start anew.")
    ),
    objects.NoSuchMultipart: Refusal(409, "closed", _("This upload has ended or expired.")),
    operations.UploadIncomplete: Refusal(409, "incomplete", _("Parts of the file are missing.")),
    objects.StorageFull: Refusal(
        507, "storage_full", _("The portal has no room left for this file. Nothing was kept; tell your administrator.")
    ),
    objects.StoreUnavailable: Refusal(503, "store_unavailable", _("The file store does not answer. Try again later.")),
}


def refuses_in_json(view: View[P]) -> View[P]:
    """Turn what uploads and stores refuse into ``{"code", "detail"}``, with ``missing`` parts where there are."""

    @wraps(view)
    def answered(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except tuple(REFUSALS) as error:
            return refusal(error)

    return answered


def refusal(error: Exception) -> HttpResponse:
    """Return the JSON answer for one of REFUSALS."""
    status, code, detail = REFUSALS[type(error)]
    content: dict[str, Any] = {"code": code, "detail": str(detail)}
    if isinstance(error, operations.UploadIncomplete):
        content["missing"] = error.numbers
    if isinstance(error, BadRequestBody):
        content["field"] = str(error)
    return JsonResponse(content, status=status)
