"""The administrator's page of the portal mailbox."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.rooms.invitations.forms import MailboxForm
from apps.rooms.invitations.mailboxes import check_mailbox, mailbox_of, save_mailbox
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import enters_tenant_itself, role_required
from visio_portal.forms import form_page, posted


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def mailbox_edit(request: TenantRequest) -> HttpResponse:
    mailbox = mailbox_of(request.tenant.id)
    form = MailboxForm(posted(request), mailbox=mailbox, hosts=settings.IMAP_HOSTS)
    if form.is_valid():
        save_mailbox(by=request.membership, plan=form.plan())
        messages.success(request, _("The mailbox is saved."))
        return redirect("rooms:mailbox", request.tenant.slug)
    template, default = "rooms/invitations/mailbox.html", settings.DEFAULT_FROM_EMAIL
    return form_page(request, template, form, mailbox=mailbox, default_address=default)


@require_POST
@enters_tenant_itself
@role_required(Role.ADMIN)
def mailbox_check(request: TenantRequest) -> HttpResponse:
    """Sign in to the mailbox now, and say what came of it."""
    error = check_mailbox(tenant_id=request.tenant.id)
    if error is None:
        messages.info(request, _("No IMAP server is named yet: there is nothing to try."))
    elif error:
        text = _("The mailbox cannot be read. The server’s answer: “%(words)s”")
        messages.error(request, text % {"words": error})
    else:
        messages.success(request, _("The mailbox answers, and its inbox can be read."))
    return redirect("rooms:mailbox", request.tenant.slug)
