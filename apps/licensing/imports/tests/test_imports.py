"""Files on their way in: recognised, previewed, imported whole or not at all, undone."""

import json
from datetime import date

import pytest

from apps.licensing.imports import operations
from apps.licensing.imports.formats import TABLE_OF
from apps.licensing.imports.tests.files import Imports, row_of, table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import (
    ACTIVE_HEADER,
    ADMIN_HEADER,
    HOSTS_HEADER,
    TEAMS_HEADER,
    ZOOM_FRENCH_HEADER,
    ZOOM_HEADER,
)
from apps.licensing.models import Account, ColumnMapping, Format, SkuCount, UnitDay, UsageImport, Vendor
from apps.licensing.people.figure_lines import figure_lines
from apps.licensing.people.reconciliation import reconcile
from apps.licensing.people.rollups import MEASURES, compute_unit_days, differences
from apps.tenants.conflicts import Conflict
from apps.tenants.models import JournalEvent
from apps.tenants.scoping import tenant_scope

pytestmark = pytest.mark.django_db
Status = UsageImport.Status
TEAMS = table(
    TEAMS_HEADER,
    [
        teams_row("Zoé.Lefèvre@interieur.example.fr"),
        teams_row("dormant@interieur.example.fr", meetings="0", calls="0", Last_Activity_Date=""),
        teams_row("parti@interieur.example.fr", Is_Deleted="True"),
        teams_row("libre@interieur.example.fr", Is_Licensed="No", Assigned_Products=""),
        teams_row("cabinet_conseil.example#EXT#@interieur.example.fr", Is_Licensed="No"),
        teams_row("salle-a@interieur.example.fr", Assigned_Products="MICROSOFT TEAMS ROOMS PRO"),
    ],
)


def test_teams_activity_is_imported_with_its_meaning(imports: Imports) -> None:
    previewed = imports.send(TEAMS)

    assert (previewed.status, previewed.format, previewed.encoding) == ("previewed", "teams_activity", "utf-8")
    assert (previewed.refreshed_on, previewed.period_days) == (date(2026, 11, 20), 30)
    assert imports.accounts() == {}

    committed = imports.confirm(previewed)

    accounts = imports.accounts()
    assert committed.status == Status.COMMITTED
    assert {name: account.kind for name, account in accounts.items()} == {
        "zoé.lefèvre@interieur.example.fr": "paid",
        "dormant@interieur.example.fr": "paid",
        "parti@interieur.example.fr": "paid",
        "libre@interieur.example.fr": "free",
        "cabinet_conseil.example#ext#@interieur.example.fr": "guest",
        "salle-a@interieur.example.fr": "resource",
    }
    assert accounts["zoé.lefèvre@interieur.example.fr"].meetings == 5
    assert accounts["zoé.lefèvre@interieur.example.fr"].products == ["MICROSOFT 365 E3"]
    assert accounts["dormant@interieur.example.fr"].last_active_on is None
    assert accounts["parti@interieur.example.fr"].is_deleted
    assert (committed.counts["paid"], committed.counts["paid_deleted"], committed.counts["free"]) == (2, 1, 1)
    with tenant_scope(committed.tenant_id):
        assert JournalEvent.objects.filter(action="usage_import.committed").count() == 1


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("utf-16-le", "\t"), ("cp1252", ";")]
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_zoom_users_are_read_in_each_encoding_and_language(
    imports: Imports, encoding: str, delimiter: str, language: str
) -> None:
    header = ZOOM_HEADER if language == "en" else ZOOM_FRENCH_HEADER
    content = table(
        header,
        [zoom_row("Zoé@example.fr"), zoom_row("b@example.fr", "Basic", User_Status="Inactive")],
        delimiter=delimiter,
        encoding=encoding,
    )

    imports.confirm(imports.dated(content))

    accounts = imports.accounts()
    paid, free = accounts["zoé@example.fr"], accounts["b@example.fr"]
    assert (paid.kind, paid.name, paid.department) == ("paid", "Zoé Lefèvre", "Direction du numérique")
    assert (paid.last_active_on, paid.meetings, paid.vendor) == (date(2026, 11, 13), None, Vendor.ZOOM)
    assert (free.kind, free.is_blocked) == ("free", True)


