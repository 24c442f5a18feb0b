"""Checking a tenant's chain: every link must follow from the one before it and from its event's bytes."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from apps.tenants.journal import canonical_bytes
from apps.tenants.models import JournalEvent, JournalHead, JournalLink, Tenant
from apps.tenants.scoping import tenant_scope

START = bytes(32)
LINKS_AT_ONCE = 2000


@dataclass(frozen=True)
class BrokenLink:
    """The first place where a chain does not hold."""

    position: int
    event_id: UUID | None
    reason: str

    def __str__(self) -> str:
        event = f" (event {self.event_id})" if self.event_id else ""
        return f"link {self.position}{event}: {self.reason}"


@dataclass(frozen=True)
class Verdict:
    """What the check of one chain found; ``digest`` is the head's, to be kept outside the portal."""

    links: int
    digest: str
    broken: BrokenLink | None


def check_chain(tenant: Tenant) -> Verdict:
    """Read a tenant's whole chain and return its first broken link, if any.

    The chain shows what was changed inside it. Somebody who may rewrite all of it, head included, is found
    only by a head's digest that was kept elsewhere.
    """
    with tenant_scope(tenant.id):
        # In this order, events that are committed meanwhile make no false alarm: a head only ever grows.
        last = JournalLink.objects.aggregate(last=Max("position"))["last"] or 0
        head = JournalHead.objects.first()
        position, digest = (head.position, bytes(head.digest)) if head else (0, START)
        broken = next(_faults(last, position, digest), None)
        return Verdict(position, digest.hex(), broken)


def _faults(last: int, head_position: int, head_digest: bytes) -> Iterator[BrokenLink]:
    """Yield what is wrong, in the order of the chain."""
    expected, position = START, 0
    links = JournalLink.objects.filter(position__lte=max(last, head_position)).select_related("event")
    for link in links.order_by("position").iterator(chunk_size=LINKS_AT_ONCE):
        position += 1
        if link.position != position:
            yield BrokenLink(position, None, "it is missing")
            position = link.position
        if bytes(link.event.canonical) != canonical_bytes(link.event):
            yield BrokenLink(position, link.event_id, "the event's columns differ from the bytes that were chained")
        expected = hashlib.sha256(expected + bytes(link.event.canonical)).digest()
        if bytes(link.digest) != expected:
            yield BrokenLink(position, link.event_id, "its digest does not follow from the link before and its event")
            expected = bytes(link.digest)
        if position == head_position and bytes(link.digest) != head_digest:
            yield BrokenLink(position, link.event_id, "the head has another digest")
    if position < head_position:
        yield BrokenLink(position + 1, None, f"it is missing: the head stands at {head_position}")
    if position > head_position:
        yield BrokenLink(head_position + 1, None, f"it stands behind the head, at {head_position}")
    unlinked = JournalEvent.objects.filter(links=None).order_by("created_at").first()
    if unlinked is not None:
        yield BrokenLink(position + 1, unlinked.id, "the event has no link")
