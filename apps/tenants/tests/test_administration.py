"""Members, units, tokens and the journal through their pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.tenants import journal, operations
from apps.tenants.models import ApiToken, JournalEvent, Membership, Role
from apps.tenants.operations import RolesChanged, change_roles
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory, api_token
from apps.tenants.tokens import digest_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Membership:
    return MembershipFactory.create(roles=[Role.ADMIN], user__given_name="Inès", user__usual_name="Carpentier")


@pytest.fixture
def client(admin: Membership) -> Client:
    return in_english(client_of(admin))


def in_english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def address(member: Membership, rest: str) -> str:
    return f"/t/{member.tenant.slug}/{rest}"


def write_events(member: Membership, number: int, action: str = "meeting.scheduled") -> list[JournalEvent]:
    """Write events and have them linked, as a COMMIT does."""
    with tenant_scope(member.tenant_id):
        events = [journal.record_by(member, action, member, number=n) for n in range(number)]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return events


def events_on(page: Any) -> list[JournalEvent]:
    return [row.event for row in page.context["rows"]]


# Members


def test_roles_are_given_and_journalled(client: Client, admin: Membership) -> None:
    member = MembershipFactory.create(tenant=admin.tenant, roles=[Role.ORGANIZER])

    response = client.post(address(admin, f"members/{member.pk}/roles/"), {"roles": ["procurement", "auditor"]})

    with tenant_scope(admin.tenant_id):
        member.refresh_from_db()
        event = JournalEvent.objects.get()
    assert response.status_code == 302
    assert member.roles == ["auditor", "organizer", "procurement"]
    assert (event.action, event.object_id, event.actor_id) == ("member.roles_changed", member.pk, admin.user_id)
    assert event.data == {"added": ["auditor", "procurement"], "removed": []}


def test_a_lost_role_closes_the_persons_sockets(admin: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Any] = []
    monkeypatch.setattr(operations, "close_sockets", lambda *ids: closed.append(ids))
    member = MembershipFactory.create(tenant=admin.tenant, roles=["auditor"])

    with tenant_scope(admin.tenant_id):
        change_roles(by=admin, member=member, roles=["auditor", "procurement"], among=Role)
        assert closed == []
        change_roles(by=admin, member=member, roles=["procurement"], among=Role)

    assert closed == [(admin.tenant_id, member.user_id)]


def test_roles_that_somebody_else_changed_meanwhile_are_kept(admin: Membership) -> None:
    member = MembershipFactory.create(tenant=admin.tenant)

    with tenant_scope(admin.tenant_id):
        Membership.objects.filter(id=member.id).update(roles=["auditor"])
        with pytest.raises(RolesChanged):
            change_roles(by=admin, member=member, roles=["procurement"], among=Role)


def test_nobody_changes_their_own_roles(client: Client, admin: Membership) -> None:
    response = client.post(address(admin, f"members/{admin.pk}/roles/"), {"roles": ["admin", "auditor"]})

    assert response.status_code == 403


@pytest.mark.parametrize("role", ["operator", "organizer", "king"])
def test_a_role_that_is_not_an_administrators_to_give_is_refused(client: Client, admin: Membership, role: str) -> None:
    member = MembershipFactory.create(tenant=admin.tenant)

    response = client.post(address(admin, f"members/{member.pk}/roles/"), {"roles": [role]})

    assert response.status_code == 422


def test_member_of_another_ministry_is_not_found(client: Client, admin: Membership) -> None:
    stranger = MembershipFactory.create()

    assert client.get(address(admin, f"members/{stranger.pk}/roles/")).status_code == 404


def test_members_are_found_by_each_word(client: Client, admin: Membership) -> None:
    MembershipFactory.create(tenant=admin.tenant, user__given_name="Karim", user__usual_name="Benali")

    page = client.get(address(admin, "members/"), {"q": "benali kar"})

    assert [str(member.user) for member in page.context["members"]] == ["Karim Benali"]


def test_units_stand_below_their_parents_with_their_members(client: Client, admin: Membership) -> None:
    top = UnitFactory.create(tenant=admin.tenant, name="Direction")
    office = UnitFactory.create(tenant=admin.tenant, name="Bureau", parent=top)
    UnitFactory.create(tenant=admin.tenant, name="Agence")
    MembershipFactory.create(tenant=admin.tenant, unit=office)
    MembershipFactory.create(tenant=admin.tenant, unit=office, ended_at=timezone.now())

    rows = client.get(address(admin, "units/")).context["rows"]

    assert [(row.unit.name, row.depth, row.member_count) for row in rows] == [
        ("Agence", 0, 0),
        ("Direction", 0, 0),
        ("Bureau", 1, 1),
    ]


# Tokens


def test_token_is_shown_once_and_kept_as_a_digest(client: Client, admin: Membership) -> None:
    fields = {
        "name": "Écrans",
        "scopes": ["meetings:read"],
        "expires_on": (timezone.localdate() + timedelta(days=30)).isoformat(),
    }

    response = client.post(address(admin, "tokens/new/"), fields)
    secret = response.context["secret"]
    token = ApiToken.objects.get()
    later = client.get(address(admin, "tokens/")).content.decode()

    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert token.digest == digest_of(secret)
    assert secret not in later
    assert "Écrans" in later
    with tenant_scope(admin.tenant_id):
        assert JournalEvent.objects.get().action == "token.created"


@pytest.mark.parametrize(
    "changes", [{"scopes": []}, {"scopes": ["everything"]}, {"days": -1}, {"days": 400}, {"name": ""}]
)
def test_token_form_comes_back_with_its_errors(client: Client, admin: Membership, changes: dict[str, Any]) -> None:
    day = timezone.localdate() + timedelta(days=changes.pop("days", 30))
    fields = {"name": "Écrans", "scopes": ["meetings:read"], "expires_on": day.isoformat()} | changes

    response = client.post(address(admin, "tokens/new/"), fields)

    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_member_sees_and_revokes_own_tokens_alone(admin: Membership) -> None:
    member = MembershipFactory.create(tenant=admin.tenant)
    mine, _ = api_token(member, "meetings:read")
    theirs, _ = api_token(admin, "meetings:read")
    browser = client_of(member)

    listed = list(browser.get(address(admin, "tokens/")).context["tokens"])
    statuses = [browser.post(address(admin, f"tokens/{token.pk}/revoke/")).status_code for token in (mine, theirs)]

    assert listed == [mine]
    assert statuses == [302, 404]
    assert list(ApiToken.objects.filter(revoked_at=None)) == [theirs]


def test_token_is_revoked_only_after_a_question(client: Client, admin: Membership) -> None:
    token, _secret = api_token(MembershipFactory.create(tenant=admin.tenant), "meetings:read")

    question = client.get(address(admin, f"tokens/{token.pk}/revoke/"))

    assert f"acts as {token.user}" in question.content.decode()
    assert ApiToken.objects.filter(revoked_at=None).exists()


def test_token_shows_the_last_day_that_was_chosen(client: Client, admin: Membership) -> None:
    day = admin.tenant.today + timedelta(days=30)
    fields = {"name": "Écrans", "scopes": ["meetings:read"], "expires_on": day.isoformat()}

    client.post(address(admin, "tokens/new/"), fields)

    assert ApiToken.objects.get().last_day == day


def test_administrator_revokes_any_token_of_the_ministry_and_no_other(client: Client, admin: Membership) -> None:
    ours, _ = api_token(MembershipFactory.create(tenant=admin.tenant), "meetings:read")
    theirs, _ = api_token(MembershipFactory.create(), "meetings:read")

    statuses = [client.post(address(admin, f"tokens/{token.pk}/revoke/")).status_code for token in (ours, theirs)]

    assert statuses == [302, 404]


# The journal


def test_journal_shows_the_newest_first_with_place_and_digest(client: Client, admin: Membership) -> None:
    events = write_events(admin, 2)

    page = client.get(address(admin, "journal/"))

    assert events_on(page) == events[::-1]
    assert [row.position for row in page.context["rows"]] == [2, 1]
    assert page.context["rows"][0].digest[:16] in page.content.decode()


def test_journal_names_persons_to_administrators_alone(client: Client, admin: Membership) -> None:
    write_events(admin, 1)
    auditor = MembershipFactory.create(tenant=admin.tenant, roles=[Role.AUDITOR])
    table = "portal-journal"

    seen_by_admin = client.get(address(admin, "journal/")).content.decode()
    seen_by_auditor = in_english(client_of(auditor)).get(address(admin, "journal/")).content.decode()

    assert table in seen_by_admin
    assert "Inès Carpentier" in seen_by_admin.split(table)[1].split("</table>")[0]
    assert "Inès Carpentier" not in seen_by_auditor
    assert f"person {str(admin.user_id)[:8]}" in seen_by_auditor


def test_journal_is_filtered_by_what_stands_in_the_url(client: Client, admin: Membership) -> None:
    other = MembershipFactory.create(tenant=admin.tenant)
    mine = write_events(admin, 1)[0]
    theirs = write_events(other, 1, "member.joined")[0]
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    today = timezone.localdate(timezone=admin.tenant.zone).isoformat()

    def found(**query: Any) -> list[JournalEvent]:
        return events_on(client.get(address(admin, "journal/"), query))

    assert found(action="member.joined") == [theirs]
    assert found(person=admin.user_id) == [mine]
    assert found(object=other.pk) == [theirs]
    assert found(since=tomorrow) == []
    assert found(since=today, until=today) == [theirs, mine]
    assert found(before=theirs.pk) == [mine]


@pytest.mark.parametrize("query", [{"since": "soon"}, {"person": "me"}, {"until": "0001-01-01"}, {"before": "x"}])
def test_journal_says_that_a_filter_is_wrong(client: Client, admin: Membership, query: dict[str, str]) -> None:
    assert client.get(address(admin, "journal/"), query).status_code == 422


def test_journal_has_pages_of_fifty_at_the_same_cost(client: Client, admin: Membership) -> None:
    costs = []
    for more in (1, 59):
        write_events(admin, more)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address(admin, "journal/"))
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))

    following = client.get(address(admin, "journal/"), {"before": page.context["last"].pk})

    assert len(events_on(page)) == 50
    assert len(events_on(following)) == 10
    assert not set(events_on(page)) & set(events_on(following))
    assert costs[0] == costs[1] <= 12


@pytest.mark.parametrize("page", ["members/", "units/", "journal/"])
@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.PROCUREMENT])
def test_administration_is_for_administrators(admin: Membership, role: Role, page: str) -> None:
    member = MembershipFactory.create(tenant=admin.tenant, roles=[role])

    assert client_of(member).get(address(admin, page)).status_code == 403


def test_administration_needs_a_second_factor(admin: Membership) -> None:
    assert client_of(admin, second_factor=False).get(address(admin, "members/")).status_code == 403


@pytest.mark.parametrize("has_second_factor", [True, False])
def test_menu_marks_the_pages_that_need_a_second_factor(admin: Membership, has_second_factor: bool) -> None:
    browser = client_of(admin, second_factor=has_second_factor)

    page = browser.get(address(admin, "tokens/"))

    shell = page.context["shell"]
    locked = {entry.url.rsplit("/", 2)[1] for entry in shell.menu if entry.is_locked}
    assert ({"members", "units", "journal"} <= locked) is not has_second_factor
    assert not {"tokens", "meetings"} & locked
    assert ("second_factor=1" in page.content.decode()) is not has_second_factor
