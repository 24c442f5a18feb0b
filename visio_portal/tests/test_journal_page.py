"""The journal's page over all apps: whom it tells what an event was about, in which words, at what cost."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.functional import Promise

from apps.licensing.tests.factories import ContractFactory
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants import journal
from apps.tenants.journal_labels import ACTION_LABELS, OBJECT_LABELS
from apps.tenants.journal_objects import KINDS
from apps.tenants.journal_words import DETAIL_LABELS, details_of
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, api_token
from apps.transcripts.failures import MEDIA_REFUSALS
from apps.transcripts.tests.factories import TranscriptFactory

APPS = Path(__file__).resolve().parents[2] / "apps"
RECORDERS = {"record", "record_by", "record_read", "record_in_tenants", "note"}
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
NOT_DATA = {"tenant_id", "actor_id", "subject", "data"}
QUERY_BUDGET = 12
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory.create()


def member(tenant: Tenant, *roles: Role) -> Membership:
    return MembershipFactory.create(tenant=tenant, roles=list(roles))


def write(by: Membership, *subjects: models.Model) -> None:
    """Write an event about each subject and have them linked, as a COMMIT does."""
    with tenant_scope(by.tenant_id):
        for subject in subjects:
            journal.record_by(by, "meeting.scheduled", subject)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def journal_of(reader: Membership) -> Any:
    return client_of(reader).get(f"/t/{reader.tenant.slug}/journal/")


@pytest.mark.django_db
def test_journal_names_an_object_to_those_alone_who_may_see_it(tenant: Tenant) -> None:
    part_taker, stranger = member(tenant, Role.ADMIN), member(tenant, Role.ADMIN)
    meeting = MeetingFactory.create(organizer=part_taker, title="Plan secret")
    transcript = TranscriptFactory.create(recording__meeting=meeting)
    write(part_taker, meeting, transcript, transcript.recording, transcript.job)

    seen, hidden = journal_of(part_taker), journal_of(stranger)

    assert [row.named.title for row in seen.context["rows"]] == ["Plan secret"] * 4
    assert [row.named for row in hidden.context["rows"]] == [None] * 4
    assert "Plan secret" not in hidden.content.decode()
    assert f"réunion {str(meeting.id)[:8]}" in hidden.content.decode()


@pytest.mark.django_db
def test_journal_links_to_pages_that_open(tenant: Tenant) -> None:
    reader = member(tenant, Role.ADMIN, Role.PROCUREMENT)
    meeting = MeetingFactory.create(organizer=reader)
    transcript = TranscriptFactory.create(recording__meeting=meeting)
    token, _secret = api_token(reader)
    contract = ContractFactory.create(tenant=tenant)
    write(reader, meeting, transcript, transcript.recording, transcript.job, contract, token, reader, reader.user)

    urls = {row.named.url for row in journal_of(reader).context["rows"]}

    assert {client_of(reader).get(url).status_code for url in urls} == {200}
    assert len(urls) == 6  # a job is shown with its recording, an account with its membership


@pytest.mark.django_db
def test_journal_keeps_contracts_and_persons_from_auditors(tenant: Tenant) -> None:
    auditor, buyer = member(tenant, Role.AUDITOR), member(tenant, Role.AUDITOR, Role.PROCUREMENT)
    write(buyer, ContractFactory.create(tenant=tenant, name="Lot 3"), buyer, buyer.user)

    assert [row.named for row in journal_of(auditor).context["rows"]] == [None] * 3
    assert [bool(row.named) for row in journal_of(buyer).context["rows"]] == [False, False, True]


@pytest.mark.django_db
def test_journal_names_persons_in_details_to_administrators_alone(tenant: Tenant) -> None:
    admin, auditor = member(tenant, Role.ADMIN), member(tenant, Role.AUDITOR)
    with tenant_scope(tenant.id):
        journal.record_by(admin, "delegation.given", delegate=str(auditor.id))

    (seen,), (hidden,) = (journal_of(reader).context["rows"][0].details for reader in (admin, auditor))

    assert (seen.text, seen.whole) == (str(auditor.user), "")
    assert (hidden.text, hidden.whole) == (str(auditor.id)[:8], str(auditor.id))


@pytest.mark.django_db
def test_journal_costs_the_same_whatever_it_names(tenant: Tenant) -> None:
    reader = member(tenant, Role.ADMIN, Role.PROCUREMENT)
    token, _secret = api_token(reader)
    client, costs = client_of(reader), []
    for number in (1, 8):
        for _ in range(number):
            meeting = MeetingFactory.create(organizer=reader)
            transcript = TranscriptFactory.create(recording__meeting=meeting)
            contract = ContractFactory.create(tenant=tenant)
            write(reader, meeting, transcript, transcript.recording, transcript.job, contract, token, reader)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/t/{tenant.slug}/journal/")
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))

    assert costs[0] == costs[1] <= QUERY_BUDGET


@pytest.mark.django_db
def test_journal_opens_its_filter_where_something_is_filtered(tenant: Tenant) -> None:
    reader = member(tenant, Role.ADMIN)
    write(reader, reader, reader)
    client, address = client_of(reader), f"/t/{tenant.slug}/journal/"
    newest = client.get(address).context["rows"][0].event

    older, filtered = (
        client.get(address, {"before": str(newest.id)}),
        client.get(address, {"person": str(reader.user_id)}),
    )

    assert [page.context["is_filtered"] for page in (older, filtered)] == [False, True]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"amr": ["pwd", "mfa"]}, "proved with: password, two factors"),
        ({"amr": ["new-method"]}, "proved with: new-method"),
        ({"added": [], "removed": ["auditor"]}, "given: – | taken away: Auditor"),
        ({"changed": ["title", "attendees"]}, "changed: title, people invited"),
        ({"duration_s": 144.9}, "length: 2 min 25 s"),
        ({"expires_at": "2026-03-01T23:00:00+00:00"}, "expires: 02/03/2026 00:00"),
        ({"starts_on": "2026-03-01"}, "from: 01/03/2026"),
        ({"starts_on": "soon", "unheard_of": {"a": 1}}, "from: soon | unheard of: {'a': 1}"),
        ({"has_new_key": True}, "new key: yes"),
        ({"speaker": "c52cd421-9f9d-4f0d-b1b3-b0a03b1fdb5b"}, "voice: c52cd421"),
        ({"sha256": "ab" * 32}, "SHA-256 of the result: abababababababab"),
    ],
)
def test_details_are_told_in_words(data: dict[str, Any], words: str) -> None:
    with translation.override("en"):
        told = " | ".join(f"{detail.label}: {detail.text}" for detail in details_of(data, PARIS))

    assert told == words


def test_a_code_is_told_as_the_person_read_it() -> None:
    (detail,) = details_of({"code": "no_audio"}, PARIS)

    assert detail.text == str(MEDIA_REFUSALS["no_audio"])


def test_a_value_that_is_cut_short_is_there_in_whole() -> None:
    (detail,) = details_of({"sha256": "ab" * 32}, PARIS)

    assert detail.whole == "ab" * 32


def test_every_event_has_words() -> None:
    actions, keys = set(), set()
    for call in calls_of_recorders():
        actions |= {word for word in strings_of(*call.args) if ACTION.fullmatch(word)}
        keys |= {keyword.arg for keyword in call.keywords if keyword.arg} - NOT_DATA
        keys |= {key for keyword in call.keywords if keyword.arg == "data" for key in keys_of(keyword.value)}

    assert actions - ACTION_LABELS.keys() == set()
    assert keys - DETAIL_LABELS.keys() == set()


def test_every_object_that_is_named_has_a_label() -> None:
    assert KINDS.keys() <= OBJECT_LABELS.keys()
    assert all(isinstance(label, Promise) for label in OBJECT_LABELS.values())


def calls_of_recorders() -> Iterator[ast.Call]:
    """Yield every place where an app writes the journal."""
    for path in sorted(APPS.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and name_of(node.func) in RECORDERS:
                    yield node


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def strings_of(*expressions: ast.expr) -> Iterator[str]:
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def keys_of(value: ast.expr) -> Iterator[str]:
    return strings_of(*filter(None, value.keys)) if isinstance(value, ast.Dict) else iter(())
