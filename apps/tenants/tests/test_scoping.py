"""Entering tenants: what is visible, what is restored, and what is refused."""

import pytest
from django.db import ProgrammingError, transaction

from apps.tenants.models import Membership, Tenant, TenantFigure, Unit
from apps.tenants.scoping import OtherTenant, current_tenant_id, operator_scope, tenant_scope, user_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UnitFactory

pytestmark = pytest.mark.django_db


def test_tenant_scope_shows_only_its_rows(two_units: tuple[Unit, Unit]) -> None:
    mine, _theirs = two_units

    with tenant_scope(mine.tenant_id):
        assert list(Unit.objects.all()) == [mine]


def test_no_scope_shows_no_rows(two_units: tuple[Unit, Unit]) -> None:
    assert Unit.objects.count() == 0


def test_tenant_scope_refuses_a_row_of_another_tenant(two_units: tuple[Unit, Unit]) -> None:
    mine, theirs = two_units

    with pytest.raises(ProgrammingError, match="row-level security"), tenant_scope(mine.tenant_id):
        Unit.objects.create(tenant=theirs.tenant, name="Intruse")


def test_tenant_scope_refuses_another_tenant_inside(two_units: tuple[Unit, Unit]) -> None:
    mine, theirs = two_units

    with tenant_scope(mine.tenant_id), pytest.raises(OtherTenant), tenant_scope(theirs.tenant_id):
        pass


def test_tenant_scope_restores_the_former_setting_after_success_and_failure() -> None:
    tenant = TenantFactory.create()

    with transaction.atomic():
        with tenant_scope(tenant.id), tenant_scope(tenant.id):
            pass
        assert current_tenant_id() is None
        with pytest.raises(ZeroDivisionError), tenant_scope(tenant.id):
            raise ZeroDivisionError
        assert current_tenant_id() is None


def test_tenant_scope_stays_after_an_inner_scope_ends() -> None:
    tenant = TenantFactory.create()

    with tenant_scope(tenant.id):
        with tenant_scope(tenant.id):
            pass
        assert current_tenant_id() == tenant.id


def test_user_scope_lists_a_persons_memberships_in_all_tenants() -> None:
    first = MembershipFactory.create()
    second = MembershipFactory.create(user=first.user)
    MembershipFactory.create()

    with user_scope(first.user_id):
        assert set(Membership.objects.all()) == {first, second}


def test_operator_scope_reads_figures_but_no_rows_of_tenants(two_units: tuple[Unit, Unit]) -> None:
    ministry = two_units[0].tenant
    operator = TenantFactory.create(kind=Tenant.Kind.OPERATOR)
    with tenant_scope(ministry.id):
        TenantFigure.objects.create(tenant=ministry, day="2026-11-01", measure="meetings", population=120, value=12)

    with operator_scope(operator.id):
        assert TenantFigure.objects.count() == 1
        assert Unit.objects.count() == 0


@pytest.fixture
def two_units() -> tuple[Unit, Unit]:
    """A unit in each of two tenants."""
    return UnitFactory.create(), UnitFactory.create()
