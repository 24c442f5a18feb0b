"""The one place that turns a URL and a person (or an API token) into ``request.tenant``.

It opens the transaction in which the tenant's rows are visible, and marks it for rollback when the response
says 400 or more: Django and DRF turn exceptions into responses below it, so half-done writes would be kept.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from apps.tenants.models import ApiToken, Membership, Role, Tenant
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tokens import token_of

Scope = Callable[[], AbstractContextManager[None]]


class Entry(NamedTuple):
    """A tenant to enter, for whom, and how."""

    tenant: Tenant
    user_id: UUID
    scope: Scope
    role: Role | None = None
    token: ApiToken | None = None


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        is_public = not getattr(match.func, "login_required", True)  # enters its tenant by itself
        slug = None if is_public else match.kwargs.get("tenant_slug")
        entry = self._entry(request, slug)
        if entry is None:
            return self.get_response(request)
        if getattr(match.func, "enters_tenant_itself", False):
            with entry.scope():
                self._admit(request, entry)
            return self.get_response(request)
        with entry.scope():
            self._admit(request, entry)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        """Views read ``request.tenant``; the slug is not an argument of theirs, once the tenant is entered."""
        if hasattr(request, "tenant"):
            kwargs.pop("tenant_slug", None)

    def _entry(self, request: HttpRequest, slug: str | None) -> Entry | None:
        """Return what the URL asks to enter; None outside a tenant or for an anonymous visitor."""
        if request.path_info.startswith("/api/v1/"):
            return self._token_entry(request)
        is_operator_area = request.path_info.startswith("/operator/")
        if not request.user.is_authenticated or not (slug or is_operator_area):
            return None
        user_id = request.user.pk
        if is_operator_area:
            tenant = Tenant.objects.filter(kind=Tenant.Kind.OPERATOR).first()
        else:
            tenant = Tenant.objects.ministries().filter(slug=slug).first()
        if tenant is None:
            raise Http404
        enter = operator_scope if is_operator_area else tenant_scope
        role = Role.OPERATOR if is_operator_area else None
        return Entry(tenant, user_id, lambda: enter(tenant.id, user_id=user_id), role)

    def _token_entry(self, request: HttpRequest) -> Entry | None:
        token = token_of(request)
        if token is None:
            return None
        user_id, tenant = token.user_id, token.tenant
        return Entry(tenant, user_id, lambda: tenant_scope(tenant.id, user_id=user_id), token=token)

    def _admit(self, request: Any, entry: Entry) -> None:
        """Set tenant and membership on the request; a person without a membership finds nothing here."""
        membership = (
            Membership.objects.active()
            .filter(tenant=entry.tenant, user_id=entry.user_id, user__is_active=True)
            .select_related("unit", "user")
            .first()
        )
        if membership is None and entry.token:
            return  # the API answers 401, as to any token that is of no use any more
        if membership is None or (entry.role and not membership.has_role(entry.role)):
            raise Http404
        membership.tenant = entry.tenant
        request.tenant, request.membership, request.api_token = entry.tenant, membership, entry.token
