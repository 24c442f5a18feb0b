"""The meeting form: the look ahead, people, rooms, what is in the way, who is written to, and whose name."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.rooms.meetings.conflicts import conflict_of
from apps.rooms.meetings.room_choices import choices_for
from apps.rooms.meetings.tests.steps import MONDAY, SOON, WEEKLY, data_of, step, the_meeting
from apps.rooms.meetings.tests.test_views import FORM, SEND, form_errors, url
from apps.rooms.models import AttendeeGroup, GroupMember, Mail, Meeting, Occurrence
from apps.rooms.operations import MeetingPlan
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db

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
