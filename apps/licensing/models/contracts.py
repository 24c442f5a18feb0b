"""Contracts that a ministry pays for, their lines, and what changes them: amendments with their evidence."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Prefetch, Q, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from apps.files.models import StoredFile
from apps.licensing.models.catalogue import Currency, Product
from apps.licensing.savings import Line, LineKind, NoticeRule, Reduction, Renewal, Terms, VatPlace
from apps.tenants.models import TenantOwned
from apps.tenants.rls import TenantForeignKey
from apps.tenants.siret import validate_siret


class ContractQuerySet(models.QuerySet["Contract"]):
    def with_lines(self) -> Self:
        """Fetch the lines, their products and amendments, and what was decided and sent, as every figure needs them."""
        row = JSONObject(
            **{name: f"decisions__{name}" for name in ("id", "choice", "effective_on", "sent_on", "received_on")}
        )
        decided = JSONBAgg(row, filter=Q(decisions__isnull=False), default=Value([], models.JSONField()))
        lines = Prefetch("lines", ContractLine.objects.select_related("product"))
        return self.prefetch_related(lines, "amendments").annotate(decided=decided)


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

    class NoticeRule(models.TextChoices):
        SENT = NoticeRule.SENT.value, _("sent by the day")
        RECEIVED = NoticeRule.RECEIVED.value, _("received by the day")

    class PriceClause(models.TextChoices):
        FIXED = "fixed", _("firm for the whole term")
        REVISED = "revised", _("revised by a formula or an index")
        LIST = "list", _("follows the public price at each renewal")

    class VatPlace(models.TextChoices):
        METROPOLE = VatPlace.METROPOLE.value, _("mainland France and Corsica (20 %)")
        GUADELOUPE = VatPlace.GUADELOUPE.value, _("Guadeloupe (8.5 %)")
        MARTINIQUE = VatPlace.MARTINIQUE.value, _("Martinique (8.5 %)")
        REUNION = VatPlace.REUNION.value, _("La Réunion (8.5 %)")
        GUYANE = VatPlace.GUYANE.value, _("Guyane (no VAT)")
        MAYOTTE = VatPlace.MAYOTTE.value, _("Mayotte (no VAT)")

    Currency = Currency

    name = models.CharField(_("name"), max_length=200)
    supplier_name = models.CharField(_("supplier"), max_length=200)
    supplier_siret = models.CharField(_("supplier's SIRET"), max_length=14, validators=[validate_siret])
    framework = models.CharField(_("framework"), max_length=32, choices=Framework)
    framework_number = models.CharField(_("number of the framework or contract"), max_length=60, blank=True)
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    legal_commitment = models.CharField(_("engagement juridique"), max_length=20, blank=True)  # of Chorus
    executing_service = models.CharField(_("service exécutant"), max_length=60, blank=True)  # of Chorus
    committed_on = models.DateField(_("autorisation d’engagement (AE) on"), null=True, blank=True)
    payable_from = models.DateField(_("crédits de paiement (CP) from"), null=True, blank=True)

    starts_on = models.DateField(_("start"))
    term_months = models.PositiveSmallIntegerField(
        _("term (months)"), validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    renewal = models.CharField(_("renewal"), max_length=16, choices=Renewal)
    renewal_months = models.PositiveSmallIntegerField(
        _("length of a renewal (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )  # empty: as long as the term
    renewals_max = models.PositiveSmallIntegerField(
        _("renewals at most"), null=True, blank=True, validators=[MaxValueValidator(20)]
    )  # empty: without limit
    reduction = models.CharField(_("seats can be reduced"), max_length=16, choices=Reduction)
    notice_days = models.PositiveSmallIntegerField(_("notice (days)"), validators=[MaxValueValidator(730)])
    notice_rule = models.CharField(
        _("the notice must be"), max_length=16, choices=NoticeRule, default=NoticeRule.RECEIVED
    )
    preparation_days = models.PositiveSmallIntegerField(
        _("days to prepare a notice inside the ministry"), default=30, validators=[MaxValueValidator(365)]
    )

    price_clause = models.CharField(_("price"), max_length=16, choices=PriceClause, default=PriceClause.FIXED)
    price_clause_text = models.CharField(_("formula or index of the revision"), max_length=300, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    eur_per_unit = models.DecimalField(
        _("euros for one unit of the currency"),
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.000001"))],
    )
    rate_on = models.DateField(_("day of the rate"), null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=200, blank=True)
    vat_place = models.CharField(_("VAT of"), max_length=16, choices=VatPlace, default=VatPlace.METROPOLE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="contract_name_once"),
            models.CheckConstraint(condition=Q(supplier_siret__regex=r"^\d{14}$"), name="contract_siret_digits"),
            models.CheckConstraint(condition=Q(term_months__gte=1, term_months__lte=120), name="contract_term"),
            models.CheckConstraint(
                condition=Q(renewal_months=None) | Q(renewal_months__gte=1, renewal_months__lte=120),
                name="contract_renewal_term",
            ),
            models.CheckConstraint(condition=Q(notice_days__lte=730), name="contract_notice"),
            models.CheckConstraint(
                condition=Q(starts_on__gte=date(2000, 1, 1), starts_on__lt=date(2100, 1, 1)),
                name="contract_begins_in_our_time",
            ),
            models.CheckConstraint(
                condition=Q(currency=Currency.EUR, eur_per_unit=None)
                | Q(eur_per_unit__gt=0, rate_on__isnull=False) & ~Q(currency=Currency.EUR),
                name="contract_rate_is_dated",
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
            renewal_months=self.renewal_months,
            renewals_max=self.renewals_max,
            notice_rule=NoticeRule(self.notice_rule),
            preparation_days=self.preparation_days,
        )

    def in_eur(self, price: Decimal) -> Decimal:
        """Return a price of the contract in euros, at the contract's own dated rate."""
        return price if self.eur_per_unit is None else price * self.eur_per_unit


