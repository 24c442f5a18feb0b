"""Calendar pages: a person's days, the rooms' day, and when colleagues are free."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.rooms.calendars.days import ONE_DAY, View, common_free_times, midnight, range_of, taken_cells
from apps.rooms.calendars.entries import days_of, people_of
from apps.rooms.calendars.external import connect_calendar, disconnect_calendar
from apps.rooms.calendars.forms import AvailabilityForm, CalendarForm, ExternalCalendarForm, PlanningForm, open_rooms
from apps.rooms.calendars.freebusy import Busy, Sheet, free_busy
from apps.rooms.models import ExternalCalendar, Room
from apps.rooms.operations import Invitee, recognise
from apps.rooms.places.availability import Span, availability
from apps.tenants.models import Membership, TenantRequest
from visio_portal.forms import form_page, posted

DAYS_LOOKED_AT = 7
FREE_TIMES_MAX = 400
TIMES_OFFERED, TIMES_OF_A_DAY = 8, 3
OFFERED_FROM, OFFERED_UNTIL = time(9), time(18)


@dataclass(frozen=True)
class RoomLine:
    """A room's day."""

    room: Room
    cells: list[bool]
    spans: list[Span]


@dataclass(frozen=True)
class PersonLine:
    """What is known of a person's day; nothing at all of somebody outside the ministry."""

    email: str
    member: Membership | None
    cells: list[bool]
    busy: list[Busy]
    sheet: Sheet | None


@require_safe
def calendar(request: TenantRequest) -> HttpResponse:
    zone = request.tenant.zone
    today = timezone.now().astimezone(zone).date()
    people = people_of(request.membership, today)
    form = CalendarForm(request.GET, tenant=request.tenant, people=people)
    if not form.is_valid():
        raise Http404("No such calendar.")
    shown = range_of(form.cleaned_data["view"], form.cleaned_data["on"])
    days = days_of(shown, form.shown(), zone, today)
    context = {
        "form": form,
        "range": shown,
        "days": days,
        "is_empty": not any(day.entries for day in days),
        "people": people,
        "shown": form.shown(),
        "views": [(View.DAY, pgettext("view", "Day")), (View.WEEK, _("Week")), (View.MONTH, _("Month"))],
        "today": today,
        "who": [str(person.id) for person in form.shown()] if form.cleaned_data["who"] else [],
        "has_principals": len(people) > 1,
    }
    return render(request, "rooms/calendars/calendar.html", context)


@require_safe
def planning(request: TenantRequest) -> HttpResponse:
    """Show the rooms' day, half-hour by half-hour."""
    zone = request.tenant.zone
    rooms = open_rooms(request.tenant)
    sites = sorted({room.site for room in rooms if room.site})
    form = PlanningForm(request.GET, tenant=request.tenant, sites=sites)
    if not form.is_valid():
        raise Http404("No such planning.")
    day, site = form.cleaned_data["on"], form.cleaned_data["site"]
    shown = [room for room in rooms if site in ("", room.site)]
    spans = availability(shown, midnight(day, zone), midnight(day + ONE_DAY, zone))
    lines = [RoomLine(room, taken_cells(spans[room.id], day, zone), spans[room.id]) for room in shown]
    context = {"form": form, "day": day, "lines": lines, "site": site, "zone": zone} | _leafing(day)
    return render(request, "rooms/calendars/planning.html", context)


@require_safe
def free_times(request: TenantRequest) -> HttpResponse:
    """Show when colleagues are taken on a day, and when all of them are free."""
    initial = {"on": timezone.now().astimezone(request.tenant.zone).date(), "minutes": 60}
    asked = request.GET if "people" in request.GET else None
    form = AvailabilityForm(asked, tenant=request.tenant, initial=initial)
    if not form.is_valid():
        return form_page(request, "rooms/calendars/free_times.html", form, lines=None, status=422 if asked else 200)
    day, length = form.cleaned_data["on"], timedelta(minutes=form.cleaned_data["minutes"])
    lines, times = _availability_of(request, form, day, length)
    context: dict[str, Any] = {
        "lines": lines,
        "times": [(start, start + length) for start in times],
        "day": day,
        "zone": request.tenant.zone,
    }
    return form_page(request, "rooms/calendars/free_times.html", form, **(context | _leafing(day)))


@require_http_methods(["GET", "HEAD", "POST"])
def external_calendar(request: TenantRequest) -> HttpResponse:
    """Connect a calendar from elsewhere, or see when it was read."""
    form = ExternalCalendarForm(posted(request))
    if form.is_valid():
        connect_calendar(by=request.membership, address=form.cleaned_data["address"])
        messages.success(request, _("The calendar is connected; it is being read for the first time."))
        return redirect("rooms:external_calendar", request.tenant.slug)
    present = ExternalCalendar.objects.filter(membership=request.membership).defer("address").first()
    return form_page(request, "rooms/calendars/external_calendar.html", form, calendar=present)


@require_POST
def external_calendar_forget(request: TenantRequest) -> HttpResponse:
    disconnect_calendar(by=request.membership)
    messages.success(request, _("The calendar is forgotten, and all that was read of it."))
    return redirect("rooms:external_calendar", request.tenant.slug)


def _availability_of(
    request: TenantRequest, form: AvailabilityForm, day: date, length: timedelta
) -> tuple[list[PersonLine], list[datetime]]:
    zone, own = request.tenant.zone, request.membership
    emails = [address.email for address in form.cleaned_data["people"] if address.email != own.user.email]
    known = recognise([Invitee(email) for email in emails], tenant_id=request.tenant.id)
    known[own.user.email] = own
    days = [day + ONE_DAY * number for number in range(DAYS_LOOKED_AT)]
    days = [one for one in days if one.weekday() < 5 or one == day]
    sheets = free_busy(list(known.values()), midnight(day, zone), midnight(days[-1] + ONE_DAY, zone))
    lines = []
    for email in (own.user.email, *emails):
        member = known.get(email)
        sheet = sheets[member.id] if member else None
        busy = sheet.during(midnight(day, zone), midnight(day + ONE_DAY, zone)) if sheet else []
        lines.append(PersonLine(email, member, taken_cells(busy, day, zone), busy, sheet))
    times = common_free_times([sheet.busy for sheet in sheets.values()], days, length, zone, most=FREE_TIMES_MAX)
    return lines, _offered(times, length, zone)


def _offered(times: list[datetime], length: timedelta, zone: ZoneInfo) -> list[datetime]:
    """Choose among free times those to come, in office hours where there are any, and not all of one day."""
    coming = [start for start in times if start > timezone.now()]
    office = [start for start in coming if _is_in_office_hours(start.astimezone(zone), length)]
    found: dict[date, list[datetime]] = defaultdict(list)
    for start in office or coming:
        of_day = found[start.astimezone(zone).date()]
        if len(of_day) < TIMES_OF_A_DAY:
            of_day.append(start)
    return [start for of_day in found.values() for start in of_day][:TIMES_OFFERED]


def _is_in_office_hours(start: datetime, length: timedelta) -> bool:
    return start.time() >= OFFERED_FROM and (start + length).time() <= OFFERED_UNTIL


def _leafing(day: date) -> dict[str, date]:
    return {"previous": day - ONE_DAY, "following": day + ONE_DAY, "today": timezone.localdate()}
