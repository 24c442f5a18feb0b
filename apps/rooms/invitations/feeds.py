"""Calendar feeds: a secret address under which a program reads the meetings of a person or of a room."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from apps.rooms.invitations import ical
from apps.rooms.invitations.links import join_url
from apps.rooms.invitations.outbox import sender_of
from apps.rooms.meetings.editing import principals_of
from apps.rooms.models import Answer, Attendee, CalendarFeed, Meeting, Occurrence, OccurrenceAnswer, Room
from apps.rooms.models.meetings import OccurrenceQuerySet
from apps.rooms.operations.scheduling import check_may_act
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

PAST = timedelta(days=90)  # how far back a feed reaches
MEETINGS_MAX, ROOM_TIMES_MAX = 1000, 2000
SECRET_BYTES = 24


def make_feed(
    *, by: Membership, room: Room | None = None, principal: Membership | None = None
) -> tuple[CalendarFeed, str]:
    """Make a feed of the member's own meetings, of a principal's or of a room's.

    Return it with the secret, which is not kept. Raises PermissionDenied without a delegation of the principal.
    """
    data = {}
    if principal is not None:
        check_may_act(by, principal)
        data["principal"] = str(principal.user_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        feed = CalendarFeed.objects.create(
            tenant_id=by.tenant_id, membership=by, room=room, principal=principal, digest=digest_of(secret)
        )
        record_by(by, "feed.created", feed, **data)
    return feed, secret


def revoke_feed(*, by: Membership, feed: CalendarFeed) -> None:
    """End a feed; its address is of no use from now on."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(id=feed.id, revoked_at=None).update(revoked_at=timezone.now()):
            record_by(by, "feed.revoked", feed)


def find_feed(secret: str) -> CalendarFeed | None:
    """Return the feed that a secret opens, while its owner is a member, and a principal's delegate still."""
    feeds = CalendarFeed.objects.filter(revoked_at=None, membership__ended_at=None, membership__user__is_active=True)
    found: CalendarFeed | None = (
        feeds.select_related("membership__user", "membership__tenant", "principal__user", "room", "tenant")
        .filter(digest=digest_of(secret))
        .first()
    )
    if found is not None and found.principal is not None and found.principal not in principals_of(found.membership):
        return None
    return found


def feed_url(slug: str, secret: str) -> str:
    """Return the address of a feed in a ministry."""
    return f"{settings.PORTAL_PUBLIC_URL}{reverse('rooms:feed', args=[slug, secret])}"


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def etag_of(text: str) -> str:
    """Return the validator of a calendar (RFC 9110 section 8.8.3)."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def feed_text(feed: CalendarFeed) -> str:
    """Return the calendar. A room's says when it is taken, and titles to those alone who may see the meeting."""
    with override(feed.membership.user.language):
        if feed.room is not None:
            return ical.room_publication(_room_times(feed), name=feed.room.name, title=gettext("Taken"))
        meetings = list(_meetings(feed).select_related("organizer__user", "tenant", "room", "follows")[:MEETINGS_MAX])
        return ical.publication(_sources(meetings), name=_name_of(feed))


def _meetings(feed: CalendarFeed) -> QuerySet[Meeting]:
    """Return the meetings that a person organises or attends; those they declined are left out.

    Of a principal's, those that the feed's owner may see.
    """
    whose = feed.principal or feed.membership
    recent = _recent().exclude(status=Occurrence.Status.CANCELLED)
    own = Attendee.objects.filter(membership=whose).exclude(answer=Answer.DECLINED)
    part = Q(organizer=whose) | Q(id__in=own.values("meeting_id"))
    meetings = Meeting.objects.visible_to(feed.membership).filter(
        part, cancelled_at=None, id__in=recent.values("meeting_id")
    )
    return meetings.order_by("starts_on", "id")


def _name_of(feed: CalendarFeed) -> str:
    if feed.principal is None:
        return gettext("My meetings")
    return gettext("Meetings of %(name)s") % {"name": feed.principal}


def _room_times(feed: CalendarFeed) -> list[ical.RoomTime]:
    visible = set(Meeting.objects.visible_to(feed.membership).values_list("id", flat=True))
    rows = _recent().blocking().filter(room=feed.room).select_related("meeting").order_by("start_at")
    return [
        ical.RoomTime(
            uid=str(row.id),
            start_at=row.start_at,
            end_at=row.end_at,
            stamped_at=row.meeting.updated_at,
            title=(row.title or row.meeting.title) if row.meeting_id in visible else "",
        )
        for row in rows[:ROOM_TIMES_MAX]
    ]


def _recent() -> OccurrenceQuerySet:
    return Occurrence.objects.filter(end_at__gte=timezone.now() - PAST)


def _sources(meetings: Sequence[Meeting]) -> list[ical.Source]:
    """Read what the calendar texts are made from, in a constant number of queries."""
    special = Q(is_changed=True) | Q(status=Occurrence.Status.TENTATIVE)
    rows = Occurrence.objects.filter(special, meeting__in=meetings).select_related("room")
    changed: dict[Any, list[Occurrence]] = {}
    for row in rows:
        changed.setdefault(row.meeting_id, []).append(row)
    said = OccurrenceAnswer.objects.filter(occurrence__in=[row.id for row in rows])
    answers: dict[tuple[object, object], str] = {(row.occurrence_id, row.attendee_id): row.answer for row in said}
    sender = sender_of(meetings[0]) if meetings else ""
    return [
        ical.Source(
            meeting=meeting,
            sender=sender,
            join_url=join_url(meeting),
            stamped_at=meeting.updated_at,
            occurrences=changed.get(meeting.id, []),
            answers=answers,
        )
        for meeting in meetings
    ]
