"""The journal's page, for administrators and auditors."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from apps.tenants.forms import JournalFilterForm
from apps.tenants.journal_labels import ACTION_LABELS, OBJECT_LABELS
from apps.tenants.models import JournalEvent, Membership, Role, TenantRequest
from apps.tenants.permissions import role_required

PAGE_SIZE = 50


@dataclass(frozen=True)
class JournalRow:
    """One event as the page shows it; ``person`` is empty where the reader may not know the name."""

    event: JournalEvent
    label: str | Promise
    object_label: str | Promise
    details: list[tuple[str, str]]
    person: str
    position: int | None
    digest: str


@require_safe
@role_required(Role.ADMIN, Role.AUDITOR)
def journal(request: TenantRequest) -> HttpResponse:
    form = JournalFilterForm(request.GET)
    events: list[JournalEvent] = []
    if form.is_valid():
        found = form.keep(JournalEvent.objects.filter(tenant=request.tenant), request.tenant.zone)
        events = list(found.prefetch_related("links")[: PAGE_SIZE + 1])
    rows = rows_for(request.membership, events[:PAGE_SIZE])
    context = {
        "form": form,
        "rows": rows,
        "last": events[PAGE_SIZE - 1] if len(events) > PAGE_SIZE else None,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "zone": request.tenant.zone,
    }
    return render(request, "tenants/journal.html", context, status=200 if form.is_valid() else 422)


def rows_for(reader: Membership, events: Iterable[JournalEvent]) -> list[JournalRow]:
    """Return what the reader may see of some events: names of persons for administrators alone."""
    listed = list(events)
    names = names_of(reader, {event.actor_id for event in listed if event.actor_id})
    return [row_for(event, names) for event in listed]


def row_for(event: JournalEvent, names: dict[UUID, str]) -> JournalRow:
    link = next(iter(event.links.all()), None)
    return JournalRow(
        event=event,
        label=ACTION_LABELS.get(event.action, event.action),
        object_label=OBJECT_LABELS.get(event.object_type, event.object_type),
        details=[(name, in_words(value)) for name, value in event.data.items()],
        person=names.get(event.actor_id, "") if event.actor_id else "",
        position=link.position if link else None,
        digest=bytes(link.digest).hex() if link else "",
    )


def in_words(value: Any) -> str:
    """Write a value of an event's data for reading."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)


def names_of(reader: Membership, user_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of the tenant's present and former members; the journal itself holds none."""
    if not reader.has_role(Role.ADMIN) or not user_ids:
        return {}
    members = Membership.objects.filter(tenant_id=reader.tenant_id, user_id__in=user_ids).select_related("user")
    return {member.user_id: str(member.user) for member in members}
