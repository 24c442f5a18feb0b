"""Pages of the transcription service, for administrators."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.tenants.models import ApiToken, Role, TenantRequest
from apps.tenants.permissions import role_required
from apps.transcripts.models import ServiceJob, TranscriptionService
from apps.transcripts.service import operations
from apps.transcripts.service.forms import ServiceForm
from visio_portal.forms import form_page, posted
from visio_portal.paging import page_of


@require_safe
@role_required(Role.ADMIN)
def service_detail(request: TenantRequest) -> HttpResponse:
    """Show whether the service works: its settings, keys and last orders."""
    keys = ApiToken.objects.filter(tenant=request.tenant, scopes__contains=[ApiToken.Scope.TRANSCRIPTION])
    orders = ServiceJob.objects.filter(tenant=request.tenant).select_related("member__user")
    context = {
        "service": service_of(request),
        "keys": keys.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("user"),
        "orders": page_of(request, orders.defer("speech_events")),
        "address": f"{settings.PORTAL_PUBLIC_URL}{reverse('service:job_create')}",
    }
    return render(request, "transcripts/service/detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def service_edit(request: TenantRequest) -> HttpResponse:
    form = ServiceForm(posted(request), service=service_of(request), networks=settings.FETCH_NETWORKS)
    if form.is_valid():
        operations.save_service(by=request.membership, **form.cleaned_data)
        messages.success(request, _("The settings of the transcription service are saved."))
        return redirect("transcripts:service_detail", request.tenant.slug)
    return form_page(request, "transcripts/service/form.html", form)


@never_cache
@require_POST
@role_required(Role.ADMIN)
def service_key(request: TenantRequest) -> HttpResponse:
    """Make a key for Visio and show its secret, this once."""
    token, secret = operations.make_service_key(by=request.membership)
    return render(request, "transcripts/service/key.html", {"token": token, "secret": secret})


def service_of(request: TenantRequest) -> TranscriptionService | None:
    return TranscriptionService.objects.filter(tenant=request.tenant).first()
