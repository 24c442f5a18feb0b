"""The administrator's page of the connection to Visio."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.rooms.conferences.connections import check_connection, save_connection
from apps.rooms.conferences.failures import ADVICE, Failure, advice_of
from apps.rooms.conferences.forms import ConnectionForm
from apps.rooms.conferences.operations import connection_of
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import enters_tenant_itself, role_required
from visio_portal.forms import form_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def connection_edit(request: TenantRequest) -> HttpResponse:
    present = connection_of(request.tenant.id)
    posted = request.POST if request.method == "POST" else None
    form = ConnectionForm(
        posted, present=present, is_http_allowed=not settings.IS_PRODUCTION, hosts=settings.VISIO_HOSTS
    )
    if form.is_valid():
        save_connection(by=request.membership, plan=form.plan())
        messages.success(request, _("The connection is saved. What waits for Visio is being tried again."))
        return redirect("rooms:visio_connection", request.tenant.slug)
    path = reverse("rooms:visio_webhook", args=[request.tenant.slug])
    context: dict[str, Any] = {
        "connection": present,
        "webhook_url": f"{settings.PORTAL_PUBLIC_URL}{path}",
        "failures": [(failure.label, advice_of(failure)) for failure in ADVICE],
    }
    return form_page(request, "rooms/conferences/connection.html", form, **context)


@require_POST
@enters_tenant_itself
@role_required(Role.ADMIN)
def connection_check(request: TenantRequest) -> HttpResponse:
    """Ask Visio in the administrator's own name, and say what came of it."""
    email = request.membership.user.email
    failure, words = check_connection(tenant_id=request.tenant.id, email=email)
    if failure is None:
        messages.success(request, _("Visio answers, and knows you."))
    elif failure in (Failure.UNKNOWN_USER, Failure.PROVISIONAL_USER):
        text = _("Visio accepts the credentials, but does not know you (%(email)s) yet: sign in to Visio once.")
        messages.success(request, text % {"email": email})
    else:
        told = _("Visio’s answer: “%(words)s”") % {"words": words} if words else ""
        text = " ".join(part for part in (str(failure.label), advice_of(failure), told) if part)
        messages.error(request, text)
    return redirect("rooms:visio_connection", request.tenant.slug)
