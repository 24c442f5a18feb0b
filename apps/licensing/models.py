"""The catalogue of products and their public prices, and the contracts that a tenant pays for."""

import uuid
from datetime import date
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from apps.licensing.savings import Line, LineKind, Reduction, Renewal, Terms
from apps.tenants.models import TenantOwned
from apps.tenants.rls import TenantForeignKey
from apps.tenants.siret import validate_siret


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

    class Currency(models.TextChoices):
        EUR = "EUR", _("euro")
        USD = "USD", _("US dollar")

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


class ContractQuerySet(models.QuerySet["Contract"]):
    def with_lines(self) -> Self:
        """Fetch the lines and their products, as every figure needs them."""
        return self.prefetch_related("lines__product")


class Contract(TenantOwned):
    """What a tenant agreed with a supplier: term, notice and renewal decide when seats can go."""

    class Framework(models.TextChoices):
        UGAP = "ugap", _("UGAP")
        FRAMEWORK_AGREEMENT = "framework_agreement", _("framework agreement (accord-cadre)")
        SUBSEQUENT_CONTRACT = "subsequent_contract", _("subsequent contract (marché subséquent)")
        PUBLIC_CONTRACT = "public_contract", _("public contract (marché)")
        OTHER = "other", _("other")

    class Reduction(models.TextChoices):
        ANY_TIME = Reduction.ANY_TIME.value, _("at any time")
        ANNIVERSARY = Reduction.ANNIVERSARY.value, _("at each anniversary")
        END_OF_TERM = Reduction.END_OF_TERM.value, _("at the end of the term")

    class Renewal(models.TextChoices):
        TACIT = Renewal.TACIT.value, _("tacit: renewed unless notice is given")
        EXPRESS = Renewal.EXPRESS.value, _("express: ends unless renewed")
        NONE = Renewal.NONE.value, _("none: ends with its term")

    name = models.CharField(_("name"), max_length=200)
    supplier_name = models.CharField(_("supplier"), max_length=200)
    supplier_siret = models.CharField(_("supplier's SIRET"), max_length=14, validators=[validate_siret])
    framework = models.CharField(_("framework"), max_length=32, choices=Framework)
    framework_number = models.CharField(_("number of the framework or contract"), max_length=60, blank=True)
    legal_commitment = models.CharField(_("engagement juridique"), max_length=20, blank=True)  # of Chorus
    starts_on = models.DateField(_("start"))
    term_months = models.PositiveSmallIntegerField(
        _("term (months)"), validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    notice_days = models.PositiveSmallIntegerField(_("notice (days)"), validators=[MaxValueValidator(730)])
    reduction = models.CharField(_("seats can be reduced"), max_length=16, choices=Reduction)
    renewal = models.CharField(_("renewal"), max_length=16, choices=Renewal)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="contract_name_once"),
            models.CheckConstraint(condition=Q(supplier_siret__regex=r"^\d{14}$"), name="contract_siret_digits"),
            models.CheckConstraint(condition=Q(term_months__gte=1, term_months__lte=120), name="contract_term"),
            models.CheckConstraint(condition=Q(notice_days__lte=730), name="contract_notice"),
            models.CheckConstraint(
                condition=Q(starts_on__gte=date(2000, 1, 1), starts_on__lt=date(2100, 1, 1)),
                name="contract_begins_in_our_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> Terms:
        return Terms(
            starts_on=self.starts_on,
            term_months=self.term_months,
            notice_days=self.notice_days,
            reduction=Reduction(self.reduction),
            renewal=Renewal(self.renewal),
        )


class ContractLine(TenantOwned):
    """Seats of one product at the contract's own price: EUR before tax, per seat and month."""

    contract = TenantForeignKey(Contract, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="contract_lines", verbose_name=_("product")
    )
    seats = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1)])
    unit_price_eur = models.DecimalField(
        _("price per seat and month (EUR before tax)"),
        max_digits=10,
        decimal_places=4,
        validators=[MinValueValidator(0)],
    )
    price_without_meetings_eur = models.DecimalField(
        _("price of the same suite without meetings (EUR before tax)"),
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    needed_seats = models.PositiveIntegerField(_("seats still needed"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=1), name="contract_line_has_seats"),
            models.CheckConstraint(condition=Q(unit_price_eur__gte=0), name="contract_line_price"),
            models.CheckConstraint(
                condition=Q(price_without_meetings_eur=None) | Q(price_without_meetings_eur__gte=0),
                name="contract_line_price_without",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seats} × {self.product}"

    @property
    def figures(self) -> Line:
        """What the arithmetic needs of this line."""
        return Line(
            kind=LineKind(self.product.kind),
            seats=self.seats,
            needed_seats=self.needed_seats,
            unit_price_eur=self.unit_price_eur,
            price_without_meetings_eur=self.price_without_meetings_eur,
        )
