"""Who may call a view: role decorators over what the middleware resolved."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import SECOND_FACTOR_ROLES, Membership, Role

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class SecondFactorRequired(PermissionDenied):
    """The role is held, but this sign-in had no second factor."""


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the identity provider vouched for a second factor at this sign-in."""
    return "mfa" in request.session.get("amr", [])


def check_role(request: HttpRequest, membership: Membership, *roles: Role) -> None:
    """Raise PermissionDenied unless the member may act in one of the roles in this session."""
    if not membership.has_role(*roles):
        raise PermissionDenied(_("Your role does not allow this."))
    if misses_second_factor(request, membership, *roles):
        raise SecondFactorRequired(_("This role needs a sign-in with a second factor."))


def misses_second_factor(request: HttpRequest, membership: Membership, *roles: Role) -> bool:
    """Return whether every one of the roles that the member holds demands a second factor, which was not given."""
    held = [role for role in roles if membership.has_role(role)]
    return all(role in SECOND_FACTOR_ROLES for role in held) and not has_second_factor(request)


def role_required(*roles: Role) -> Callable[[View], View]:
    """Let only members who hold one of the roles reach the view; everybody else gets a 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            check_role(request, request.membership, *roles)
            return view(request, *args, **kwargs)

        return cast(View, checked)

    return decorate


def enters_tenant_itself(view: View) -> View:
    """Mark a view that waits on a network or a disk: it runs outside the tenant's transaction.

    ``request.tenant`` and ``request.membership`` are set; each step enters ``tenant_scope`` by itself.
    """
    view.enters_tenant_itself = True  # type: ignore[attr-defined]
    return view
