"""Invented exports as Microsoft, Zoom and Visio write them, and the way that a file goes through the portal."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from apps.licensing.imports import operations
from apps.licensing.imports.running import run_import
from apps.licensing.imports.tests.headers import TEAMS_HEADER, ZOOM_HEADER
from apps.licensing.models import Account, ImportProblem, UsageImport
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

Row = Sequence[str]


def table(header: Row, rows: Sequence[Row], *, delimiter: str = ",", encoding: str = "utf-8-sig") -> bytes:
    """Return a file; utf-16 brings its mark with it, as utf-8-sig does."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    if encoding == "utf-16-le":
        return b"\xff\xfe" + text.getvalue().encode(encoding)
    return text.getvalue().encode(encoding)


def row_of(header: Row, **cells: str) -> list[str]:
    """Return a row with cells at the columns named by their headers, spaces written as underscores."""
    wanted = {name.replace("_", " "): value for name, value in cells.items()}
    row = [wanted.pop(name, "") for name in header]
    assert not wanted, wanted
    return row


def teams_row(upn: str, *, meetings: str = "4", calls: str = "1", **cells: str) -> list[str]:
    defaults = {
        "Report_Refresh_Date": "2026-11-20",
        "Is_Deleted": "False",
        "Is_Licensed": "Yes",
        "Assigned_Products": "MICROSOFT 365 E3",
        "Report_Period": "30",
        "Last_Activity_Date": "2026-11-19",
    }
    return row_of(
        TEAMS_HEADER,
        **(defaults | cells | {"User_Principal_Name": upn, "Meeting_Count": meetings, "Call_Count": calls}),
    )


def zoom_row(
    email: str, user_type: str = "Licensed", *, login: str = "11/13/2026 09:15:00 AM", **cells: str
) -> list[str]:
    defaults = {
        "First_Name": "Zoé",
        "Last_Name": "Lefèvre",
        "Department": "Direction du numérique",
        "User_Status": "Active",
    }
    row = row_of(ZOOM_HEADER, **(defaults | cells), Email=email, User_Type=user_type)
    row[ZOOM_HEADER.index("Last Login(UTC)")] = login
    return row


class Imports:
    """What an officer does with files, each step read at once as a worker would."""

    def __init__(self, officer: Membership) -> None:
        self.officer = officer

    def begin(self, content: bytes, name: str = "export.csv") -> UsageImport:
        """Send a file that nobody has read yet."""
        return operations.begin_import_of(membership=self.officer, name=name, body=io.BytesIO(content))

    def send(self, content: bytes, name: str = "export.csv") -> UsageImport:
        return self.read(self.begin(content, name))

    def read(self, usage_import: UsageImport) -> UsageImport:
        run_import(tenant_id=self.officer.tenant_id, import_id=usage_import.id)
        return self.again(usage_import)

    def only(self) -> UsageImport:
        with tenant_scope(self.officer.tenant_id):
            return UsageImport.objects.get()

    def again(self, usage_import: UsageImport) -> UsageImport:
        with tenant_scope(self.officer.tenant_id):
            return UsageImport.objects.get(id=usage_import.id)

    def dated(self, content: bytes, day: date = date(2026, 11, 20)) -> UsageImport:
        """Send a file that does not tell its day, and say it."""
        asked = self.send(content)
        assert (asked.status, asked.question) == ("asking", "day")
        with tenant_scope(self.officer.tenant_id):
            operations.say_day(usage_import=asked, day=day)
        return self.read(asked)

    def take_or_refuse(self, content: bytes, day: date = date(2026, 11, 20)) -> UsageImport:
        """Send a file and say its day where it does not tell it; return it previewed or refused."""
        sent = self.send(content)
        if sent.question == "day":
            with tenant_scope(self.officer.tenant_id):
                operations.say_day(usage_import=sent, day=day)
            sent = self.read(sent)
        return sent

    def take(self, content: bytes) -> UsageImport:
        """Send a file and import it."""
        return self.confirm(self.take_or_refuse(content))

    def confirm(self, usage_import: UsageImport) -> UsageImport:
        with tenant_scope(self.officer.tenant_id):
            operations.confirm_import(membership=self.officer, usage_import=usage_import)
        return self.read(usage_import)

    def undo(self, usage_import: UsageImport) -> UsageImport:
        with tenant_scope(self.officer.tenant_id):
            operations.undo_import(membership=self.officer, usage_import=usage_import)
        return self.read(usage_import)

    def accounts(self) -> dict[str, Account]:
        with tenant_scope(self.officer.tenant_id):
            counting = Account.objects.filter(usage_import__in=UsageImport.objects.in_use())
            return {account.identifier: account for account in counting}

    def problems(self, usage_import: UsageImport) -> list[tuple[int, str, str, str]]:
        with tenant_scope(self.officer.tenant_id):
            rows = ImportProblem.objects.filter(usage_import=usage_import)
            return list(rows.values_list("row", "column", "code", "value"))
