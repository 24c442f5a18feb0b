"""Documents, amendments and their proofs."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.files.models import StoredFile
from apps.licensing.figures import contract_figures
from apps.licensing.models import Amendment, Contract, ContractDocument, ContractLine
from apps.licensing.tests.factories import ContractLineFactory
from apps.tenants.models import JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    client = client_of(officer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def line(officer: Membership) -> ContractLine:
    return ContractLineFactory.create(contract__tenant=officer.tenant)  # 100 seats at 10, 10 needed


def address(line: ContractLine, rest: str = "") -> str:
    return f"/t/{line.tenant.slug}/contracts/{line.contract_id}/{rest}"


def amendment_fields(changed: ContractLine, **changes: str) -> dict[str, object]:
    fields: dict[str, object] = {
        "kind": "seats",
        "line": str(changed.pk),
        "seats": "-40",
        "effective_on": "2026-01-01",
        "evidence": "invoice",
        "evidenced_on": "2026-02-01",
        "number": "F-2026-01",
    }
    return fields | changes


def test_document_is_kept_given_back_and_journalled(client: Client, line: ContractLine) -> None:
    file = SimpleUploadedFile("acte.pdf", PDF, "application/pdf")

    response = client.post(address(line, "documents/new/"), {"title": "Acte", "file": file})

    with tenant_scope(line.tenant_id):
        document = ContractDocument.objects.get()
        assert JournalEvent.objects.get().action == "contract.document_added"
    assert response["Location"].endswith("#documents")
    given = client.get(address(line, f"documents/{document.pk}/"))
    assert b"".join(given.streaming_content) == PDF  # type: ignore[attr-defined]
    assert given["Content-Disposition"].startswith("attachment")


def test_document_that_is_no_pdf_is_refused(client: Client, line: ContractLine) -> None:
    file = SimpleUploadedFile("acte.pdf", b"MZ\x90", "application/pdf")

    response = client.post(address(line, "documents/new/"), {"title": "Acte", "file": file})

    assert response.context["form"].errors.as_data()["file"][0].code == "not_a_pdf"
    with tenant_scope(line.tenant_id):
        assert not StoredFile.objects.exists()


def test_amendment_with_its_invoice_is_realised(client: Client, line: ContractLine) -> None:
    file = SimpleUploadedFile("facture.pdf", PDF, "application/pdf")

    client.post(address(line, "amendments/new/"), amendment_fields(line, seats="\u221240") | {"file": file})
    page = client.get(address(line)).content.decode()

    with tenant_scope(line.tenant_id):
        amendment = Amendment.objects.get()
        contract = Contract.objects.with_lines().get()
        proven = contract_figures(contract, date(2026, 6, 1))
    assert (amendment.seats, amendment.stored_file_id is not None) == (-40, True)
    assert (proven.realised_eur, proven.committed_eur) == (Decimal(4800), Decimal(0))
    assert "4,800.00" in page


def test_change_with_three_proofs_counts_once(client: Client, line: ContractLine) -> None:
    for evidence in ("notice", "signed", "invoice"):
        client.post(address(line, "amendments/new/"), amendment_fields(line, evidence=evidence))

    with tenant_scope(line.tenant_id):
        proven = contract_figures(Contract.objects.with_lines().get(), date(2026, 6, 1))
    assert (proven.realised_eur, proven.committed_eur) == (Decimal(4800), Decimal(0))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"seats": ""}, ["seats"]),
        ({"seats": "0"}, ["seats"]),
        ({"line": ""}, ["line"]),
        ({"kind": "price"}, ["unit_price"]),
        ({"kind": "avoided", "avoided_price": "-1"}, ["avoided_price"]),
        ({"evidenced_on": ""}, ["evidenced_on"]),
    ],
)
def test_amendment_asks_for_what_its_kind_needs(
    client: Client, line: ContractLine, changes: dict[str, str], fields: list[str]
) -> None:
    response = client.post(address(line, "amendments/new/"), amendment_fields(line, **changes))

    assert list(response.context["form"].errors) == fields


def test_amendment_of_terms_needs_no_line(client: Client, line: ContractLine) -> None:
    response = client.post(address(line, "amendments/new/"), amendment_fields(line, kind="terms", line=""))

    assert response.status_code == 302
    with tenant_scope(line.tenant_id):
        assert Amendment.objects.get().seats is None


def test_amendment_is_removed_with_its_proof(client: Client, line: ContractLine) -> None:
    file = SimpleUploadedFile("facture.pdf", PDF, "application/pdf")
    client.post(address(line, "amendments/new/"), amendment_fields(line) | {"file": file})
    with tenant_scope(line.tenant_id):
        amendment = Amendment.objects.get()

    client.post(address(line, f"amendments/{amendment.pk}/remove/"))

    with tenant_scope(line.tenant_id):
        assert not Amendment.objects.exists()
        assert not StoredFile.objects.exists()


def test_history_tells_what_was_done_in_words(client: Client, line: ContractLine) -> None:
    client.post(address(line, "amendments/new/"), amendment_fields(line))

    page = client.get(address(line)).content.decode()

    assert "amendment of a contract entered" in page
    assert "number of seats" in page
