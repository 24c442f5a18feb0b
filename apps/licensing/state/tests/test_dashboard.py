"""The operator's dashboard: the State and one ministry in aggregate."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from apps.licensing.dashboards.tables import Cell, Table
from apps.licensing.state.comparison import Sorting
from apps.licensing.state.dashboard import StateDashboard
from apps.licensing.state.measures import StateMeasure, month_dimension
from apps.licensing.state.reading import ministry_figures
from apps.tenants.models import Membership, Role, Tenant, TenantFigure
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)
MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]


@pytest.fixture
def operator() -> Membership:
    return MembershipFactory.create(tenant__kind=Tenant.Kind.OPERATOR, roles=[Role.OPERATOR])


@pytest.fixture
def client(operator: Membership) -> Client:
    client = client_of(operator)
    client.cookies["django_language"] = "en"
    return client


Known = dict[tuple[StateMeasure, str], tuple[int | None, int]]


def keep(tenant: Tenant, known: Known, day: date = TODAY) -> None:
    with tenant_scope(tenant.id):
        TenantFigure.objects.bulk_create(
            TenantFigure(
                tenant=tenant,
                day=day,
                measure=measure,
                dimension=dimension,
                value=None if value is None else Decimal(value),
                population=population,
            )
            for (measure, dimension), (value, population) in known.items()
        )


def ministry_of(agents: int = 1000, realised: int | None = 500, name: str = "") -> Tenant:
    """Return a ministry with a figure of each kind; ``realised`` in each month of 2026."""
    tenant = TenantFactory.create(**({"name": name} if name else {}))
    keep(
        tenant,
        {
            (StateMeasure.AGENTS, ""): (agents, agents),
            (StateMeasure.VISIO_USERS, ""): (400, 400),
            (StateMeasure.NOTICES_LATE, ""): (1, agents),
            (StateMeasure.NEXT_NOTICE_DAYS, ""): (5, agents),
            (StateMeasure.DATA_AGE_DAYS, ""): (12, agents),
            (StateMeasure.AGENTS, "dep:75"): (900, 900),
            (StateMeasure.VISIO_USERS, "dep:75"): (300, 300),
            (StateMeasure.AGENTS, "dep:974"): (100, 100),
            (StateMeasure.VISIO_USERS, "dep:974"): (None, 4),
            **{(StateMeasure.DUE_EUR, month_dimension(month)): (9000, agents) for month in MONTHS},
            **{(StateMeasure.REALISED_EUR, month_dimension(month)): (realised, agents) for month in MONTHS},
        },
    )
    return tenant


def shown(operator: Membership, sort: str = "name", is_descending: bool = False) -> StateDashboard:
    with operator_scope(operator.tenant_id):
        return StateDashboard(ministry_figures(MONTHS), 2026, TODAY, Sorting(sort, is_descending, str))


def table_of(dashboard: StateDashboard, key: str) -> Table:
    return next(table for table in dashboard.tables if table.key == key)


def values(cells: list[Cell]) -> list[object]:
    return [cell.value for cell in cells]


def test_state_is_the_sum_of_the_ministries_that_are_known(operator: Membership) -> None:
    ministry_of()
    ministry_of(realised=None)

    with override("en"):
        tiles = {tile.key: tile for tile in shown(operator).tiles}

    assert tiles["due_eur"].value == 2 * 27_000
    assert (tiles["realised_eur"].value, tiles["realised_eur"].note) == (1500, "known of 1 ministry of 2")
    assert tiles["committed_eur"].value is None
    assert tiles["announced"].value == 2 * 1000 * 10 / 4  # three months of twelve
    assert tiles["adoption"].value == Decimal("0.4")
    assert tiles["notices_late"].value == 2


def test_ministries_stand_beside_the_announced_figure(operator: Membership) -> None:
    ministry_of(agents=1000)
    TenantFactory.create(name="Zzz")

    rows = table_of(shown(operator), "ministries").rows

    assert values(rows[0])[1:6] == [1000, Decimal("0.4"), 27_000, 6, 1]  # 1500 € in a quarter: 6 € a year for each
    assert {(cell.value, bool(cell.reason)) for cell in rows[1][1:]} == {(None, True)}


def test_what_cannot_be_computed_says_for_want_of_what(operator: Membership, client: Client) -> None:
    keep(TenantFactory.create(), {(StateMeasure.AGENTS, ""): (None, 0), (StateMeasure.PACE_NEEDED, ""): (None, 0)})

    content = client.get("/operator/dashboard/").content.decode()

    assert "no headcount" in content
    assert "no target or count" in content


@pytest.mark.parametrize(("is_descending", "agents"), [(False, [500, 900, None]), (True, [900, 500, None])])
def test_ministries_are_sorted_and_the_unknown_stand_last(
    operator: Membership, is_descending: bool, agents: list[int | None]
) -> None:
    for number in (900, 500):
        ministry_of(agents=number)
    TenantFactory.create()

    table = table_of(shown(operator, "agents", is_descending), "ministries")

    assert [row[1].value for row in table.rows] == agents
    assert table.columns[1].sorted == ("descending" if is_descending else "ascending")


def test_savings_are_announced_for_the_same_ministries_as_they_are_realised(operator: Membership) -> None:
    ministry_of(agents=1200)
    ministry_of(agents=50_000, realised=None)

    rows = table_of(shown(operator), "savings").rows

    assert values(rows[-1]) == [date(2026, 3, 1), 500, 1500, 3000, 1]


def test_few_people_of_a_departement_stay_hidden_in_the_sum(operator: Membership) -> None:
    ministry_of()

    table = table_of(shown(operator), "departements")

    assert values(table.rows[0])[0] == "Paris (75)"
    assert values(table.rows[0])[2:] == [300, 900, 1]
    assert [cell.is_suppressed for cell in table.rows[1][1:4]] == [True, True, True]
    assert table.chart is not None
    assert "974" not in table.chart.attributes["data"]


def test_figures_of_an_older_day_are_not_mixed_in(operator: Membership) -> None:
    tenant = ministry_of()
    keep(tenant, {(StateMeasure.TARGET_AGENTS, ""): (700, 1000)}, date(2026, 3, 9))

    with operator_scope(operator.tenant_id):
        (found,) = ministry_figures(MONTHS)

    assert found.day == TODAY
    assert found.value(StateMeasure.TARGET_AGENTS) is None


@pytest.mark.parametrize("address", ["/operator/dashboard/", "/operator/ministries/premier/"])
def test_page_costs_the_same_for_many_ministries(client: Client, address: str) -> None:
    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    Tenant.objects.filter(id=ministry_of().id).update(slug="premier")
    ministry_of()
    few = queries()
    for _number in range(3):
        ministry_of()

    assert queries() == few


def test_ministry_is_shown_in_aggregate_with_its_files(client: Client) -> None:
    tenant = ministry_of(name="Mer")
    address = f"/operator/ministries/{tenant.slug}/"

    page = client.get(address)
    response = client.get(f"{address}departements.csv")

    lines = list(csv.reader(StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert b"Mer" in page.content
    assert lines[1][0] == "Paris (75)"
    assert lines[2][1] == "fewer than 10"
    assert client.get("/operator/ministries/nobody/").status_code == 404


def test_live_part_is_read_only_when_figures_changed(client: Client) -> None:
    ministry_of()
    part = {"HX-Request": "true"}
    seen = client.get("/operator/dashboard/").context["dashboard"].digest

    assert client.get("/operator/dashboard/", {"seen": seen}, headers=part).status_code == 204
    assert b"<html" not in client.get("/operator/dashboard/", {"seen": "old"}, headers=part).content


def test_nothing_computed_yet_says_when_it_will_be(client: Client) -> None:
    assert b"No figures yet" in client.get("/operator/dashboard/").content