def test_ambiguous_dates_are_asked_for_and_read_as_answered(imports: Imports) -> None:
    content = table(
        ZOOM_HEADER, [zoom_row("a@example.fr", login="08/12/2026 10:00"), zoom_row("b@example.fr", login="")]
    )

    asked = imports.dated(content)

    assert (asked.status, asked.question) == (Status.ASKING, "date_order")
    with tenant_scope(asked.tenant_id):
        operations.say_date_order(usage_import=asked, order="dmy")
    imports.confirm(imports.read(asked))
    assert imports.accounts()["a@example.fr"].last_active_on == date(2026, 12, 8)


def test_a_day_beyond_twelve_settles_the_order(imports: Imports) -> None:
    rows = [zoom_row("a@example.fr", login="08/12/2026 10:00"), zoom_row("b@example.fr", login="25/11/2026 10:00")]

    imports.confirm(imports.dated(table(ZOOM_HEADER, rows)))

    assert imports.accounts()["a@example.fr"].last_active_on == date(2026, 12, 8)


def test_zoom_hosts_are_read_by_position_without_guests(imports: Imports) -> None:
    def meeting(number: str, guest_mail: str, guest: str, start: str = "Nov 12, 2026 10:00 AM") -> list[str]:
        return [
            "Point", number, "Hôte", "hote@example.fr", "DSI", "", "No", "", start, "", "60", "2",
            "Nom", guest_mail, "", "", "59", guest, "", "",
        ]  # fmt: skip

    content = table(
        HOSTS_HEADER,
        [
            meeting("1", "hote@example.fr", "No"),
            meeting("1", "agent@example.fr", "No"),
            meeting("1", "dehors@example.com", "Yes"),
            meeting("2", "agent@example.fr", "No", "Nov 14, 2026 10:00 AM"),
        ],
    )

    committed = imports.confirm(imports.send(content))

    accounts = imports.accounts()
    assert committed.format == Format.ZOOM_HOSTS
    assert (committed.refreshed_on, committed.period_days) == (date(2026, 11, 14), 3)
    assert {name: account.meetings for name, account in accounts.items()} == {
        "hote@example.fr": 2,
        "agent@example.fr": 2,
    }
    assert accounts["hote@example.fr"].department == "DSI"


def test_active_users_and_admin_centre_are_recognised(imports: Imports) -> None:
    active = row_of(
        ACTIVE_HEADER,
        Report_Refresh_Date="2026-11-20",
        User_Principal_Name="a@example.fr",
        Display_Name="A",
        Is_Deleted="False",
        Has_Teams_License="True",
        Teams_Last_Activity_Date="2026-11-01",
        Assigned_Products="OFFICE 365 E1",
    )
    admin = [
        ["True", "DSI", "B", "Microsoft 365 E3+Power BI (free)", "", "b@example.fr"],
        ["False", "DSI", "C", "Unlicensed", "", "c@example.fr"],
        ["False", "DSI", "D", "Microsoft 365 E3", "2026-11-01 10:00:00Z", "d@example.fr"],
    ]

    first = imports.confirm(imports.send(table(ACTIVE_HEADER, [active])))
    second = imports.confirm(imports.dated(table(ADMIN_HEADER, admin, delimiter=";")))

    accounts = imports.accounts()
    assert (first.format, second.format) == (Format.M365_ACTIVE_USERS, Format.M365_USERS)
    assert (accounts["a@example.fr"].kind, accounts["a@example.fr"].meetings) == ("paid", None)
    assert (accounts["b@example.fr"].kind, accounts["b@example.fr"].is_blocked) == ("paid", True)
    assert accounts["b@example.fr"].products == ["Microsoft 365 E3", "Power BI (free)"]
    assert accounts["c@example.fr"].kind == "free"
    assert "d@example.fr" not in accounts
    assert second.counts["left_out"] == 1


def test_visio_days_become_one_account_each(imports: Imports) -> None:
    content = table(
        ["date", "e-mail", "meetings"],
        [["2026-11-01", "a@example.fr", "2"], ["2026-11-03", "A@example.fr", "1"], ["2026-11-03", "b@example.fr", "0"]],
    )

    committed = imports.confirm(imports.send(content))

    accounts = imports.accounts()
    assert (committed.refreshed_on, committed.period_days) == (date(2026, 11, 3), 3)
    assert (accounts["a@example.fr"].meetings, accounts["a@example.fr"].last_active_on) == (3, date(2026, 11, 3))
    assert accounts["b@example.fr"].last_active_on is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_subscribed_skus_are_counted(imports: Imports, encoding: str) -> None:
    sku = {
        "skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965",
        "skuPartNumber": "SPE_E3",
        "capabilityStatus": "Enabled",
        "consumedUnits": 90,
        "prepaidUnits": {"enabled": 100, "suspended": 0, "warning": 5, "lockedOut": 0},
    }

    committed = imports.confirm(imports.dated(json.dumps({"value": [sku]}).encode(encoding)))

    with tenant_scope(committed.tenant_id):
        count = SkuCount.objects.get()
    assert (count.part_number, count.enabled, count.consumed, count.warning) == ("SPE_E3", 100, 90, 5)
    assert (committed.counts["bought"], committed.counts["consumed"]) == (100, 90)


