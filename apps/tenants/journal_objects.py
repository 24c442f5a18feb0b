"""What the journal's events are about: a title and a link, where the reader may see the object itself.

Each app says in its own ``journal_objects`` module which of its models the journal may name: ``show_in_journal``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.tenants.journal_words import ids_in
from apps.tenants.models import ApiToken, JournalEvent, Membership, Role

PERSONS = ("membership", "user")  # named by ``people_of``


class Kind(NamedTuple):
    """A kind of object that the journal can name, and the page that shows it.

    ``visible`` gives what a member may see; ``title`` and ``target`` are the columns of its name and of the id
    that the page's address takes as ``argument`` (empty: it takes none).
    """

    visible: "Callable[[Membership], QuerySet[Any]]"
    title: str
    url_name: str
    argument: str = ""
    target: str = "id"


class NamedObject(NamedTuple):
    """An object as its reader knows it; ``url`` is empty where it has no page."""

    title: str
    url: str


KINDS: dict[str, Kind] = {}


def show_in_journal(model_name: str, kind: Kind) -> None:
    """Let the journal name the objects of a model to those who may see them."""
    KINDS[model_name] = kind


def objects_of(reader: Membership, events: Iterable[JournalEvent]) -> dict[UUID, NamedObject]:
    """Return what the reader may know of the events' objects, persons apart: one query, whatever their kinds."""
    names = {event.object_id: event.object_type for event in events if event.object_id and event.object_type in KINDS}
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for object_id, name in names.items():
        wanted[name].append(object_id)
    parts = [_titles(KINDS[name], reader, ids) for name, ids in wanted.items()]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0] if parts else ()
    return {id_: NamedObject(title, _url(KINDS[names[id_]], reader, target)) for id_, title, target in rows}


def people_of(reader: Membership, events: Iterable[JournalEvent]) -> dict[UUID, NamedObject]:
    """Return present and former members by account and by membership, for administrators alone.

    The journal itself holds no names.
    """
    listed = list(events)
    if not reader.has_role(Role.ADMIN) or not listed:
        return {}
    ids = {event.actor_id for event in listed} | {event.object_id for event in listed if event.object_type in PERSONS}
    ids = ids.union(*(ids_in(event.data) for event in listed))
    members = Membership.objects.filter(Q(user_id__in=ids) | Q(id__in=ids), tenant_id=reader.tenant_id)
    people = {}
    for member in members.select_related("user"):
        url = "" if member.ended_at else reverse("tenants:member_roles", args=[reader.tenant.slug, member.id])
        people[member.id] = people[member.user_id] = NamedObject(str(member.user), url)
    return people


def _titles(kind: Kind, reader: Membership, ids: list[UUID]) -> "QuerySet[Any, tuple[UUID, str, UUID]]":
    return kind.visible(reader).filter(pk__in=ids).order_by().values_list("pk", kind.title, kind.target)


def _url(kind: Kind, reader: Membership, target: UUID) -> str:
    arguments = {kind.argument: target} if kind.argument else {}
    return reverse(kind.url_name, kwargs={"tenant_slug": reader.tenant.slug, **arguments})


def _tokens(reader: Membership) -> QuerySet[ApiToken]:
    tokens = ApiToken.objects.filter(tenant_id=reader.tenant_id)
    return tokens if reader.has_role(Role.ADMIN) else tokens.filter(user_id=reader.user_id)


show_in_journal("apitoken", Kind(_tokens, "name", "tenants:token_list"))
