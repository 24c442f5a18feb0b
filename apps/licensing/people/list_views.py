"""Lists of seats to take back: narrowed, marked, and taken along as a file."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.licensing.amounts import written_count
from apps.licensing.models import Reclaim
from apps.licensing.people import seat_files
from apps.licensing.people.forms import MarkForm, SeatSearchForm
from apps.licensing.people.lists import is_computable, mark_seats, seats_of
from apps.licensing.people.pages import page_number, page_over
from apps.licensing.people.sources import sources_on
from apps.tenants.journal import record_by
from apps.tenants.models import Role, TenantRequest, Unit
from apps.tenants.permissions import role_required
from visio_portal.paging import PAGE_SIZE

EXPORT_MAX = 100_000


@require_safe
@role_required(Role.PROCUREMENT)
def reclaim_list(request: TenantRequest, reason: str) -> HttpResponse:
    chosen = _reason(reason)
    sources = sources_on(request.tenant, request.tenant.today)
    form, number = _search(request), page_number(request)
    found = seats_of(request.tenant, sources, form.wanted(chosen), offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "reason": chosen,
        "reasons": list(Reclaim.Reason),
        "form": form,
        "mark_form": MarkForm(),
        "page_obj": page_over(found.rows, number, found.total, PAGE_SIZE),
        "is_computable": is_computable(sources, chosen),
        "has_seats": sources.has_seats,
        "query": query.urlencode(),
        "is_narrowed": any(query.values()),
    }
    return render(request, "licensing/people/reclaim_list.html", context)


@require_POST
@role_required(Role.PROCUREMENT)
def reclaim_mark(request: TenantRequest, reason: str) -> HttpResponse:
    """Say what becomes of the seats that are ticked."""
    chosen, form = _reason(reason), MarkForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Some values are wrong."))
    marked = mark_seats(
        membership=request.membership,
        reason=chosen,
        keys=request.POST.getlist("seat")[:PAGE_SIZE],
        status=Reclaim.Status(form.cleaned_data["status"]),
        note=form.cleaned_data["note"],
    )
    if marked:
        text = ngettext("%(count)s seat is marked.", "%(count)s seats are marked.", marked)
        messages.success(request, text % {"count": marked})
    else:
        messages.info(request, _("Nothing was marked: tick the seats first."))
    return _back_to_list(request, chosen)


@require_safe
@role_required(Role.PROCUREMENT)
def reclaim_file(request: TenantRequest, reason: str, file_format: str) -> HttpResponse:
    """Give the list as a file for a spreadsheet; the journal says that names left the portal."""
    chosen = _reason(reason)
    if file_format not in seat_files.FILES:
        raise Http404(file_format)
    sources = sources_on(request.tenant, request.tenant.today)
    found = seats_of(request.tenant, sources, _search(request).wanted(chosen), limit=EXPORT_MAX)
    if found.total > len(found.rows):
        return _narrowed(request, chosen, found.total)
    write, media_type = seat_files.FILES[file_format]
    body = write(seat_files.table_of(chosen, found.rows, request.tenant.today))
    record_by(request.membership, "reclaim.exported", reason=chosen.value, count=len(found.rows), format=file_format)
    name = f"{chosen.value}-{request.tenant.today.isoformat()}.{file_format}"
    disposition = content_disposition_header(True, name) or ""
    return HttpResponse(body, content_type=media_type, headers={"Content-Disposition": disposition})


def _narrowed(request: TenantRequest, chosen: Reclaim.Reason, total: int) -> HttpResponse:
    """Say that a file would not hold the whole list, rather than give a part of it."""
    text = _("The list has %(total)s seats and a file holds at most %(most)s: choose a unit or a state first.")
    messages.warning(request, text % {"total": written_count(total), "most": written_count(EXPORT_MAX)})
    return _back_to_list(request, chosen)


def _back_to_list(request: TenantRequest, chosen: Reclaim.Reason) -> HttpResponse:
    response = redirect("licensing:reclaim_list", tenant_slug=request.tenant.slug, reason=chosen.value)
    if query := request.META.get("QUERY_STRING", ""):
        response["Location"] += f"?{query}"
    return response


def _reason(value: str) -> Reclaim.Reason:
    if value not in Reclaim.Reason.values:
        raise Http404(value)
    return Reclaim.Reason(value)


def _search(request: TenantRequest) -> SeatSearchForm:
    return SeatSearchForm(request.GET, units=list(Unit.objects.filter(tenant=request.tenant)))
