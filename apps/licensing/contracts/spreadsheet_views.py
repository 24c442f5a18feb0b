"""Contracts from a spreadsheet: the template, the preview with all that is wrong, and the saving of all or nothing."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.contracts.spreadsheets import (
    BYTES_MAX,
    Problem,
    Sheet,
    UnreadableSheet,
    add_contracts,
    read_sheet,
    template,
    text_of,
)
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import PortalForm, form_page, posted

WORKBOOKS = "apps.licensing.contracts.workbooks"
SALT = "licensing.contracts.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ARCHIVE_STARTS = b"PK"
PREVIEW_S = 60 * 60  # how long a preview can be confirmed


class SheetForm(PortalForm):
    file = forms.FileField(
        label=_("Table of contracts"),
        help_text=_("XLSX or CSV with the columns of the template, at most 2 MB"),
        widget=forms.FileInput(attrs={"accept": f".xlsx,.csv,text/csv,{XLSX}", "class": "fr-upload"}),
    )


@require_safe
@role_required(Role.PROCUREMENT)
def contract_template(request: TenantRequest) -> HttpResponse:
    response = HttpResponse(template(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="contrats.csv"'
    return response


@require_safe
@role_required(Role.PROCUREMENT)
def contract_workbook(request: TenantRequest) -> HttpResponse:
    write: Callable[[], bytes] = import_string(f"{WORKBOOKS}.workbook_template")  # loads openpyxl
    response = HttpResponse(write(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="contrats.xlsx"'
    return response


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def contract_import(request: TenantRequest) -> HttpResponse:
    """Show what a file holds; the preview sends its text back, signed, to have it saved."""
    if "preview" in request.POST:
        return _confirm(request)
    form = SheetForm(posted(request), request.FILES or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            text, formulas = _text(form.cleaned_data["file"].read(BYTES_MAX + 1))
            sheet = Sheet([], [], formulas) if formulas else _read(request, text)
        except UnreadableSheet as error:
            form.add_error("file", str(error))
        else:
            context = {"sheet": sheet, "preview": signing.dumps(text, salt=_salt(request), compress=True)}
            if sheet.problems or not sheet.entries:
                del context["preview"]
    return form_page(request, "licensing/contracts/contract_import.html", form, **context)


def _confirm(request: TenantRequest) -> HttpResponse:
    form = SheetForm()
    try:
        text = signing.loads(request.POST["preview"], salt=_salt(request), max_age=PREVIEW_S)
        sheet = _read(request, text)
    except (signing.BadSignature, UnreadableSheet):
        messages.error(request, _("This preview is too old: choose the file again."))
        return redirect("licensing:contract_import", request.tenant.slug)
    if sheet.problems:
        return render(request, "licensing/contracts/contract_import.html", {"form": form, "sheet": sheet}, status=409)
    count = add_contracts(membership=request.membership, sheet=sheet)
    told = ngettext("%(count)s contract was added.", "%(count)s contracts were added.", count) % {"count": count}
    messages.success(request, told)
    return redirect("licensing:contract_list", request.tenant.slug)


def _text(content: bytes) -> tuple[str, list[Problem]]:
    """Return a file's table as text, and the cells of a workbook that hold formulas."""
    if not content.startswith(ARCHIVE_STARTS):
        return text_of(content), []
    read: Callable[[bytes], tuple[str, list[Problem]]] = import_string(f"{WORKBOOKS}.text_of_workbook")
    return read(content)


def _read(request: TenantRequest, text: str) -> Sheet:
    return read_sheet(text, tenant_id=request.tenant.id, today=request.tenant.today)


def _salt(request: TenantRequest) -> str:
    return f"{SALT}.{request.tenant.id}.{request.membership.id}"
