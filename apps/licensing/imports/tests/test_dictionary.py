"""Microsoft's dictionary of licences."""

import io

import pytest

from apps.licensing.imports.dictionary import load_dictionary
from apps.licensing.imports.reading import Refused
from apps.licensing.imports.tests.files import Imports, table, teams_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER
from apps.licensing.models import Sku
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db
HEADER = [
    "Product_Display_Name",
    "String_Id",
    "GUID",
    "Service_Plan_Name",
    "Service_Plan_Id",
    "Service_Plans_Included_Friendly_Names",
]
E3, EXCHANGE = "05e9a617-0261-4cee-bb44-138d3ef5d965", "4b9405b0-7788-4568-add1-99614e613b69"
TEAMS1, OTHER = "57ff2da0-773e-42df-b2af-ffb7a2317929", "efb87545-963c-4e0d-99df-69c6916d9eb0"
ROWS = [
    ["Microsoft 365 E3\u00a0", "\tSPE_E3", E3, "EXCHANGE_S_ENTERPRISE", OTHER, "Exchange"],
    ["Microsoft 365 E3", "SPE_E3", E3, "TEAMS1", f"{TEAMS1}\t", "Teams"],
    ["Exchange Online (Plan 1)", "EXCHANGESTANDARD", EXCHANGE, "EXCHANGE_S_STANDARD", OTHER, "Exchange"],
]


@pytest.fixture
def operator() -> Membership:
    return MembershipFactory.create(
        tenant=TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur"), roles=[Role.OPERATOR]
    )


def load(operator: Membership, rows: list[list[str]]) -> None:
    with tenant_scope(operator.tenant_id):
        load_dictionary(membership=operator, file=io.BytesIO(table(HEADER, rows)))


def test_a_licence_has_meetings_where_one_of_its_plans_is_teams(operator: Membership) -> None:
    load(operator, ROWS)
    load(operator, ROWS)

    assert list(Sku.objects.order_by("string_id").values_list("display_name", "string_id", "has_meetings")) == [
        ("Exchange Online (Plan 1)", "EXCHANGESTANDARD", False),
        ("Microsoft 365 E3", "SPE_E3", True),
    ]


def test_a_row_that_cannot_be_read_changes_nothing(operator: Membership) -> None:
    with pytest.raises(Refused, match="dictionary_row 3"):
        load(operator, [ROWS[0], ["X", "X", "no guid", "", OTHER, ""]])

    assert not Sku.objects.exists()


def test_a_seat_is_paid_by_what_the_dictionary_says(operator: Membership, imports: Imports) -> None:
    load(operator, ROWS)
    rows = [
        teams_row("a@example.fr", Assigned_Products="MICROSOFT 365 E3"),
        teams_row("b@example.fr", Assigned_Products="EXCHANGE ONLINE (PLAN 1)"),
    ]

    imports.confirm(imports.send(table(TEAMS_HEADER, rows)))

    assert {name: account.kind for name, account in imports.accounts().items()} == {
        "a@example.fr": "paid",
        "b@example.fr": "free",
    }
