"""Matching of accounts and departments, through its pages."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.licensing.models import Alias, DepartmentUnit, Format
from apps.licensing.people.departments import map_departments, named_departments, similar_unit
from apps.licensing.people.listed_pages import is_listed
from apps.licensing.people.listing import keep_listing, listing_differences
from apps.licensing.people.matching import Found, Search, confirm_pairs, find_accounts, match_counts, proposals
from apps.licensing.people.sources import sources_on
from apps.licensing.people.tests.factories import DAY, add_account, usage_import
from apps.tenants.conflicts import Conflict
from apps.tenants.models import JournalEvent, Membership, Role, Unit
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    client = client_of(officer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def files(officer: Membership) -> None:
    """Jean has two addresses; Anne has one of them; Paul is a member; two people are called Marie Martin."""
    microsoft = usage_import(officer, Format.M365_USERS)
    add_account(microsoft, "jean.dupont@example.fr", name="DUPONT Jean", department="D.S.I.")
    add_account(microsoft, "anne@example.fr", name="Anne Éluard", department="Achats  Publics")
    add_account(microsoft, "marie.martin@example.fr", name="Marie Martin")
    add_account(microsoft, "marie.martin2@example.fr", name="Marie Martin")
    zoom = usage_import(officer, Format.ZOOM_USERS)
    add_account(zoom, "jdupont@example.fr", name="Jean Dupont")
    add_account(zoom, "anne@example.fr", name="Anne Eluard")
    add_account(zoom, "mmartin@example.fr", name="Marie Martin")
    add_account(zoom, "dupont@autre.fr", name="Jean Dupont")


def address(officer: Membership, rest: str = "") -> str:
    return f"/t/{officer.tenant.slug}/accounts/{rest}"


def test_accounts_are_matched_by_address_alias_and_membership(officer: Membership, files: None) -> None:
    member = MembershipFactory.create(tenant=officer.tenant, unit=UnitFactory.create(tenant=officer.tenant))
    with tenant_scope(officer.tenant_id):
        add_account(sources_on(officer.tenant, DAY).newest[Format.ZOOM_USERS], member.user.email)
        before = match_counts(officer.tenant, sources_on(officer.tenant, DAY))
        confirm_pairs(membership=officer, pairs=[("jdupont@example.fr", "jean.dupont@example.fr")])
        after = match_counts(officer.tenant, sources_on(officer.tenant, DAY))

    assert [(item.accounts, item.matched, item.unmatched) for item in before] == [(4, 1, 3), (5, 2, 3)]
    assert [(item.matched, item.without_unit) for item in after] == [(2, 4), (3, 4)]


def test_only_a_name_that_is_alone_on_both_sides_is_proposed(officer: Membership, files: None) -> None:
    with tenant_scope(officer.tenant_id):
        found = proposals(officer.tenant, sources_on(officer.tenant, DAY))

    assert [(item.identifier, item.person) for item in found] == [("jdupont@example.fr", "jean.dupont@example.fr")]


def test_proposal_is_confirmed_and_undone_with_counts_in_the_journal(
    client: Client, officer: Membership, files: None
) -> None:
    chosen = {"pair": ["jdupont@example.fr jean.dupont@example.fr", "anne@example.fr mmartin@example.fr"]}
    assert client.post(address(officer, "same/confirm/"), chosen).status_code == 302
    with tenant_scope(officer.tenant_id):
        alias = Alias.objects.get()
    assert (alias.identifier, alias.person) == ("jdupont@example.fr", "jean.dupont@example.fr")
    assert "jdupont@example.fr" in client.get(address(officer, "same/")).content.decode()

    client.post(address(officer, f"same/{alias.id}/undo/"))

    with tenant_scope(officer.tenant_id):
        assert not Alias.objects.exists()
        assert [(event.action, event.data) for event in JournalEvent.objects.order_by("created_at")] == [
            ("alias.confirmed", {"count": 1}),
            ("alias.undone", {"count": 1}),
        ]


def test_alias_never_points_at_an_alias(officer: Membership, files: None) -> None:
    with tenant_scope(officer.tenant_id):
        confirm_pairs(membership=officer, pairs=[("b@example.fr", "a@example.fr")])
        confirm_pairs(membership=officer, pairs=[("c@example.fr", "b@example.fr"), ("a@example.fr", "z@example.fr")])
        persons = dict(Alias.objects.values_list("identifier", "person"))
        with pytest.raises(Conflict):
            confirm_pairs(membership=officer, pairs=[("b@example.fr", "anne@example.fr")])

    assert persons == dict.fromkeys(("a@example.fr", "b@example.fr", "c@example.fr"), "z@example.fr")


def test_address_that_nobody_has_is_refused(client: Client, officer: Membership, files: None) -> None:
    response = client.post(
        address(officer, "same/"), {"identifier": "jdupont@example.fr", "person": "nobody@example.fr"}
    )

    assert response.status_code == 422
    assert "stands in no imported file" in response.content.decode()


def test_list_finds_accounts_by_state_and_text(client: Client, officer: Membership, files: None) -> None:
    unmatched = client.get(address(officer, "?state=unmatched&file=zoom_users")).content.decode()
    found = client.get(address(officer, "?q=ELUARD")).content.decode()
    nothing = client.get(address(officer, "?q=100%25_")).content.decode()

    assert "jdupont@example.fr" in unmatched
    assert "anne@example.fr" not in unmatched
    assert "anne@example.fr" in found
    assert "No account is like that" in nothing


def test_departments_are_mapped_together_and_remembered(client: Client, officer: Membership, files: None) -> None:
    unit = UnitFactory.create(tenant=officer.tenant, name="Achats publics")
    page = client.get(address(officer, "departments/")).content.decode()
    assert "2 departments without unit: 2 accounts" in page
    assert "Proposed by its name" in page

    sent = {"starts_on": "2026-01-01", "name_0": "achats publics", "unit_0": str(unit.id), "name_1": "d.s.i."}
    response = client.post(address(officer, "departments/"), sent)

    assert response.status_code == 302
    with tenant_scope(officer.tenant_id):
        mapped = DepartmentUnit.objects.get()
    assert (mapped.department, mapped.unit_id, mapped.starts_on) == ("achats publics", unit.id, date(2026, 1, 1))
    assert "1 department without unit: 1 accounts" in client.get(address(officer, "departments/")).content.decode()


def test_unit_is_proposed_by_its_initials() -> None:
    units = [Unit(name="Direction du numérique"), Unit(name="Service des systèmes informatiques")]

    assert similar_unit("dn", units) is units[0]
    assert similar_unit("cabinet", units) is None


def test_pages_cost_the_same_for_one_account_and_for_many(client: Client, officer: Membership, files: None) -> None:
    with CaptureQueriesContext(connection) as few:
        client.get(address(officer))
    zoom = usage_import(officer, Format.ZOOM_USERS, day=date(2026, 11, 2))
    for number in range(30):
        add_account(zoom, f"agent{number}@example.fr", department=f"Bureau {number}")
    with CaptureQueriesContext(connection) as many:
        client.get(address(officer))

    assert len(many) == len(few)


def test_pages_say_what_to_do_before_any_import(client: Client, officer: Membership) -> None:
    for page in ("", "same/"):
        assert "No file of accounts yet" in client.get(address(officer, page)).content.decode()
    assert client.get(address(officer, "departments/")).status_code == 200


@pytest.mark.parametrize("state", ["", "matched", "unmatched", "no_unit"])
@pytest.mark.parametrize("file", ["", "zoom_users"])
def test_page_that_is_looked_up_is_that_of_all_rows(officer: Membership, files: None, state: str, file: str) -> None:
    tenant, unit = officer.tenant, UnitFactory.create(tenant=officer.tenant)
    member = MembershipFactory.create(tenant=tenant, unit=unit)
    with tenant_scope(officer.tenant_id):
        sources = sources_on(tenant, DAY)
        add_account(sources.newest[Format.ZOOM_USERS], member.user.email)
        confirm_pairs(membership=officer, pairs=[("jdupont@example.fr", "jean.dupont@example.fr")])
        map_departments(membership=officer, units={"d.s.i.": unit}, starts_on=DAY)
        found, parts = [], []
        for size, offset in ((100, 0), (3, 0), (3, 3)):
            search = Search(state, file)
            page = find_accounts(tenant, sources, search, offset=offset, limit=size)
            by_rows = find_accounts(tenant, sources, replace(search, text="@"), offset=offset, limit=size)
            found.append(page)
            parts.append(by_rows)

    assert found[0].total == len(found[0].rows) > 0
    assert [page.rows for page in found] == [page.rows for page in parts]
    assert found[0].total == parts[0].total


def test_kept_counts_follow_a_match_a_unit_and_a_member(officer: Membership, files: None) -> None:
    tenant, unit = officer.tenant, UnitFactory.create(tenant=officer.tenant)

    def counts() -> list[tuple[int, int]]:
        found = match_counts(tenant, sources_on(tenant, DAY))
        return [(item.matched, item.without_unit) for item in found]

    with tenant_scope(officer.tenant_id):
        before = counts()
        sources = sources_on(tenant, DAY)
        [proposed], named = proposals(tenant, sources), named_departments(tenant, sources)
        with CaptureQueriesContext(connection) as queries:
            assert counts() == before
            assert (proposals(tenant, sources), named_departments(tenant, sources)) == ([proposed], named)
        assert not any("licensing_account " in item["sql"] for item in queries)
        map_departments(membership=officer, units={"d.s.i.": unit}, starts_on=DAY)
        assert counts() == [(1, 3), (1, 4)]
        confirm_pairs(membership=officer, pairs=[("jdupont@example.fr", "jean.dupont@example.fr")])
        assert counts() == [(2, 3), (2, 3)]
        assert proposals(tenant, sources) == []


def test_what_is_listed_is_what_the_rows_give(officer: Membership, files: None) -> None:
    tenant, unit = officer.tenant, UnitFactory.create(tenant=officer.tenant)
    searches = [
        (Search(state, file, text), offset)
        for state in ("", "matched", "unmatched", "no_unit")
        for file in ("", "zoom_users")
        for text in ("", "martin", "éLuard", "@", "_")
        for offset in (0, 2)
    ]

    def pages() -> list[Found]:
        sources = sources_on(tenant, tenant.today)
        return [find_accounts(tenant, sources, search, offset=offset, limit=2) for search, offset in searches]

    def is_kept() -> bool:
        return is_listed(tenant, sources_on(tenant, tenant.today))

    with tenant_scope(officer.tenant_id):
        for change in (
            lambda: map_departments(membership=officer, units={"d.s.i.": unit}, starts_on=DAY),
            lambda: confirm_pairs(membership=officer, pairs=[("jdupont@example.fr", "jean.dupont@example.fr")]),
            lambda: add_account(usage_import(officer, Format.ZOOM_USERS, day=tenant.today), "new@example.fr"),
        ):
            change()
            assert not is_kept()
            by_rows = pages()
            keep_listing(tenant)
            assert (is_kept(), listing_differences(tenant)) == (True, 0)
            assert pages() == by_rows
            with CaptureQueriesContext(connection) as queries:
                pages()
            assert not any("licensing_account " in item["sql"] for item in queries)
