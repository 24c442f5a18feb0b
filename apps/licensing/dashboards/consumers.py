"""Who may follow a ministry's figures over the WebSocket."""

from uuid import UUID

from apps.tenants.models import Membership, Role


def may_follow_figures(membership: Membership, tenant_id: UUID) -> bool:
    """Let those know that figures were computed anew who may read them: of a ministry, or of the State."""
    return membership.tenant_id == tenant_id and membership.has_role(Role.PROCUREMENT, Role.ADMIN, Role.OPERATOR)
