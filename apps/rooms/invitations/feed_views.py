"""Calendar feeds: the page that makes and ends them, and the addresses themselves, which need no account."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.invitations.feeds import etag_of, feed_text, feed_url, find_feed, make_feed, revoke_feed
from apps.rooms.meetings.editing import principals_of
from apps.rooms.models import Room
from apps.tenants.models import Membership, Tenant, TenantRequest
from apps.tenants.scoping import tenant_scope
from visio_portal.forms import PortalForm, form_page, posted


class FeedForm(PortalForm):
    """Whose calendar is wanted: the member's own, that of somebody in whose name they schedule, or a room's."""

    calendar = forms.ChoiceField(label=gettext_lazy("Which calendar"), required=False)

    def __init__(self, data: Any, *, by: Membership, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.principals = {f"member-{member.id}": member for member in principals_of(by)}
        self.rooms = {f"room-{room.id}": room for room in by.tenant.rooms.filter(closed_at=None)}
        choices: list[Any] = [("", _("My own meetings"))]
        for label, offered in ((_("People whom you stand in for"), self.principals), (_("Rooms"), self.rooms)):
            if offered:
                choices.append((label, [(key, str(one)) for key, one in offered.items()]))
        calendar: Any = self.fields["calendar"]
        calendar.choices = choices

    @property
    def room(self) -> Room | None:
        return self.rooms.get(self.cleaned_data["calendar"])

    @property
    def principal(self) -> Membership | None:
        return self.principals.get(self.cleaned_data["calendar"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feed_list(request: TenantRequest) -> HttpResponse:
    """List the member's feeds and make another one; its address is shown this once."""
    form = FeedForm(posted(request), by=request.membership)
    feeds = request.membership.calendar_feeds.filter(revoked_at=None).select_related("room", "principal__user")
    if form.is_valid():
        feed, secret = make_feed(by=request.membership, room=form.room, principal=form.principal)
        context = {"feed": feed, "url": feed_url(request.tenant.slug, secret)}
        return render(request, "rooms/invitations/feed_created.html", context)
    return form_page(request, "rooms/invitations/feed_list.html", form, feeds=list(feeds))


@require_POST
def feed_revoke(request: TenantRequest, feed_id: UUID) -> HttpResponse:
    feed = get_object_or_404(request.membership.calendar_feeds, id=feed_id)
    revoke_feed(by=request.membership, feed=feed)
    messages.success(request, _("The address is of no use any more."))
    return redirect("rooms:feed_list", request.tenant.slug)


@login_not_required
@require_safe
def feed(request: HttpRequest, tenant_slug: str, token: str) -> HttpResponse:
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
        response["Content-Disposition"] = 'inline; filename="visio.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=300"
    return response
