"""The catalogue that the operator keeps for all ministries: products, public prices, rates, Microsoft's licences."""

import uuid
from datetime import date
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from apps.licensing.savings import LineKind


class Currency(models.TextChoices):
    EUR = "EUR", _("euro")
    USD = "USD", _("US dollar")


class Product(models.Model):
    """A licence that States buy (global catalogue, kept by the operator)."""

    class Kind(models.TextChoices):
        STANDALONE = LineKind.STANDALONE.value, _("stand-alone meeting product")
        BUNDLE = LineKind.BUNDLE.value, _("suite that includes meetings")
        NOT_SEPARABLE = LineKind.NOT_SEPARABLE.value, _("telephony, rooms: not separable until replaced")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publisher = models.CharField(_("publisher"), max_length=100)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)

    class Meta:
        ordering = ["publisher", "name"]
        constraints = [models.UniqueConstraint(fields=["publisher", "name"], name="product_once")]

    def __str__(self) -> str:
        """Return the product with its publisher, which its own name often begins with."""
        is_named = f"{self.name} ".casefold().startswith(f"{self.publisher} ".casefold())
        return self.name if is_named else f"{self.publisher} {self.name}"


class ListPriceQuerySet(models.QuerySet["ListPrice"]):
    def valid_on(self, day: date) -> Self:
        """Keep, for each product and currency, the newest price that has begun by the day."""
        newest = (
            ListPrice.objects.filter(product=OuterRef("product"), currency=OuterRef("currency"), starts_on__lte=day)
            .order_by("-starts_on")
            .values("id")[:1]
        )
        return self.filter(id=newest)


class ListPrice(models.Model):
    """A public price per seat and month, before tax, from a day on, with its source (global table)."""

    Currency = Currency

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="list_prices")
    starts_on = models.DateField(_("from"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    unit_price = models.DecimalField(
        _("price per seat and month"), max_digits=10, decimal_places=4, validators=[MinValueValidator(0)]
    )
    price_without_meetings = models.DecimalField(
        _("price of the same suite without meetings"),
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    source = models.CharField(_("source"), max_length=300)

    objects = ListPriceQuerySet.as_manager()

    class Meta:
        ordering = ["product", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["product", "currency", "starts_on"], name="list_price_once_per_day"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="list_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price} {self.currency} ({self.starts_on})"


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def valid_on(self, day: date) -> Self:
        """Keep, for each currency, the newest rate that was published by the day."""
        newest = ExchangeRate.objects.filter(currency=OuterRef("currency"), day__lte=day).order_by("-day")
        return self.filter(id=newest.values("id")[:1])


class ExchangeRate(models.Model):
    """How many euros one unit of a currency was worth on a day, with its source (global table)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    day = models.DateField(_("day"))
    eur_per_unit = models.DecimalField(_("euros for one unit"), max_digits=12, decimal_places=6)
    source = models.CharField(_("source"), max_length=300)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        ordering = ["currency", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "day"], name="exchange_rate_once_per_day"),
            models.CheckConstraint(condition=Q(eur_per_unit__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(currency=Currency.EUR), name="exchange_rate_is_foreign"),
        ]

    def __str__(self) -> str:
        return f"{self.eur_per_unit} EUR ({self.currency}, {self.day})"


class Sku(models.Model):
    """A licence as Microsoft's dictionary names it, and the product of the catalogue that it is (global table)."""

    guid = models.UUIDField(primary_key=True)
    string_id = models.CharField(max_length=100, unique=True)  # such as SPE_E3; subscribedSkus' skuPartNumber
    display_name = models.CharField(max_length=200)
    has_meetings = models.BooleanField()  # one of its service plans is TEAMS1
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="skus")

    class Meta:
        ordering = ["display_name", "string_id"]

    def __str__(self) -> str:
        return self.display_name
