"""The journal's page, for administrators and auditors."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.tenants.forms import JournalFilterForm
from apps.tenants.journal_labels import ACTION_LABELS, OBJECT_LABELS
from apps.tenants.journal_objects import NamedObject, objects_of, people_of
from apps.tenants.journal_words import Detail, Word, details_of
from apps.tenants.models import JournalEvent, Membership, Role, TenantRequest
from apps.tenants.permissions import role_required

PAGE_SIZE = 50


@dataclass(frozen=True)
class JournalRow:
    """One event as the page shows it; ``person`` and ``named`` are empty where the reader may not know them."""

    event: JournalEvent
    label: Word
    object_label: Word
    details: list[Detail]
    person: str
    named: NamedObject | None
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
        "is_filtered": any(request.GET.get(name) for name in form.fields if name != "before"),
        "zone": request.tenant.zone,
    }
    return render(request, "tenants/journal.html", context, status=200 if form.is_valid() else 422)


def rows_for(reader: Membership, events: Iterable[JournalEvent]) -> list[JournalRow]:
    """Return events as the reader may know them: persons for administrators, objects for those who may see them."""
    listed = list(events)
    people = people_of(reader, listed)
    names = {id_: person.title for id_, person in people.items()}
    named = objects_of(reader, listed) | people
    return [row_for(event, reader.tenant.zone, names, named) for event in listed]


def row_for(event: JournalEvent, zone: ZoneInfo, names: dict[UUID, str], named: dict[UUID, NamedObject]) -> JournalRow:
    link = next(iter(event.links.all()), None)
    return JournalRow(
        event=event,
        label=ACTION_LABELS.get(event.action, event.action),
        object_label=OBJECT_LABELS.get(event.object_type, event.object_type),
        details=details_of(event.data, zone, names),
        person=names.get(event.actor_id, "") if event.actor_id else "",
        named=named.get(event.object_id) if event.object_id else None,
        position=link.position if link else None,
        digest=bytes(link.digest).hex() if link else "",
    )
