"""Who used Visio, as LiveKit told of the portal's meetings: where no import of Visio's usage tells it.

An import counts everybody who used Visio, so it rules over attendance while it is fresh. Attendance counts the
ministry's members in the meetings that keep it; of the others, LiveKit's identities are forgotten at once.
"""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from apps.licensing.people.holdings import PERSON
from apps.licensing.people.sources import PEOPLE_DAYS
from apps.rooms.models import ConferenceEvent, VisioConnection
from apps.tenants.models import Tenant

# A leave alone tells that somebody was there: webhooks get lost. A person in several sessions met as many times.
ATTENDED = f"""
    attended AS MATERIALIZED (
        SELECT coalesce(alias.person, account.identifier) AS person, count(DISTINCT account.session) AS meetings
        FROM (
            SELECT event.tenant_id, person.email AS identifier, (event.conference_id, event.session_id) AS session
            FROM rooms_conferenceevent AS event
            JOIN tenants_user AS person ON person.sub = event.identity
            JOIN tenants_membership AS membership
              ON membership.user_id = person.id AND membership.tenant_id = event.tenant_id
            WHERE event.tenant_id = %(tenant)s AND event.identity <> ''
              AND event.happened_at >= %(attended_from)s AND event.happened_at < %(attended_until)s
        ) AS account
        {PERSON}
        GROUP BY 1
    )
"""
NOTHING: dict[str, Any] = {"attended_from": None, "attended_until": None}


@dataclass(frozen=True)
class Attendance:
    """The 28 days up to a day, of which events are kept; ``is_gone``: some of them were deleted since."""

    starts_at: datetime
    ends_at: datetime
    is_gone: bool
    has_events: bool

    @property
    def is_known(self) -> bool:
        """Whether people can be counted: no event at all says that LiveKit tells nothing, not that nobody met."""
        return self.has_events and not self.is_gone

    @property
    def parameters(self) -> dict[str, Any]:
        return {"attended_from": self.starts_at, "attended_until": self.ends_at} if self.is_known else NOTHING


def attendance_on(tenant: Tenant, day: date) -> Attendance:
    """Return what is kept of the 28 days up to a day; two queries."""
    starts_at = _midnight(tenant, day - timedelta(days=PEOPLE_DAYS - 1))
    ends_at = _midnight(tenant, day + timedelta(days=1))
    connection = VisioConnection.objects.filter(tenant=tenant).only("attendance_days").first()
    kept_days: int = VisioConnection._meta.get_field("attendance_days").default
    kept_days = connection.attendance_days if connection else kept_days
    events = ConferenceEvent.objects.filter(tenant=tenant, happened_at__gte=starts_at, happened_at__lt=ends_at)
    return Attendance(
        starts_at, ends_at, starts_at < timezone.now() - timedelta(days=kept_days), events.order_by().exists()
    )


def _midnight(tenant: Tenant, day: date) -> datetime:
    return datetime.combine(day, time.min, tenant.zone)
