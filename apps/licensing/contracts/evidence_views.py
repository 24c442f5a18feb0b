"""What is kept with a contract: documents, amendments and their proofs."""

from typing import IO, Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.files.models import Purpose, StoredFile
from apps.files.operations import store_file
from apps.files.responses import serve_stored_file
from apps.licensing.contracts import operations
from apps.licensing.contracts.evidence_forms import AmendmentForm, DocumentForm
from apps.licensing.models import Amendment, Contract, ContractDocument
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import enters_tenant_itself, role_required
from apps.tenants.scoping import tenant_scope
from visio_portal.forms import form_page, posted

PDF = "application/pdf"
PREFILLED = ("kind", "line", "seats", "effective_on", "evidence", "evidenced_on", "number")


@enters_tenant_itself
@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def document_create(request: TenantRequest, contract_id: UUID) -> HttpResponse:
    form = DocumentForm(posted(request), request.FILES or None)
    with tenant_scope(request.tenant.id):
        contract = get_object_or_404(Contract, tenant=request.tenant, id=contract_id)
        if not form.is_valid():
            return form_page(request, "licensing/contracts/document_form.html", form, contract=contract)
    file = keep_pdf(request, form.cleaned_data["file"])
    with tenant_scope(request.tenant.id):
        title = form.cleaned_data["title"]
        operations.add_document(membership=request.membership, contract=contract, title=title, file=file)
    messages.success(request, _("The document is kept with the contract."))
    return _to_contract(request, contract_id, "documents")


@require_safe
@role_required(Role.PROCUREMENT)
def document(request: TenantRequest, contract_id: UUID, document_id: UUID) -> HttpResponseBase:
    documents = ContractDocument.objects.filter(tenant=request.tenant, contract_id=contract_id)
    found = get_object_or_404(documents.select_related("stored_file"), id=document_id)
    return serve_stored_file(request, found.stored_file, as_attachment=True)


@enters_tenant_itself
@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def amendment_create(request: TenantRequest, contract_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        contract = get_object_or_404(Contract, tenant=request.tenant, id=contract_id)
        amendment = Amendment(tenant=request.tenant, contract=contract)
        known = {name: request.GET[name] for name in PREFILLED if name in request.GET}
        form = AmendmentForm(
            posted(request), request.FILES or None, contract=contract, instance=amendment, initial=known
        )
        if not form.is_valid():
            return form_page(request, "licensing/contracts/amendment_form.html", form, contract=contract)
    proof = form.cleaned_data["file"]
    file = keep_pdf(request, proof) if proof else None
    with tenant_scope(request.tenant.id):
        operations.add_amendment(membership=request.membership, amendment=amendment, file=file)
    messages.success(request, _("The amendment is saved."))
    return _to_contract(request, contract_id, "amendments")


@require_http_methods(["GET", "POST"])
@role_required(Role.PROCUREMENT)
def amendment_remove(request: TenantRequest, contract_id: UUID, amendment_id: UUID) -> HttpResponse:
    amendment = _amendment(request, contract_id, amendment_id)
    if request.method == "POST":
        operations.remove_amendment(membership=request.membership, amendment=amendment)
        messages.success(request, _("The amendment was removed."))
        return _to_contract(request, contract_id, "amendments")
    context = {"contract": amendment.contract, "amendment": amendment}
    return render(request, "licensing/contracts/amendment_remove.html", context)


@require_safe
@role_required(Role.PROCUREMENT)
def amendment_proof(request: TenantRequest, contract_id: UUID, amendment_id: UUID) -> HttpResponseBase:
    amendment = _amendment(request, contract_id, amendment_id)
    if amendment.stored_file is None:
        raise Http404
    return serve_stored_file(request, amendment.stored_file, as_attachment=True)


def keep_pdf(request: TenantRequest, upload: Any) -> StoredFile:
    """Store a PDF that a form has checked. Waits on the store: outside the tenant's transaction."""
    return store_file(
        tenant_id=request.tenant.id,
        purpose=Purpose.DOCUMENT,
        name=upload.name or "document.pdf",
        media_type=PDF,
        body=cast(IO[bytes], upload),
    )


def _amendment(request: TenantRequest, contract_id: UUID, amendment_id: UUID) -> Amendment:
    rows = Amendment.objects.filter(tenant=request.tenant, contract_id=contract_id)
    return get_object_or_404(rows.select_related("contract", "stored_file"), id=amendment_id)


def _to_contract(request: TenantRequest, contract_id: UUID, anchor: str) -> HttpResponse:
    response = redirect("licensing:contract_detail", tenant_slug=request.tenant.slug, contract_id=contract_id)
    response["Location"] += f"#{anchor}"
    return response
