"""Before anything is sent: a change is tried, the mails that it would send are read, and all is taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Announcement, Mail, Meeting, Notify
from apps.tenants.models import Membership

Change = Callable[[Notify], Meeting | None]

CHOICE_LABELS = {
    Notify.NOBODY: _("Nobody: it is a correction of the text"),
    Notify.AFFECTED: _("Only those whom it concerns"),
    Notify.ALL: _("Everybody"),
}


@dataclass(frozen=True)
class Letter:
    """A mail that would be sent."""

    kind: str
    kind_label: str
    address: str
    name: str


@dataclass(frozen=True)
class MailChoice:
    """One answer to "who is written to?", and the mails that would follow."""

    notify: Notify
    letters: tuple[Letter, ...]

    @property
    def label(self) -> str:
        return str(CHOICE_LABELS[self.notify])


def rehearse(change: Change, *, among: Sequence[Notify], of: Meeting | None = None) -> list[MailChoice]:
    """Return whom a change can be mailed to, the proposed answer first; nothing of it stays.

    ``of`` is the meeting that is changed. Answers that mean the same as an earlier one are left out; nobody is an
    answer where nobody is affected. Raises what the change raises.
    """
    tried = {notify: MailChoice(notify, _letters(change, notify, of)) for notify in among}
    everybody = tried[Notify.ALL]
    affected = tried.get(Notify.AFFECTED, everybody)
    if not affected.letters and everybody.letters:
        return [MailChoice(Notify.NOBODY, ()), everybody]
    if set(affected.letters) == set(everybody.letters):
        return [everybody]
    return [affected, everybody]


def is_silent(choices: Sequence[MailChoice], by: Membership) -> bool:
    """Return whether no answer writes to anybody else."""
    return all(letter.address == by.user.email for choice in choices for letter in choice.letters)


def _letters(change: Change, notify: Notify, of: Meeting | None) -> tuple[Letter, ...]:
    known = set(of.announcements.values_list("id", flat=True)) if of is not None else set()
    with transaction.atomic():
        changed = change(notify)
        meetings = {meeting.id for meeting in (of, changed) if meeting is not None}
        sent = Announcement.objects.filter(meeting__in=meetings).exclude(id__in=known)
        mails = Mail.objects.filter(announcement__in=sent).select_related("announcement").order_by("address")
        letters = tuple(
            Letter(
                mail.announcement.kind,
                str(Announcement.Kind(mail.announcement.kind).label),
                mail.address,
                mail.attendee.name if mail.attendee_id and mail.attendee else mail.name,
            )
            for mail in mails.select_related("attendee")
        )
        transaction.set_rollback(True)
    return letters
