"""Attendance has a clock of its own: what LiveKit told goes after the days that the ministry chose."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.rooms.conferences.operations import connection_of
from apps.rooms.models import ConferenceEvent, VisioConnection
from apps.tenants.journal import record
from apps.tenants.scoping import tenant_scope

DELETED_AT_A_TIME = 10_000


def purge_attendance(*, tenant_id: UUID) -> int:
    """Delete the events that are older than the ministry keeps them; return how many."""
    with tenant_scope(tenant_id):
        connection = connection_of(tenant_id)
        default: int = VisioConnection._meta.get_field("attendance_days").default
        days = connection.attendance_days if connection else default
        old = ConferenceEvent.objects.filter(tenant_id=tenant_id, happened_at__lt=timezone.now() - timedelta(days=days))
        ids = list(old.values_list("id", flat=True)[:DELETED_AT_A_TIME])
        count, _by_model = ConferenceEvent.objects.filter(id__in=ids).delete()
        if count:
            data = {"events": count, "days": days}
            record("attendance.purged", tenant_id=tenant_id, actor_id=None, data=data)
    return count
