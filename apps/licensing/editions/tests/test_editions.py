"""Editions: frozen once, numbered without a gap, read by all, and restated where figures change afterwards."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.licensing.editions.content import Content, digest_of, restated_since
from apps.licensing.editions.freezing import AlreadyFrozen, freeze_month
from apps.licensing.models import Edition
from apps.licensing.savings import add_months
from apps.licensing.state.measures import StateMeasure, month_dimension
from apps.licensing.state.reading import ministry_figures
from apps.tenants.models import Membership, Role, Tenant, TenantFigure
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db
SUPPRESSED = "too_few"


@pytest.fixture
def operator() -> Membership:
    return MembershipFactory.create(
        tenant=TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur"), roles=[Role.OPERATOR]
    )


@pytest.fixture
def officers() -> list[Membership]:
    """Those of two ministries, of which the first confirmed its month and the second has few users."""
    officers = [MembershipFactory.create(roles=[Role.PROCUREMENT]) for _number in range(2)]
    for number, officer in enumerate(officers):
        tell(officer, StateMeasure.DUE_EUR, Decimal(1000 * (number + 1)))
        tell(officer, StateMeasure.VISIO_USERS, None if number else Decimal(40), population=4 if number else 40)
    tell(officers[0], StateMeasure.MONTH_STATED, Decimal(1))
    return officers


def month(officer: Membership) -> date:
    return add_months(officer.tenant.today.replace(day=1), -1)


def tell(officer: Membership, measure: StateMeasure, value: Decimal | None, population: int = 500) -> None:
    tenant = officer.tenant
    with tenant_scope(tenant.id):
        TenantFigure.objects.update_or_create(
            tenant=tenant,
            day=tenant.today,
            measure=measure,
            dimension=month_dimension(month(officer)),
            defaults={"value": value, "population": population},
        )


def freeze(operator: Membership, month: date) -> Edition:
    with operator_scope(operator.tenant_id):
        return freeze_month(membership=operator, month=month)


def english(member: Membership) -> Client:
    client = client_of(member)
    client.cookies["django_language"] = "en"
    return client


def test_operator_freezes_what_ministries_told(operator: Membership, officers: list[Membership]) -> None:
    frozen_month = month_dimension(month(officers[0]))
    draft = english(operator).get(f"/operator/editions/new/{frozen_month}/").content.decode()
    assert "Confirmed: 1; commented: 0; no answer: 1." in draft

    response = english(operator).post(f"/operator/editions/new/{frozen_month}/")

    assert response.headers["Location"] == "/operator/editions/1/"
    edition = Edition.objects.get()
    content = Content.of(edition)
    assert edition.digest == digest_of(json.loads(json.dumps(edition.content)))
    assert content.whole.sums["due_eur"].value == 3000
    assert content.whole.sums["net_eur"].value is None
    few = content.to_json()["ministries"][1]["figures"]["visio_users_28d"]
    assert few == {"gap": SUPPRESSED}
    page = english(operator).get("/operator/editions/1/").content.decode()
    assert edition.digest in page
    assert "Nothing changed." in page


def test_edition_is_frozen_once(operator: Membership, officers: list[Membership]) -> None:
    freeze(operator, month(officers[0]))

    with pytest.raises(AlreadyFrozen):
        freeze(operator, month(officers[0]))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE licensing_edition SET digest = 'x'",
        "DELETE FROM licensing_edition",
        "INSERT INTO licensing_edition (number, month, content, digest, frozen_by_id, frozen_at) "
        "SELECT 3, '2020-01-01', content, digest, frozen_by_id, frozen_at FROM licensing_edition",
    ],
    ids=["update", "delete", "gap"],
)
def test_database_refuses_to_change_editions(operator: Membership, officers: list[Membership], statement: str) -> None:
    freeze(operator, month(officers[0]))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_later_figures_are_restatements(operator: Membership, officers: list[Membership]) -> None:
    first = freeze(operator, month(officers[0]))
    tell(officers[0], StateMeasure.DUE_EUR, Decimal(900))

    with operator_scope(operator.tenant_id):
        restated = restated_since(Content.of(first), ministry_figures([first.month], is_whole=True))
    second = freeze(operator, add_months(month(officers[0]), -1))

    assert [(item.ministry, item.change.measure) for item in restated] == [(officers[0].tenant_id, "due_eur")]
    assert restated[0].change.difference is not None
    assert restated[0].change.difference.value == -100
    assert second.number == 2
    assert [item.change.measure for item in Content.of(second).restated] == ["due_eur"]


def test_ministry_reads_its_own_figures_and_the_sums(operator: Membership, officers: list[Membership]) -> None:
    freeze(operator, month(officers[0]))
    tenant = officers[1].tenant

    page = english(officers[1]).get(f"/t/{tenant.slug}/editions/1/").content.decode()

    assert "2,000\u00a0€" in page
    assert "3,000\u00a0€" in page
    assert officers[0].tenant.name not in page
    assert "Confirmed: 1; commented: 0; no answer: 1." in page
    assert english(officers[1]).get(f"/t/{tenant.slug}/editions/").status_code == 200


@pytest.mark.parametrize("edition_format", ["pdf", "odt", "xlsx"])
def test_documents_carry_number_coverage_and_age(
    operator: Membership, officers: list[Membership], edition_format: str
) -> None:
    edition = freeze(operator, month(officers[0]))

    response = english(operator).get(f"/operator/editions/1/edition.{edition_format}")

    assert response["Content-Disposition"] == f'attachment; filename="edition-1.{edition_format}"'
    if edition_format == "pdf":
        assert b"pdfuaid:part>1<" in response.content
        return
    part = {"odt": "content.xml", "xlsx": "xl/worksheets/sheet1.xml"}[edition_format]
    with ZipFile(BytesIO(response.content)) as archive:
        text = archive.read(part).decode()
    assert "Edition no. 1" in text
    assert "Confirmed: 1; commented: 0; no answer: 1." in text
    assert "Oldest figures:" in text
    assert edition.digest in text
