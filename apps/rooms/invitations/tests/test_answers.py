"""Answering from the mail's link, without an account; and what organisers see and do about it."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.rooms.invitations.answering import Reply, take_answer
from apps.rooms.invitations.links import answer_url
from apps.rooms.invitations.tests.factories import GUEST, invite
from apps.rooms.models import Answer, Attendee, Mail, Meeting, PendingAnswer
from apps.rooms.operations import (
    Invitee,
    OccurrencePlan,
    cancel_meeting,
    change_occurrence,
    plan_of,
    reschedule_meeting,
)
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

WEEKLY = "FREQ=WEEKLY;COUNT=4"


def invited(organizer: Membership, **changes: Any) -> tuple[Meeting, Attendee]:
    with tenant_scope(organizer.tenant_id):
        meeting = invite(organizer, **changes)
        return meeting, meeting.attendees.get(email=GUEST.email)


def path_of(attendee: Attendee) -> str:
    url = answer_url(attendee, attendee.meeting.tenant.slug)
    return url.removeprefix("http://127.0.0.1:8000")


def now_known(attendee: Attendee) -> Attendee:
    with tenant_scope(attendee.tenant_id):
        return Attendee.objects.get(id=attendee.id)


def test_opening_the_link_answers_nothing(organizer: Membership, client: Client) -> None:
    meeting, guest = invited(organizer)

    page = client.get(path_of(guest), {"answer": "accepted"})

    assert page.status_code == 200
    assert meeting.title in page.content.decode()
    assert now_known(guest).answer == Answer.NEEDS_ACTION


def test_an_answer_with_a_comment_is_noted(organizer: Membership, client: Client) -> None:
    _meeting, guest = invited(organizer)

    response = client.post(path_of(guest), {"answer": "declined", "comment": "En congé"}, follow=True)

    assert response.status_code == 200
    known = now_known(guest)
    assert (known.answer, known.answer_comment) == (Answer.DECLINED, "En congé")


def test_an_answer_without_a_choice_is_asked_for_again(organizer: Membership, client: Client) -> None:
    _meeting, guest = invited(organizer)

    assert client.post(path_of(guest), {}).status_code == 422


def test_one_date_is_answered_alone(organizer: Membership, client: Client) -> None:
    meeting, guest = invited(organizer, rrule=WEEKLY)
    with tenant_scope(organizer.tenant_id):
        second = meeting.occurrences.all()[1]

    client.post(path_of(guest), {"answer": "declined", "on": str(second.id)})

    assert now_known(guest).answer == Answer.NEEDS_ACTION
    with tenant_scope(organizer.tenant_id):
        assert second.answers.get().answer == Answer.DECLINED


def test_a_link_of_another_ministry_or_changed_leads_nowhere(organizer: Membership, client: Client) -> None:
    _meeting, guest = invited(organizer)
    other = MembershipFactory.create()
    path = path_of(guest)

    assert client.get(path.replace(organizer.tenant.slug, other.tenant.slug)).status_code == 404
    assert client.get(f"{path[:-2]}x/").status_code == 404


def test_a_replaced_link_says_so(organizer: Membership, client: Client) -> None:
    _meeting, guest = invited(organizer)
    path = path_of(guest)
    with tenant_scope(organizer.tenant_id):
        Attendee.objects.update(link_version=1)

    assert client.get(path).status_code == 410
    assert client.post(path, {"answer": "accepted"}).status_code == 410
    assert now_known(guest).answer == Answer.NEEDS_ACTION


def test_a_cancelled_meeting_takes_no_answer(organizer: Membership, client: Client) -> None:
    meeting, guest = invited(organizer)
    with tenant_scope(organizer.tenant_id):
        cancel_meeting(meeting=meeting, by=organizer)

    client.post(path_of(guest), {"answer": "accepted"})

    assert now_known(guest).answer == Answer.NEEDS_ACTION


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 0), (0, 1), Answer.DECLINED),
        ((0, 1), (0, 0), Answer.ACCEPTED),
        ((1, 0), (0, 1), Answer.ACCEPTED),
        ((0, 1), (1, 0), Answer.DECLINED),
    ],
    ids=["later", "earlier", "older-sequence", "newer-sequence"],
)
def test_answers_are_ordered_by_sequence_and_stamp(
    organizer: Membership, first: tuple[int, int], second: tuple[int, int], expected: Answer
) -> None:
    _meeting, guest = invited(organizer)
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    with tenant_scope(organizer.tenant_id):
        for answer, (sequence, hours) in ((Answer.ACCEPTED, first), (Answer.DECLINED, second)):
            reply = Reply(answer, sequence, moment + timedelta(hours=hours))
            take_answer(attendee=guest, reply=reply)

    assert now_known(guest).answer == expected


def test_an_answer_to_a_date_before_its_change_comes_too_late(organizer: Membership) -> None:
    meeting, guest = invited(organizer, rrule=WEEKLY)
    with tenant_scope(organizer.tenant_id):
        second = meeting.occurrences.select_related("meeting")[1]
        later = OccurrencePlan(second.starts_on + timedelta(days=1), second.start_time, 60)
        change_occurrence(occurrence=second, by=organizer, plan=later)

        late = Reply(Answer.ACCEPTED, 0, timezone.now())
        assert take_answer(attendee=guest, reply=late, occurrence=second) is False


def test_an_answer_to_the_series_does_not_count_for_a_date_moved_since(organizer: Membership) -> None:
    meeting, guest = invited(organizer, rrule=WEEKLY)
    with tenant_scope(organizer.tenant_id):
        second = meeting.occurrences.all()[1]
        take_answer(attendee=guest, reply=Reply(Answer.ACCEPTED, 0, timezone.now()))
        plan = OccurrencePlan(second.starts_on + timedelta(days=1), second.start_time, 60)
        change_occurrence(occurrence=second, by=organizer, plan=plan)
    web = client_of(organizer)
    web.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def is_told() -> list[bool]:
        pages = [web.get(url("answers", meeting)), web.get(url("occurrence_detail", meeting, second.id))]
        return ["accepted before the change of" in page.content.decode() for page in pages]

    assert is_told() == [True, True]
    with tenant_scope(organizer.tenant_id):
        take_answer(attendee=guest, reply=Reply(Answer.ACCEPTED, 1, timezone.now()), occurrence=second)
    assert is_told() == [False, False]
    with tenant_scope(organizer.tenant_id):
        second.answers.all().delete()
        assert guest.has_answered_before_move(second) is False  # it was read before the answer
        guest.refresh_from_db()
        assert guest.has_answered_before_move(second)
        take_answer(attendee=guest, reply=Reply(Answer.ACCEPTED, 0, timezone.now()))
    assert is_told() == [False, False]


def test_a_text_of_its_own_leaves_the_answers_of_a_date(organizer: Membership) -> None:
    meeting, _guest = invited(organizer, rrule=WEEKLY)
    with tenant_scope(organizer.tenant_id):
        second = meeting.occurrences.all()[1]
        length = second.duration_minutes
        plan = OccurrencePlan(second.starts_on, second.start_time, length, second.room, title="Autrement")
        change_occurrence(occurrence=second, by=organizer, plan=plan)

        assert meeting.occurrences.get(id=second.id).moved_at is None


def test_a_move_makes_late_answers_useless(organizer: Membership) -> None:
    meeting, guest = invited(organizer)
    with tenant_scope(organizer.tenant_id):
        moved = plan_of(meeting, starts_on=meeting.starts_on + timedelta(days=1))
        reschedule_meeting(meeting=meeting, by=organizer, plan=moved)

        assert take_answer(attendee=guest, reply=Reply(Answer.ACCEPTED, 0, timezone.now())) is False


def url(name: str, meeting: Meeting, *args: Any) -> str:
    return reverse(f"rooms:{name}", args=[meeting.tenant.slug, meeting.id, *args])


def pending(meeting: Meeting, guest: Attendee | None, **columns: Any) -> PendingAnswer:
    values = {"answer": Answer.ACCEPTED, "reason": PendingAnswer.Reason.OTHER_ADDRESS}
    with tenant_scope(meeting.tenant_id):
        return PendingAnswer.objects.create(
            tenant=meeting.tenant,
            meeting=meeting,
            attendee=guest,
            from_address="z.garnier@alias.example",
            from_name="Zoé",
            stamped_at=timezone.now(),
            message_id="a@alias.example",
            **(values | columns),
        )


def test_the_organizer_sees_answers_and_what_waits(organizer: Membership) -> None:
    meeting, guest = invited(organizer)
    pending(meeting, guest)
    web = client_of(organizer)
    web.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    text = web.get(url("answers", meeting)).content.decode()

    assert "An answer to confirm: Zoé" in text
    assert "Zoé Garnier" in text


@pytest.mark.parametrize("decision", ["confirmed", "dismissed"])
def test_an_answer_that_waits_counts_once_confirmed(organizer: Membership, decision: str) -> None:
    meeting, guest = invited(organizer)
    waiting = pending(meeting, guest)

    client_of(organizer).post(url("pending_settle", meeting, waiting.id), {"decision": decision})

    expected = Answer.ACCEPTED if decision == "confirmed" else Answer.NEEDS_ACTION
    assert now_known(guest).answer == expected


def proposal(meeting: Meeting, guest: Attendee, *, later: timedelta, is_of_date: bool) -> PendingAnswer:
    """Have a guest propose to meet later, on the first date."""
    with tenant_scope(meeting.tenant_id):
        date = meeting.occurrences.order_by("start_at")[0]
    return pending(
        meeting,
        guest,
        answer=Answer.TENTATIVE,
        reason=PendingAnswer.Reason.COUNTER,
        occurrence=date if is_of_date else None,
        proposed_start_at=date.start_at + later,
        proposed_end_at=date.end_at + later,
    )


@pytest.mark.parametrize("rrule", ["", WEEKLY], ids=["once", "series"])
def test_a_proposed_time_leads_to_the_form_filled_in_with_it(organizer: Membership, rrule: str) -> None:
    meeting, guest = invited(organizer, rrule=rrule)
    asked = proposal(meeting, guest, later=timedelta(minutes=30), is_of_date=bool(rrule))
    start = asked.proposed_start_at
    assert start is not None
    wall = start.astimezone(meeting.zone)
    web = client_of(organizer)

    part = web.get(url("answers", meeting)).content.decode()

    (address,) = re.findall(r'href="([^"]+[?][^"]+start_time=[^"]+)"', part)
    form = web.get(html.unescape(address)).context["form"]
    assert str(form["starts_on"].value()) == wall.date().isoformat()
    assert form["start_time"].value() == f"{wall:%H:%M}"


def test_hours_proposed_for_a_whole_series_name_no_day(organizer: Membership) -> None:
    meeting, guest = invited(organizer, rrule=WEEKLY)
    proposal(meeting, guest, later=timedelta(hours=1), is_of_date=False)

    part = client_of(organizer).get(url("answers", meeting)).content.decode()

    assert "?start_time=" in part
    assert "starts_on=" not in part


def test_a_proposed_time_that_the_meeting_has_is_not_offered(organizer: Membership) -> None:
    meeting, guest = invited(organizer)
    proposal(meeting, guest, later=timedelta(), is_of_date=False)

    assert "start_time=" not in client_of(organizer).get(url("answers", meeting)).content.decode()


def test_confirming_a_stranger_invites_them(organizer: Membership) -> None:
    meeting, _guest = invited(organizer)
    waiting = pending(meeting, None)

    client_of(organizer).post(url("pending_settle", meeting, waiting.id), {"decision": "confirmed"})

    with tenant_scope(organizer.tenant_id):
        assert meeting.attendees.get(email="z.garnier@alias.example").answer == Answer.ACCEPTED


def test_a_mail_is_sent_again_to_the_corrected_address(organizer: Membership, client: Client) -> None:
    meeting, guest = invited(organizer)
    old_path = path_of(guest)
    with tenant_scope(organizer.tenant_id):
        Mail.objects.update(status=Mail.Status.NOT_DELIVERED, reason="550 5.1.1 No such user")

    web = client_of(organizer)
    page = web.get(url("mail_correct", meeting, guest.id)).content.decode()
    web.post(url("mail_correct", meeting, guest.id), {"email": "zoe.garnier@cabinet.example"})

    assert "Cette adresse n’existe pas." in page
    with tenant_scope(organizer.tenant_id):
        assert Mail.objects.get(status=Mail.Status.QUEUED).address == "zoe.garnier@cabinet.example"
    assert client.get(old_path).status_code == 410


def test_the_part_costs_the_same_for_many_people(organizer: Membership) -> None:
    web, counts = client_of(organizer), []
    for people in (2, 30):
        crowd = tuple(Invitee(f"agent{number}@example.fr") for number in range(people))
        meeting, _guest = invited(organizer, invitees=(GUEST, *crowd))
        with CaptureQueriesContext(connection) as queries:
            web.get(url("answers", meeting))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_attendee_sees_answers_and_changes_nothing(organizer: Membership) -> None:
    colleague = MembershipFactory.create(tenant=organizer.tenant)
    with tenant_scope(organizer.tenant_id):
        meeting = invite(organizer, invitees=(GUEST, Invitee(colleague.user.email)))
    web = client_of(colleague)

    assert web.get(url("answers", meeting)).status_code == 200
    assert web.get(url("mail_list", meeting)).status_code == 403
