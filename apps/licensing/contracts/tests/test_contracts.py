"""Contracts through their pages."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.licensing.figures import line_figures
from apps.licensing.models import Contract, ContractLine, ExchangeRate, Product
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ListPriceFactory, ProductFactory
from apps.tenants.models import Headcount, JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    client = client_of(officer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def suite() -> Product:
    return ProductFactory.create(name="Suite E3", kind=Product.Kind.BUNDLE)


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/contracts/{rest}"


def contract_fields(product: Product, **changes: str) -> dict[str, str]:
    """Return what the form of a new contract sends."""
    return {
        "name": "Suites bureautiques",
        "supplier_name": "UGAP",
        "supplier_siret": "732 829 320 00074",
        "framework": "ugap",
        "framework_number": "UGAP-1234",
        "legal_commitment": "1300123456",
        "starts_on": "2025-01-01",
        "term_months": "36",
        "renewal": "tacit",
        "reduction": "anniversary",
        "notice_days": "90",
        "notice_rule": "received",
        "preparation_days": "30",
        "price_clause": "fixed",
        "currency": "EUR",
        "vat_place": "metropole",
        "line-product": str(product.pk),
        "line-seats": "8400",
        "line-needed_seats": "400",
        "line-unit_price": "36.00",
        "line-price_without_meetings": "33.75",
    } | changes


def test_contract_form_saves_contract_line_and_journal(client: Client, officer: Membership, suite: Product) -> None:
    response = client.post(address(officer, "new/"), contract_fields(suite))

    with tenant_scope(officer.tenant_id):
        contract = Contract.objects.get()
        event = JournalEvent.objects.get()
        line = contract.lines.get()
    assert response.status_code == 302
    assert response["Location"] == address(officer, f"{contract.pk}/")
    assert contract.supplier_siret == "73282932000074"
    assert (line.seats, line.unit_price, line.tenant_id) == (8400, Decimal("36.00"), officer.tenant_id)
    assert (event.action, event.object_id, event.actor_id) == ("contract.created", contract.pk, officer.user_id)


def test_contract_page_opens_its_figure_down_to_formula_and_inputs(
    client: Client, officer: Membership, suite: Product
) -> None:
    ListPriceFactory.create(product=suite, unit_price=Decimal("39"), currency="USD", source="Annonce du 1er juillet")
    client.post(address(officer, "new/"), contract_fields(suite))
    with tenant_scope(officer.tenant_id):
        contract = Contract.objects.get()

    page = client.get(address(officer, f"{contract.pk}/")).content.decode()

    for expected in ("216,000.00", "259,200.00", "8,400", "36.00", "33.75", "2.25", "39.00", "Annonce du 1er juillet"):
        assert expected in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"supplier_siret": "73282932000075"}, "supplier_siret"),
        ({"term_months": "0"}, "term_months"),
        ({"line-seats": "0"}, "line-seats"),
        ({"line-unit_price": "-1"}, "line-unit_price"),
        ({"starts_on": "31/02/2025"}, "starts_on"),
        ({"notice_days": "many"}, "notice_days"),
    ],
)
def test_contract_form_comes_back_with_its_errors(
    client: Client, officer: Membership, suite: Product, changes: dict[str, str], field: str
) -> None:
    response = client.post(address(officer, "new/"), contract_fields(suite, **changes))

    assert response.status_code == 422
    form = response.context["line_form" if field.startswith("line-") else "form"]
    assert list(form.errors) == [field.removeprefix("line-")]
    with tenant_scope(officer.tenant_id):
        assert not Contract.objects.exists()


def test_contract_form_names_what_is_wrong_in_both_its_parts(
    client: Client, officer: Membership, suite: Product
) -> None:
    response = client.post(
        address(officer, "new/"), contract_fields(suite, **{"term_months": "0", "line-seats": "many"})
    )

    fields = response.context["problems"].fields
    assert [field.anchor for field in fields] == ["id_term_months", "id_line-seats"]
    assert "<title>Error: Add a contract" in " ".join(response.content.decode().split()).replace("<title> ", "<title>")


def test_contract_in_dollars_takes_the_newest_known_rate(client: Client, officer: Membership, suite: Product) -> None:
    for day, rate in (("2025-01-01", "0.95"), ("2026-06-01", "0.8712")):
        ExchangeRate.objects.create(currency="USD", day=day, eur_per_unit=Decimal(rate), source="Banque de France")

    page = client.get(address(officer, "new/")).content.decode()
    client.post(address(officer, "new/"), contract_fields(suite, currency="USD"))

    assert "0.8712 € (Banque de France)" in page
    with tenant_scope(officer.tenant_id):
        contract = Contract.objects.get()
    assert (contract.eur_per_unit, contract.rate_source) == (Decimal("0.871200"), "Banque de France")
    assert contract.rate_on == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "eur_per_unit"),
        ({"eur_per_unit": "0.9"}, "rate_on"),
        ({"eur_per_unit": "0", "rate_on": "2026-01-01"}, "eur_per_unit"),
    ],
)
def test_contract_in_dollars_needs_a_dated_rate(
    client: Client, officer: Membership, suite: Product, changes: dict[str, str], field: str
) -> None:
    response = client.post(address(officer, "new/"), contract_fields(suite, currency="USD", **changes))

    assert list(response.context["form"].errors) == [field]
    assert [group.is_open for group in response.context["form"].groups] == [False, False, True]


def test_contract_back_in_euros_forgets_its_rate(client: Client, officer: Membership) -> None:
    contract = ContractFactory.create(
        tenant=officer.tenant, currency="USD", eur_per_unit=Decimal("0.9"), rate_on=date(2026, 1, 1), rate_source="BdF"
    )

    client.post(address(officer, f"{contract.pk}/edit/"), contract_fields(ProductFactory.create()))

    with tenant_scope(officer.tenant_id):
        contract.refresh_from_db()
    assert (contract.currency, contract.eur_per_unit, contract.rate_on, contract.rate_source) == ("EUR", None, None, "")


def test_contract_form_reads_french_amounts(client: Client, officer: Membership, suite: Product) -> None:
    client.cookies["django_language"] = "fr"
    client.post(
        address(officer, "new/"),
        contract_fields(
            suite,
            **{
                "line-seats": "8 400",
                "line-unit_price": "36,00 €",
                "line-price_without_meetings": "33,75",
            },
        ),
    )

    with tenant_scope(officer.tenant_id):
        line = ContractLine.objects.get()
    assert (line.seats, line.unit_price) == (8400, Decimal("36.00"))


def test_contract_form_refuses_a_second_price_for_what_is_no_suite(client: Client, officer: Membership) -> None:
    response = client.post(address(officer, "new/"), contract_fields(ProductFactory.create()))

    assert list(response.context["line_form"].errors) == ["price_without_meetings"]


def test_contract_name_is_taken_once(client: Client, officer: Membership, suite: Product) -> None:
    ContractFactory.create(tenant=officer.tenant, name="Suites bureautiques")

    response = client.post(address(officer, "new/"), contract_fields(suite))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["name"]


def test_contract_with_an_unusual_commitment_is_saved_with_a_warning(
    client: Client, officer: Membership, suite: Product
) -> None:
    response = client.post(address(officer, "new/"), contract_fields(suite, legal_commitment="EJ-12"), follow=True)

    assert [message.level_tag for message in response.context["messages"]] == ["success", "warning"]


def test_contract_change_is_journalled_by_field_names_alone(client: Client, officer: Membership) -> None:
    contract = ContractFactory.create(tenant=officer.tenant)
    fields = contract_fields(ProductFactory.create(), name=contract.name, notice_days="30")

    response = client.post(address(officer, f"{contract.pk}/edit/"), fields)

    with tenant_scope(officer.tenant_id):
        event = JournalEvent.objects.get()
        contract.refresh_from_db()
    assert response.status_code == 302
    assert contract.notice_days == 30
    assert event.data == {"fields": ["framework_number", "legal_commitment", "notice_days", "supplier_name"]}


def test_line_is_added_changed_and_removed(client: Client, officer: Membership) -> None:
    contract = ContractFactory.create(tenant=officer.tenant)
    fields = {"product": str(ProductFactory.create().pk), "seats": "10", "unit_price": "4"}

    client.post(address(officer, f"{contract.pk}/lines/new/"), fields)
    with tenant_scope(officer.tenant_id):
        line = ContractLine.objects.get()
    client.post(address(officer, f"{contract.pk}/lines/{line.pk}/edit/"), fields | {"needed_seats": "3"})
    with tenant_scope(officer.tenant_id):
        line.refresh_from_db()
    question = client.get(address(officer, f"{contract.pk}/lines/{line.pk}/remove/"))
    with tenant_scope(officer.tenant_id):
        assert ContractLine.objects.exists()
    client.post(address(officer, f"{contract.pk}/lines/{line.pk}/remove/"))

    assert "Remove this line?" in question.content.decode()
    assert line.needed_seats == 3
    with tenant_scope(officer.tenant_id):
        assert not ContractLine.objects.exists()
        actions = list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
    assert actions == ["contract.line_added", "contract.line_changed", "contract.line_removed"]


def test_contract_list_without_contracts_says_what_to_do(client: Client, officer: Membership) -> None:
    assert "No contract yet" in client.get(address(officer)).content.decode()


def test_contract_list_says_not_computable_rather_than_zero(client: Client, officer: Membership) -> None:
    ContractLineFactory.create(contract__tenant=officer.tenant)
    ContractLineFactory.create(contract__tenant=officer.tenant, needed_seats=None)

    response = client.get(address(officer))

    assert response.context["figures"].potential_eur is None
    assert "not computable" in response.content.decode()


def test_contract_page_leads_to_the_lines_that_miss_an_input(client: Client, officer: Membership) -> None:
    complete = ContractLineFactory.create(contract__tenant=officer.tenant)
    lacking = ContractLineFactory.create(contract=complete.contract, needed_seats=None)

    page = client.get(address(officer, f"{complete.contract.pk}/")).content.decode().partition("</section>")[0]

    assert f"{lacking.pk}/edit/" in page
    assert f"{complete.pk}/edit/" not in page
    assert "the number of seats still needed is missing" in page


@pytest.mark.parametrize(
    ("kind", "needed_seats", "missing"),
    [
        ("bundle", None, (True, True)),
        ("bundle", 10, (True, False)),
        ("standalone", None, (False, True)),
        ("not_separable", None, (False, False)),
    ],
)
def test_line_says_which_inputs_it_misses(
    officer: Membership, kind: str, needed_seats: int | None, missing: tuple[bool, bool]
) -> None:
    line = ContractLineFactory.create(
        contract__tenant=officer.tenant, product__kind=kind, needed_seats=needed_seats, unit_price=Decimal(30)
    )

    figures = line_figures(line)

    assert (figures.misses_price, figures.misses_need) == missing


def test_notice_that_can_be_given_any_day_has_no_date_to_miss(client: Client, officer: Membership) -> None:
    contract = ContractFactory.create(tenant=officer.tenant, reduction=Contract.Reduction.ANY_TIME, notice_days=45)
    ContractLineFactory.create(contract=contract)

    listed = client.get(address(officer)).content.decode()
    home = client.get(f"/t/{officer.tenant.slug}/")

    assert "any day, 45 days ahead" in listed
    assert home.context["notices"] == []


def test_contract_list_says_when_nothing_is_in_force(client: Client, officer: Membership) -> None:
    ended = ContractFactory.create(tenant=officer.tenant, starts_on=date(2020, 1, 1), renewal=Contract.Renewal.NONE)
    ContractLineFactory.create(contract=ended)

    assert "No contract is in force today." in client.get(address(officer)).content.decode()


def test_contract_list_measures_the_distance_per_agent(client: Client, officer: Membership) -> None:
    ContractLineFactory.create(contract__tenant=officer.tenant, seats=110, needed_seats=10)  # 100 × 10 × 12
    ended = ContractFactory.create(tenant=officer.tenant, starts_on=date(2020, 1, 1), renewal=Contract.Renewal.NONE)
    ContractLineFactory.create(contract=ended)
    with tenant_scope(officer.tenant_id):
        Headcount.objects.create(tenant=officer.tenant, starts_on=date(2025, 1, 1), agents=1000, source="Bilan social")

    figures = client.get(address(officer)).context["figures"]

    assert figures.potential_eur == Decimal("12000")
    assert figures.distance.per_user_eur == Decimal("12")
    assert figures.distance.difference_eur == Decimal("2")


def test_contract_list_costs_the_same_for_any_number(client: Client, officer: Membership) -> None:
    counts = []
    for more in (1, 9):
        for _ in range(more):
            ContractLineFactory.create(contract__tenant=officer.tenant)
        with CaptureQueriesContext(connection) as queries:
            client.get(address(officer))
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries))  # the test's own transaction

    assert counts[0] == counts[1] <= 12


def test_contract_of_another_ministry_is_not_found(client: Client, officer: Membership) -> None:
    theirs = ContractFactory.create()

    assert client.get(address(officer, f"{theirs.pk}/")).status_code == 404


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.ADMIN, Role.AUDITOR])
def test_contracts_are_for_procurement_alone(officer: Membership, role: Role) -> None:
    other = MembershipFactory.create(tenant=officer.tenant, roles=[role])

    assert client_of(other).get(address(officer)).status_code == 403
