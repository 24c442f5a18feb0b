"""Tampering, as only somebody with the tables' owner can do it, and what verify_journal says about it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.tenants import journal
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

TABLES = ("tenants_journalevent", "tenants_journallink")


@pytest.fixture
def events(transactional_db: None) -> list[JournalEvent]:
    """Four events of one tenant, linked at COMMIT."""
    return write_events(MembershipFactory.create(tenant__slug="justice"))


def write_events(member: Membership) -> list[JournalEvent]:
    with tenant_scope(member.tenant_id):
        return [journal.record_by(member, "unit.renamed", member, number=number) for number in range(4)]


def tamper(event: JournalEvent, statement: str) -> None:
    """Run a statement as the tables' owner, with the triggers that refuse it switched off."""
    with tenant_scope(event.tenant_id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE visio_owner")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change")
        cursor.execute(statement, {"event": event.id, "tenant": event.tenant_id})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER refuse_change")


def verify(**options: str) -> tuple[int, str]:
    """Run the command; return its exit status and what it said."""
    said = StringIO()
    try:
        call_command("verify_journal", stdout=said, stderr=said, **options)
    except CommandError as error:
        return error.returncode, said.getvalue()
    return 0, said.getvalue()


def test_verify_journal_accepts_untouched_chains(events: list[JournalEvent]) -> None:
    status, said = verify()

    assert status == 0
    assert "justice: 4 links hold, head " in said


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE tenants_journalevent SET action = 'unit.kept' WHERE id = %(event)s",
            "link 3 (event {id}): the event's columns differ",
        ),
        (
            "UPDATE tenants_journalevent SET created_at = created_at - interval '1 day' WHERE id = %(event)s",
            "link 3 (event {id}): the event's columns differ",
        ),
        (
            "UPDATE tenants_journalevent SET canonical = 'x' WHERE id = %(event)s",
            "link 3 (event {id}): the event's columns differ",
        ),
        (
            "UPDATE tenants_journallink SET digest = sha256('x') WHERE event_id = %(event)s",
            "link 3 (event {id}): its digest does not follow",
        ),
        (
            "DELETE FROM tenants_journallink WHERE event_id = %(event)s",
            "link 3: it is missing",
        ),
        (
            "DELETE FROM tenants_journallink WHERE event_id = %(event)s;"
            "UPDATE tenants_journallink SET position = 3 WHERE position = 4 AND tenant_id = %(tenant)s",
            "link 3 (event ",  # the fourth event's digest does not follow from the second's
        ),
        (
            "DELETE FROM tenants_journallink WHERE position >= 3 AND tenant_id = %(tenant)s",
            "link 3: it is missing: the head stands at 4",
        ),
        (
            "UPDATE tenants_journalhead SET position = 2 WHERE tenant_id = %(tenant)s",
            "link 2 (event ",
        ),
        (
            "DELETE FROM tenants_journallink WHERE position > 2 AND tenant_id = %(tenant)s;"
            "UPDATE tenants_journalhead SET position = 2, digest = (SELECT digest FROM tenants_journallink"
            " WHERE position = 2 AND tenant_id = %(tenant)s) WHERE tenant_id = %(tenant)s",
            "link 3 (event {id}): the event has no link",
        ),
    ],
)
def test_verify_journal_names_the_first_broken_link(events: list[JournalEvent], statement: str, finding: str) -> None:
    tamper(events[2], statement)

    status, said = verify(tenant="justice")

    assert status == 1
    assert f"justice: broken at {finding.format(id=events[2].id)}" in said


def test_verify_journal_checks_the_operators_chain(transactional_db: None) -> None:
    events = write_events(MembershipFactory.create(tenant__slug="dinum", tenant__kind="operator"))
    write_events(MembershipFactory.create(tenant__slug="culture"))
    tamper(events[0], "UPDATE tenants_journalevent SET data = '{}' WHERE id = %(event)s")

    status, said = verify()

    assert status == 1
    assert f"dinum: broken at link 1 (event {events[0].id})" in said
    assert "culture: 4 links hold" in said


def test_verify_journal_refuses_an_unknown_tenant(transactional_db: None) -> None:
    assert verify(tenant="inconnu")[0] == 2
