"""What the meeting form is opened for: a new meeting, a meeting, or a series from one of its dates on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.rooms.meetings import drafts
from apps.rooms.meetings.forms import MeetingForm
from apps.rooms.models import Delegation, Meeting, MeetingTemplate, Notify, Occurrence, Room
from apps.rooms.models.meetings import wall_of
from apps.rooms.operations import MeetingPlan, change_following, plan_of, reschedule_meeting, schedule_meeting
from apps.rooms.operations.plans import excluded_of
from apps.rooms.operations.scheduling import MOVING, next_after_past
from apps.rooms.places.policies import MeetingPolicy, policy_for
from apps.rooms.recurrence import parse_rule, rest_of
from apps.tenants.models import Membership, TenantRequest
from visio_portal.dates import written


@dataclass(frozen=True)
class Editing:
    """The form's values to begin with, what saving it does, and what people must know about its scope.

    ``since`` is the wall time from which on a change of time, place or repetition counts, where that is not all of
    the meeting; ``single_changes`` are the changed dates that such a change gives up.
    """

    by: Membership
    organizer: Membership
    values: dict[str, Any]
    save: Callable[[MeetingForm, Notify], Meeting]
    among: tuple[Notify, ...] = (Notify.ALL,)
    organizers: Sequence[Membership] = ()
    meeting: Meeting | None = None
    since: datetime | None = None
    is_following: bool = False
    past: int = 0
    single_changes: Sequence[Occurrence] = ()

    @property
    def room(self) -> Room | None:
        return self.meeting.room if self.meeting is not None else None

    @cached_property
    def policy(self) -> MeetingPolicy:
        """The organiser's rules, read once for all the forms of a page."""
        return policy_for(self.organizer).meeting

    def scope_words(self) -> list[str]:
        """Say which dates the form is about, and what happens to the others."""
        words = []
        if self.since is not None and self.is_following:
            words.append(
                _("You change the dates from %(day)s on. The dates before stay as they are, as a series of their own.")
                % {"day": written(self.since, "l j F Y")}
            )
        elif self.since is not None:
            past = ngettext("%(count)s past date stays as it is.", "%(count)s past dates stay as they are.", self.past)
            words.append(past % {"count": self.past})
            words.append(
                _("Another time, place or repetition counts from %(day)s on; a correction of the text, for all dates.")
                % {"day": written(self.since, "l j F Y")}
            )
        if self.single_changes:
            count = len(self.single_changes)
            told = ngettext(
                "One date was changed alone: another time, place or repetition of the series gives that change up.",
                "%(count)s dates were changed alone: another time, place or repetition of the series gives these "
                "changes up.",
                count,
            )
            words.append(told % {"count": count})
        return words


def creating(request: TenantRequest) -> Editing:
    """Open the form for a new meeting: empty, as a copy (?copy=), or from a template (?template=)."""
    by = request.membership
    organizers = [by, *principals_of(by)]
    wanted = request.POST.get("organizer") or request.GET.get("organizer")
    organizer = next((member for member in organizers if str(member.id) == wanted), by)

    def save(form: MeetingForm, notify: Notify) -> Meeting:
        return schedule_meeting(by=by, plan=form.plan(), organizer=organizer, notify=notify)

    values = drafts.new_values(organizer, timezone.now()) | _copied(request, organizer)
    values |= drafts.values_from_link(request.GET)
    return Editing(by, organizer, values, save, organizers=organizers)


def editing_all(meeting: Meeting, by: Membership) -> Editing:
    """Open the form for a meeting, or for a series with all of its dates; past ones stay what they were."""
    following = next_after_past(meeting) if meeting.is_series else None
    attendees = list(meeting.attendees.all())
    if following is None:
        values, since, past = drafts.values_of(meeting, attendees), None, 0
    else:
        values, since = drafts.values_from(following, attendees), wall_of(following.recurrence_id)
        past = meeting.occurrences.filter(start_at__lte=timezone.now()).exclude(status="cancelled").count()

    def save(form: MeetingForm, notify: Notify) -> Meeting:
        fresh = _fresh(meeting.id)
        plan, seen_at = form.plan(), form.cleaned_data["seen_at"]
        if since is not None and not is_moved_from(plan, fresh, since):
            plan = text_corrected(plan, fresh, since)
        elif since is not None:
            occurrence = _fresh_occurrence(fresh, since)
            return change_following(occurrence=occurrence, by=by, plan=plan, seen_at=seen_at, notify=notify)
        return reschedule_meeting(meeting=fresh, by=by, plan=plan, seen_at=seen_at, notify=notify)

    return Editing(
        by,
        meeting.organizer,
        values,
        save,
        among=(Notify.ALL, Notify.AFFECTED),
        meeting=meeting,
        since=since,
        past=past,
        single_changes=changed_alone(meeting, since),
    )


