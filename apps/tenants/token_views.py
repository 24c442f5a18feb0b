"""API tokens: a member's own, and for administrators all of the tenant's."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.tenants import operations
from apps.tenants.forms import ONE_DAY, TokenForm
from apps.tenants.models import ApiToken, Role, TenantRequest
from apps.tenants.permissions import has_second_factor, role_required
from visio_portal.forms import form_page, posted
from visio_portal.paging import page_of

USUAL_LIFE = timedelta(days=90)


@require_safe
@role_required(Role.ORGANIZER)
def token_list(request: TenantRequest) -> HttpResponse:
    tokens = page_of(request, tokens_for(request))
    context = {"tokens": tokens, "sees_all": sees_all(request), "now": timezone.now()}
    return render(request, "tenants/token_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(Role.ORGANIZER)
def token_create(request: TenantRequest) -> HttpResponse:
    """Ask what the token is for, then show its secret, this once."""
    form = TokenForm(posted(request), initial={"expires_on": timezone.localdate() + USUAL_LIFE})
    if form.is_valid():
        wanted = form.cleaned_data
        end = datetime.combine(wanted["expires_on"] + ONE_DAY, time(), request.tenant.zone)
        token, secret = operations.make_token(
            by=request.membership, name=wanted["name"], scopes=wanted["scopes"], expires_at=end
        )
        return render(request, "tenants/token_created.html", {"token": token, "secret": secret})
    return form_page(request, "tenants/token_form.html", form)


@require_http_methods(["GET", "POST"])
@role_required(Role.ORGANIZER)
def token_revoke(request: TenantRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(tokens_for(request), id=token_id)
    if request.method == "POST":
        operations.revoke_token(by=request.membership, token=token)
        messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
        return redirect("tenants:token_list", tenant_slug=request.tenant.slug)
    return render(request, "tenants/token_revoke.html", {"token": token})


def sees_all(request: TenantRequest) -> bool:
    """Return whether the member administers the tenant's tokens in this session."""
    return request.membership.has_role(Role.ADMIN) and has_second_factor(request)


def tokens_for(request: TenantRequest) -> QuerySet[ApiToken]:
    """Return the tokens that the member may list and revoke (a global table: the tenant is asked for here)."""
    tokens = ApiToken.objects.filter(tenant=request.tenant).select_related("user", "tenant")
    return tokens if sees_all(request) else tokens.filter(user_id=request.membership.user_id)
