"""Pages of rooms, of requests and of rules, as people use them."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.rooms.models import Occurrence, PolicyRule, Room, RoomManager, StatePolicyRule
from apps.rooms.operations import OccurrencePlan, change_occurrence, schedule_meeting
from apps.rooms.places.rules import RULES
from apps.rooms.places.tests.plans import coming, plan, say
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import JournalEvent, Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Membership:
    return MembershipFactory.create(roles=[Role.ADMIN])


@pytest.fixture
def room(admin: Membership) -> Room:
    return RoomFactory.create(tenant=admin.tenant, name="Salle Vauban", site="Paris", capacity=10, equipment=["camera"])


def manage(room: Room) -> Membership:
    manager = MembershipFactory.create(tenant=room.tenant)
    with tenant_scope(room.tenant_id):
        RoomManager.objects.create(tenant=room.tenant, room=room, membership=manager)
    return manager


def url(name: str, member: Membership, *args: Any) -> str:
    return reverse(f"rooms:{name}", args=[member.tenant.slug, *args])


def fields(**changes: Any) -> dict[str, Any]:
    values = {"name": "Salle Arago", "kind": "equipped", "site": "Paris", "capacity": "12", "equipment": ["camera"]}
    return values | changes


def test_an_administrator_adds_a_room_with_managers(admin: Membership) -> None:
    managers = [MembershipFactory.create(tenant=admin.tenant) for _number in range(2)]
    emails = "\n".join(manager.user.email for manager in managers)

    response = client_of(admin).post(url("room_create", admin), fields(managers=emails, sip_address="arago@x.fr"))

    assert response.status_code == 302
    with tenant_scope(admin.tenant_id):
        room = Room.objects.get()
        assert (room.name, room.capacity, room.equipment, room.sip_address) == (
            "Salle Arago", 12, ["camera"], "arago@x.fr",
        )  # fmt: skip
        assert {row.membership_id for row in room.managers.all()} == {manager.id for manager in managers}
        assert JournalEvent.objects.get().action == "room.created"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Salle Vauban"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "99999999999999999999"}, "capacity"),
        ({"equipment": ["jacuzzi"]}, "equipment"),
        ({"sip_address": "sip:a@b\r\nVia: x"}, "sip_address"),
        ({"sip_address": "javascript:alert(1)"}, "sip_address"),
        ({"managers": "stranger@example.org"}, "managers"),
        ({"managers": "<script>"}, "managers"),
        ({"kind": "castle"}, "kind"),
        ({"unit": "00000000-0000-0000-0000-000000000000"}, "unit"),
        ({"name": "a\x00b"}, "name"),
    ],
    ids=["taken", "long", "nobody", "huge", "unknown", "header", "script", "stranger", "markup", "kind", "unit", "nul"],
)
def test_a_wrong_room_is_refused_at_its_field(
    admin: Membership, room: Room, changes: dict[str, Any], field: str
) -> None:
    response = client_of(admin).post(url("room_create", admin), fields(**changes))

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}


def test_a_line_break_in_a_name_is_taken_out_or_refused(admin: Membership) -> None:
    client_of(admin).post(url("room_create", admin), fields(name="Salle\r\nBcc: x@y.z"))

    with tenant_scope(admin.tenant_id):
        assert not Room.objects.filter(name__contains="\n").exists()


def test_a_manager_changes_closes_and_reopens_their_room(room: Room) -> None:
    manager = manage(room)
    client = client_of(manager)

    client.post(url("room_edit", manager, room.id), fields(name="Salle neuve", managers=manager.user.email))
    client.post(url("room_close", manager, room.id))
    assert client.post(url("room_close", manager, room.id)).status_code == 409
    client.post(url("room_reopen", manager, room.id))

    with tenant_scope(room.tenant_id):
        room.refresh_from_db()
        actions = list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
    assert (room.name, room.closed_at) == ("Salle neuve", None)
    assert actions == ["room.changed", "room.closed", "room.reopened"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Salle Vauban", "Salle libre"]),
        ("?site=Lyon", ["Salle libre"]),
        ("?capacity=10", ["Salle Vauban"]),
        ("?equipment=camera", ["Salle Vauban"]),
        ("?free_now=on", ["Salle libre"]),
    ],
    ids=["all", "site", "capacity", "equipment", "free now"],
)
def test_the_list_is_filtered(admin: Membership, room: Room, query: str, names: list[str]) -> None:
    RoomFactory.create(tenant=admin.tenant, name="Salle libre", site="Lyon", capacity=4)
    RoomFactory.create(tenant=admin.tenant, name="Salle close", closed_at="2026-01-01T00:00Z")
    meeting = MeetingFactory.create(organizer=admin, room=room)
    with tenant_scope(admin.tenant_id):
        meeting.occurrences.update(start_at="2020-01-01T00:00Z", end_at="2099-01-01T00:00Z")
    member = MembershipFactory.create(tenant=admin.tenant)

    response = client_of(member).get(url("room_list", member) + query)

    assert sorted(row.room.name for row in response.context["rows"]) == names


@pytest.mark.parametrize("query", ["?site=Nowhere", "?capacity=x", "?equipment=jacuzzi", "?page=0"])
def test_an_impossible_list_is_not_found(admin: Membership, query: str) -> None:
    assert client_of(admin).get(url("room_list", admin) + query).status_code == 404


def test_the_list_costs_the_same_queries_for_1_and_for_25_rooms(admin: Membership, room: Room) -> None:
    counts = []
    for more in (0, 24):
        for _number in range(more):
            other = RoomFactory.create(tenant=admin.tenant, site="Paris")
            MeetingFactory.create(organizer=admin, room=other)
        client = client_of(admin)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("room_list", admin)).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_strangers_meeting_shows_its_times_alone(admin: Membership, room: Room) -> None:
    with tenant_scope(admin.tenant_id):
        schedule_meeting(by=admin, plan=plan(room, title="Affaire secrète"))
    member = MembershipFactory.create(tenant=admin.tenant)

    page = client_of(member).get(url("room_detail", member, room.id)).content.decode()

    assert "Affaire secrète" not in page and admin.user.usual_name not in page


class TestRequests:
    @pytest.fixture
    def asked(self, room: Room) -> tuple[Membership, Membership, str]:
        """Return the manager, the organiser and the id of a meeting that asks for the room."""
        manager, organizer = manage(room), MembershipFactory.create(tenant=room.tenant)
        with tenant_scope(room.tenant_id):
            say(room.tenant, "confirmation", True)
            meeting = schedule_meeting(by=organizer, plan=plan(room, title="Point presse"))
        return manager, organizer, str(meeting.id)

    def test_the_manager_sees_and_confirms_it(self, room: Room, asked: tuple[Membership, Membership, str]) -> None:
        manager, organizer, meeting_id = asked
        client = client_of(manager)

        home = client.get(reverse("tenant_home", args=[manager.tenant.slug])).content.decode()
        assert url("request_list", manager) in home
        assert "Point presse" in client.get(url("request_list", manager)).content.decode()
        page = client_of(organizer).get(url("meeting_detail", organizer, meeting_id)).content.decode()
        assert manager.user.full_name in page

        assert client.post(url("request_confirm", manager, meeting_id, room.id)).status_code == 302
        with tenant_scope(room.tenant_id):
            assert Occurrence.objects.get().status == Occurrence.Status.CONFIRMED

    def test_the_organiser_reads_why_it_was_refused(
        self, room: Room, asked: tuple[Membership, Membership, str]
    ) -> None:
        manager, organizer, meeting_id = asked
        client = client_of(manager)

        assert client.post(url("request_refuse", manager, meeting_id, room.id), {"reason": " "}).status_code == 422
        reason = "Travaux <b>urgents</b>"
        assert client.post(url("request_refuse", manager, meeting_id, room.id), {"reason": reason}).status_code == 302

        page = client_of(organizer).get(url("meeting_detail", organizer, meeting_id)).content.decode()
        assert "Travaux &lt;b&gt;urgents&lt;/b&gt;" in page

    def test_a_request_that_is_taken_by_now_is_shown_again(
        self, room: Room, asked: tuple[Membership, Membership, str]
    ) -> None:
        manager, _organizer, meeting_id = asked
        with tenant_scope(room.tenant_id):
            schedule_meeting(by=manager, plan=plan(room))

        response = client_of(manager).post(url("request_confirm", manager, meeting_id, room.id))

        assert response.status_code == 409
        assert len(response.context["requests"][0].taken) == 1

    def test_a_stranger_of_the_room_is_refused(self, room: Room, asked: tuple[Membership, Membership, str]) -> None:
        _manager, organizer, meeting_id = asked

        assert client_of(organizer).post(url("request_confirm", organizer, meeting_id, room.id)).status_code == 403


class TestRules:
    def post(self, admin: Membership, rule: str, **values: Any) -> Any:
        return client_of(admin).post(url("policy_rule", admin, rule), {"mode": "enforced", "reason": "R", **values})

    @pytest.mark.parametrize(
        ("rule", "values", "kept"),
        [
            ("bookers", {"value": "unit"}, "unit"),
            ("days_ahead", {"value": "90"}, 90),
            ("max_minutes", {"value": "120"}, 120),
            (
                "hours",
                {"weekdays": ["0", "4"], "opens": "08:00", "closes": "00:00"},
                {"weekdays": [0, 4], "opens": "08:00", "closes": "00:00"},
            ),
            (
                "closures",
                {"value": "24/12/2026 – 02/01/2027 Fermeture\n2027-05-01"},
                [
                    {"from": "2026-12-24", "to": "2027-01-02", "reason": "Fermeture"},
                    {"from": "2027-05-01", "to": "2027-05-01", "reason": ""},
                ],
            ),
            ("confirmation", {"value": "true"}, True),
            ("access_level", {"value": "restricted"}, "restricted"),
            ("recording", {"value": "false"}, False),
        ],
        ids=["bookers", "days", "minutes", "hours", "closures", "confirmation", "access", "recording"],
    )
    def test_a_rule_is_laid_down(self, admin: Membership, rule: str, values: dict[str, Any], kept: Any) -> None:
        assert self.post(admin, rule, **values).status_code == 302

        with tenant_scope(admin.tenant_id):
            row = PolicyRule.objects.get()
            assert (row.name, row.value, row.is_enforced, row.reason) == (rule, kept, True, "R")
            data = JournalEvent.objects.get().data
            assert (data["rule"], data["mode"]) == (rule, "enforced")
            assert not any(isinstance(value, dict) for value in data.values())
        client = client_of(admin)
        assert client.get(url("policy_rule", admin, rule)).status_code == 200
        page = client.get(reverse("tenants:journal", args=[admin.tenant.slug])).content.decode()
        assert str(RULES[rule].label) in page

    @pytest.mark.parametrize(
        ("rule", "values"),
        [
            ("days_ahead", {"value": "-1"}),
            ("days_ahead", {"value": "9" * 30}),
            ("max_minutes", {"value": "1e9"}),
            ("bookers", {"value": "nobody"}),
            ("hours", {"weekdays": ["7"], "opens": "08:00", "closes": "18:00"}),
            ("hours", {"weekdays": ["1"], "opens": "18:00", "closes": "08:00"}),
            ("hours", {"opens": "08:00", "closes": "18:00"}),
            ("closures", {"value": "31/02/2026"}),
            ("closures", {"value": "02/01/2027 – 24/12/2026"}),
            ("closures", {"value": "\n".join(["01/01/2027"] * 51)}),
            ("closures", {"value": "a" * 20_000}),
            ("confirmation", {"value": "perhaps"}),
            ("recording", {"mode": "always", "value": "true"}),
        ],
        ids=["negative", "huge", "float", "choice", "day", "order", "no day", "date", "period", "many", "long", "flag",
             "mode"],
    )  # fmt: skip
    def test_a_wrong_value_is_refused(self, admin: Membership, rule: str, values: dict[str, Any]) -> None:
        assert self.post(admin, rule, **values).status_code == 422
        with tenant_scope(admin.tenant_id):
            assert not PolicyRule.objects.exists()

    def test_an_unknown_rule_is_not_found(self, admin: Membership) -> None:
        assert client_of(admin).get(url("policy_rule", admin, "colour")).status_code == 404

    def test_meetings_that_would_break_it_are_shown_before_it_is_saved(self, admin: Membership, room: Room) -> None:
        organizer = MembershipFactory.create(tenant=admin.tenant)
        with tenant_scope(admin.tenant_id):
            schedule_meeting(by=organizer, plan=plan(room, title="Affaire secrète"))

        response = self.post(admin, "max_minutes", value="30")

        assert response.status_code == 200
        assert response.context["found"].count == 1
        page = response.content.decode()
        assert organizer.user.full_name in page and "Affaire secrète" not in page
        with tenant_scope(admin.tenant_id):
            assert not PolicyRule.objects.exists()
        shown_for = response.context["shown_for"]
        assert self.post(admin, "max_minutes", value="20", confirmed=shown_for).status_code == 200
        assert self.post(admin, "max_minutes", value="30", confirmed=shown_for).status_code == 302
        assert client_of(admin).get(url("policy", admin)).context["found"].count == 1

    def test_a_unit_says_nothing_where_the_ministry_enforces(self, admin: Membership) -> None:
        unit = UnitFactory.create(tenant=admin.tenant)
        address = url("unit_policy_rule", admin, unit.id, "max_minutes")
        client = client_of(admin)
        assert client.post(address, {"mode": "default", "value": "60", "reason": ""}).status_code == 302
        self.post(admin, "max_minutes", value="90")

        lock = client.get(address).context["row"].lock
        assert lock is not None and lock.name == admin.tenant.name
        assert client.post(address, {"mode": "default", "value": "60", "reason": ""}).status_code == 422
        assert client.post(address, {"mode": "unset", "value": "60", "reason": ""}).status_code == 302

    def test_the_operator_lays_down_what_every_ministry_inherits(self, admin: Membership) -> None:
        tenant = TenantFactory.create(kind=Tenant.Kind.OPERATOR)
        operator = MembershipFactory.create(tenant=tenant, roles=[Role.OPERATOR])
        address = reverse("state_policy:policy_rule", args=["access_level"])
        values = {"mode": "enforced", "value": "restricted", "reason": "Circulaire 12"}

        assert client_of(operator).post(address, values).status_code == 302

        assert StatePolicyRule.objects.get().value == "restricted"
        page = client_of(admin).get(url("policy_rule", admin, "access_level")).content.decode()
        assert "Circulaire 12" in page

    def test_every_date_of_a_series_that_would_break_counts_and_a_moved_one_is_named(
        self, admin: Membership, room: Room
    ) -> None:
        with tenant_scope(admin.tenant_id):
            series = schedule_meeting(by=admin, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=5"))
            moved = series.occurrences.all()[2]
            elsewhere = OccurrencePlan(moved.starts_on + timedelta(days=1), time(17, 5), 60, room)
            change_occurrence(occurrence=moved, by=admin, plan=elsewhere)

        response = self.post(admin, "max_minutes", value="30")

        found = response.context["found"]
        assert (found.count, found.dates, found.first[0].more, found.is_cut) == (1, 5, 4, False)
        assert [row.id for row in found.first[0].changed] == [moved.id]
        page = response.content.decode()
        assert "et 4 autres dates" in page and "17:05" in page

    def test_a_list_that_is_cut_says_of_how_many(
        self, admin: Membership, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.rooms.places.breaches.SCANNED_MAX", 3)
        monkeypatch.setattr("apps.rooms.places.breaches.SHOWN_MAX", 2)
        with tenant_scope(admin.tenant_id):
            for weekday in range(5):
                schedule_meeting(by=admin, plan=plan(room, starts_on=coming(weekday)))

        page = self.post(admin, "max_minutes", value="30").content.decode()

        assert "Seules les 3 prochaines dates sur 5 ont été examinées" in page
        assert "Sont listées les 2 plus proches des 3 réunions." in page

    def test_finding_breaches_costs_the_same_queries(self, admin: Membership, room: Room) -> None:
        counts = []
        for more in (1, 20):
            for _number in range(more):
                MeetingFactory.create(organizer=admin, room=RoomFactory.create(tenant=admin.tenant),
                                      starts_on=date(2090, 1, 2))  # fmt: skip
            client = client_of(admin)
            with CaptureQueriesContext(connection) as queries:
                client.get(url("policy", admin))
            counts.append(len(queries))

        assert counts[0] == counts[1]
