"""Whom a change is told to, and what it says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from apps.rooms.invitations.tests.factories import COLLEAGUE, GUEST, invite, next_monday, plan
from apps.rooms.models import Announcement, Answer, Mail, Mailbox, Meeting, Notify
from apps.rooms.operations import (
    Invitee,
    OccurrencePlan,
    cancel_meeting,
    cancel_occurrence,
    change_following,
    change_occurrence,
    plan_of,
    reschedule_meeting,
    restore_meeting,
    restore_occurrence,
    schedule_meeting,
)
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

WEEKLY = "FREQ=WEEKLY;COUNT=4"
NEWCOMER = Invitee("ida@example.gouv.fr", "Ida Noël")


@pytest.fixture
def organizer() -> Iterator[Membership]:
    membership = MembershipFactory.create()
    with tenant_scope(membership.tenant_id):
        yield membership


@pytest.fixture
def told() -> Any:
    """What was announced since the last call: kind and addresses."""
    seen: set[Any] = set()

    def since_last_call() -> list[tuple[str, set[str]]]:
        rows = [row for row in Announcement.objects.order_by("created_at") if row.id not in seen]
        seen.update(row.id for row in rows)
        return [(row.kind, {mail.address for mail in row.mails.all()}) for row in rows]

    return since_last_call


def last_events() -> list[Any]:
    announcement = Announcement.objects.order_by("created_at").last()
    assert announcement is not None
    return events_of(announcement)


def events_of(announcement: Announcement) -> list[Any]:
    return list(Calendar.from_ical(announcement.calendar).walk("VEVENT"))


def everybody(organizer: Membership) -> set[str]:
    return {organizer.user.email, GUEST.email, COLLEAGUE.email}


def test_schedule_invites_everybody_and_the_organizer(organizer: Membership, told: Any) -> None:
    Mailbox.objects.create(tenant=organizer.tenant, address="visio@interieur.example")

    invite(organizer)

    assert told() == [("request", everybody(organizer))]
    (event,) = last_events()
    assert event["ORGANIZER"] == "mailto:visio@interieur.example"
    assert event["ORGANIZER"].params["CN"] == organizer.user.full_name


def test_schedule_notifying_nobody_writes_no_mail(organizer: Membership, told: Any) -> None:
    schedule_meeting(by=organizer, plan=plan(), notify=Notify.NOBODY)

    assert told() == []


def test_a_meeting_of_the_past_is_told_to_nobody(organizer: Membership, told: Any) -> None:
    meeting = invite(organizer, starts_on=date(2026, 3, 10))
    cancel_meeting(meeting=meeting, by=organizer)

    assert told() == []


def test_a_correction_of_the_text_keeps_the_sequence_and_the_answers(organizer: Membership, told: Any) -> None:
    meeting = invite(organizer)
    meeting.attendees.update(answer=Answer.ACCEPTED)
    told()

    reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, agenda="Autre"), notify=Notify.AFFECTED)

    assert told() == []
    reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, agenda="Encore"), notify=Notify.ALL)
    assert told() == [("update", everybody(organizer))]
    (event,) = last_events()
    assert event["SEQUENCE"] == 0
    assert {line.params["PARTSTAT"] for line in event.attendees} == {"ACCEPTED"}


def test_a_move_raises_the_sequence_and_asks_anew(organizer: Membership, told: Any) -> None:
    meeting = invite(organizer)
    meeting.attendees.update(answer=Answer.ACCEPTED)
    told()

    moved = plan_of(meeting, starts_on=meeting.starts_on + timedelta(days=1))
    reschedule_meeting(meeting=meeting, by=organizer, plan=moved, notify=Notify.AFFECTED)

    assert told() == [("update", everybody(organizer))]
    assert last_events()[0]["SEQUENCE"] == 1
    assert set(meeting.attendees.values_list("answer", "answer_sequence")) == {("needs-action", 1)}


def test_people_added_and_removed_alone_are_affected(organizer: Membership, told: Any) -> None:
    meeting = invite(organizer)
    told()

    changed = plan_of(meeting, invitees=(COLLEAGUE, NEWCOMER))
    reschedule_meeting(meeting=meeting, by=organizer, plan=changed, notify=Notify.AFFECTED)

    assert told() == [("cancel", {GUEST.email}), ("request", {NEWCOMER.email})]
    removal = Announcement.objects.get(kind=Announcement.Kind.CANCEL)
    assert removal.mails.get().attendee is None
    (event,) = events_of(removal)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert [str(line) for line in event.attendees][1:] == [f"mailto:{GUEST.email}"]


def test_cancelling_and_restoring_raise_the_sequence(organizer: Membership, told: Any) -> None:
    meeting = invite(organizer)
    cancel_meeting(meeting=meeting, by=organizer)
    cancelled = last_events()[0]
    restore_meeting(meeting=meeting, by=organizer)
    restored = last_events()[0]

    assert [kind for kind, _people in told()] == ["request", "cancel", "request"]
    assert (cancelled["STATUS"], cancelled["SEQUENCE"]) == ("CANCELLED", 1)
    assert (restored["STATUS"], restored["SEQUENCE"]) == ("CONFIRMED", 2)


def move(meeting: Meeting, number: int, organizer: Membership) -> None:
    occurrence = meeting.occurrences.all()[number]
    later = OccurrencePlan(occurrence.starts_on + timedelta(days=1), occurrence.start_time, 60)
    change_occurrence(occurrence=occurrence, by=organizer, plan=later)


def test_one_occurrence_is_told_alone(organizer: Membership) -> None:
    meeting = invite(organizer, rrule=WEEKLY)

    move(meeting, 1, organizer)

    (event,) = last_events()
    second = next_monday() + timedelta(weeks=1)
    assert event["RECURRENCE-ID"].dt.replace(tzinfo=None) == second
    assert event["DTSTART"].dt.replace(tzinfo=None) == second + timedelta(days=1)
    assert event["SEQUENCE"] == 1
    assert "RRULE" not in event


def test_one_occurrence_is_cancelled_and_restored_alone(organizer: Membership) -> None:
    meeting = invite(organizer, rrule=WEEKLY)
    occurrence = meeting.occurrences.all()[2]

    cancel_occurrence(occurrence=occurrence, by=organizer)
    (cancelled,) = last_events()
    restore_occurrence(occurrence=occurrence, by=organizer)
    (restored,) = last_events()

    assert (cancelled["STATUS"], cancelled["SEQUENCE"]) == ("CANCELLED", 1)
    assert (restored["STATUS"], restored["SEQUENCE"]) == ("CONFIRMED", 2)
    assert cancelled["RECURRENCE-ID"] == restored["RECURRENCE-ID"]


def test_this_and_following_shortens_one_series_and_starts_another(organizer: Membership, told: Any) -> None:
    meeting = invite(organizer, rrule=WEEKLY)
    told()
    third = meeting.occurrences.select_related("meeting__organizer__user")[2]

    new = change_following(
        occurrence=third, by=organizer, plan=plan_of(meeting, starts_on=third.starts_on, rrule="FREQ=WEEKLY;COUNT=2")
    )

    assert [kind for kind, _people in told()] == ["update", "request"]
    (event,) = last_events()
    assert (event["UID"], event["RELATED-TO"]) == (new.uid, meeting.uid)


def test_the_mails_of_a_large_meeting_list_nobody(organizer: Membership) -> None:
    crowd = tuple(Invitee(f"agent{number}@example.fr") for number in range(201))
    invite(organizer, invitees=crowd)

    (event,) = last_events()
    assert str(event["ATTENDEE"]) == f"mailto:{organizer.user.email}"
    assert Mail.objects.count() == 202


def test_hostile_texts_add_no_line(organizer: Membership) -> None:
    evil = "Réunion\r\nATTENDEE:mailto:evil@example.fr\x0b\u2028X-EVIL:1"
    invitees = (replace(GUEST, name='Zoé"\r\nORGANIZER:mailto:evil@example.fr;X="'),)

    invite(organizer, title=evil[:60], agenda=f"{evil}\n\nBEGIN:VALARM", invitees=invitees)

    (event,) = last_events()
    assert "\n" not in event["SUMMARY"]
    assert str(event["ORGANIZER"]).startswith("mailto:visio-portal@")
    assert len(event.attendees) == 2
    assert "X-EVIL" not in event
    assert event.subcomponents == []
