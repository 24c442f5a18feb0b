"""Figures of contracts as their rows say: amendments with their proofs, notices, places and rates."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.licensing.figures import ContractFigures, contract_figures, ledger_of, line_figures, tenant_figures
from apps.licensing.models import Amendment, Contract, ContractLine, NoticeDecision
from apps.licensing.savings import Measure
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.tenants.models import Headcount, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

E = Decimal
TODAY, MARCH = date(2026, 6, 15), date(2026, 3, 1)


@pytest.fixture
def line() -> ContractLine:
    """A hundred seats at 10 euros since January 2025, of which ten are needed."""
    return ContractLineFactory.create()


def amend(line: ContractLine, kind: str, **fields: Any) -> Amendment:
    plain = {"evidence": Amendment.Evidence.INVOICE, "evidenced_on": MARCH, "effective_on": MARCH}
    with tenant_scope(line.tenant_id):
        return Amendment.objects.create(
            tenant=line.tenant, contract=line.contract, line=line, kind=kind, by=UserFactory.create(), **plain | fields
        )


def decide_to_leave(line: ContractLine, **fields: Any) -> NoticeDecision:
    with tenant_scope(line.tenant_id):
        return NoticeDecision.objects.create(
            tenant=line.tenant,
            contract=line.contract,
            effective_on=date(2026, 1, 1),
            choice=NoticeDecision.Choice.LEAVE,
            reason="Visio",
            decided_by=UserFactory.create(),
            **fields,
        )


def figures_of(line: ContractLine) -> ContractFigures:
    with tenant_scope(line.tenant_id):
        return contract_figures(Contract.objects.with_lines().get(), TODAY)


def test_figures_keep_potential_committed_realised_and_avoided_apart(line: ContractLine) -> None:
    amend(line, "seats", seats=-20)
    amend(line, "seats", seats=-5, evidence=Amendment.Evidence.NOTICE, effective_on=date(2026, 4, 1))
    amend(line, "avoided", avoided_price=E("11.00"))

    figures = figures_of(line)

    assert figures.seats == 75
    assert figures.potential_eur == E(10800)  # 90 × 10 × 12
    assert figures.realised_eur == E(2400)  # 20 × 10 × 12
    assert figures.committed_eur == E(600)  # 5 × 10 × 12
    assert figures.avoided_eur == E(900)  # 75 × 1 × 12


def test_figures_follow_the_price_of_an_amendment(line: ContractLine) -> None:
    amend(line, "price", unit_price=E("12.50"))

    assert figures_of(line).potential_eur == E(13500)  # 90 × 12.50 × 12


def test_suite_whose_price_rose_needs_its_second_price_too() -> None:
    suite = ContractLineFactory.create(product__kind="bundle", unit_price=E(36), price_without_meetings=E(33))
    change = amend(suite, "price", unit_price=E(39))
    without = figures_of(suite)
    with tenant_scope(suite.tenant_id):
        Amendment.objects.filter(id=change.id).update(price_without_meetings=E(35))

    assert (without.potential_eur, without.lines[0].misses_price) == (None, True)
    assert figures_of(suite).potential_eur == E(4320)  # 90 × 4 × 12


@pytest.mark.parametrize(
    ("rule", "sent_on", "received_on", "is_left"),
    [
        ("sent", date(2025, 10, 3), None, True),  # 90 days before 1 January 2026
        ("sent", date(2025, 10, 4), date(2025, 10, 6), False),
        ("received", date(2025, 10, 1), date(2025, 10, 3), True),
        ("received", date(2025, 10, 1), date(2025, 10, 4), False),
        ("received", date(2025, 10, 1), None, False),
        ("sent", None, None, False),
    ],
)
def test_contract_is_left_by_a_notice_given_in_time(
    line: ContractLine, rule: str, sent_on: date | None, received_on: date | None, is_left: bool
) -> None:
    with tenant_scope(line.tenant_id):
        Contract.objects.update(notice_rule=rule)
    decide_to_leave(line, sent_on=sent_on, received_on=received_on)

    figures = figures_of(line)

    assert figures.is_in_force is not is_left
    assert figures.committed_eur == (E(12000) if is_left else 0)
    assert figures.seats == (0 if is_left else 100)


def test_figures_of_a_line_alone_know_its_notice_too(line: ContractLine) -> None:
    decide_to_leave(line, sent_on=date(2025, 9, 1), received_on=date(2025, 9, 3))

    with tenant_scope(line.tenant_id):
        alone = line_figures(ContractLine.objects.get())

    assert alone.month.seats.committed == 100


def test_tax_is_that_of_each_contracts_place(line: ContractLine) -> None:
    overseas = ContractFactory.create(tenant=line.tenant, vat_place=Contract.VatPlace.REUNION)
    ContractLineFactory.create(contract=overseas)

    with tenant_scope(line.tenant_id):
        figures = tenant_figures(line.tenant, Contract.objects.with_lines(), TODAY)

    assert figures.potential_eur == E(21600)
    assert figures.potential_with_vat_eur == E(24678)  # 10800 × 1.20 + 10800 × 1.085


def test_foreign_prices_are_turned_at_the_contracts_rate() -> None:
    contract = ContractFactory.create(currency="USD", eur_per_unit=E("0.92"), rate_on=MARCH, rate_source="BCE")
    line = ContractLineFactory.create(contract=contract)

    assert figures_of(line).potential_eur == E(9936)  # 90 × 9.20 × 12


def test_missed_notice_costs_what_could_have_gone(line: ContractLine) -> None:
    amend(line, "seats", seats=-20)
    with tenant_scope(line.tenant_id):
        figures = contract_figures(Contract.objects.with_lines().get(), date(2026, 11, 1))

    assert figures.reduction is not None
    assert figures.reduction.is_notice_missed


def test_ended_contract_is_looked_at_on_its_last_day() -> None:
    contract = ContractFactory.create(starts_on=date(2022, 1, 1), renewal=Contract.Renewal.NONE)
    line = ContractLineFactory.create(contract=contract)

    figures = figures_of(line)

    assert (figures.is_in_force, figures.seats, figures.potential_eur) == (False, 100, E(10800))


def test_ledger_opens_every_month_and_costs_the_same_for_any_number(line: ContractLine) -> None:
    amend(line, "seats", seats=-20)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            ContractLineFactory.create(contract__tenant=line.tenant)
        with tenant_scope(line.tenant_id), CaptureQueriesContext(connection) as queries:
            ledger = ledger_of(Contract.objects.with_lines(), TODAY, first=date(2026, 1, 1), last=date(2026, 12, 1))
        counts.append(len(queries))

    realised = ledger.total(Measure.REALISED)
    assert counts == [3, 3]
    assert realised.eur == E(2000)  # 20 × 10, March to December
    assert next(item.month for item in realised.amounts if item.eur) == MARCH
    assert ledger.total(Measure.DUE, first=TODAY.replace(month=12)).eur is None  # no month after December


def test_tenant_figures_take_the_headcount_of_the_day(line: ContractLine) -> None:
    tenant: Tenant = line.tenant
    with tenant_scope(tenant.id):
        for starts_on, agents in ((date(2025, 1, 1), 1000), (date(2026, 1, 1), 1200), (date(2027, 1, 1), 1500)):
            Headcount.objects.create(tenant=tenant, starts_on=starts_on, agents=agents, source="RH")
        figures = tenant_figures(tenant, Contract.objects.with_lines(), TODAY)

    assert figures.agents == 1200
    assert figures.distance is not None
    assert figures.distance.per_user_eur == E(9)


def test_contract_page_opens_an_amended_line_down_to_what_holds_now(line: ContractLine) -> None:
    officer = MembershipFactory.create(tenant=line.tenant, roles=[Role.PROCUREMENT])
    amend(line, "seats", seats=50)
    amend(line, "price", unit_price=E("12.50"))
    client = client_of(officer)
    client.cookies["django_language"] = "en"

    page = " ".join(client.get(f"/t/{line.tenant.slug}/contracts/{line.contract_id}/").content.decode().split())

    assert "140 seats (150 − 10) × 12.50" in page
    assert "21,000.00" in page  # 140 × 12.50 × 12