def test_every_broken_row_is_reported_and_none_is_imported(imports: Imports) -> None:
    rows = [teams_row(f"agent{n}@example.fr") for n in range(1000)]
    for n in range(0, 1000, 100):
        rows[n] = teams_row(f"agent{n}@example.fr", meetings="-3")
    rows[5] = rows[5][:-1]
    rows[6] = teams_row("pas une adresse", Last_Activity_Date="2026-02-31")

    refused = imports.send(table(TEAMS_HEADER, rows))

    assert (refused.status, refused.failure_code, refused.rows_wrong) == (Status.REFUSED, "rows_wrong", 12)
    problems = imports.problems(refused)
    assert [row for row, *_rest in problems if _rest[1] == "count"] == [n + 2 for n in range(0, 1000, 100)]
    assert (7, "", "cells", "32") in problems
    assert {(column, code) for row, column, code, _value in problems if row == 8} == {
        ("identifier", "address"),
        ("last_active", "date"),
    }
    assert imports.accounts() == {}


def test_one_identifier_twice_is_merged_where_equal_and_refused_where_not(imports: Imports) -> None:
    same = [teams_row("a@example.fr"), teams_row("a@example.fr"), teams_row("b@example.fr")]

    merged = imports.send(table(TEAMS_HEADER, same))
    refused = imports.send(table(TEAMS_HEADER, [teams_row("a@example.fr"), teams_row("A@example.fr", meetings="9")]))

    assert (merged.status, merged.counts["merged"], merged.counts["accounts"]) == (Status.PREVIEWED, 1, 2)
    assert imports.problems(refused) == [(3, "identifier", "double", "A@example.fr")]


def test_the_same_file_again_changes_nothing(imports: Imports) -> None:
    first = imports.confirm(imports.send(TEAMS))
    before = len(imports.accounts())

    second = imports.send(TEAMS)

    assert (second.status, second.failure_code) == (Status.REFUSED, "already_imported")
    assert second.failure_detail == str(first.id)
    assert len(imports.accounts()) == before


def test_two_previews_of_one_file_are_imported_once(imports: Imports) -> None:
    first, second = imports.send(TEAMS), imports.send(TEAMS)

    assert imports.confirm(first).status == Status.COMMITTED
    assert imports.confirm(second).failure_code == "already_imported"


def test_undo_takes_the_rows_out_and_the_file_may_come_again(imports: Imports) -> None:
    committed = imports.confirm(imports.send(TEAMS))

    undone = imports.undo(committed)

    assert (undone.status, imports.accounts()) == (Status.UNDONE, {})
    assert imports.confirm(imports.send(TEAMS)).status == Status.COMMITTED
    with tenant_scope(undone.tenant_id), pytest.raises(Conflict):
        operations.undo_import(membership=imports.officer, usage_import=undone)


def test_a_newer_file_replaces_the_older_until_it_is_undone(imports: Imports) -> None:
    older = imports.confirm(imports.send(TEAMS))
    newer = imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row("z@example.fr")])))

    assert (imports.again(older).status, list(imports.accounts())) == (Status.REPLACED, ["z@example.fr"])
    assert imports.undo(newer).status == Status.UNDONE
    assert (imports.again(older).status, len(imports.accounts())) == (Status.COMMITTED, 6)


def test_a_replaced_file_that_is_undone_hands_on_what_waited_behind_it(imports: Imports) -> None:
    first, second, third = (
        imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row(name)]))) for name in ("a@b.fr", "b@b.fr", "c@b.fr")
    )

    imports.undo(second)
    assert list(imports.accounts()) == ["c@b.fr"]
    imports.undo(third)

    assert list(imports.accounts()) == ["a@b.fr"]
    assert imports.again(first).status == Status.COMMITTED


def test_files_of_another_period_count_beside_each_other(imports: Imports) -> None:
    month = imports.confirm(imports.send(TEAMS))
    imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row("z@example.fr", Report_Period="90")])))

    assert imports.again(month).status == Status.COMMITTED


