"""A member's own calendar elsewhere, read from its ICS address: when it says busy, and nothing more.

The address is a secret and is kept encrypted; titles and places are dropped as they are read.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.models import BusyPeriod, ExternalCalendar
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.broker import INTERACTIVE, send_on_commit
from visio_portal.fetching import FetchError, check_address, fetch

READ_TASK = "rooms.read_calendar"
READ_EVERY = timedelta(minutes=30)
MESSAGE_LIFETIME = timedelta(minutes=10)
SIZE_MAX_BYTES = 5 * 1024 * 1024
FETCH_S = 30.0
PAST, FUTURE = timedelta(days=1), timedelta(days=120)
PERIODS_MAX = 5_000
COMPONENTS_MAX = 20_000
TOO_FREQUENT = ("SECONDLY", "MINUTELY", "HOURLY")


class UnreadableCalendar(ValueError):
    """The address answers with something else than a calendar; the text is for its owner."""


@dataclass(frozen=True, order=True)
class Period:
    start_at: datetime
    end_at: datetime


def connect_calendar(*, by: Membership, address: str) -> ExternalCalendar:
    """Have a member's external calendar read, now and from now on; the former one is forgotten.

    Raises AddressRefused (visio_portal.fetching) for an address that may not be asked.
    """
    check_address(address)
    with transaction.atomic():
        ExternalCalendar.objects.filter(membership=by).delete()
        calendar = ExternalCalendar.objects.create(tenant_id=by.tenant_id, membership=by, address=address)
        record_by(by, "external_calendar.connected", calendar)
        ask_to_read(calendar, queue=INTERACTIVE)
    return calendar


def disconnect_calendar(*, by: Membership) -> None:
    """Forget a member's external calendar and all that was read of it."""
    with transaction.atomic():
        for calendar in ExternalCalendar.objects.filter(membership=by):
            record_by(by, "external_calendar.disconnected", calendar)
            calendar.delete()


def ask_to_read(calendar: ExternalCalendar, *, queue: str | None = None) -> None:
    """Wake a worker up to read a calendar."""
    send_on_commit(
        READ_TASK,
        queue=queue,
        expires_after=MESSAGE_LIFETIME,
        tenant_id=str(calendar.tenant_id),
        calendar_id=str(calendar.id),
    )


def read_calendar(*, tenant_id: UUID, calendar_id: UUID) -> None:
    """Fetch a calendar and keep its busy times. A failure keeps what was known, and says why on its owner's page.

    Waits on a network: enters the tenant for each step by itself.
    """
    with tenant_scope(tenant_id):
        calendar = ExternalCalendar.objects.filter(id=calendar_id).first()
        zone = Tenant.objects.get(id=tenant_id).zone
    if calendar is None:
        return
    now = timezone.now()
    body = io.BytesIO()
    try:
        fetch(calendar.address, body, max_bytes=SIZE_MAX_BYTES, within_s=FETCH_S)
        periods = busy_periods(body.getvalue(), now - PAST, now + FUTURE, zone)
    except (FetchError, UnreadableCalendar) as error:
        with tenant_scope(tenant_id):
            ExternalCalendar.objects.filter(id=calendar_id).update(checked_at=now, error=str(error)[:500])
        return
    with tenant_scope(tenant_id):
        if ExternalCalendar.objects.filter(id=calendar_id).update(checked_at=now, fetched_at=now, error=""):
            BusyPeriod.objects.filter(calendar_id=calendar_id).delete()
            rows = [
                BusyPeriod(tenant_id=tenant_id, calendar_id=calendar_id, start_at=period.start_at, end_at=period.end_at)
                for period in periods
            ]
            BusyPeriod.objects.bulk_create(rows, batch_size=1000)


def due_calendars(now: datetime) -> list[ExternalCalendar]:
    """Return the calendars of the entered tenant that are to be read again."""
    return [
        calendar
        for calendar in ExternalCalendar.objects.all()
        if calendar.checked_at is None or calendar.checked_at <= now - READ_EVERY
    ]


def busy_periods(content: bytes, since: datetime, until: datetime, zone: ZoneInfo) -> list[Period]:
    """Return when an iCalendar text says busy between two instants, joined where they touch, at most PERIODS_MAX.

    Whole days and floating times are those of ``zone``. Raises UnreadableCalendar.
    """
    if content.upper().count(b"BEGIN:") > COMPONENTS_MAX:
        raise UnreadableCalendar(_("The calendar has too many events."))
    try:
        calendar = icalendar.Calendar.from_ical(content)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise UnreadableCalendar(_("The address does not answer with a calendar.")) from error
    _check_rules(calendar)
    try:
        events = recurring_ical_events.of(calendar, skip_bad_series=True).between(since, until)
        found = sorted(period for event in events if (period := _period_of(event, zone)) is not None)
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError) as error:
        raise UnreadableCalendar(_("The calendar could be fetched, but not be understood.")) from error
    return list(_joined(found))[:PERIODS_MAX]


def _check_rules(calendar: Any) -> None:
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if any(str(frequency).upper() in TOO_FREQUENT for frequency in _frequencies(rule)):
                raise UnreadableCalendar(_("The calendar repeats events more than daily; the portal does not read it."))


def _frequencies(rule: Any) -> list[Any]:
    try:
        return list(rule.get("FREQ", []))
    except (ValueError, AttributeError) as error:  # a rule that is none
        raise UnreadableCalendar(_("The calendar could be fetched, but not be understood.")) from error


def _period_of(event: Any, zone: ZoneInfo) -> Period | None:
    if str(event.get("TRANSP", "OPAQUE")).upper() == "TRANSPARENT":
        return None
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    start_at, end_at = _instant(event.start, zone), _instant(event.end, zone)
    return Period(start_at, end_at) if end_at > start_at else None


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _joined(periods: list[Period]) -> Iterator[Period]:
    current: Period | None = None
    for period in periods:
        if current is not None and period.start_at <= current.end_at:
            current = Period(current.start_at, max(current.end_at, period.end_at))
            continue
        if current is not None:
            yield current
        current = period
    if current is not None:
        yield current
