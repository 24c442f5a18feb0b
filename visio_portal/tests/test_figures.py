"""The figures that the operator reads."""

import contextlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from apps.licensing.contracts.operations import remove_line
from apps.licensing.state.measures import SOMEBODY
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Headcount, Tenant, TenantFigure
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory
from visio_portal import tasks
from visio_portal.figure_requests import request_figures
from visio_portal.figures import compute_figures

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)  # the day of the factory's meetings


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory.create()


def computed(tenant: Tenant) -> dict[str, tuple[Decimal | None, int]]:
    compute_figures(tenant_id=tenant.id, day=DAY)
    with operator_scope(TenantFactory.create().id):
        rows = TenantFigure.objects.filter(tenant=tenant, day=DAY)
        return {row.measure: (row.value, row.population) for row in rows}


def organize(tenant: Tenant, people: int) -> None:
    for _ in range(people):
        MeetingFactory.create(organizer=MembershipFactory.create(tenant=tenant))


def test_figures_below_ten_people_have_no_value(tenant: Tenant) -> None:
    organize(tenant, 9)

    assert computed(tenant)["meetings_28d"] == (None, SOMEBODY)


def test_figures_from_ten_people_on_have_one(tenant: Tenant) -> None:
    organize(tenant, 10)

    assert computed(tenant)["meetings_28d"] == (Decimal(10), 10)


def test_figures_are_recomputed_whole(tenant: Tenant) -> None:
    organize(tenant, 10)
    computed(tenant)
    organize(tenant, 1)

    assert computed(tenant)["meetings_28d"] == (Decimal(11), 11)


def test_potential_is_not_computable_rather_than_zero(tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        Headcount.objects.create(tenant=tenant, starts_on=date(2026, 1, 1), agents=8400, source="Bilan social")
    contract = ContractFactory.create(tenant=tenant)

    assert computed(tenant)["potential_eur_year"] == (None, 8400)
    ContractLineFactory.create(contract=contract, seats=110, needed_seats=10)
    assert computed(tenant)["potential_eur_year"] == (Decimal(12_000), 8400)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The computations that were asked for, with nothing asked for before."""
    cache.clear()
    ids: list[dict[str, str]] = []
    monkeypatch.setattr(current_app, "send_task", lambda _name, *, kwargs, **_options: ids.append(kwargs))
    return ids


def test_many_requests_make_one_computation(
    tenant: Tenant, sent: list[dict[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            request_figures(tenant.id, DAY)

    assert sent == [{"tenant_id": str(tenant.id), "day": "2026-03-10"}]


def test_what_changes_after_a_computation_began_is_asked_for_again(
    tenant: Tenant, sent: list[dict[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            request_figures(tenant.id, DAY)
        compute_figures(tenant_id=tenant.id, day=DAY)

    assert len(sent) == 2


def test_a_change_that_was_rolled_back_holds_no_later_one_up(
    tenant: Tenant, sent: list[dict[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            request_figures(tenant.id, DAY)
            raise ZeroDivisionError
        request_figures(tenant.id, DAY)

    assert len(sent) == 1


def test_a_contracts_change_has_the_figures_of_today_computed(
    sent: list[dict[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    line = ContractLineFactory.create()
    officer = MembershipFactory.create(tenant=line.tenant)

    with django_capture_on_commit_callbacks(execute=True), tenant_scope(line.tenant_id):
        remove_line(membership=officer, line=line)

    assert sent == [{"tenant_id": str(line.tenant_id), "day": line.tenant.today.isoformat()}]


def test_tasks_ask_for_every_ministry(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    TenantFactory.create(kind=Tenant.Kind.OPERATOR)
    asked: list[Any] = []
    monkeypatch.setattr(tasks, "request_figures", lambda tenant_id, day, queue: asked.append(tenant_id))

    tasks.compute_all_figures()

    assert asked == [tenant.id]


def test_the_beat_knows_every_task_of_the_portal_as_a_whole() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert {"portal.look_for_workers", "portal.compute_all_figures"} <= scheduled


def test_months_and_places_are_kept_of_the_last_day_of_a_month_alone(tenant: Tenant) -> None:
    for day in (date(2026, 2, 28), date(2026, 3, 9), DAY):
        compute_figures(tenant_id=tenant.id, day=day)

    with tenant_scope(tenant.id):
        rows = TenantFigure.objects.filter(tenant=tenant)
        assert set(rows.values_list("day", flat=True)) == {date(2026, 2, 28), date(2026, 3, 9), DAY}
        assert set(rows.exclude(dimension="").values_list("day", flat=True)) == {date(2026, 2, 28), DAY}


def test_what_is_measured_no_more_is_removed(tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        TenantFigure.objects.create(tenant=tenant, day=DAY, measure="agents", dimension="dep:99", population=12)

    compute_figures(tenant_id=tenant.id, day=DAY)

    with tenant_scope(tenant.id):
        assert not TenantFigure.objects.filter(dimension="dep:99").exists()
