"""Names of channel groups, and the one way to tell open pages that something changed.

A message is a hint with ids: the layer may drop it, so a page re-reads on a hint and after reconnecting.
"""

import hashlib
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def group_name(tenant_id: UUID, topic: str) -> str:
    """Return the channel group of a topic such as ``job:<uuid>`` inside one tenant."""
    # Channels allows 100 characters of [a-zA-Z0-9._-]; the digest keeps any topic inside that.
    digest = hashlib.sha256(f"{tenant_id}/{topic}".encode()).hexdigest()
    return f"tenant.{digest}"


def member_group_name(tenant_id: UUID, user_id: UUID) -> str:
    """Return the group of one person's sockets in one tenant, so that they can be closed together."""
    return group_name(tenant_id, f"member:{user_id}")


def publish(tenant_id: UUID, topic: str, event: dict[str, Any]) -> None:
    """Send a hint to every page that follows ``topic``, once the transaction is committed."""
    message = {"type": "hint", "topic": topic, "event": event}
    _send_on_commit(group_name(tenant_id, topic), message)


def publish_now(tenant_id: UUID, topic: str, event: dict[str, Any]) -> None:
    """Send a hint at once: of how far a long transaction is, whose end nobody waits for to know."""
    _send(group_name(tenant_id, topic), {"type": "hint", "topic": topic, "event": event})


def close_sockets(tenant_id: UUID, user_id: UUID) -> None:
    """Close a person's sockets in a tenant after commit (a role or membership was lost)."""
    _send_on_commit(member_group_name(tenant_id, user_id), {"type": "close.now"})


def _send_on_commit(group: str, message: dict[str, Any]) -> None:
    transaction.on_commit(lambda: _send(group, message), robust=True)


def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(group, message)
