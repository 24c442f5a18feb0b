"""Mails about meetings as their receivers read them: text, HTML, and the calendar part beside them.

Both are in the receiver's language and give the times in the receiver's zone too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, override

from apps.rooms.conferences.joining import DialIn, dial_in
from apps.rooms.invitations import ical
from apps.rooms.invitations.links import answer_url, join_url, meeting_url, poll_url
from apps.rooms.models import Announcement, Mail, Meeting, Occurrence
from apps.rooms.recurrence import parse_rule
from apps.rooms.rule_words import rule_in_words
from apps.rooms.wall_time import zone_name
from visio_portal.dates import written

SUBJECT_MAX = 200  # characters

Kind = Announcement.Kind


@dataclass(frozen=True)
class Letter:
    """Everything that the templates of a mail read."""

    mail: Mail
    announcement: Announcement
    meeting: Meeting
    title: str
    agenda: str
    opening: str
    times: Sequence[tuple[str, str]]  # what is said about the time, by label
    place: str
    join_url: str
    dial_in: DialIn | None
    answer_url: str
    poll_url: str  # where to say which dates suit, while the date is being chosen
    meeting_url: str
    by_name: str

    @property
    def is_cancelled(self) -> bool:
        return self.announcement.kind == Kind.CANCEL


def compose(mail: Mail, *, sender: str) -> EmailMultiAlternatives:
    """Return one mail as it is sent; ``sender`` is the address in From."""
    with override(mail.language):
        letter = letter_of(mail)
        message = EmailMultiAlternatives(
            subject=_subject(letter),
            body=render_to_string("rooms/invitations/mail.txt", {"letter": letter}),
            from_email=formataddr((_sender_name(letter.meeting), sender)),
            to=[formataddr((ical.one_line(mail.name), mail.address))],
            reply_to=_reply_to(letter.meeting),
            headers=_headers(mail),
        )
        message.attach_alternative(render_to_string("rooms/invitations/mail.html", {"letter": letter}), "text/html")
    announcement = mail.announcement
    if announcement.calendar:
        # The method stands in the content type as well (RFC 6047 section 2.4).
        message.attach_alternative(_calendar_for(mail), f"text/calendar; method={announcement.method}")
    return message


def letter_of(mail: Mail) -> Letter:
    """Read what a mail tells, in the language that is active."""
    announcement, meeting = mail.announcement, mail.announcement.meeting
    occurrence = announcement.occurrence or _first(meeting)
    attendee = mail.attendee
    is_poll = announcement.kind == Kind.POLL
    asks = attendee is not None and announcement.kind in (Kind.REQUEST, Kind.UPDATE, Kind.REMINDER)
    room = occurrence.room if occurrence is not None else meeting.room
    return Letter(
        mail=mail,
        announcement=announcement,
        meeting=meeting,
        title=ical.one_line((announcement.occurrence and announcement.occurrence.title) or meeting.title),
        agenda=(announcement.occurrence and announcement.occurrence.agenda) or meeting.agenda,
        opening=_opening(mail),
        times=list(_times(mail, occurrence)),
        place=ical.room_label(room),
        join_url=join_url(meeting),
        dial_in=dial_in(meeting),
        answer_url=answer_url(attendee, meeting.tenant.slug, announcement.occurrence) if asks and attendee else "",
        poll_url=poll_url(attendee, meeting.tenant.slug) if is_poll and attendee else "",
        meeting_url=meeting_url(meeting) if attendee is None or attendee.membership_id else "",
        by_name=meeting.scheduled_by.user.full_name if meeting.scheduled_by else "",
    )


def time_in_words(start_at: datetime, end_at: datetime, zone: ZoneInfo) -> str:
    """Return "Tuesday 24 November 2026, 10:00 to 11:30", by the clocks of ``zone``: a mail is read on any day."""
    start, end = start_at.astimezone(zone), end_at.astimezone(zone)
    words = {
        "day": capfirst(written(start, "l j F Y")),
        "start": date_format(start, "H:i"),
        "end": date_format(end, "H:i"),
    }
    if start.date() == end.date():
        return gettext("%(day)s, %(start)s to %(end)s") % words
    words["end_day"] = written(end, "l j F")
    return gettext("%(day)s, %(start)s to %(end)s on %(end_day)s") % words


def _subject(letter: Letter) -> str:
    meeting, occurrence = letter.meeting, letter.announcement.occurrence or _first(letter.meeting)
    patterns = {
        Kind.REQUEST: gettext("Invitation: %(title)s"),
        Kind.UPDATE: gettext("Changed: %(title)s"),
        Kind.CANCEL: gettext("Cancelled: %(title)s"),
        Kind.REMINDER: gettext("Reminder: %(title)s"),
        Kind.POLL: gettext("Which date suits you? %(title)s"),
        Kind.NOTICE: gettext("About your meeting: %(title)s"),
    }
    subject = patterns[Kind(letter.announcement.kind)] % {"title": letter.title[:SUBJECT_MAX]}
    if occurrence is None or letter.announcement.kind in (Kind.POLL, Kind.NOTICE):
        return subject
    start = occurrence.start_at.astimezone(meeting.zone)
    return f"{subject} – {written(start, 'j F Y')}, {date_format(start, 'H:i')}"


def _opening(mail: Mail) -> str:
    announcement, meeting = mail.announcement, mail.announcement.meeting
    name = {"name": meeting.organizer.user.full_name or meeting.organizer.user.email}
    if announcement.kind == Kind.POLL:
        return gettext("%(name)s is looking for a date for a meeting and asks which ones suit you.") % name
    if announcement.kind == Kind.NOTICE:
        return ""
    if mail.address == meeting.organizer.user.email:
        return _opening_for_organizer(Kind(announcement.kind))
    match announcement.kind:
        case Kind.REQUEST:
            return gettext("%(name)s invites you to a meeting.") % name
        case Kind.UPDATE if announcement.occurrence is not None:
            return gettext("%(name)s has changed one date of a meeting to which you are invited.") % name
        case Kind.UPDATE:
            return gettext("%(name)s has changed a meeting to which you are invited.") % name
        case Kind.CANCEL if mail.attendee is None:
            return gettext("%(name)s has taken you off the list of a meeting: you are not expected any more.") % name
        case Kind.CANCEL if announcement.occurrence is not None:
            return gettext("%(name)s has cancelled one date of a meeting.") % name
        case Kind.CANCEL:
            return gettext("%(name)s has cancelled a meeting.") % name
        case _:
            return gettext("A meeting to which %(name)s has invited you is close.") % name


def _opening_for_organizer(kind: Announcement.Kind) -> str:
    match kind:
        case Kind.REQUEST:
            return gettext("The people whom you invited have received this mail too.")
        case Kind.UPDATE:
            return gettext("Your meeting is changed; the people invited have received this mail too.")
        case Kind.CANCEL:
            return gettext("Your meeting is cancelled; the people invited have received this mail too.")
        case _:
            return gettext("Your meeting is close.")


def _times(mail: Mail, occurrence: Occurrence | None) -> list[tuple[str, str]]:
    """Return the time in the meeting's zone, in the receiver's where it is another one, and the repetition."""
    meeting = mail.announcement.meeting
    if mail.announcement.kind == Kind.POLL:
        return _proposed(meeting)
    if occurrence is None:
        return []
    is_series = meeting.is_series and mail.announcement.occurrence is None
    when = time_in_words(occurrence.start_at, occurrence.end_at, meeting.zone)
    label = gettext("Date")
    if is_series:
        label = gettext("First date") if occurrence.wall_start == meeting.wall_start else gettext("Next date")
    rows = [(label, f"{when} ({zone_name(meeting.time_zone)})")]
    own = mail.attendee.time_zone if mail.attendee is not None else ""
    if own and own != meeting.time_zone:
        there = time_in_words(occurrence.start_at, occurrence.end_at, ZoneInfo(own))
        rows.append((gettext("Where you are"), f"{there} ({zone_name(own)})"))
    if is_series:
        rule = parse_rule(meeting.rrule, meeting.zone)
        rows.append((gettext("Repetition"), capfirst(rule_in_words(rule, meeting.wall_start))))
    return rows


def _proposed(meeting: Meeting) -> list[tuple[str, str]]:
    """Return the dates of a poll, in the meeting's zone."""
    zone, place = meeting.zone, zone_name(meeting.time_zone)
    slots = meeting.occurrences.filter(status=Occurrence.Status.HELD)
    times = [time_in_words(slot.start_at, slot.end_at, zone) for slot in slots]
    return [(gettext("Proposed"), f"{words} ({place})") for words in times]


