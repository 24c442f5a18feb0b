"""Writing the journal: append-only, hash-chained per tenant, in the transaction of what it records."""

import uuid
from datetime import UTC
from typing import Any
from uuid import UUID

import rfc8785
from django.db import models
from django.utils import timezone

from apps.tenants.models import JournalEvent, Membership


def record(
    action: str,
    *,
    tenant_id: UUID,
    actor_id: UUID | None,
    subject: models.Model | None = None,
    data: dict[str, Any] | None = None,
) -> JournalEvent:
    """Append one event; the database links it into the chain at COMMIT.

    ``action`` is noun.verb (``transcript.approved``), ``actor_id`` a User's opaque id (None: the portal
    itself), ``subject`` the row concerned, ``data`` JSON without names or addresses of persons.
    """
    event = JournalEvent(
        id=uuid.uuid4(),
        tenant_id=tenant_id,
        created_at=timezone.now(),
        actor_id=actor_id,
        action=action,
        object_type=subject._meta.model_name or "" if subject is not None else "",
        object_id=subject.pk if subject is not None else None,
        data=data or {},
    )
    event.canonical = canonical_bytes(event)
    event.save(force_insert=True)
    return event


def record_by(membership: Membership, action: str, subject: models.Model | None = None, **data: Any) -> JournalEvent:
    """Append one event of a member's own doing."""
    return record(action, tenant_id=membership.tenant_id, actor_id=membership.user_id, subject=subject, data=data)


def record_read(membership: Membership, action: str, subject: models.Model, **data: Any) -> None:
    """Append a read, at most one per person, object and hour."""
    now = timezone.now()
    is_known = JournalEvent.objects.filter(
        actor_id=membership.user_id,
        action=action,
        object_id=subject.pk,
        created_at__gte=now.replace(minute=0, second=0, microsecond=0),
    ).exists()
    if not is_known:
        record_by(membership, action, subject, **data)


def canonical_bytes(event: JournalEvent) -> bytes:
    """Return the RFC 8785 form of an event: what the chain hashes."""
    return rfc8785.dumps(
        {
            "id": str(event.id),
            "tenant": str(event.tenant_id),
            "at": event.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": str(event.actor_id) if event.actor_id else None,
            "action": event.action,
            "object": [event.object_type, str(event.object_id)] if event.object_id else None,
            "data": event.data,
        }
    )
