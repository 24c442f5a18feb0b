"""The journal: one unbroken chain per tenant, whatever the order of writers."""

import hashlib
import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from apps.tenants import journal
from apps.tenants.models import JournalEvent, JournalHead, JournalLink, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory


@pytest.fixture
def member(transactional_db: None) -> Membership:
    return MembershipFactory.create()


def chain_of(member: Membership) -> list[tuple[int, bytes, bytes]]:
    """Return (position, digest, canonical bytes) of each link in order."""
    with tenant_scope(member.tenant_id):
        links = JournalLink.objects.select_related("event").order_by("position")
        return [(link.position, bytes(link.digest), bytes(link.event.canonical)) for link in links]


def test_journal_links_events_in_order_at_commit(member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        first = journal.record_by(member, "unit.created")
        second = journal.record_by(member, "unit.renamed", member, before="A", after="B")
        assert JournalLink.objects.count() == 0  # not before COMMIT

    digest = bytes(32)
    expected = []
    for position, event in enumerate([first, second], start=1):
        digest = hashlib.sha256(digest + event.canonical).digest()
        expected.append((position, digest, event.canonical))
    assert chain_of(member) == expected


def test_journal_forgets_what_was_rolled_back(member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        journal.record_by(member, "unit.created")
        transaction.set_rollback(True)

    assert chain_of(member) == []


def test_journal_links_although_the_scope_ended_before_commit(member: Membership) -> None:
    with transaction.atomic():
        with tenant_scope(member.tenant_id):
            journal.record_by(member, "unit.created")
        with tenant_scope(TenantFactory.create().id):
            pass

    assert [position for position, _, _ in chain_of(member)] == [1]


def test_journal_chain_has_no_gap_under_concurrent_writers(member: Membership) -> None:
    def write() -> None:
        for _ in range(5):
            with tenant_scope(member.tenant_id):
                journal.record_by(member, "unit.created")
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    chain = chain_of(member)
    assert [position for position, _, _ in chain] == list(range(1, 41))
    digest = bytes(32)
    for _, linked, canonical in chain:
        digest = hashlib.sha256(digest + canonical).digest()
        assert linked == digest


@pytest.mark.parametrize("model", [JournalEvent, JournalLink, JournalHead])
def test_journal_refuses_changes(member: Membership, model: type[JournalEvent | JournalLink | JournalHead]) -> None:
    with tenant_scope(member.tenant_id):
        journal.record_by(member, "unit.created")

    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope(member.tenant_id):
        model.objects.all()._raw_delete("default")
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope(member.tenant_id):
        model.objects.update(tenant=member.tenant)


def test_journal_records_a_read_once_per_hour(member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        journal.record_read(member, "transcript.read", member.tenant)
        journal.record_read(member, "transcript.read", member.tenant)

        assert JournalEvent.objects.count() == 1
