"""What people do with the programme of a migration; each step is journalled."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.licensing.models import ChecklistItem, Exemption, Milestone, Target, UnitHeadcount, Wave, WaveUnit
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Unit
from visio_portal.figure_requests import request_figures


class AlreadyExists(Exception):
    """A row of this name, of this unit, or for this day exists already."""


class NotOpen(Exception):
    """The exemption has ended already."""


def checklist_template() -> list[tuple[str, int, bool]]:
    """Return what must be ready before agents move: name, weight, and whether nothing goes without it."""
    return [
        (_("Network: bandwidth of the sites measured and sufficient"), 3, True),
        (_("Network: flows to Visio opened on firewalls and proxies"), 3, True),
        (_("Access: accounts open through ProConnect"), 3, True),
        (_("Workstations: browser and headsets checked"), 2, False),
        (_("Rooms: equipment joins a Visio conference"), 2, False),
        (_("Telephone access tested"), 1, False),
        (_("Referents named and trained in each unit"), 2, True),
        (_("Training offered to all agents"), 2, False),
        (_("Assistance: the help desk knows the procedures"), 2, True),
        (_("Communication: agents told of the date and of where to find help"), 2, True),
        (_("Accessibility: needs of agents with disabilities met"), 2, True),
        (_("Recurring meetings moved over"), 1, False),
        (_("Staff representatives informed"), 1, False),
    ]


def create_wave(*, membership: Membership, wave: Wave) -> Wave:
    """Save a new wave with the usual checklist; raise AlreadyExists where one has its name."""
    wave.tenant_id = membership.tenant_id
    with transaction.atomic():
        _save_once(wave)
        ChecklistItem.objects.bulk_create(
            ChecklistItem(
                tenant_id=wave.tenant_id, wave=wave, name=name, weight=weight, is_mandatory=is_mandatory, position=place
            )
            for place, (name, weight, is_mandatory) in enumerate(checklist_template())
        )
        _record(membership, "wave.created", wave)
    return wave


def change_wave(*, membership: Membership, wave: Wave) -> None:
    """Save a wave's changes; raise AlreadyExists where another has its name."""
    with transaction.atomic():
        _save_once(wave)
        _record(membership, "wave.changed", wave)


def remove_wave(*, membership: Membership, wave: Wave) -> None:
    """Delete a wave with its checklist, milestones and units' places."""
    with transaction.atomic():
        _record(membership, "wave.removed", wave)
        wave.delete()


def place_unit(*, membership: Membership, wave: Wave, unit: Unit, switch_on: date | None) -> None:
    """Put a unit into a wave, out of the one it was in, with the day from which it uses Visio alone."""
    with transaction.atomic():
        WaveUnit.objects.update_or_create(
            tenant_id=membership.tenant_id, unit=unit, defaults={"wave": wave, "switch_on": switch_on}
        )
        _record(membership, "wave.unit_placed", wave, unit=str(unit.id))


def take_out_unit(*, membership: Membership, place: WaveUnit) -> None:
    with transaction.atomic():
        _record(membership, "wave.unit_taken_out", place.wave, unit=str(place.unit_id))
        place.delete()


def add_item(*, membership: Membership, item: ChecklistItem, wave: Wave) -> None:
    """Add an item at the end of a wave's checklist."""
    item.tenant_id, item.wave = membership.tenant_id, wave
    item.position = (wave.checklist.aggregate(last=models.Max("position"))["last"] or 0) + 1
    with transaction.atomic():
        item.save(force_insert=True)
        _record(membership, "wave.changed", wave, item=str(item.id))


def tick_item(*, membership: Membership, item: ChecklistItem, is_done: bool) -> None:
    """Note that an item is done, by whom and when; or that it is not, after all."""
    done = {"done_at": timezone.now(), "done_by": membership} if is_done else {"done_at": None, "done_by": None}
    with transaction.atomic():
        if ChecklistItem.objects.filter(id=item.id, done_at__isnull=is_done).update(**done):
            action = "checklist.item_done" if is_done else "checklist.item_reopened"
            _record(membership, action, item.wave, item=str(item.id))


def add_milestone(*, membership: Membership, milestone: Milestone, wave: Wave) -> None:
    milestone.tenant_id, milestone.wave = membership.tenant_id, wave
    with transaction.atomic():
        milestone.save(force_insert=True)
        _record(membership, "wave.changed", wave, milestone=str(milestone.id))


def reach_milestone(*, membership: Membership, milestone: Milestone, is_reached: bool) -> None:
    """Note that a milestone was reached today; or that it was not, after all."""
    with transaction.atomic():
        milestone.reached_on = membership.tenant.today if is_reached else None
        milestone.save(update_fields=["reached_on"])
        _record(membership, "wave.changed", milestone.wave, milestone=str(milestone.id))


def set_headcounts(*, membership: Membership, agents: Mapping[UUID, int], starts_on: date, source: str) -> None:
    """Save the eligible agents of units from a day on; a second number of the same day replaces the first."""
    with transaction.atomic():
        UnitHeadcount.objects.bulk_create(
            (
                UnitHeadcount(
                    tenant_id=membership.tenant_id, unit_id=unit_id, starts_on=starts_on, agents=number, source=source
                )
                for unit_id, number in agents.items()
            ),
            update_conflicts=True,
            unique_fields=["tenant", "unit", "starts_on"],
            update_fields=["agents", "source"],
        )
        _record(membership, "headcount.set", membership.tenant, units=len(agents), starts_on=starts_on.isoformat())


def add_target(*, membership: Membership, target: Target) -> None:
    """Add how many agents are to use Visio by a day; raise AlreadyExists for a second one of that day."""
    target.tenant_id = membership.tenant_id
    with transaction.atomic():
        _save_once(target)
        _record(membership, "target.added", target)


def remove_target(*, membership: Membership, target: Target) -> None:
    with transaction.atomic():
        _record(membership, "target.removed", target)
        target.delete()


def grant_exemption(*, membership: Membership, exemption: Exemption) -> None:
    """Let people of a unit keep the old tool until a day."""
    exemption.tenant_id = membership.tenant_id
    with transaction.atomic():
        exemption.save(force_insert=True)
        _record(membership, "exemption.granted", exemption)


def prolong_exemption(*, membership: Membership, exemption: Exemption, expires_on: date, reason: str) -> None:
    """Move an exemption's end; the new reason stands below the old one. Raise NotOpen where it has ended."""
    text = f"{exemption.reason}\n{membership.tenant.today.isoformat()}: {reason}"
    with transaction.atomic():
        rows = Exemption.objects.filter(id=exemption.id, ended_at=None)
        if not rows.update(expires_on=expires_on, reason=text, reminded_at=None):
            raise NotOpen
        _record(membership, "exemption.prolonged", exemption, expires_on=expires_on.isoformat())


def end_exemption(*, membership: Membership, exemption: Exemption) -> None:
    """End an exemption now; ending it again changes nothing."""
    with transaction.atomic():
        if Exemption.objects.filter(id=exemption.id, ended_at=None).update(ended_at=timezone.now()):
            _record(membership, "exemption.ended", exemption)


def _record(membership: Membership, action: str, subject: models.Model, **data: object) -> None:
    """Journal a change, and have the dashboards follow."""
    record_by(membership, action, subject, **data)
    request_figures(membership.tenant_id, membership.tenant.today)


def _save_once(row: Wave | Target) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if error.__cause__ is not None and getattr(error.__cause__, "sqlstate", "") == "23505":
            raise AlreadyExists from error
        raise
