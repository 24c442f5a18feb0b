"""Who reaches which address: every row of ``addresses.py`` holds for each kind of person.

The objects asked for belong to ``organizer``. ``outsider`` is a member of another ministry, ``colleague`` one of
the same ministry who has no part in them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from apps.licensing.editions.freezing import freeze_month
from apps.licensing.models import Alias, UsageImport
from apps.licensing.savings import add_months
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, api_token
from visio_portal.tests.addresses import VISITORS, rows
from visio_portal.tests.population import populate

ROWS = rows()


def named_patterns(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    """Yield the full name of every URL."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        elif isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_patterns(pattern.url_patterns, inner)


def test_every_address_stands_in_the_table() -> None:
    assert set(named_patterns(get_resolver().url_patterns)) == {name for name, _method, _answers in ROWS}


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """A populated ministry: its visitors and the arguments of its addresses."""
    with django_db_blocker.unblock(), rolled_back():
        ministry, other = populate("premier"), populate("second")
        operator_tenant = TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur")
        token, _secret = api_token(ministry.admin)
        with tenant_scope(ministry.tenant.id):
            usage_import = UsageImport.objects.get(tenant=ministry.tenant)
            alias = Alias.objects.get(tenant=ministry.tenant)
            speaker, line = ministry.transcript.speakers.all()[0], ministry.contract.lines.get()
            notice_feed = ministry.procurement.notice_feeds.get()
            document, amendment = ministry.contract.documents.get(), ministry.contract.amendments.get()
            pending = ministry.meeting.pending_answers.get()
            feed, attendee = ministry.organizer.calendar_feeds.get(), ministry.meeting.attendees.all()[0]
            occurrence = ministry.meeting.occurrences.get()
            poll, delegation = ministry.meeting.polls.get(), ministry.tenant.delegations.get()
            original = ministry.meeting.originals.get()
            group, template = ministry.tenant.attendeegroups.get(), ministry.tenant.meetingtemplates.get()
            programme = programme_ids(ministry.tenant)
        members = {
            "outsider": other.organizer,
            "operator": MembershipFactory.create(tenant=operator_tenant, roles=[Role.OPERATOR]),
            **{name: getattr(ministry, name) for name in VISITORS if hasattr(ministry, name)},
        }
        with operator_scope(operator_tenant.id):
            freeze_month(membership=members["operator"], month=add_months(ministry.tenant.today.replace(day=1), -1))
        yield {
            "cookies": {name: {"sessionid": session_of(member)} for name, member in members.items()},
            "arguments": {
                "tenant_slug": ministry.tenant.slug,
                "meeting_id": ministry.meeting.id,
                "room_id": ministry.meeting.room_id,
                "unit_id": ministry.unit.id,
                "rule": "max_minutes",
                "occurrence_id": occurrence.id,
                "slot_id": occurrence.id,
                "poll_id": poll.id,
                "import_id": original.imported_by_id,
                "original_id": original.id,
                "group_id": group.id,
                "template_id": template.id,
                "delegation_id": delegation.id,
                "code": ministry.meeting.join_code,
                "pending_id": pending.id,
                "attendee_id": attendee.id,
                "feed_id": feed.id,
                "sheet_format": "csv",
                "recording_id": ministry.recording.id,
                "transcript_id": ministry.transcript.id,
                "speaker_id": speaker.id,
                "contract_id": ministry.contract.id,
                "line_id": line.id,
                "usage_import_id": usage_import.id,
                "document_id": document.id,
                "amendment_id": amendment.id,
                "alias_id": alias.id,
                "reason": "dormant",
                "notice_feed_id": notice_feed.id,
                "day": ministry.contract.terms.first_term_ends_on.isoformat(),
                "letter_format": "pdf",
                "product_id": line.product_id,
                "upload_id": ministry.upload.id,
                "membership_id": ministry.colleague.id,
                "token_id": token.id,
                "job_id": ministry.job.id,
                "number": 1,
                "edition_format": "xlsx",
                "month": f"{add_months(ministry.tenant.today.replace(day=1), -1):%Y-%m}",
                "export_format": "vtt",
                **programme,
                "ministry": ministry.tenant.slug,
                "table": "notices",
                "table_format": "csv",
                "file_format": "csv",
                "token": "garbled",
            },
        }


def programme_ids(tenant: Tenant) -> dict[str, UUID]:
    """Return what the addresses of the migration's programme are about."""
    wave = tenant.waves.get()
    return {
        "wave_id": wave.id,
        "place_id": wave.units.get().id,
        "item_id": wave.checklist.get().id,
        "milestone_id": wave.milestones.get().id,
        "target_id": tenant.targets.get().id,
        "cost_id": tenant.oneoffcosts.get().id,
        "scenario_id": tenant.scenarios.get().id,
        "exemption_id": tenant.exemptions.get().id,
    }


def session_of(member: Membership) -> str:
    return client_of(member).cookies["sessionid"].value


def address(name: str, arguments: dict[str, Any]) -> str:
    """Return a URL with those of the arguments that it takes."""
    known = get_resolver()
    for part in name.split(":")[:-1]:
        _prefix, known = known.namespace_dict[part]
    for possibility in known.reverse_dict.getlist(name.rpartition(":")[2]) or get_resolver().reverse_dict.getlist(name):
        wanted = {key for _text, keys in possibility[0] for key in keys}
        for chosen in (wanted, wanted | {"tenant_slug"}):
            try:
                return reverse(name, kwargs={key: arguments[key] for key in chosen})
            except NoReverseMatch:
                continue
    raise LookupError(name)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method", "answers"), ROWS, ids=[f"{name}-{method}" for name, method, _ in ROWS])
def test_address_answers_each_visitor(
    client: Client, place: dict[str, Any], name: str, method: str, answers: str
) -> None:
    url = address(name, place["arguments"])
    given = {}
    for visitor in VISITORS:
        with rolled_back():
            client.cookies = SimpleCookie(place["cookies"].get(visitor, {}))
            response = client.generic(method, url)
            given[visitor] = str(response.status_code)
            if response.streaming:
                response.getvalue()  # read to its end, it closes its file

    assert given == dict(zip(VISITORS, answers.split(), strict=True))
