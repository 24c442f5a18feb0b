"""What the figures of a line and month are made from, each with the contract, proof, price or import that tells it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.licensing.amounts import with_currency, written_count, written_price, written_rate
from apps.licensing.dashboards.tables import Link
from apps.licensing.figures import list_prices_on
from apps.licensing.models import Contract, ContractLine, Format, SkuCount, UsageImport
from apps.licensing.savings import VAT_RATES, LineKind, LineMonth, PriceChange, VatPlace
from visio_portal.dates import written

MINUS = "\u2212"
UNKNOWN = "?"


@dataclass(frozen=True)
class Fact:
    """An input: its value as people read it, how it comes about, and where it can be looked up."""

    label: str
    value: str
    how: str = ""
    links: list[Link] = field(default_factory=list)


def facts_of(contract: Contract, line: ContractLine, state: LineMonth, today: date) -> list[Fact]:
    """Return what a line's month is made from, in the order in which it is put together."""
    known = {"tenant_slug": contract.tenant.slug, "contract_id": contract.id}
    to_contract = Link(_("Contract"), reverse("licensing:contract_detail", kwargs=known))
    to_line = Link(_("Line"), reverse("licensing:line_update", kwargs=known | {"line_id": line.id}))
    to_proofs = Link(_("Amendments and proofs"), f"{to_contract.url}#amendments")
    return [
        *_seats(line, state, to_line, to_proofs),
        *_prices(contract, line, state, to_line, to_proofs),
        *_rates(contract, state, to_contract),
        *_beside(contract, line, today),
    ]


def _seats(line: ContractLine, state: LineMonth, to_line: Link, to_proofs: Link) -> Iterator[Fact]:
    seats, needed = state.seats, state.needed_seats
    first = _("%(seats)s by the line of the contract, and what amendments added") % {"seats": _count(line.seats)}
    yield Fact(_("Seats bought"), _count(seats.bought), first, [to_line])
    yield Fact(_("Seats gone, shown by an invoice"), _count(seats.removed), "", [to_proofs])
    yield Fact(_("Seats gone by notice or amendment alone"), _count(seats.committed), "", [to_proofs])
    paid = f"{_count(seats.bought)} {MINUS} {_count(seats.removed)} {MINUS} {_count(seats.committed)}"
    yield Fact(_("Seats that are still paid for"), _count(seats.paid), paid)
    by_hand = _("entered on the line, at most what is still paid for") if line.needed_seats is not None else ""
    yield Fact(_("Seats still needed"), _count(needed), by_hand, [to_line])
    could_go = f"{_count(seats.bought)} {MINUS} {_count(needed)}"
    yield Fact(_("Seats that could go"), _count(state.freeable_seats), could_go)


def _prices(contract: Contract, line: ContractLine, state: LineMonth, to_line: Link, to_proofs: Link) -> Iterator[Fact]:
    prices = state.prices
    change = next((item for item in prices.changes if isinstance(item, PriceChange)), None)
    unit = change.unit_price if change else line.unit_price
    without = change.price_without_meetings if change else line.price_without_meetings
    origin = [to_proofs] if change else [to_line]
    yield Fact(_("Price per seat and month"), _price(prices.unit_eur), _converted(contract, unit), origin)
    if state.line.kind is LineKind.BUNDLE:
        how = _converted(contract, without)
        yield Fact(_("Price of the same suite without meetings"), _price(prices.without_meetings_eur), how, origin)
    yield Fact(_("Price freed per seat and month"), _price(state.freed_price_eur), _freed(state))
    if prices.avoided_eur is not None:
        yield Fact(_("Price that was avoided"), _price(prices.avoided_eur), "", [to_proofs])


def _freed(state: LineMonth) -> str:
    if state.line.kind is LineKind.NOT_SEPARABLE:
        return _("nothing: it cannot be separated until it is replaced")
    if state.line.kind is LineKind.STANDALONE:
        return _("the whole price of a stand-alone product")
    return f"{_price(state.prices.unit_eur)} {MINUS} {_price(state.prices.without_meetings_eur)}"


def _rates(contract: Contract, state: LineMonth, to_contract: Link) -> Iterator[Fact]:
    if contract.eur_per_unit is not None and contract.rate_on is not None:
        how = _("%(source)s, rate of %(day)s") % {
            "source": contract.rate_source or _("entered on the contract"),
            "day": written(contract.rate_on),
        }
        label = _("Exchange rate of %(currency)s") % {"currency": contract.currency}
        yield Fact(label, with_currency(written_rate(contract.eur_per_unit), "EUR"), how, [to_contract])
    reached = written(state.effective_on) if state.effective_on else _("none")
    yield Fact(
        _("First date that a notice given today reaches"), reached, _("term and notice of the contract"), [to_contract]
    )
    rate = VAT_RATES[VatPlace(contract.vat_place)] * 100
    percent = f"{number_format(rate.normalize() if rate else Decimal(0), use_l10n=True)}\u00a0%"
    yield Fact(_("VAT"), percent, str(contract.get_vat_place_display()), [to_contract])


def _beside(contract: Contract, line: ContractLine, today: date) -> Iterator[Fact]:
    """What stands beside the figures and is not counted: the public price, and the seats that an import counts."""
    listed = list_prices_on(today, contract).get(line.product_id)
    if listed is not None:
        value = with_currency(written_price(listed.unit_price, grouped=True), listed.currency)
        how = _("%(source)s; only to compare: the contract’s own price counts") % {"source": listed.source}
        yield Fact(_("Public price"), value, how)
    skus = line.product.skus.values("guid")
    newest = UsageImport.objects.in_use().filter(tenant=contract.tenant, format=Format.SUBSCRIBED_SKUS)
    found = newest.order_by("-refreshed_on", "-committed_at").first()
    if found is None:
        return
    bought = SkuCount.objects.filter(usage_import=found, sku_guid__in=skus).aggregate(seats=Sum("enabled"))["seats"]
    if bought is not None:
        known = {"tenant_slug": contract.tenant.slug, "usage_import_id": found.id}
        link = Link(_("Import"), reverse("licensing:usage_detail", kwargs=known))
        yield Fact(_("Seats that the publisher counts"), _count(bought), _("only to compare"), [link])


def _converted(contract: Contract, price: Decimal | None) -> str:
    if price is None or contract.eur_per_unit is None:
        return ""
    return f"{with_currency(written_price(price), contract.currency)} × {written_rate(contract.eur_per_unit)}"


def _count(number: int | None) -> str:
    return UNKNOWN if number is None else written_count(number)


def _price(amount: Decimal | None) -> str:
    return UNKNOWN if amount is None else with_currency(written_price(amount, grouped=True), "EUR")
