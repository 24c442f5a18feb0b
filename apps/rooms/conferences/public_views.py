"""What people and machines without an account reach: the join address, and LiveKit's webhooks.

Both enter the tenant by themselves. The join code (96 random bits) is the secret of its address.
"""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apps.rooms.conferences.joining import Door, entrance_of
from apps.rooms.conferences.webhooks import BadEvent, NotAuthentic, receive_event
from apps.rooms.models import Meeting
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope

WEBHOOK_MAX_BYTES = 256 * 1024


@login_not_required
@never_cache
@require_safe
def join(request: HttpRequest, tenant_slug: str, code: str) -> HttpResponse:
    """Show the door of a conference: where to go in, or why not yet. A script asks for the door's part alone."""
    tenant = _tenant(tenant_slug)
    with tenant_scope(tenant.id):
        meeting = Meeting.objects.select_related("organizer", "room").filter(join_code=code).first()
        if meeting is None:
            raise Http404("No such meeting.")
        member = _member(request, tenant)
        is_host = member is not None and Meeting.objects.schedulable_by(member).filter(id=meeting.id).exists()
        entrance = entrance_of(meeting, is_host=is_host, now=timezone.now())
    context = {
        "tenant": tenant,
        "meeting": meeting,
        "entrance": entrance,
        "is_host": is_host,
        "is_member": member is not None,
        "is_waiting": entrance.door in (Door.EARLY, Door.PREPARING),
    }
    part = request.headers.get("HX-Request") == "true"
    response = render(request, f"rooms/conferences/{'door' if part else 'join'}.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@csrf_exempt
@require_POST
def webhook(request: HttpRequest, tenant_slug: str) -> HttpResponse:
    """Take one of LiveKit's events: 200, also for a replay; 401 for a wrong signature, 400 for what is no event."""
    tenant = Tenant.objects.ministries().filter(slug=tenant_slug).first()
    if tenant is None:
        return HttpResponse(status=401)
    authorization = request.headers.get("Authorization", "")
    try:
        receive_event(tenant_id=tenant.id, body=_body(request), authorization=authorization)
    except NotAuthentic:
        return HttpResponse(status=401)
    except BadEvent:
        return HttpResponse(status=400)
    except RequestDataTooBig:
        return HttpResponse(status=413)
    return HttpResponse(status=200)


def _tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.ministries().filter(slug=slug).first()
    if tenant is None:
        raise Http404("No such ministry.")
    return tenant


def _member(request: HttpRequest, tenant: Tenant) -> Membership | None:
    """Return the signed-in person's membership in the ministry, if there is one."""
    if not request.user.is_authenticated:
        return None
    members = Membership.objects.active().filter(tenant=tenant, user_id=request.user.pk, user__is_active=True)
    return members.first()


def _body(request: HttpRequest) -> bytes:
    content = request.read(WEBHOOK_MAX_BYTES + 1)
    if len(content) > WEBHOOK_MAX_BYTES:
        raise RequestDataTooBig
    return content
