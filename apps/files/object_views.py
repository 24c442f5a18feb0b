"""``/files/<token>``: what the signature allows, and nothing else. Who holds the link needs no account."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from apps.files.grants import BadToken, Grant, read_token
from apps.files.naming import clean_media_type
from apps.files.objects import Body, Multipart, stated_sha256
from apps.files.refusals import refuses_in_json
from apps.files.responses import serve_object
from apps.files.store import object_store

METHODS = {"GET": ("GET", "HEAD"), "PUT": ("PUT",)}


@csrf_exempt  # the signature is the proof; no cookie is looked at
@login_not_required
@refuses_in_json
def stored_object(request: HttpRequest, token: str) -> HttpResponseBase:
    """Give or take one object, or take one part of one, as the token says."""
    try:
        grant = read_token(token)
    except BadToken as error:
        raise PermissionDenied(_("This link has expired or is not complete.")) from error
    if request.method not in METHODS[grant.method]:
        return HttpResponseNotAllowed(METHODS[grant.method])
    return take_object(request, grant) if grant.method == "PUT" else give_object(request, grant)


def give_object(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    response = serve_object(request, grant.key, media_type=clean_media_type(grant.media_type))
    response["Content-Disposition"] = content_disposition_header(True, grant.name) or "attachment"
    return response


def take_object(request: HttpRequest, grant: Grant) -> HttpResponse:
    digest = stated_sha256(request.headers.get("Content-Digest", ""))
    body = Body(request, max_bytes=grant.max_bytes, sha256=digest)
    if grant.part:
        object_store().put_part(Multipart(grant.key, grant.multipart_id), grant.part, body)
    else:
        object_store().put(grant.key, body, media_type=clean_media_type(grant.media_type))
    return HttpResponse(status=204)
