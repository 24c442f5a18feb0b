"""Who may follow imports over the WebSocket."""

from uuid import UUID

from apps.tenants.models import Membership, Role


def may_follow_imports(membership: Membership, tenant_id: UUID) -> bool:
    """Let those follow a ministry's imports who make them."""
    return membership.tenant_id == tenant_id and membership.has_role(Role.PROCUREMENT)
