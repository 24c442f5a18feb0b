"""The demonstration's data: believable, complete, and the same however often it is seeded."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from apps.licensing.contracts.notices import State, notice_dates
from apps.licensing.dashboards.rollups import adoption_by_month
from apps.licensing.models import Contract, ContractDocument, NoticeDecision, Reclaim, UsageImport, Wave
from apps.licensing.people.lists import BACK, Wanted, seats_of
from apps.licensing.people.rollups import differences
from apps.licensing.people.sources import sources_on
from apps.licensing.people.totals import seat_totals
from apps.licensing.savings import add_months
from apps.rooms.models import (
    BusyPeriod,
    CalendarImport,
    Delegation,
    ImportedOriginal,
    Mail,
    Occurrence,
    PendingAnswer,
    Poll,
)
from apps.rooms.operations import MeetingPlan, schedule_meeting
from apps.rooms.places.requests import awaiting
from apps.tenants.models import Membership, Role, Tenant, TenantOwned
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import TranscriptionJob
from visio_portal.demonstration.rooms import room_of
from visio_portal.demonstration.tenants import member_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration")]


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demonstration's data, once for all of these tests: each of them is undone to here, and this at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demonstration")
        yield
        transaction.set_rollback(True)


def counts() -> dict[str, dict[str, int]]:
    """Return the number of rows of each tenant's tables."""
    models = [model for model in apps.get_models() if issubclass(model, TenantOwned)]
    result = {}
    for tenant in Tenant.objects.all():
        with tenant_scope(tenant.id):
            result[tenant.slug] = {model.__name__: model._default_manager.count() for model in models}
    return result


def test_seeding_twice_changes_nothing() -> None:
    first = counts()

    call_command("seed_demonstration")

    assert counts() == first


def test_contracts_show_each_state() -> None:
    for tenant in Tenant.objects.filter(slug__in=["territoires", "transition-numerique", "mer"]):
        with tenant_scope(tenant.id):
            contracts = Contract.objects.with_lines().prefetch_related("decisions")
            dates = notice_dates(contracts, tenant.today)
            assert {State.MISSED, State.GIVEN} <= {notice.state for notice in dates}
            assert max(notice.loss_eur or 0 for notice in dates if notice.is_missed) > 0
            assert any(notice.is_open and (notice.notice_by - tenant.today).days < 30 for notice in dates)
            assert {contract.currency for contract in contracts} == {"EUR", "USD"}
            assert NoticeDecision.objects.exclude(receipt=None).exists()
            assert ContractDocument.objects.exists()


def test_a_ministry_has_a_year_of_usage_and_a_programme() -> None:
    tenant = Tenant.objects.get(slug="territoires")
    with tenant_scope(tenant.id):
        imports = {usage_import.format: usage_import for usage_import in UsageImport.objects.in_use()}
        adoption = adoption_by_month(tenant, None, add_months(tenant.today, -12), tenant.today)
        waves = list(Wave.objects.prefetch_related("checklist"))
        sources = sources_on(tenant, tenant.today)
        back = seats_of(tenant, sources, Wanted(Reclaim.Reason.DORMANT, status=BACK), limit=10)
        settled = seat_totals(tenant, tenant.today)
    assert set(imports) == {"m365_users", "teams_activity", "zoom_users", "zoom_hosts", "visio_usage"}
    assert imports["m365_users"].counts["paid"] > imports["zoom_users"].counts["paid"] > 200
    assert len(adoption) >= 12
    assert adoption[0].people < 100 < 1000 < adoption[-1].people < (adoption[-1].eligible or 0)
    assert {wave.readiness.is_ready for wave in waves if wave.readiness} == {True, False}
    assert back.total == 2
    assert not any(totals.problems for totals in settled)
    assert not differences(tenant_id=tenant.id, day=tenant.today)


def test_each_ministry_has_a_person_of_each_role_and_meetings() -> None:
    for tenant in Tenant.objects.ministries():
        with tenant_scope(tenant.id):
            held = {role for member in Membership.objects.all() for role in member.roles}
            assert held >= {Role.ORGANIZER, Role.PROCUREMENT, Role.AUDITOR, Role.ADMIN}
            assert Occurrence.objects.count() >= 10


def test_each_page_of_scheduling_has_something_to_show() -> None:
    with tenant_scope(Tenant.objects.get(slug="territoires").id):
        minister = Membership.objects.get(user__email="helene.marchand@territoires.example")
        secretary = Membership.objects.get(user__email="nathalie.brunet@territoires.example")
        assert Delegation.objects.filter(delegate=secretary).count() == 2
        assert set(Poll.objects.values_list("status", flat=True)) == {Poll.Status.OPEN, Poll.Status.CHOSEN}
        assert BusyPeriod.objects.filter(calendar__membership=minister).exists()
        assert awaiting(minister).exists()
        assert {answer.reason for answer in PendingAnswer.objects.filter(meeting__organizer=minister)} == {
            PendingAnswer.Reason.OTHER_ADDRESS,
            PendingAnswer.Reason.COUNTER,
        }
        assert Mail.objects.filter(status=Mail.Status.NOT_DELIVERED).exists()
        assert {original.cancelled_at is None for original in ImportedOriginal.objects.all()} == {True, False}
    with tenant_scope(Tenant.objects.get(slug="transition-numerique").id):
        assert CalendarImport.objects.get().status == CalendarImport.Status.PREVIEWED


def test_the_states_rule_admits_a_series_without_end_months_ahead() -> None:
    tenant = Tenant.objects.get(slug="territoires")

    with tenant_scope(tenant.id):
        day = tenant.today + timedelta(days=60)
        plan = MeetingPlan(
            title="Point de service",
            starts_on=day + timedelta(days=1 - day.weekday()),
            start_time=time(18),
            duration_minutes=30,
            rrule="FREQ=WEEKLY;BYDAY=TU",
            room=room_of(tenant, "Salle Cassini"),
        )
        series = schedule_meeting(by=member_of(tenant, "yann-kerbrat"), plan=plan)

        assert series.occurrences.count() > 100


def test_the_recording_is_queued_for_a_worker() -> None:
    with tenant_scope(Tenant.objects.get(slug="territoires").id):
        assert TranscriptionJob.objects.get().status == TranscriptionJob.Status.QUEUED


def test_production_refuses_invented_data(settings: Settings) -> None:
    settings.IS_PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        call_command("seed_demonstration")