class ContractLine(TenantOwned):
    """Seats of one product at the contract's own price: in its currency, before tax, per seat and month."""

    contract = TenantForeignKey(Contract, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="contract_lines", verbose_name=_("product")
    )
    seats = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1)])
    unit_price = models.DecimalField(
        _("price per seat and month, before tax"),
        max_digits=10,
        decimal_places=4,
        validators=[MinValueValidator(0)],
    )
    price_without_meetings = models.DecimalField(
        _("price of the same suite without meetings, before tax"),
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
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="contract_line_price"),
            models.CheckConstraint(
                condition=Q(price_without_meetings=None) | Q(price_without_meetings__gte=0),
                name="contract_line_price_without",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seats} × {self.product}"

    @property
    def figures(self) -> Line:
        """What the arithmetic needs of this line, in euros."""
        contract, without = self.contract, self.price_without_meetings
        return Line(
            kind=LineKind(self.product.kind),
            seats=self.seats,
            needed_seats=self.needed_seats,
            unit_price_eur=contract.in_eur(self.unit_price),
            price_without_meetings_eur=None if without is None else contract.in_eur(without),
        )


class Amendment(TenantOwned):
    """What changed a contract, and its proof: nothing counts as realised without an invoice that shows it.

    ``seats`` is signed: negative where seats go. A price that rose elsewhere and not here is an avoided increase:
    ``avoided_price`` is the price per seat and month that would have been due.
    """

    class Kind(models.TextChoices):
        SEATS = "seats", _("number of seats")
        PRICE = "price", _("price")
        AVOIDED = "avoided", _("price increase that was avoided")
        TERMS = "terms", _("term, notice or other clause")

    class Evidence(models.TextChoices):
        NOTICE = "notice", _("notice given")
        SIGNED = "signed", _("amendment signed")
        INVOICE = "invoice", _("invoice")

    contract = TenantForeignKey(Contract, on_delete=models.CASCADE, related_name="amendments")
    line = TenantForeignKey(ContractLine, on_delete=models.CASCADE, null=True, blank=True, related_name="amendments")
    kind = models.CharField(_("what changes"), max_length=16, choices=Kind)
    number = models.CharField(_("number of the amendment or invoice"), max_length=60, blank=True)
    evidence = models.CharField(_("proof"), max_length=16, choices=Evidence)
    evidenced_on = models.DateField(_("date of the proof"))
    effective_on = models.DateField(_("effective on"))
    seats = models.IntegerField(_("seats added or removed"), null=True, blank=True)
    unit_price = models.DecimalField(
        _("new price per seat and month, before tax"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    price_without_meetings = models.DecimalField(
        _("new price of the same suite without meetings, before tax"),
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
    )
    avoided_price = models.DecimalField(
        _("price per seat and month that was avoided, before tax"),
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    stored_file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["effective_on", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="seats") | Q(seats__isnull=False, line__isnull=False) & ~Q(seats=0),
                name="amendment_of_seats_counts_them",
            ),
            models.CheckConstraint(
                condition=~Q(kind="price") | Q(unit_price__gte=0, line__isnull=False),
                name="amendment_of_price_has_one",
            ),
            models.CheckConstraint(
                condition=~Q(kind="avoided") | Q(avoided_price__gte=0, line__isnull=False),
                name="amendment_avoided_has_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.effective_on})"


class ContractDocument(TenantOwned):
    """A file that belongs to a contract: the signed act, an annex, a quotation."""

    contract = TenantForeignKey(Contract, on_delete=models.CASCADE, related_name="documents")
    stored_file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.title
