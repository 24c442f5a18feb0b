"""What administrators and room managers do with rooms; each step is journalled."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.models import Room, RoomManager
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership


class RoomExists(Exception):
    """The ministry has a room of this name already."""


class RoomChanged(Conflict):
    """Somebody else closed or reopened the room in the meantime."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else closed or reopened this room in the meantime."))


def create_room(*, by: Membership, room: Room, managers: Collection[Membership] = ()) -> Room:
    """Save a new room with its managers. Raises RoomExists."""
    room.tenant_id = by.tenant_id
    with transaction.atomic():
        _save(room, is_new=True)
        _set_managers(room, managers)
        record_by(by, "room.created", room, kind=room.kind, managers=_people(managers))
    return room


def change_room(*, by: Membership, room: Room, managers: Collection[Membership] | None = None) -> None:
    """Save a changed room; ``managers`` replaces them all (None: they stay). Raises RoomExists."""
    with transaction.atomic():
        before = Room.objects.select_for_update(of=("self",)).get(id=room.id)
        columns = [field.attname for field in Room._meta.concrete_fields]
        changed: dict[str, Any] = {
            "changed": sorted(name for name in columns if getattr(before, name) != getattr(room, name))
        }
        room.closed_at = before.closed_at
        _save(room)
        if managers is not None:
            added, removed = _set_managers(room, managers)
            changed |= {"managers_added": added, "managers_removed": removed}
        if any(changed.values()):
            record_by(by, "room.changed", room, **changed)


def close_room(*, by: Membership, room: Room) -> None:
    """Take a room out of use: what is booked stays, nothing new is. Raises RoomChanged if it was closed already."""
    with transaction.atomic():
        if not Room.objects.filter(id=room.id, closed_at=None).update(closed_at=timezone.now()):
            raise RoomChanged
        record_by(by, "room.closed", room)
    room.refresh_from_db()


def reopen_room(*, by: Membership, room: Room) -> None:
    """Offer a closed room again. Raises RoomChanged if it was open."""
    with transaction.atomic():
        if not Room.objects.filter(id=room.id, closed_at__isnull=False).update(closed_at=None):
            raise RoomChanged
        record_by(by, "room.reopened", room)
    room.refresh_from_db()


def _save(room: Room, *, is_new: bool = False) -> None:
    try:
        with transaction.atomic():
            room.save(force_insert=is_new)
    except IntegrityError as error:
        if "room_name_once" not in str(error):
            raise
        raise RoomExists from error


def _set_managers(room: Room, managers: Collection[Membership]) -> tuple[list[str], list[str]]:
    """Make these the managers; return the persons who were added and those who were removed."""
    wanted = {member.id: member for member in managers}
    present: dict[UUID, RoomManager] = {
        row.membership_id: row for row in room.managers.select_related("membership__user")
    }
    removed = [row for id_, row in present.items() if id_ not in wanted]
    added = [member for id_, member in wanted.items() if id_ not in present]
    room.managers.filter(id__in=[row.id for row in removed]).delete()
    RoomManager.objects.bulk_create(
        RoomManager(tenant_id=room.tenant_id, room=room, membership=member) for member in added
    )
    return _people(added), _people([row.membership for row in removed])


def _people(members: Collection[Membership]) -> list[str]:
    return sorted(str(member.user_id) for member in members)
