"""The feed of notice dates: a secret address under which a calendar program reads them."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override
from icalendar import Alarm, Calendar, Event

from apps.licensing.contracts.notices import NoticeDate, notice_dates
from apps.licensing.models import Contract, NoticeFeed
from apps.rooms.invitations.feeds import SECRET_BYTES, digest_of
from apps.rooms.invitations.ical import one_line
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Role

WARNED_BEFORE = timedelta(days=30)


def make_feed(*, by: Membership) -> str:
    """Make a feed of the ministry's notice dates, and return its secret, which is not kept."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        feed = NoticeFeed.objects.create(tenant_id=by.tenant_id, membership=by, digest=digest_of(secret))
        record_by(by, "notice_feed.created", feed)
    return secret


def revoke_feed(*, by: Membership, feed: NoticeFeed) -> None:
    """End a feed; its address is of no use from now on."""
    with transaction.atomic():
        if NoticeFeed.objects.filter(id=feed.id, revoked_at=None).update(revoked_at=timezone.now()):
            record_by(by, "notice_feed.revoked", feed)


def find_feed(secret: str) -> NoticeFeed | None:
    """Return the feed that a secret opens, while its owner is a procurement officer of the ministry."""
    feeds = NoticeFeed.objects.filter(revoked_at=None, membership__ended_at=None, membership__user__is_active=True)
    officers = feeds.filter(membership__roles__contains=[Role.PROCUREMENT])
    found: NoticeFeed | None = (
        officers.select_related("membership__user", "tenant").filter(digest=digest_of(secret)).first()
    )
    return found


def feed_url(slug: str, secret: str) -> str:
    """Return the address of a feed in a ministry."""
    return f"{settings.PORTAL_PUBLIC_URL}{reverse('licensing:notice_feed', args=[slug, secret])}"


def feed_text(feed: NoticeFeed) -> str:
    """Return the calendar (RFC 5545): one whole day for each notice that waits, in the language of its owner."""
    contracts = Contract.objects.with_lines().select_related("tenant").prefetch_related("decisions")
    with override(feed.membership.user.language):
        calendar = Calendar()
        calendar.add("prodid", "-//Visio Portal//notices//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", gettext("Notice dates"))
        for notice in notice_dates(contracts, feed.tenant.today):
            if notice.is_open:
                calendar.add_component(_event(notice))
        text: bytes = calendar.to_ical()
    return text.decode()


def _event(notice: NoticeDate) -> Event:
    contract = notice.contract
    day = notice.effective_on.isoformat()
    url = settings.PORTAL_PUBLIC_URL + reverse("licensing:notice_detail", args=[contract.tenant.slug, contract.id, day])
    event = Event()
    event.add("uid", f"notice-{contract.id}-{day}")
    event.add("dtstamp", contract.updated_at)  # not now: an unchanged calendar stays the same text
    event.add("dtstart", notice.notice_by)
    event.add("dtend", notice.notice_by + timedelta(days=1))
    event.add("summary", gettext("Last day of notice: %(contract)s") % {"contract": one_line(contract.name)})
    words = {
        "day": date_format(notice.effective_on, "DATE_FORMAT"),
        "prepare": date_format(notice.prepare_by, "DATE_FORMAT"),
        "rule": contract.get_notice_rule_display(),
    }
    event.add(
        "description",
        gettext("Seats can go on %(day)s. The notice must be %(rule)s. Decide by %(prepare)s.") % words + f"\n{url}",
    )
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", gettext("Notice to give"))
    alarm.add("trigger", -WARNED_BEFORE)
    event.add_component(alarm)
    return event