def test_undo_restores_the_figures_exactly(imports: Imports) -> None:
    def figures() -> list[dict[str, object]]:
        tenant = imports.officer.tenant
        compute_unit_days(tenant_id=tenant.id, day=date(2026, 11, 20))
        with tenant_scope(tenant.id):
            return list(UnitDay.objects.order_by("vendor", "unit_id").values("vendor", "unit_id", *MEASURES))

    imports.confirm(imports.send(TEAMS))
    imports.take(table(ZOOM_HEADER, [zoom_row("zoé.lefèvre@interieur.example.fr"), zoom_row("b@example.fr", "Basic")]))
    before = figures()

    added = [
        imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row("z@example.fr"), teams_row("y@example.fr")]))),
        imports.take(table(ZOOM_HEADER, [zoom_row(f"{n}@example.fr") for n in range(20)])),
    ]
    between = figures()
    for usage_import in added:
        imports.undo(usage_import)

    assert before
    assert between != before
    assert figures() == before


def test_totals_of_concealed_reports_reach_the_figures_without_a_unit(imports: Imports) -> None:
    rows = [teams_row(f"{n:032X}", meetings=str(n % 3), calls="0") for n in range(30)]
    imports.confirm(imports.send(table(TEAMS_HEADER, rows)))
    imports.confirm(imports.send(table(TEAMS_HEADER, [[*row[:-1], "90"] for row in rows])))
    tenant = imports.officer.tenant

    compute_unit_days(tenant_id=tenant.id, day=date(2026, 11, 20))

    with tenant_scope(tenant.id):
        (row,) = UnitDay.objects.values("vendor", "unit_id", *MEASURES)
        shown = figure_lines(reconcile(tenant, date(2026, 11, 20)).vendors[0])
    told = {"vendor": "microsoft", "unit_id": None, "assigned": 30, "active_30d": 20, "dormant_90d": 10, "deleted": 0}
    assert row == dict.fromkeys(MEASURES) | told
    assert differences(tenant_id=tenant.id, day=date(2026, 11, 20)) == []
    assert [(line.value, line.reason) for line in shown if line.value == 10] == [(10, "")]


def test_concealed_names_leave_counts_alone(imports: Imports) -> None:
    hashes = [f"{n:032X}" for n in range(12)]

    committed = imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row(name) for name in hashes])))

    assert (committed.status, committed.is_concealed, committed.sample) == (Status.COMMITTED, True, [])
    assert (committed.counts["paid"], committed.counts["paid_active"]) == (12, 12)
    assert imports.accounts() == {}


def test_an_unknown_header_is_mapped_once_and_remembered(imports: Imports) -> None:
    content = table(["Courriel pro", "Offre", "Direction"], [["a@example.fr", "Licensed", "DSI"]])
    asked = imports.send(content)
    assert (asked.status, asked.question, asked.header) == (
        Status.ASKING,
        "mapping",
        ["Courriel pro", "Offre", "Direction"],
    )

    with tenant_scope(asked.tenant_id):
        operations.say_columns(
            membership=imports.officer,
            usage_import=asked,
            format=Format.ZOOM_USERS,
            mapping={"identifier": 0, "user_type": 1, "department": 2},
        )
    asked = imports.read(asked)
    with tenant_scope(asked.tenant_id):
        operations.say_day(usage_import=asked, day=date(2026, 11, 1))
    imports.confirm(imports.read(asked))

    assert imports.accounts()["a@example.fr"].department == "DSI"
    next_one = imports.send(content)
    assert next_one.question == "day"
    with tenant_scope(asked.tenant_id):
        assert ColumnMapping.objects.count() == 1


def test_each_table_needs_what_identifies_a_person() -> None:
    for table_ in TABLE_OF.values():
        assert {"identifier"} <= {field.name for field in table_.required}


def test_a_reader_that_dies_again_and_again_ends_in_a_refusal(imports: Imports) -> None:
    sent = imports.send(TEAMS)
    with tenant_scope(sent.tenant_id):
        UsageImport.objects.filter(id=sent.id).update(status=Status.READING, attempts=3)

    ended = imports.read(sent)

    assert (ended.status, ended.failure_code) == (Status.REFUSED, "interrupted")


def test_an_undone_import_keeps_other_imports_rows(imports: Imports) -> None:
    kept = imports.confirm(imports.send(table(TEAMS_HEADER, [teams_row("z@example.fr")])))
    imports.undo(imports.confirm(imports.send(TEAMS)))

    with tenant_scope(kept.tenant_id):
        assert Account.objects.get().usage_import == kept
