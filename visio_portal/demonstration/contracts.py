"""The demonstration's catalogue of products, and its contracts with what was decided, sent and amended."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

import typst
from django.utils.formats import date_format

from apps.files.models import Purpose, StoredFile
from apps.files.operations import store_file
from apps.licensing.contracts.notice_operations import decide, follow_letter
from apps.licensing.contracts.operations import add_amendment, add_document, add_line, create_contract
from apps.licensing.models import (
    Amendment,
    Contract,
    ContractLine,
    Currency,
    ExchangeRate,
    ListPrice,
    NoticeDecision,
    Product,
)
from apps.licensing.savings import add_months
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_rows
from visio_portal.demonstration.tenants import member_of

PARTS = ("tenant", "author", "timing", "lines", "amendments", "decisions", "document")
PAGE = (
    '#set document(title: sys.inputs.title)\n#set text(lang: "fr", size: 12pt)\n#set page(margin: 3cm)\n'
    "= #sys.inputs.title\n\nExemplaire inventé pour la démonstration.\n"
)


def seed_catalogue() -> None:
    """Create the products, their public prices and the exchange rates; what exists already stays as it is."""
    for row in load_rows("catalogue"):
        product, is_new = Product.objects.get_or_create(
            publisher=row["publisher"], name=row["name"], defaults={"kind": row["kind"]}
        )
        if is_new:
            ListPrice.objects.bulk_create(ListPrice(product=product, **price) for price in row["prices"])
    for row in load_rows("rates"):
        ExchangeRate.objects.get_or_create(currency=row["currency"], day=row["day"], defaults=row)


def seed_contracts(today: date) -> None:
    """Create each tenant's contracts, once; most begin so that their notice dates lie around today."""
    for tenant in Tenant.objects.ministries():
        with tenant_scope(tenant.id):
            if not Contract.objects.exists():
                for row in load_rows("contracts"):
                    if row["tenant"] == tenant.slug:
                        _add_contract(tenant, row, today)


def _add_contract(tenant: Tenant, row: dict[str, Any], today: date) -> None:
    author = member_of(tenant, row["author"])
    fields = {name: value for name, value in row.items() if name not in PARTS} | _dated(row, today)
    first, *others = [_line(line) for line in row["lines"]]
    contract = create_contract(membership=author, contract=Contract(**fields), line=first)
    for line in others:
        add_line(membership=author, contract=contract, line=line)
    if "document" in row:
        file = _pdf(tenant, row["document"])
        add_document(membership=author, contract=contract, title=row["document"], file=file)
    for amendment in row.get("amendments", ()):
        _add_amendment(author, contract, [first, *others], amendment)
    for decision in row.get("decisions", ()):
        _decide(author, contract, decision)


def _dated(row: dict[str, Any], today: date) -> dict[str, Any]:
    """Return the first day, so that the last day of a notice is so many days away, and the rate of that time."""
    if "timing" in row:
        away = timedelta(days=row["timing"]["notice_in_days"] + row["notice_days"])
        starts_on = add_months(today + away, -12 * row["timing"]["years_before"])
    else:
        starts_on = date.fromisoformat(row["starts_on"])
    if row.get("currency", Currency.EUR) == Currency.EUR:
        return {"starts_on": starts_on}
    rate = ExchangeRate.objects.valid_on(starts_on).get(currency=row["currency"])
    of_rate = {"eur_per_unit": rate.eur_per_unit, "rate_on": rate.day, "rate_source": rate.source}
    return {"starts_on": starts_on, **of_rate}


def _line(row: dict[str, Any]) -> ContractLine:
    return ContractLine(**row | {"product": Product.objects.get(name=row["product"])})


def _add_amendment(author: Membership, contract: Contract, lines: Sequence[ContractLine], row: dict[str, Any]) -> None:
    fields = {name: value for name, value in row.items() if name not in ("line", "after_months", "proved_days_before")}
    effective_on = add_months(contract.starts_on, row["after_months"])
    amendment = Amendment(
        contract=contract,
        line=None if row["line"] is None else lines[row["line"]],
        effective_on=effective_on,
        evidenced_on=effective_on - timedelta(days=row["proved_days_before"]),
        **fields,
    )
    add_amendment(membership=author, amendment=amendment, file=_pdf(author.tenant, row["number"]))


def _decide(author: Membership, contract: Contract, row: dict[str, Any]) -> None:
    """Record a decision and what became of its letter; its days count back from the last day of notice."""
    effective_on = add_months(contract.starts_on, row["after_months"])
    decide(membership=author, contract=contract, effective_on=effective_on, choice=row["choice"], reason=row["reason"])
    if "sent_days" not in row:
        return
    last = effective_on - timedelta(days=contract.notice_days)
    decision = NoticeDecision.objects.get(contract=contract, effective_on=effective_on)
    decision.sent_on = last - timedelta(days=row["sent_days"])
    decision.tracking_number = row.get("tracking_number", "")
    if "received_days" in row:
        decision.received_on = last - timedelta(days=row["received_days"])
    title = f"Avis de réception, préavis du {date_format(effective_on, 'j F Y')}"
    receipt = _pdf(author.tenant, title) if row.get("has_receipt") else None
    follow_letter(membership=author, decision=decision, receipt=receipt)


def _pdf(tenant: Tenant, title: str) -> StoredFile:
    return store_file(
        tenant_id=tenant.id,
        purpose=Purpose.DOCUMENT,
        name=f"{title}.pdf",
        media_type="application/pdf",
        body=BytesIO(_page(title)),
    )


@lru_cache(maxsize=64)
def _page(title: str) -> bytes:
    document: bytes = typst.compile(PAGE.encode(), format="pdf", sys_inputs={"title": title})
    return document
