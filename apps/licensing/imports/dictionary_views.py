"""The operator's page of Microsoft's licences."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from apps.licensing.imports.dictionary import DICTIONARY_MAX_BYTES, load_dictionary
from apps.licensing.imports.reading import Refused
from apps.licensing.imports.words import FAILURES
from apps.licensing.models import Sku
from apps.tenants.models import TenantRequest
from visio_portal.forms import PortalForm, form_page, posted
from visio_portal.paging import page_of


class DictionaryForm(PortalForm):
    file = forms.FileField(
        label=gettext_lazy("Microsoft’s dictionary of licences (CSV)"),
        help_text=gettext_lazy("“Product names and service plan identifiers for licensing”, 8 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv", "class": "fr-upload"}),
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > DICTIONARY_MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than any dictionary of licences."))
        return file


@require_http_methods(["GET", "HEAD", "POST"])
def sku_list(request: TenantRequest) -> HttpResponse:
    """Show the licences that the portal knows, and take a newer dictionary."""
    form = DictionaryForm(posted(request), request.FILES or None)
    if form.is_valid():
        try:
            loaded = load_dictionary(membership=request.membership, file=form.cleaned_data["file"])
        except Refused as refusal:
            form.add_error("file", _failure(refusal))
        else:
            text = _("%(licences)s licences are known, %(with_meetings)s of them with meetings.")
            messages.success(request, text % loaded._asdict())
            return redirect("catalogue:sku_list")
    page = page_of(request, Sku.objects.all())
    return form_page(request, "licensing/imports/sku_list.html", form, page_obj=page)


def _failure(refusal: Refused) -> str:
    text = str(FAILURES[refusal.code])
    return f"{text} ({refusal.detail})" if refusal.detail else text
