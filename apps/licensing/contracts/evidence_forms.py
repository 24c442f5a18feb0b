"""Forms of what is kept with a contract: documents, amendments and their proofs."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from apps.files.models import Purpose
from apps.files.operations import MAX_BYTES, MIB
from apps.licensing.fields import CountField, PriceField
from apps.licensing.models import Amendment, Contract
from apps.tenants.forms import DayField
from visio_portal.forms import PortalForm

FIGURES = {
    "seats": Amendment.Kind.SEATS,
    "unit_price": Amendment.Kind.PRICE,
    "avoided_price": Amendment.Kind.AVOIDED,
}
PDF_STARTS = b"%PDF-"
DOCUMENT_MAX_MB = MAX_BYTES[Purpose.DOCUMENT] // MIB


class PdfField(forms.FileField):
    """A PDF, told by its first bytes."""

    widget = forms.FileInput(attrs={"accept": ".pdf,application/pdf", "class": "fr-upload"})

    def __init__(self, **kwargs: Any) -> None:
        help_text = _("A PDF of at most %(size)s MB") % {"size": DOCUMENT_MAX_MB}
        super().__init__(help_text=help_text, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile):
            if (file.size or 0) > MAX_BYTES[Purpose.DOCUMENT]:
                raise ValidationError(_("The file is larger than the portal accepts."), code="too_large")
            if not file.read(len(PDF_STARTS)) == PDF_STARTS:
                raise ValidationError(_("This is not a PDF."), code="not_a_pdf")
            file.seek(0)
        return file


class DocumentForm(PortalForm):
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("Such as: acte d’engagement, annex, quotation")
    )
    file = PdfField(label=_("File"))


class AmendmentForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    """A change and its proof; which figure it needs depends on what changes."""

    evidenced_on = DayField(label=_("Date of the proof"))
    effective_on = DayField(label=_("Effective on"), help_text=_("First day on which it counts"))
    file = PdfField(label=_("The proof itself"), required=False)

    class Meta:
        model = Amendment
        fields = [
            "kind",
            "line",
            "seats",
            "unit_price",
            "price_without_meetings",
            "avoided_price",
            "effective_on",
            "evidence",
            "evidenced_on",
            "number",
            "note",
        ]
        field_classes = {
            "seats": CountField,
            "unit_price": PriceField,
            "price_without_meetings": PriceField,
            "avoided_price": PriceField,
        }
        labels = {"line": _("Line of the contract")}
        help_texts = {
            "line": _("Not needed for a change of terms"),
            "seats": _("For a number of seats: −200 where 200 go"),
            "unit_price": _("For a price: the new one, in the contract’s currency"),
            "avoided_price": _("For an increase that was avoided: the price that would have been due"),
            "evidence": _("Only an invoice makes a saving realised"),
        }

    def __init__(self, data: Any = None, files: Any = None, *, contract: Contract, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["line"].queryset = contract.lines.select_related("product")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        kind = values.get("kind")
        for name, its_kind in FIGURES.items():
            if kind and kind != its_kind and name not in self.errors:
                values[name] = None
            elif kind == its_kind and not values.get(name) and name not in self.errors and values.get(name) != 0:
                self.add_error(name, ValidationError(_("Fill this in for such a change."), code="required"))
        if kind == Amendment.Kind.SEATS and values.get("seats") == 0:
            self.add_error("seats", ValidationError(_("No seat is added or removed."), code="nothing"))
        if kind and kind != Amendment.Kind.TERMS and not values.get("line") and "line" not in self.errors:
            self.add_error("line", ValidationError(_("Choose the line that changes."), code="required"))
        if kind and kind != Amendment.Kind.PRICE:
            values["price_without_meetings"] = None
        for name in ("unit_price", "price_without_meetings", "avoided_price"):
            if (values.get(name) or 0) < 0:
                self.add_error(name, ValidationError(_("A price is never below 0."), code="negative"))
        return values