def editing_following(occurrence: Occurrence, by: Membership) -> Editing:
    """Open the form for one date of a series and all that follow."""
    meeting: Meeting = occurrence.meeting
    since = wall_of(occurrence.recurrence_id)
    if since <= meeting.wall_start:
        return editing_all(meeting, by)

    def save(form: MeetingForm, notify: Notify) -> Meeting:
        fresh = _fresh_occurrence(_fresh(meeting.id), since)
        seen_at = form.cleaned_data["seen_at"]
        return change_following(occurrence=fresh, by=by, plan=form.plan(), seen_at=seen_at, notify=notify)

    return Editing(
        by,
        meeting.organizer,
        drafts.values_from(occurrence, list(meeting.attendees.all())),
        save,
        meeting=meeting,
        since=since,
        is_following=True,
        single_changes=changed_alone(meeting, since),
    )


def principals_of(by: Membership) -> list[Membership]:
    """Return those in whose name a member may schedule today."""
    valid = Delegation.objects.valid_on(by.tenant.today).filter(delegate=by)
    members = Membership.objects.active().filter(id__in=valid.values("principal_id"))
    return list(members.select_related("user", "unit", "tenant").order_by("user__usual_name", "user__given_name"))


def changed_alone(meeting: Meeting, since: datetime | None = None) -> list[Occurrence]:
    """Return the coming dates of a series that have a time, place or text of their own."""
    if not meeting.is_series:
        return []
    rows = meeting.occurrences.filter(is_changed=True, end_at__gt=timezone.now()).exclude(status="cancelled")
    return [row for row in rows if since is None or wall_of(row.recurrence_id) >= since]


def is_moved_from(plan: MeetingPlan, meeting: Meeting, since: datetime) -> bool:
    """Return whether a plan for the rest of a series moves it, or only corrects its text."""
    left = rest_of(parse_rule(meeting.rrule, meeting.zone), meeting.wall_start, since).text(meeting.zone)
    before = replace(plan_of(meeting, invitees=()), starts_on=since.date(), start_time=since.time(), rrule=left)
    return any(getattr(plan, name) != getattr(before, name) for name in MOVING)


def text_corrected(plan: MeetingPlan, meeting: Meeting, since: datetime) -> MeetingPlan:
    """Return a plan for the rest of a series as one for all of it: its dates stay."""
    past = frozenset(wall for wall in excluded_of(meeting) if wall < since)
    return replace(
        plan,
        starts_on=meeting.starts_on,
        start_time=meeting.start_time,
        rrule=meeting.rrule,
        excluded=(plan.excluded or frozenset()) | past,
    )


def _copied(request: TenantRequest, organizer: Membership) -> dict[str, Any]:
    meeting = _asked_for(request.GET, "copy", request.tenant.meetings.visible_to(request.membership))
    if meeting is not None:
        return drafts.copied_values(meeting, list(meeting.attendees.all()), organizer, timezone.now())
    units = Q(unit=request.membership.unit_id) if request.membership.unit_id else Q(pk__in=[])
    templates = MeetingTemplate.objects.filter(Q(owner=request.membership) | units, tenant=request.tenant)
    template = _asked_for(request.GET, "template", templates)
    return drafts.template_values(template.values) if template is not None else {}


def _asked_for(query: Mapping[str, str], name: str, rows: Any) -> Any:
    """Return the row that a link names, or None."""
    try:
        return rows.filter(id=UUID(query.get(name, ""))).first()
    except ValueError:
        return None


def _fresh(meeting_id: UUID) -> Meeting:
    """Read a meeting anew: a rehearsal has changed the one before."""
    return Meeting.objects.select_related("organizer__user", "organizer__tenant", "organizer__unit", "room").get(
        id=meeting_id
    )


def _fresh_occurrence(meeting: Meeting, since: datetime) -> Occurrence:
    occurrence = meeting.occurrences.get(recurrence_id=f"{since:%Y%m%dT%H%M%S}")
    occurrence.meeting = meeting
    return occurrence
