"""The pages of meetings, as each person sees them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.rooms.addresses import INVITEES_MAX
from apps.rooms.models import Answer, Attendee, Meeting, Occurrence
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db

SCOPE_IN_A_TEST = 4  # queries: inside the transaction of a test the tenant is entered in a savepoint
FORM = {
    "title": "Comité de suivi",
    "agenda": "1. Budget",
    "starts_on": "2026-07-01",
    "start_time": "10:00",
    "end_time": "10:45",
    "time_zone": "Europe/Paris",
    "frequency": "never",
    "interval": "1",
    "ends": "never",
    "access_level": "trusted",
    "has_guests": "on",
    "co_organizers": "",
    "attendees": "",
    "transcript_audience": "named",
}
SEND = {"step": "send", "notify": "all"}


def url(name: str, owner: Membership | Meeting, *args: Any) -> str:
    return reverse(f"rooms:{name}", args=[owner.tenant.slug, *args])


def upcoming(member: Membership, **fields: Any) -> Meeting:
    return MeetingFactory.create(organizer=member, starts_on=timezone.localdate() + timedelta(days=3), **fields)


def form_errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422
    return dict(response.context["form"].errors)


# --- The list -----------------------------------------------------------------------------------------


def test_meeting_list_says_what_to_do_when_empty(web: Client, member: Membership) -> None:
    html = web.get(url("meeting_list", member)).content.decode()
    assert "No meeting ahead" in html
    assert url("meeting_create", member) in html
    assert "No past meeting" in web.get(url("meeting_list", member) + "?when=past").content.decode()


def test_meeting_list_parts_upcoming_and_past(web: Client, member: Membership) -> None:
    ahead, over = upcoming(member), MeetingFactory.create(organizer=member)
    listed = web.get(url("meeting_list", member)).context["page_obj"]
    assert [occurrence.meeting_id for occurrence in listed] == [ahead.id]
    listed = web.get(url("meeting_list", member) + "?when=past").context["page_obj"]
    assert [occurrence.meeting_id for occurrence in listed] == [over.id]


def test_meeting_list_shows_no_meeting_of_others(web: Client, member: Membership) -> None:
    upcoming(MembershipFactory.create(tenant=member.tenant))
    attended = upcoming(MembershipFactory.create(tenant=member.tenant))
    AttendeeFactory.create(meeting=attended, membership=member)
    listed = web.get(url("meeting_list", member)).context["page_obj"]
    assert [occurrence.meeting_id for occurrence in listed] == [attended.id]


def test_meeting_list_searches_titles(web: Client, member: Membership) -> None:
    upcoming(member, title="Budget 100 % État")
    upcoming(member, title="Ressources humaines")
    listed = web.get(url("meeting_list", member) + "?q=100 %25").context["page_obj"]
    assert [occurrence.meeting.title for occurrence in listed] == ["Budget 100 % État"]
    nothing = web.get(url("meeting_list", member) + "?q=<b>").content.decode()
    assert "with “&lt;b&gt;”" in nothing


@pytest.mark.parametrize("query", ["page=0", "page=2", "page=x", "when=someday"])
def test_meeting_list_has_no_other_pages(web: Client, member: Membership, query: str) -> None:
    assert web.get(url("meeting_list", member) + f"?{query}").status_code == 404


def test_meeting_list_costs_the_same_for_one_and_for_thirty(
    web: Client, member: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    costs = []
    for count in (1, 29):
        for _ in range(count):
            meeting = upcoming(MembershipFactory.create(tenant=member.tenant))
            AttendeeFactory.create(meeting=meeting, membership=member)
        with django_assert_max_num_queries(12 + SCOPE_IN_A_TEST) as queries:
            response = web.get(url("meeting_list", member))
        costs.append(len(queries))
    assert response.context["page_obj"].paginator.count == 30
    assert len(response.context["page_obj"]) == 25
    assert costs[0] == costs[1]


# --- One meeting --------------------------------------------------------------------------------------


def test_meeting_detail_tells_attendees_and_guests_apart(web: Client, member: Membership) -> None:
    meeting = upcoming(member, agenda="Budget\n\n<script>")
    colleague = AttendeeFactory.create(meeting=meeting, membership__unit=UnitFactory.create(tenant=member.tenant))
    AttendeeFactory.create(meeting=meeting, membership=None, name="", email="guest@example.org")
    response = web.get(url("meeting_detail", member, meeting.id))
    html = response.content.decode()
    assert colleague.membership.user.full_name in html
    assert "guest@example.org" in html
    assert "&lt;script&gt;" in html
    assert response.context["is_editor"]


def test_meeting_detail_names_each_attendee_once_with_the_answer(web: Client, member: Membership) -> None:
    meeting = upcoming(member)
    attendee = AttendeeFactory.create(meeting=meeting, answer=Answer.DECLINED)
    html = web.get(url("meeting_detail", member, meeting.id)).content.decode()
    assert html.count(attendee.name) == 1
    assert "1 declined" in " ".join(html.split())


def test_cancelled_series_leads_with_the_date_that_was_next(web: Client, member: Membership) -> None:
    meeting = upcoming(member, rrule="FREQ=WEEKLY;COUNT=3")
    web.post(url("meeting_cancel", member, meeting.id))
    response = web.get(url("meeting_detail", member, meeting.id))
    assert response.context["occurrence"].starts_on == meeting.starts_on
    assert "You can take this back here." in response.content.decode()
    assert "All coming dates are cancelled." in response.content.decode()


def test_meeting_detail_shows_both_times_of_a_meeting_planned_elsewhere(web: Client, member: Membership) -> None:
    meeting = MeetingFactory.create(organizer=member, starts_on=date(2026, 7, 1), time_zone="Indian/Reunion")
    html = web.get(url("meeting_detail", member, meeting.id)).content.decode()
    assert "12:00 to 13:00" in html
    assert "14:00 (La Réunion)" in html


def test_meeting_detail_costs_the_same_for_one_and_for_thirty_people(
    web: Client, member: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    meeting = upcoming(member)
    costs = []
    for count in (1, 29):
        for _ in range(count):
            AttendeeFactory.create(meeting=meeting, membership__unit=UnitFactory.create(tenant=member.tenant))
        with django_assert_max_num_queries(22 + SCOPE_IN_A_TEST) as queries:
            web.get(url("meeting_detail", member, meeting.id))
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("name", ["meeting_detail", "meeting_edit", "meeting_cancel"])
@pytest.mark.parametrize(
    ("role", "editor_status", "status"), [(None, 404, 404), ("attendee", 403, 200), ("co_organizer", 200, 200)]
)
def test_meeting_pages_by_part_in_the_meeting(
    web: Client, member: Membership, name: str, role: str | None, editor_status: int, status: int
) -> None:
    meeting = MeetingFactory.create(organizer=MembershipFactory.create(tenant=member.tenant))
    if role:
        AttendeeFactory.create(meeting=meeting, membership=member, role=role)
    expected = status if name == "meeting_detail" else editor_status
    assert web.get(url(name, member, meeting.id)).status_code == expected


@pytest.mark.parametrize("name", ["meeting_detail", "meeting_edit", "meeting_cancel", "meeting_restore"])
def test_meeting_of_another_ministry_is_not_found(web: Client, member: Membership, name: str) -> None:
    foreign = MeetingFactory.create()
    assert web.post(url(name, foreign, foreign.id)).status_code in (404, 405)
    assert web.get(url("meeting_detail", member, foreign.id)).status_code == 404


# --- Scheduling and changing --------------------------------------------------------------------------


def test_meeting_create_schedules_and_leads_to_its_page(web: Client, member: Membership) -> None:
    colleague = MembershipFactory.create(tenant=member.tenant)
    data = FORM | {"co_organizers": colleague.user.email, "attendees": f"a@x.fr {colleague.user.email}"}
    response = web.post(url("meeting_create", member), data | SEND)
    with tenant_scope(member.tenant_id):
        meeting = Meeting.objects.get()
        people = {person.email: person.role for person in meeting.attendees.all()}
    assert response["Location"] == url("meeting_detail", member, meeting.id)
    assert people == {colleague.user.email: Attendee.Role.CO_ORGANIZER, "a@x.fr": Attendee.Role.ATTENDEE}
    assert meeting.organizer_id == member.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"start_time": "25:00"}, "start_time"),
        ({"end_time": "10:04"}, "end_time"),
        ({"end_time": "09:00"}, "end_time"),
        ({"time_zone": "Asia/Tokyo"}, "time_zone"),
        ({"attendees": "Claire Dupont"}, "attendees"),
        ({"attendees": " ".join(f"a{number}@x.fr" for number in range(INVITEES_MAX + 1))}, "attendees"),
        ({"co_organizers": "guest@example.org"}, "co_organizers"),
        ({"transcript_audience": "unit"}, "transcript_audience"),
        ({"transcript_audience": "everybody"}, "transcript_audience"),
    ],
)
def test_meeting_create_explains_what_is_wrong(
    web: Client, member: Membership, changes: dict[str, str], field: str
) -> None:
    assert list(form_errors(web.post(url("meeting_create", member), FORM | changes))) == [field]


def test_meeting_create_refuses_an_empty_form(web: Client, member: Membership) -> None:
    assert "title" in form_errors(web.post(url("meeting_create", member)))


def test_meeting_create_names_the_next_time_where_the_clocks_jump(web: Client, member: Membership) -> None:
    data = FORM | {"starts_on": "2026-03-29", "start_time": "02:30"}
    response = web.post(url("meeting_create", member), data)
    (error,) = form_errors(response)["start_time"]
    assert "Mainland France" in error
    assert "03:00" in error


def test_meeting_create_says_which_of_two_times_is_taken(web: Client, member: Membership) -> None:
    data = FORM | {"starts_on": "2026-10-25", "start_time": "02:30"}
    response = web.post(url("meeting_create", member), data, follow=True)
    assert "this time comes twice" in response.content.decode()


def test_meeting_create_offers_the_ministry_s_zone() -> None:
    member = MembershipFactory.create(tenant__time_zone="Pacific/Noumea")
    assert client_of(member).get(url("meeting_create", member)).context["form"]["time_zone"].value() == "Pacific/Noumea"


def test_meeting_edit_starts_from_what_is_and_saves(web: Client, member: Membership) -> None:
    meeting = upcoming(member)
    AttendeeFactory.create(meeting=meeting, membership=None, name="Ada, Guest", email="ada@example.org")
    form = web.get(url("meeting_edit", member, meeting.id)).context["form"]
    assert form["attendees"].value() == '"Ada, Guest" <ada@example.org>'

    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data |= {"title": "Autre titre"}
    response = web.post(url("meeting_edit", member, meeting.id), data | SEND)

    assert response.status_code == 302
    with tenant_scope(member.tenant_id):
        assert meeting.attendees.get().name == "Ada, Guest"
        assert Meeting.objects.get().title == "Autre titre"


def test_meeting_edit_keeps_what_was_typed_when_somebody_was_faster(web: Client, member: Membership) -> None:
    meeting = upcoming(member)
    old = (meeting.updated_at - timedelta(seconds=1)).isoformat()
    response = web.post(url("meeting_edit", member, meeting.id), FORM | {"seen_at": old, "title": "Typed"})
    assert response.status_code == 409
    assert "Typed" in response.content.decode()
    with tenant_scope(member.tenant_id):
        assert Meeting.objects.get().title == meeting.title


def test_co_organizer_may_change_the_meeting_and_the_organizer_stays(web: Client, member: Membership) -> None:
    meeting = upcoming(MembershipFactory.create(tenant=member.tenant))
    AttendeeFactory.create(meeting=meeting, membership=member, role=Attendee.Role.CO_ORGANIZER)
    response = web.post(url("meeting_edit", member, meeting.id), FORM | SEND | {"co_organizers": member.user.email})
    assert response.status_code == 302
    with tenant_scope(member.tenant_id):
        assert Meeting.objects.get().organizer_id == meeting.organizer_id


# --- Cancelling ---------------------------------------------------------------------------------------


def test_meeting_cancel_asks_first_and_can_be_taken_back(web: Client, member: Membership) -> None:
    meeting = upcoming(member)
    web.get(url("meeting_cancel", member, meeting.id))
    with tenant_scope(member.tenant_id):
        assert meeting.occurrences.get().status == Occurrence.Status.CONFIRMED

    web.post(url("meeting_cancel", member, meeting.id))
    with tenant_scope(member.tenant_id):
        assert meeting.occurrences.get().status == Occurrence.Status.CANCELLED
    assert (
        url("meeting_restore", member, meeting.id)
        in web.get(url("meeting_detail", member, meeting.id)).content.decode()
    )
    assert web.post(url("meeting_cancel", member, meeting.id)).status_code == 409

    web.post(url("meeting_restore", member, meeting.id))
    with tenant_scope(member.tenant_id):
        assert meeting.occurrences.get().status == Occurrence.Status.CONFIRMED


def test_meeting_cancel_is_offered_until_the_meeting_is_over(web: Client, member: Membership) -> None:
    to_come, over = upcoming(member), MeetingFactory.create(organizer=member, starts_on=date(2026, 1, 5))

    offers = [
        url("meeting_cancel", member, meeting.id) in web.get(url("meeting_detail", member, meeting.id)).content.decode()
        for meeting in (to_come, over)
    ]

    assert offers == [True, False]


def test_anonymous_visitor_is_sent_to_the_sign_in(client: Client, member: Membership) -> None:
    assert client.get(url("meeting_list", member)).status_code == 302
