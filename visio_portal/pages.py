"""Pages that everybody may read: site map, accessibility statement, legal notice, personal data."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.tenants.models import Membership, User
from apps.tenants.scoping import user_scope
from visio_portal.interface import Shell


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    ministries = shells_of(request.user) if isinstance(request.user, User) else []
    return render(request, "pages/sitemap.html", {"ministries": ministries})


def shells_of(person: User) -> list[Shell]:
    """Return the frame of each of a person's tenants, by name: its menu holds the pages that it opens to them."""
    with user_scope(person.pk):
        members = Membership.objects.active().filter(user_id=person.pk).select_related("tenant")
        return [shell for shell in map(shell_of, members.order_by("tenant__name")) if shell.menu]


def shell_of(member: Membership) -> Shell:
    shell = Shell(None)
    shell.tenant, shell.membership = member.tenant, member
    return shell


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@login_not_required
@require_safe
def legal_notice(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/legal_notice.html")


@login_not_required
@require_safe
def personal_data(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/personal_data.html")
