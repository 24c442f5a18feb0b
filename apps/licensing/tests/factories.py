"""Products and contracts for tests."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.licensing.models import Contract, ContractLine, ListPrice, Product
from apps.tenants.tests.factories import TenantFactory, TenantOwnedFactory


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    publisher = "Éditeur"
    name = factory.Sequence(lambda n: f"Réunions {n}")
    kind = Product.Kind.STANDALONE


class ListPriceFactory(DjangoModelFactory[ListPrice]):
    class Meta:
        model = ListPrice

    product = factory.SubFactory(ProductFactory)
    starts_on = date(2026, 1, 1)
    currency = ListPrice.Currency.EUR
    unit_price = Decimal("5.00")
    source = "Tarif public"


class ContractFactory(TenantOwnedFactory[Contract]):
    class Meta:
        model = Contract

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"Marché n° {n}")
    supplier_name = "Fournisseur SA"
    supplier_siret = "73282932000074"
    framework = Contract.Framework.UGAP
    starts_on = date(2025, 1, 1)
    term_months = 36
    notice_days = 90
    reduction = Contract.Reduction.ANNIVERSARY
    renewal = Contract.Renewal.TACIT


class ContractLineFactory(TenantOwnedFactory[ContractLine]):
    class Meta:
        model = ContractLine

    tenant = factory.SelfAttribute("contract.tenant")
    contract = factory.SubFactory(ContractFactory)
    product = factory.SubFactory(ProductFactory)
    seats = 100
    needed_seats = 10
    unit_price = Decimal("10.00")
