"""The meeting form: the look ahead, people, rooms, what is in the way, who is written to, and whose name."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.rooms.meetings.conflicts import conflict_of
from apps.rooms.meetings.drafts import new_values
from apps.rooms.meetings.room_choices import choices_for
from apps.rooms.meetings.tests.test_views import FORM, SEND, form_errors, url
from apps.rooms.models import AttendeeGroup, Delegation, GroupMember, Mail, Meeting, Occurrence, PolicyRule
from apps.rooms.operations import MeetingPlan, schedule_meeting
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db

MONDAY = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
SOON = FORM | {"starts_on": MONDAY.isoformat()}
WEEKLY = SOON | {"frequency": "weekly", "ends": "after", "count": "6"}


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


@pytest.fixture
def web(member: Membership) -> Client:
    client = client_of(member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def step(web: Client, member: Membership, what: str, **changes: Any) -> Any:
    response = web.post(url("meeting_create", member), SOON | {"step": what} | changes)
    assert response.status_code == 200
    return response


def the_meeting(member: Membership) -> Meeting:
    with tenant_scope(member.tenant_id):
        return Meeting.objects.select_related("tenant", "organizer").get()


def series_of(member: Membership, **changes: Any) -> Meeting:
    fields: dict[str, Any] = {
        "title": "Point",
        "starts_on": MONDAY,
        "start_time": time(10),
        "duration_minutes": 60,
        "rrule": "FREQ=WEEKLY;COUNT=6",
    }
    with tenant_scope(member.tenant_id):
        return schedule_meeting(by=member, plan=MeetingPlan(**(fields | changes)))


def data_of(form: Any) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}


# --- The look ahead -----------------------------------------------------------------------------------


def test_dates_are_shown_in_words_before_anything_is_saved(web: Client, member: Membership) -> None:
    preview = step(web, member, "preview", **WEEKLY).context["preview"]
    assert preview.repetition == "Every week on Monday, 6 times in all"
    assert [found.day for found in preview.dates] == [MONDAY + timedelta(weeks=week) for week in range(6)]
    with tenant_scope(member.tenant_id):
        assert not Meeting.objects.exists()


def test_public_holidays_are_those_of_the_organizer_s_departement() -> None:
    member = MembershipFactory.create()
    with tenant_scope(member.tenant_id):
        unit = UnitFactory.create(tenant=member.tenant, departement="67")
        Membership.objects.filter(id=member.id).update(unit=unit)
    client = client_of(member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    data = FORM | {"starts_on": "2027-03-19", "frequency": "weekly", "step": "preview"}
    dates = client.post(url("meeting_create", member), data).context["preview"].dates
    assert [found.holiday for found in dates[:2]] == ["", "Good Friday"]  # a holiday in Alsace alone


def test_time_is_shown_where_colleagues_work(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        unit = UnitFactory.create(tenant=member.tenant, departement="974")
        colleague = MembershipFactory.create(tenant=member.tenant, unit=unit)
    preview = step(web, member, "preview", starts_on="2027-01-11", attendees=colleague.user.email).context["preview"]
    assert [(there.place, there.time) for there in preview.dates[0].elsewhere] == [("La Réunion", "13:00")]


def test_date_in_the_gap_of_the_clocks_says_so(web: Client, member: Membership) -> None:
    changes = {"starts_on": "2027-03-21", "start_time": "02:30", "end_time": "03:30", "frequency": "weekly"}
    dates = step(web, member, "preview", **changes).context["preview"].dates
    assert "03:30" in dates[1].clock_note
    assert dates[0].clock_note == ""


def test_dates_that_are_ticked_do_not_take_place(web: Client, member: Membership) -> None:
    struck = (MONDAY + timedelta(weeks=2)).isoformat()
    web.post(url("meeting_create", member), WEEKLY | SEND | {"excluded": [struck]})
    meeting = the_meeting(member)
    with tenant_scope(member.tenant_id):
        cancelled = meeting.occurrences.filter(status=Occurrence.Status.CANCELLED)
        assert [row.starts_on.isoformat() for row in cancelled] == [struck]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"frequency": "weekly", "weekdays": ["3"]}, "starts_on"),
        ({"frequency": "weekly", "ends": "after"}, "count"),
        ({"frequency": "weekly", "ends": "on"}, "until"),
        ({"frequency": "weekly", "ends": "on", "until": "2020-01-01"}, "frequency"),
        ({"frequency": "weekly", "interval": "0"}, "interval"),
        ({"frequency": "weekly", "ends": "after", "count": "100000"}, "count"),
        ({"frequency": "secondly"}, "frequency"),
        ({"frequency": "kept", "kept_rule": "FREQ=SECONDLY"}, "frequency"),
        ({"frequency": "weekly", "excluded": ["x"]}, "excluded"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"attendance_threshold": "101"}, "attendance_threshold"),
        ({"room": "b7a3c1de-0000-4000-8000-000000000000"}, "room"),
    ],
    ids=range(13),
)
def test_form_explains_what_cannot_be(web: Client, member: Membership, changes: dict[str, Any], field: str) -> None:
    assert list(form_errors(web.post(url("meeting_create", member), SOON | changes))) == [field]


# --- People -------------------------------------------------------------------------------------------


def test_colleagues_are_found_by_name_and_added_by_a_button(web: Client, member: Membership) -> None:
    colleague = MembershipFactory.create(tenant=member.tenant, user__usual_name="Quemener")
    MembershipFactory.create(user__usual_name="Quemener")  # of another ministry
    found = step(web, member, "search", who="quemen").context["found"]
    assert found.colleagues == [colleague]
    people = step(web, member, f"add:co:{colleague.id}").context["people"]
    assert [(person.email, person.is_co_organizer) for person in people] == [(colleague.user.email, True)]


def test_address_typed_after_a_colleague_was_added_stands_on_a_line_of_its_own(web: Client, member: Membership) -> None:
    colleague = MembershipFactory.create(tenant=member.tenant)
    response = step(web, member, f"add:at:{colleague.id}", attendees="b@x.fr")
    assert response.context["form"]["attendees"].value() == f"b@x.fr\n{colleague.user.email}\n"


def test_new_form_shows_its_date_and_complains_of_nothing(web: Client, member: Membership) -> None:
    context = web.get(url("meeting_create", member)).context
    assert context["preview"] is not None
    assert context["preview_problems"] == []


def test_saved_group_is_added_as_a_whole(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        group = AttendeeGroup.objects.create(tenant=member.tenant, owner=member, name="Bureau")
        GroupMember.objects.create(tenant=member.tenant, group=group, email="a@x.fr")
    people = step(web, member, f"add:group:{group.id}", attendees="b@x.fr").context["people"]
    assert [person.email for person in people] == ["b@x.fr", "a@x.fr"]


def test_person_is_taken_off_and_what_is_half_typed_stays(web: Client, member: Membership) -> None:
    response = step(web, member, "remove:a@x.fr", attendees="a@x.fr\nb@x.fr\nhalf@")
    assert response.context["form"]["attendees"].value() == "b@x.fr\nhalf@"


@pytest.mark.parametrize("what", ["add:co:x", "add:xx:00000000-0000-0000-0000-000000000000", "remove:", "take:x"])
def test_step_that_asks_for_nothing_known_changes_nothing(web: Client, member: Membership, what: str) -> None:
    response = web.post(url("meeting_create", member), SOON | {"title": "", "step": what})
    assert response.status_code in (200, 422)


def test_people_are_read_from_a_file_and_what_is_wrong_is_listed(web: Client, member: Membership) -> None:
    file = SimpleUploadedFile("liste.csv", b"mail;nom\na@x.fr;Ana\nnobody;B\n", "text/csv")
    response = step(web, member, "import", people_file=file)
    assert response.context["form"]["attendees"].value() == '"Ana" <a@x.fr>\n'
    assert "Line 3" in response.content.decode()


def test_ten_thousand_attendees_are_refused(web: Client, member: Membership) -> None:
    data = SOON | {"attendees": " ".join(f"a{number}@x.fr" for number in range(10_000))}
    assert "attendees" in form_errors(web.post(url("meeting_create", member), data))


def test_line_breaks_in_a_title_and_a_name_reach_no_header(web: Client, member: Membership) -> None:
    hostile = {"title": "Point\r\nBcc: all@x.fr", "attendees": '"Ana\r\nBcc: b@x.fr" <a@x.fr>'}
    response = web.post(url("meeting_create", member), SOON | SEND | hostile)
    assert response.status_code in (302, 422)
    with tenant_scope(member.tenant_id):
        for meeting in Meeting.objects.all():
            assert "\n" not in meeting.title + meeting.attendees.get().name
            assert "\r" not in meeting.title + meeting.attendees.get().name


# --- Who is written to --------------------------------------------------------------------------------


def test_mails_are_listed_first_and_nothing_is_kept_until_they_are_sent(web: Client, member: Membership) -> None:
    data = SOON | {"attendees": "a@x.fr b@x.fr"}
    response = web.post(url("meeting_create", member), data)
    (choice,) = response.context["choices"]
    assert {letter.address for letter in choice.letters} == {"a@x.fr", "b@x.fr", member.user.email}
    with tenant_scope(member.tenant_id):
        assert not Meeting.objects.exists()
        assert not Mail.objects.exists()

    kept: dict[str, Any] = {}
    for name, value in response.context["kept"]:
        kept.setdefault(name, []).append(value)
    web.post(url("meeting_create", member), kept | SEND)
    with tenant_scope(member.tenant_id):
        assert Mail.objects.count() == 3


def test_meeting_of_nobody_else_is_scheduled_at_once(web: Client, member: Membership) -> None:
    assert web.post(url("meeting_create", member), SOON).status_code == 302


def test_correction_of_the_text_may_be_told_to_nobody(web: Client, member: Membership) -> None:
    web.post(url("meeting_create", member), SOON | SEND | {"attendees": "a@x.fr"})
    meeting = the_meeting(member)
    form = web.get(url("meeting_edit", member, meeting.id)).context["form"]
    data = data_of(form) | {"title": "Comité de suivi !"}
    choices = web.post(url("meeting_edit", member, meeting.id), data).context["choices"]
    assert [(choice.notify.value, len(choice.letters)) for choice in choices] == [("nobody", 0), ("all", 2)]

    with tenant_scope(member.tenant_id):
        before = Mail.objects.count()
    web.post(url("meeting_edit", member, meeting.id), data | {"step": "send", "notify": "nobody"})
    with tenant_scope(member.tenant_id):
        assert Mail.objects.count() == before
        assert Meeting.objects.get().title == "Comité de suivi !"


def test_moved_meeting_is_never_kept_from_those_who_come(web: Client, member: Membership) -> None:
    web.post(url("meeting_create", member), SOON | SEND | {"attendees": "a@x.fr"})
    meeting = the_meeting(member)
    data = data_of(web.get(url("meeting_edit", member, meeting.id)).context["form"])
    moved = data | {"start_time": "14:00", "end_time": "15:00", "step": "send", "notify": "nobody"}
    with tenant_scope(member.tenant_id):
        before = Mail.objects.filter(address="a@x.fr").count()
    assert web.post(url("meeting_edit", member, meeting.id), moved).status_code == 302
    with tenant_scope(member.tenant_id):
        assert Mail.objects.filter(address="a@x.fr").count() == before + 1


# --- Rooms and what is in the way ---------------------------------------------------------------------


def test_rooms_say_whether_they_are_free(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        taken, free = (RoomFactory.create(tenant=member.tenant, name=name) for name in ("Salle A", "Salle B"))
        MeetingFactory.create(organizer=member, room=taken, starts_on=MONDAY, start_time=time(10))
    shown = step(web, member, "rooms").context["rooms"].shown
    assert [(choice.room, choice.state) for choice in shown] == [(free, "free"), (taken, "taken")]
    sought = step(web, member, "rooms", room_sought="salle b").context["rooms"].shown
    assert [choice.room for choice in sought] == [free]


def test_taken_room_comes_back_with_ways_out_of_which_one_click_takes_one(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        taken, free = (RoomFactory.create(tenant=member.tenant, name=name) for name in ("Salle A", "Salle B"))
        stranger = MembershipFactory.create(tenant=member.tenant)
        MeetingFactory.create(organizer=stranger, room=taken, starts_on=MONDAY, start_time=time(10), title="Secret")
    data = SOON | {"room": str(taken.id)}
    response = web.post(url("meeting_create", member), data)
    assert response.status_code == 409
    assert "Secret" not in response.content.decode()
    steps = [way.step for way in response.context["conflict"].ways]
    assert f"take:room/{free.id}" in steps

    web.post(url("meeting_create", member), data | {"step": f"take:room/{free.id}"})
    with tenant_scope(member.tenant_id):
        assert Meeting.objects.get(organizer=member).room_id == free.id


def test_room_and_what_is_in_its_way_count_the_same_dates_of_a_long_series(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        taken = RoomFactory.create(tenant=member.tenant)
        for weeks in (1, 70):
            MeetingFactory.create(
                organizer=member, room=taken, starts_on=MONDAY + timedelta(weeks=weeks), start_time=time(10, 30)
            )
        MeetingFactory.create(organizer=member, room=taken, starts_on=MONDAY, start_time=time(11))  # just after
    plan = MeetingPlan("Point", MONDAY, time(10), 60, room=taken, rrule="FREQ=WEEKLY;COUNT=80")
    with tenant_scope(member.tenant_id):
        conflict = conflict_of(plan, member, member, None)
        (choice,) = choices_for([taken], "", str(taken.id), plan).shown
    assert (conflict.blocked_count, conflict.total) == (2, 80)
    assert (choice.taken, choice.dates) == (2, 80)


# --- In whose name, and what is locked ----------------------------------------------------------------


def test_delegate_schedules_in_the_name_of_somebody_else(web: Client, member: Membership) -> None:
    principal = MembershipFactory.create(tenant=member.tenant)
    with tenant_scope(member.tenant_id):
        Delegation.objects.create(
            tenant=member.tenant, principal=principal, delegate=member, starts_on=date(2020, 1, 1)
        )
    form = web.get(url("meeting_create", member)).context["form"]
    assert {key for key, _name in form.fields["organizer"].choices} == {str(member.id), str(principal.id)}
    web.post(url("meeting_create", member), SOON | SEND | {"organizer": str(principal.id)})
    meeting = the_meeting(member)
    assert (meeting.organizer_id, meeting.scheduled_by_id) == (principal.id, member.id)
    assert web.get(url("meeting_edit", member, meeting.id)).status_code == 200


def test_nobody_schedules_in_the_name_of_a_stranger(web: Client, member: Membership) -> None:
    other = MembershipFactory.create(tenant=member.tenant)
    web.post(url("meeting_create", member), SOON | SEND | {"organizer": str(other.id)})
    assert the_meeting(member).organizer_id == member.id


def test_locked_setting_stays_and_says_by_whom(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        PolicyRule.objects.create(tenant=member.tenant, name="recording", value=False, is_enforced=True)
    response = web.get(url("meeting_create", member))
    assert f"Locked by: {member.tenant.name}" in response.content.decode()
    web.post(url("meeting_create", member), SOON | SEND | {"is_recorded": "on"})
    assert not the_meeting(member).is_recorded


# --- Series -------------------------------------------------------------------------------------------


def test_series_that_has_begun_keeps_its_past_when_its_text_is_corrected(web: Client, member: Membership) -> None:
    meeting = series_of(member, starts_on=MONDAY - timedelta(weeks=3))
    response = web.get(url("meeting_edit", member, meeting.id))
    form = response.context["form"]
    assert form["starts_on"].value() == response.context["editing"].since.date()
    web.post(url("meeting_edit", member, meeting.id), data_of(form) | {"title": "Autre", "step": "send"})
    changed = the_meeting(member)
    assert (changed.title, changed.starts_on) == ("Autre", meeting.starts_on)
    with tenant_scope(member.tenant_id):
        assert changed.occurrences.count() == 6


def test_series_is_changed_from_one_date_on(web: Client, member: Membership) -> None:
    meeting = series_of(member)
    with tenant_scope(member.tenant_id):
        since = meeting.occurrences.order_by("start_at")[3]
    address = f"{url('meeting_edit', member, meeting.id)}?since={since.id}"
    data = data_of(web.get(address).context["form"])
    assert (data["starts_on"], data["count"]) == (since.starts_on, 3)
    web.post(address, data | {"start_time": "15:00", "end_time": "16:00", "step": "send"})
    with tenant_scope(member.tenant_id):
        first, second = Meeting.objects.order_by("created_at")
        assert (first.occurrences.count(), second.occurrences.count()) == (3, 3)
        assert second.start_time == time(15)


def test_one_date_is_changed_and_another_one_cancelled(web: Client, member: Membership) -> None:
    meeting = series_of(member)
    AttendeeFactory.create(meeting=meeting, membership=None, name="", email="a@x.fr")
    with tenant_scope(member.tenant_id):
        one, two = meeting.occurrences.order_by("start_at")[1:3]
    address = url("occurrence_edit", member, meeting.id, one.id)
    data = data_of(web.get(address).context["form"]) | {"start_time": "16:00", "end_time": "17:30"}
    confirmation = web.post(address, data)
    assert len(confirmation.context["choices"][0].letters) == 2
    web.post(address, data | {"step": "send"})
    cancel = url("occurrence_cancel", member, meeting.id, two.id)
    assert len(web.get(cancel).context["choices"][0].letters) == 2
    web.post(cancel)
    with tenant_scope(member.tenant_id):
        one.refresh_from_db()
        two.refresh_from_db()
    assert (one.start_time, one.duration_minutes, two.status) == (time(16), 90, "cancelled")
    page = web.get(url("meeting_dates", member, meeting.id)).content.decode()
    assert "Changed" in page


def test_series_ends_before_a_date(web: Client, member: Membership) -> None:
    meeting = series_of(member)
    with tenant_scope(member.tenant_id):
        third = meeting.occurrences.order_by("start_at")[2]
    web.post(url("occurrence_cancel", member, meeting.id, third.id) + "?scope=following")
    with tenant_scope(member.tenant_id):
        assert meeting.occurrences.count() == 2
    assert web.get(url("occurrence_cancel", member, meeting.id, third.id) + "?scope=x").status_code == 404


# --- At once, and anew --------------------------------------------------------------------------------


def test_meeting_now_begins_and_offers_its_invitation(web: Client, member: Membership) -> None:
    response = web.post(url("meeting_now", member), follow=True)
    meeting = the_meeting(member)
    assert f"/join/{meeting.join_code}/" in response.context["invitation"]
    with tenant_scope(member.tenant_id):
        occurrence = meeting.occurrences.get()
    assert occurrence.start_at <= timezone.now() < occurrence.end_at


def test_duplicate_starts_from_another_meeting_without_its_dates(web: Client, member: Membership) -> None:
    meeting = series_of(member, agenda="Budget")
    form = web.get(url("meeting_create", member) + f"?copy={meeting.id}").context["form"]
    assert (form["agenda"].value(), form["frequency"].value()) == ("Budget", "never")
    stranger = MeetingFactory.create(organizer=MembershipFactory.create(tenant=member.tenant), agenda="Secret")
    form = web.get(url("meeting_create", member) + f"?copy={stranger.id}").context["form"]
    assert form["agenda"].value() is None


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        (datetime(2026, 11, 23, 9, 20, tzinfo=UTC), "2026-11-23 11:00"),  # in Paris an hour later
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), "2026-11-23 09:00"),
        (datetime(2026, 11, 23, 16, 30, tzinfo=UTC), "2026-11-24 09:00"),
        (datetime(2026, 11, 27, 23, 30, tzinfo=UTC), "2026-11-30 09:00"),
    ],
    ids=["day", "morning", "evening", "weekend"],
)
def test_new_meeting_is_proposed_at_an_hour_of_work(member: Membership, now: datetime, proposed: str) -> None:
    values = new_values(member, now)
    assert f"{values['starts_on']} {values['start_time']:%H:%M}" == proposed
