"""Every report in every encoding, from its French headers: imported, imported again, undone, and with broken rows."""

from datetime import date

import pytest

from apps.licensing.imports import operations
from apps.licensing.imports.tests.exports import (
    ENCODINGS,
    EXPORTS,
    HEADERS,
    ROWS,
    export,
    licences,
    meeting_row,
)
from apps.licensing.imports.tests.files import Imports, table, zoom_row
from apps.licensing.imports.tests.headers import ZOOM_HEADER
from apps.licensing.models import SkuCount, UsageImport
from apps.tenants.scoping import tenant_scope

pytestmark = pytest.mark.django_db
Status = UsageImport.Status
# What a cell of each report becomes in a broken row: header, value, the code that is told.
BROKEN = {
    "teams": ("Meeting Count", "beaucoup", "count"),
    "active": ("Has Teams License", "peut-être", "flag"),
    "admin": ("User principal name", "sans arobase", "address"),
    "zoom": ("User Type", "Platine", "user_type"),
    "hosts": ("Start Time", "Feb 30, 2026 10:00 AM", "date"),
    "visio": ("meetings", "-1", "count"),
}


@pytest.mark.parametrize(("encoding", "delimiter"), ENCODINGS)
@pytest.mark.parametrize("name", EXPORTS)
def test_a_french_export_comes_once_and_goes_without_a_trace(
    imports: Imports, name: str, encoding: str, delimiter: str
) -> None:
    content = export(name, "fr", encoding, delimiter)

    committed = imports.take(content)
    accounts = set(imports.accounts())
    again = imports.take_or_refuse(content)

    assert (committed.status, committed.encoding) == (Status.COMMITTED, encoding.removesuffix("-sig"))
    assert len(accounts) == committed.counts["accounts"] > 1
    assert accounts <= {cell.lower() for row in ROWS[name] for cell in row}  # letter by letter
    assert (again.status, again.failure_code, set(imports.accounts())) == (
        Status.REFUSED,
        "already_imported",
        accounts,
    )
    assert (imports.undo(committed).status, imports.accounts()) == (Status.UNDONE, {})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_licences_come_once_and_go_without_a_trace(imports: Imports, encoding: str) -> None:
    committed = imports.take(licences(encoding))

    assert imports.take_or_refuse(licences(encoding)).failure_code == "already_imported"
    imports.undo(committed)
    with tenant_scope(committed.tenant_id):
        assert not SkuCount.objects.exists()


@pytest.mark.parametrize("name", EXPORTS)
def test_each_broken_row_is_reported_and_no_other_one_imported(imports: Imports, name: str) -> None:
    column, value, code = BROKEN[name]
    header = list(HEADERS[name]["en"])
    address = max(number for number, cell in enumerate(ROWS[name][0]) if "@" in cell)
    rows = []
    for number in range(200):
        row = list(ROWS[name][0])
        row[address] = f"agent{number}@example.fr"
        if number % 100 == 50:
            row[header.index(column)] = value
        rows.append(row)

    refused = imports.take_or_refuse(table(header, rows))

    assert (refused.status, refused.rows_wrong) == (Status.REFUSED, 2)
    assert [(row, told, cell) for row, _column, told, cell in imports.problems(refused)] == [
        (52, code, value),
        (152, code, value),
    ]
    assert imports.accounts() == {}


def test_of_columns_of_one_name_the_first_one_is_read(imports: Imports) -> None:
    header, row = [*ZOOM_HEADER, "Email", "Department"], [*zoom_row("a@example.fr"), "b@example.fr", "Autre"]

    imports.take(table(header, [row]))

    assert [(name, account.department) for name, account in imports.accounts().items()] == [
        ("a@example.fr", "Direction du numérique")
    ]


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2026, 12, 8)), ("mdy", date(2026, 8, 12))])
def test_ambiguous_days_of_meetings_are_asked_for(imports: Imports, order: str, day: date) -> None:
    asked = imports.send(table(HEADERS["hosts"]["en"], [meeting_row("1", "a@example.fr", start="08/12/2026 10:00")]))

    assert (asked.status, asked.question, imports.accounts()) == (Status.ASKING, "date_order", {})
    with tenant_scope(asked.tenant_id):
        operations.say_date_order(usage_import=asked, order=order)
    imports.confirm(imports.read(asked))
    assert imports.accounts()["a@example.fr"].last_active_on == day