def _first(meeting: Meeting) -> Occurrence | None:
    """Return the next date of a meeting, its first one where all is over."""
    dates = meeting.occurrences.select_related("room").order_by("start_at")
    coming = dates.filter(end_at__gt=timezone.now()).exclude(status=Occurrence.Status.CANCELLED)
    found: Occurrence | None = coming.first() or dates.first()
    return found


def _sender_name(meeting: Meeting) -> str:
    """Return the organiser's name; where somebody stands in for them, both."""
    organizer = meeting.organizer.user
    names = {"organizer": ical.one_line(organizer.full_name or organizer.email)}
    if meeting.scheduled_by is None:
        return names["organizer"]
    names["delegate"] = ical.one_line(meeting.scheduled_by.user.full_name)
    return gettext("%(delegate)s for %(organizer)s") % names


def _reply_to(meeting: Meeting) -> list[str]:
    people = [meeting.organizer, *([meeting.scheduled_by] if meeting.scheduled_by else [])]
    return [formataddr((ical.one_line(person.user.full_name), person.user.email)) for person in people]


def _headers(mail: Mail) -> dict[str, str]:
    headers = {"Message-ID": f"<{mail.message_id}>", "Content-Language": mail.language}
    if mail.announcement.kind in (Kind.REMINDER, Kind.NOTICE):  # nobody pressed a button for it (RFC 3834)
        headers["Auto-Submitted"] = "auto-generated"
    return headers


def _calendar_for(mail: Mail) -> str:
    """Return the calendar part; where people were too many to be listed, with the receiver's own line."""
    text: str = mail.announcement.calendar
    if mail.attendee is None or f"mailto:{mail.attendee.email}" in text.replace("\r\n ", ""):
        return text
    return ical.for_receiver(text, mail.attendee)
