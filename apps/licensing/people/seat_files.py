"""A list of seats as a file for a spreadsheet."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from apps.licensing.dashboards.files import FILES
from apps.licensing.dashboards.tables import Column, Kind, Table, row
from apps.licensing.models import Reclaim
from apps.licensing.people.lists import Seat

__all__ = ["FILES", "table_of"]


def table_of(reason: Reclaim.Reason, seats: Sequence[Seat], day: date) -> Table:
    """Return the seats with what was said of each; its writers guard against formulas."""
    columns = [
        Column(_("Account")),
        Column(_("Name")),
        Column(_("Person")),
        Column(_("Vendor")),
        Column(_("Department in the file")),
        Column(_("Unit")),
        Column(_("State")),
        Column(_("Since"), Kind.DAY),
        Column(_("Note")),
    ]
    lines = [
        row(
            columns,
            seat.identifier,
            seat.name,
            seat.person,
            str(seat.vendor.label),
            seat.department,
            seat.unit or _("unknown"),
            _state(seat),
            seat.updated_at.date() if seat.updated_at else "",
            seat.note,
        )
        for seat in seats
    ]
    title = str(reason.label)
    return Table(f"seats-{reason.value}", title, columns, lines, _("imported files and what was said of them"), day)


def _state(seat: Seat) -> str:
    if seat.is_back:
        return _("active again")
    return str(seat.status.label) if seat.status else _("to do")
