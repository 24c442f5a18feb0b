"""Pages for moving meetings over: the file, the preview, and the originals that are left to cancel."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.rooms.calendars.entries import people_of
from apps.rooms.models import CalendarImport
from apps.rooms.places.admission import NotAdmitted
from apps.rooms.planning.moving import mark_cancelled, meetings_of, move_over, preview_file
from apps.rooms.planning.old_tools import SIZE_MAX, UnreadableFile
from apps.tenants.models import Membership, TenantRequest
from visio_portal.forms import PortalForm, form_page, posted


class CalendarFileForm(PortalForm):
    """The calendar file that the old tool or Outlook exported."""

    file = forms.FileField(
        label=gettext_lazy("Calendar file (.ics)"),
        help_text=gettext_lazy(
            "From Outlook: File, Save calendar; choose the coming months and full details. 5 MB at most."
        ),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar", "class": "fr-upload"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def import_create(request: TenantRequest) -> HttpResponse:
    form = CalendarFileForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            imported = preview_file(
                by=request.membership,
                organizers=_organizers(request),
                name=file.name or "",
                content=file.read(SIZE_MAX + 1),
            )
        except UnreadableFile as error:
            form.add_error("file", str(error))
        else:
            return redirect("rooms:import_detail", request.tenant.slug, imported.id)
    former = request.tenant.calendarimports.filter(by=request.membership)[:10]
    return form_page(request, "rooms/planning/import_form.html", form, former=former)


@require_http_methods(["GET", "HEAD", "POST"])
def import_detail(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Show what the file holds, and move over what is chosen; afterwards, what is left to cancel in the old tool."""
    imported = _import(request, import_id)
    if imported.status == CalendarImport.Status.DONE and request.method != "POST":
        return _originals(request, imported)
    rows = list(enumerate(meetings_of(imported)))
    problem = ""
    if request.method == "POST":
        chosen = {number for number, _meeting in rows if str(number) in request.POST.getlist("meeting")}
        if not chosen & {number for number, meeting in rows if not meeting.problem}:
            problem = _("Choose at least one meeting.")
        else:
            try:
                return _move(request, imported, chosen)
            except NotAdmitted as error:
                problem = str(error)
    context = {"imported": imported, "rows": rows, "problem": problem}
    return render(request, "rooms/planning/import_preview.html", context, status=422 if problem else 200)


@require_POST
def original_cancelled(request: TenantRequest, import_id: UUID, original_id: UUID) -> HttpResponse:
    """Note that an original was cancelled in the old tool, or that it was not."""
    imported = _import(request, import_id)
    is_cancelled = request.POST.get("cancelled") == "1"
    mark_cancelled(by=request.membership, imported=imported, original_id=original_id, is_cancelled=is_cancelled)
    return redirect("rooms:import_detail", request.tenant.slug, imported.id)


def _move(request: TenantRequest, imported: CalendarImport, chosen: set[int]) -> HttpResponse:
    moved = move_over(by=request.membership, imported=imported, chosen=chosen, organizers=_organizers(request))
    text = ngettext(
        "%(count)s meeting is moved over, and its people are invited.",
        "%(count)s meetings are moved over, and their people are invited.",
        len(moved),
    )
    messages.success(request, text % {"count": len(moved)})
    return redirect("rooms:import_detail", request.tenant.slug, imported.id)


def _originals(request: TenantRequest, imported: CalendarImport) -> HttpResponse:
    originals = list(imported.originals.select_related("meeting").order_by("cancelled_at", "title"))
    left = sum(original.cancelled_at is None for original in originals)
    context = {"imported": imported, "originals": originals, "left": left}
    return render(request, "rooms/planning/import_originals.html", context)


def _import(request: TenantRequest, import_id: UUID) -> CalendarImport:
    return get_object_or_404(request.tenant.calendarimports.filter(by=request.membership), id=import_id)


def _organizers(request: TenantRequest) -> list[Membership]:
    today = timezone.now().astimezone(request.tenant.zone).date()
    return people_of(request.membership, today)
