"""Pages of imports: the list with its upload, one import with what was read of it, and what a person answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.files.objects import StorageFull, StoreUnavailable
from apps.files.operations import UploadNotReady
from apps.licensing.imports import operations
from apps.licensing.imports.display import problem_lines, problems_csv, state_context
from apps.licensing.imports.formats import TABLE_OF
from apps.licensing.imports.forms import ColumnsForm, DateOrderForm, FileDayForm, FormatForm, UsageFileForm
from apps.licensing.imports.progress import follow_topic
from apps.licensing.imports.running import proposed_positions
from apps.licensing.models import Format, ImportProblem, UsageImport
from apps.tenants.journal import record_by
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import enters_tenant_itself, role_required
from apps.tenants.scoping import tenant_scope
from visio_portal.forms import form_page, posted
from visio_portal.paging import page_of

Status = UsageImport.Status


@require_safe
@role_required(Role.PROCUREMENT)
def usage_list(request: TenantRequest) -> HttpResponse:
    return _list_page(request, UsageFileForm())


@require_POST
@role_required(Role.PROCUREMENT)
@enters_tenant_itself
def usage_create(request: TenantRequest) -> HttpResponse:
    """Take a file that was uploaded in parts, or one that came with a plain form, which waits on the store."""
    form = UsageFileForm(posted(request), request.FILES or None)
    if form.is_valid():
        file, upload = form.cleaned_data["file"], form.cleaned_data["upload"]
        try:
            if file is not None and not upload:
                begun = operations.begin_import_of(membership=request.membership, name=file.name or "", body=file)
            else:
                begun = operations.begin_import(membership=request.membership, upload_id=upload)
        except UploadNotReady as error:
            form.add_error("upload", str(error))
        except (StorageFull, StoreUnavailable):
            form.add_error("upload", _("The file store does not take the file now. Try again later."))
        else:
            return _to_import(request, begun.id)
    with tenant_scope(request.tenant.id):
        return _list_page(request, form)


@require_safe
@role_required(Role.PROCUREMENT)
def usage_detail(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    """Show an import; HTMX reads the state alone."""
    usage_import = _import(request, usage_import_id)
    context = state_context(usage_import)
    context["page_obj"] = page_of(request, ImportProblem.objects.filter(usage_import=usage_import))
    context["lines"] = problem_lines(usage_import, context["page_obj"])
    context["answer_form"] = _answer_form(usage_import)
    template = "state" if request.htmx else "detail"  # type: ignore[attr-defined]
    return render(request, f"licensing/imports/{template}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.PROCUREMENT)
def usage_columns(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    """Ask which report a file is, then where its columns stand."""
    usage_import = _import(request, usage_import_id)
    if not usage_import.header:
        raise Http404("This file has no columns.")
    chosen = request.GET.get("format") or usage_import.format
    format_form = FormatForm(initial={"format": chosen})
    if chosen not in TABLE_OF:
        return form_page(
            request,
            "licensing/imports/columns.html",
            format_form,
            usage_import=usage_import,
            format_form=format_form,
            format=None,
        )
    format = Format(chosen)
    positions = usage_import.mapping if usage_import.format == format else {}
    form = ColumnsForm(
        posted(request),
        table=TABLE_OF[format],
        header=usage_import.header,
        positions=positions or proposed_positions(usage_import, format),
    )
    if form.is_valid():
        operations.say_columns(
            membership=request.membership, usage_import=usage_import, format=format, mapping=form.mapping
        )
        return _to_import(request, usage_import.id)
    return form_page(
        request,
        "licensing/imports/columns.html",
        form,
        usage_import=usage_import,
        format_form=format_form,
        format=format,
    )


@require_POST
@role_required(Role.PROCUREMENT)
def usage_answer(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    """Take the order of dates, or the day of the file."""
    usage_import = _import(request, usage_import_id)
    form = _answer_form(usage_import, posted(request))
    if form is None:
        return _to_import(request, usage_import.id)
    if not form.is_valid():
        context = state_context(usage_import) | {"answer_form": form, "lines": [], "page_obj": None}
        return form_page(request, "licensing/imports/detail.html", form, **context)
    if "day" in form.cleaned_data:
        operations.say_day(usage_import=usage_import, day=form.cleaned_data["day"])
    else:
        operations.say_date_order(usage_import=usage_import, order=form.cleaned_data["date_order"])
    return _to_import(request, usage_import.id)


@require_POST
@role_required(Role.PROCUREMENT)
def usage_confirm(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    operations.confirm_import(membership=request.membership, usage_import=_import(request, usage_import_id))
    return _to_import(request, usage_import_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.PROCUREMENT)
def usage_undo(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    usage_import = _import(request, usage_import_id)
    if request.method == "POST":
        operations.undo_import(membership=request.membership, usage_import=usage_import)
        messages.success(request, _("The import is undone: its rows count nowhere any more."))
        return _to_import(request, usage_import.id)
    if usage_import.status not in operations.UNDOABLE:
        return _to_import(request, usage_import.id)
    return render(request, "licensing/imports/undo.html", state_context(usage_import))


@require_POST
@role_required(Role.PROCUREMENT)
def usage_remove(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    operations.remove_import(membership=request.membership, usage_import=_import(request, usage_import_id))
    messages.success(request, _("The file is being removed."))
    return redirect("licensing:usage_list", request.tenant.slug)


@require_safe
@role_required(Role.PROCUREMENT)
def usage_problems(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    """Give every row that cannot be read as CSV, for whoever corrects the file."""
    usage_import = _import(request, usage_import_id)
    record_by(request.membership, "usage_import.problems_exported", usage_import)
    problems = ImportProblem.objects.filter(usage_import=usage_import)
    response = HttpResponse(problems_csv(usage_import, problems), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_("rows-to-correct")}.csv"'
    return response


def _list_page(request: TenantRequest, form: UsageFileForm) -> HttpResponse:
    page = page_of(request, _imports(request))
    topic = follow_topic(request.tenant.id)
    return form_page(request, "licensing/imports/list.html", form, page_obj=page, topic=topic)


def _imports(request: TenantRequest) -> "QuerySet[UsageImport]":
    imports = UsageImport.objects.filter(tenant=request.tenant)
    return imports.select_related("stored_file", "by__user", "undone_by__user", "replaced_by__stored_file")


def _import(request: TenantRequest, usage_import_id: UUID) -> UsageImport:
    return get_object_or_404(_imports(request), id=usage_import_id)


def _answer_form(usage_import: UsageImport, data: Any = None) -> DateOrderForm | FileDayForm | None:
    if usage_import.status != Status.ASKING:
        return None
    if usage_import.question == "date_order":
        return DateOrderForm(data)
    if usage_import.question == "day":
        return FileDayForm(data)
    return None


def _to_import(request: TenantRequest, usage_import_id: UUID) -> HttpResponse:
    return redirect("licensing:usage_detail", request.tenant.slug, usage_import_id)
