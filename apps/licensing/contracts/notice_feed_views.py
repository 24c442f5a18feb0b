"""Feeds of notice dates: the page that makes and ends them, and the addresses themselves, which need no account."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.licensing.contracts.notice_feeds import feed_text, feed_url, find_feed, make_feed, revoke_feed
from apps.rooms.invitations.feeds import etag_of
from apps.tenants.models import Role, Tenant, TenantRequest
from apps.tenants.permissions import role_required
from apps.tenants.scoping import tenant_scope


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.PROCUREMENT)
def notice_feed_list(request: TenantRequest) -> HttpResponse:
    """List the officer's feeds and make another one; its address is shown this once."""
    if request.method == "POST":
        url = feed_url(request.tenant.slug, make_feed(by=request.membership))
        return render(request, "licensing/contracts/notice_feed_created.html", {"url": url})
    feeds = request.membership.notice_feeds.filter(revoked_at=None)
    return render(request, "licensing/contracts/notice_feed_list.html", {"feeds": list(feeds)})


@require_POST
@role_required(Role.PROCUREMENT)
def notice_feed_revoke(request: TenantRequest, notice_feed_id: UUID) -> HttpResponse:
    feed = get_object_or_404(request.membership.notice_feeds, id=notice_feed_id)
    revoke_feed(by=request.membership, feed=feed)
    messages.success(request, _("The address is of no use any more."))
    return redirect("licensing:notice_feed_list", request.tenant.slug)


@login_not_required
@require_safe
def notice_feed(request: HttpRequest, tenant_slug: str, token: str) -> HttpResponse:
    """Give the calendar to whoever holds its secret address."""
    tenant = get_object_or_404(Tenant.objects.ministries(), slug=tenant_slug)
    with tenant_scope(tenant.id):
        found = find_feed(token)
        if found is None:
            raise Http404
        text = feed_text(found)
    etag = etag_of(text)
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="notices.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=300"
    return response
