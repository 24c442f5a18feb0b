"""Who may call: a token, its scopes, and how often."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.throttling import SimpleRateThrottle

from apps.tenants.models import ApiToken, Membership, Role, Tenant, User

if TYPE_CHECKING:  # rest_framework.views reads the settings, which name the classes below
    from rest_framework.request import Request
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """Take over the token that the middleware recognised; nothing else signs anybody in here."""

    def authenticate(self, request: "Request") -> tuple[User, ApiToken] | None:
        token: ApiToken | None = getattr(request._request, "api_token", None)
        if token is not None:
            return membership_of(request).user, token
        if "Authorization" in request.headers:
            raise exceptions.AuthenticationFailed(_("This token is unknown, revoked or expired."), "invalid_token")
        return None

    def authenticate_header(self, request: "Request") -> str:
        return 'Bearer realm="visio-portal"'


class HasScope(BasePermission):
    """Ask the token for the scope that the view's ``scopes`` names for the method."""

    def has_permission(self, request: "Request", view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        scope = scope_of(view, request.method or "")
        if scope and scope not in request.auth.scopes:
            detail = _("This token lacks the scope %(scope)s.") % {"scope": scope}
            raise exceptions.PermissionDenied(detail, "missing_scope")
        return True


def scope_of(view: "APIView", method: str) -> str:
    """Return the scope that a view demands for a method, or nothing."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get("GET" if method in ("HEAD", "OPTIONS") else method, "")


class TokenThrottle(SimpleRateThrottle):
    """Count the requests of each token (rate ``token`` of the settings)."""

    scope = "token"

    def get_cache_key(self, request: "Request", view: "APIView") -> str | None:
        token = request.auth
        return f"{token.tenant_id}:api:{token.id}" if isinstance(token, ApiToken) else None


def tenant_of(request: "Request") -> Tenant:
    """Return the tenant that the middleware entered for the token."""
    tenant: Tenant = request._request.tenant  # type: ignore[attr-defined]
    return tenant


def membership_of(request: "Request") -> Membership:
    """Return the membership as which the token acts."""
    membership: Membership = request._request.membership  # type: ignore[attr-defined]
    return membership


def require_role(request: "Request", role: Role) -> None:
    """Raise PermissionDenied (403) where the token's owner does not have a role."""
    if not membership_of(request).has_role(role):
        raise exceptions.PermissionDenied(_("Your role does not allow this."), "missing_role")
