"""How a ministry's portal is connected to its Visio."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.rooms.adapters.visio import VisioError
from apps.rooms.conferences.failures import Failure, failure_of
from apps.rooms.conferences.operations import client_of, connection_of, note_answer, try_all_again
from apps.rooms.models import VisioConnection
from apps.tenants.journal import record_by
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

SECRETS = ("client_secret", "livekit_api_secret")


@dataclass(frozen=True)
class ConnectionPlan:
    """What an administrator enters; an empty secret keeps the present one."""

    base_url: str
    client_id: str
    client_secret: str
    livekit_api_key: str
    livekit_api_secret: str
    attendance_days: int


def save_connection(*, by: Membership, plan: ConnectionPlan) -> VisioConnection:
    """Keep the connection, and have everything that waits for Visio tried again. The journal names no secret."""
    with transaction.atomic():
        present = connection_of(by.tenant_id)
        connection = present or VisioConnection(tenant_id=by.tenant_id)
        values = {name: value for name, value in vars(plan).items() if value or name not in SECRETS}
        changed = sorted(name for name, value in values.items() if getattr(connection, name) != value)
        for name, value in values.items():
            setattr(connection, name, value)
        connection.checked_at, connection.error = None, ""
        connection.save()
        action = "visio.changed" if present else "visio.connected"
        record_by(by, action, connection, changed=changed)
        try_all_again(tenant_id=by.tenant_id)
    return connection


def check_connection(*, tenant_id: UUID, email: str) -> tuple[Failure | None, str]:
    """Ask Visio for a token in somebody's name, and for their rooms; return what stood in the way. Waits on Visio."""
    with tenant_scope(tenant_id):
        connection = connection_of(tenant_id)
    if connection is None:
        return Failure.NOT_CONNECTED, ""
    failure, words = None, ""
    try:
        next(client_of(connection).rooms(owner=email), None)
    except VisioError as error:
        failure, words = failure_of(error), str(error)
    with tenant_scope(tenant_id):
        note_answer(tenant_id, words)
    return failure, words
