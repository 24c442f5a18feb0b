"""What the operator does with the catalogue; each step is journalled."""

from django.db import transaction

from apps.licensing.models import ExchangeRate, ListPrice, Product
from apps.licensing.once import save_once
from apps.tenants.journal import record_by
from apps.tenants.models import Membership


def add_product(*, membership: Membership, product: Product) -> Product:
    """Add a product to the catalogue; raise AlreadyExists where it is listed. For the operator."""
    with transaction.atomic():
        save_once(product)
        record_by(membership, "product.added", product)
    return product


def add_list_price(*, membership: Membership, price: ListPrice) -> ListPrice:
    """Add a dated public price; raise AlreadyExists for a second one of that day. For the operator."""
    with transaction.atomic():
        save_once(price)
        record_by(membership, "list_price.added", price, product=str(price.product_id))
    return price


def add_exchange_rate(*, membership: Membership, rate: ExchangeRate) -> ExchangeRate:
    """Add the rate of a currency on a day; raise AlreadyExists for a second one of that day. For the operator."""
    with transaction.atomic():
        save_once(rate)
        record_by(membership, "exchange_rate.added", rate, currency=rate.currency, starts_on=rate.day.isoformat())
    return rate
