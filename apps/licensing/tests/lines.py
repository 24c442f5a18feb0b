"""Lines over time for tests: short to write, and drawn by hypothesis."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from apps.licensing.savings import (
    AvoidedPrice,
    DatedLine,
    LineKind,
    Need,
    PriceChange,
    Proof,
    Rate,
    Reduction,
    Renewal,
    SeatChange,
    Terms,
    VatPlace,
)

E = Decimal
FIRST, TODAY = date(2025, 1, 1), date(2026, 6, 15)


def terms(**changes: Any) -> Terms:
    """Return three years from January 2025, reducible at each anniversary with 90 days of notice."""
    fields: dict[str, Any] = {
        "starts_on": FIRST,
        "term_months": 36,
        "notice_days": 90,
        "reduction": Reduction.ANNIVERSARY,
        "renewal": Renewal.TACIT,
    }
    return Terms(**fields | changes)


def line(**changes: Any) -> DatedLine:
    """Return 1,000 stand-alone seats at 10 euros, of which 400 are needed."""
    fields: dict[str, Any] = {
        "key": "line",
        "contract": "Contrat",
        "product": "Réunions",
        "terms": terms(),
        "kind": LineKind.STANDALONE,
        "seats": 1000,
        "unit_price": E(10),
        "needs": (Need(400),),
    }
    return DatedLine(**fields | changes)


def gone(seats: int, on: date, proof: Proof = Proof.INVOICE) -> SeatChange:
    return SeatChange(on, proof, on, seats=-seats)


days = st.dates(min_value=date(2024, 1, 1), max_value=date(2028, 12, 31))
prices = st.decimals(min_value=0, max_value=100, places=4)
proofs = st.sampled_from(Proof)
seat_changes = st.builds(
    SeatChange, effective_on=days, proof=proofs, proved_on=days, seats=st.integers(min_value=-600, max_value=300)
)
price_changes = st.builds(
    PriceChange,
    effective_on=days,
    proof=proofs,
    proved_on=days,
    unit_price=prices,
    price_without_meetings=st.none() | prices,
)
avoided_prices = st.builds(AvoidedPrice, effective_on=days, proof=proofs, proved_on=days, avoided_price=prices)
needs = st.builds(Need, to_migrate=st.integers(0, 1500), exempted=st.integers(0, 50), buffer=st.integers(0, 50))
drawn_terms = st.builds(
    Terms,
    starts_on=days,
    term_months=st.integers(1, 48),
    notice_days=st.integers(0, 400),
    reduction=st.sampled_from(Reduction),
    renewal=st.sampled_from(Renewal),
    renewal_months=st.none() | st.integers(1, 24),
    renewals_max=st.none() | st.integers(0, 3),
)
drawn_lines = st.builds(
    DatedLine,
    key=st.sampled_from("abcdef"),
    contract=st.sampled_from(["UGAP 1", "UGAP 2"]),
    product=st.sampled_from(["Teams", "Zoom"]),
    terms=drawn_terms,
    kind=st.sampled_from(LineKind),
    seats=st.integers(0, 2000),
    unit_price=prices,
    price_without_meetings=st.none() | prices,
    rate=st.sampled_from([Rate(), Rate("USD", E("0.92")), Rate("USD", None)]),
    vat_place=st.sampled_from(VatPlace),
    needs=st.just(()) | needs.map(lambda need: (need,)),
    seat_changes=st.lists(seat_changes, max_size=4).map(tuple),
    price_changes=st.lists(price_changes, max_size=2).map(tuple),
    avoided_prices=st.lists(avoided_prices, max_size=2).map(tuple),
    is_renewed=st.booleans(),
)
