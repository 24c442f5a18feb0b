"""Tables of people and seats: adoption, dormant seats by unit, and the waves of the migration."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.licensing import migration
from apps.licensing.dashboards.charts import bar_chart, line_chart
from apps.licensing.dashboards.rollups import Adoption, UnitSeats
from apps.licensing.dashboards.tables import Cell, Column, Kind, Table, row
from apps.licensing.models import UnitDay, Wave
from apps.licensing.savings import published_list
from apps.tenants.models import Tenant

FEWEST_PEOPLE = 10


def adoption_by_month(points: Sequence[Adoption]) -> Table:
    """Distinct people in 28 days at the end of each month, against those who are to use Visio."""
    columns = [
        Column(_("Day"), Kind.DAY),
        Column(_("Share who used Visio"), Kind.PERCENT),
        Column(_("People in 28 days"), Kind.COUNT),
        Column(_("Eligible agents"), Kind.COUNT),
        Column(_("Counted from")),
    ]
    rows = [_adoption_row(columns, point) for point in points]
    return Table(
        key="adoption",
        title=_("Adoption of Visio"),
        columns=columns,
        rows=rows,
        source=_("imported usage of Visio, else attendance of the portal’s meetings, against the dated headcount"),
        as_of=(points[-1].as_of or points[-1].day) if points else None,
        chart=line_chart(rows, names=[_("Adoption")], series=[1], unit="%") if rows else None,
    )


def _adoption_row(columns: Sequence[Column], point: Adoption) -> list[Cell]:
    share = migration.adoption(point.people, point.eligible)
    source = UnitDay.Source(point.source).label if point.source else _("not known")
    cells = row(columns, point.as_of or point.day, share, point.people, point.eligible, str(source))
    if 0 < point.people < FEWEST_PEOPLE:
        cells[1:3] = [Cell(cell.kind, None, is_suppressed=True) for cell in cells[1:3]]
    return cells


def dormant_by_unit(day: date | None, units: Sequence[UnitSeats]) -> Table:
    """Paid seats that nobody used in 90 days; counts under ten, and those that would give one away, are left out."""
    columns = [Column(_("Unit")), Column(_("Dormant seats"), Kind.COUNT), Column(_("Paid seats"), Kind.COUNT)]
    dormant = published_list({item.unit_id: item.dormant for item in units})[0] if units else {}
    assigned = published_list({item.unit_id: item.assigned for item in units})[0] if units else {}
    rows = [
        [
            Cell(Kind.TEXT, item.name or _("unit not known")),
            Cell(Kind.COUNT, dormant[item.unit_id], is_suppressed=dormant[item.unit_id] is None),
            Cell(Kind.COUNT, assigned[item.unit_id], is_suppressed=assigned[item.unit_id] is None),
        ]
        for item in units
    ]
    drawn = [cells for cells in rows if cells[1].value is not None]
    return Table(
        key="dormant",
        title=_("Dormant seats by unit"),
        columns=columns,
        rows=rows,
        source=_("the imported usage of Teams and Zoom"),
        as_of=day,
        chart=bar_chart(drawn, names=[_("Dormant seats")], series=[1], unit="", is_horizontal=True) if drawn else None,
    )


def waves(tenant: Tenant) -> Table:
    """How ready each wave is, and when it moves."""
    columns = [
        Column(_("Wave")),
        Column(_("Start"), Kind.DAY),
        Column(_("Last day"), Kind.DAY),
        Column(_("Readiness"), Kind.PERCENT),
        Column(_("Mandatory items that are missing"), Kind.COUNT),
    ]
    rows = []
    for wave in Wave.objects.filter(tenant=tenant).prefetch_related("checklist"):
        readiness = wave.readiness
        share, missing = (readiness.share, len(readiness.missing)) if readiness else (None, None)
        url = reverse("licensing:wave_detail", kwargs={"tenant_slug": tenant.slug, "wave_id": wave.id})
        rows.append(row(columns, wave.name, wave.starts_on, wave.ends_on, share, missing, url=url))
    return Table(
        key="waves",
        title=_("Waves of the migration"),
        columns=columns,
        rows=rows,
        source=_("the checklists of the waves"),
        as_of=tenant.today,
        chart=bar_chart(rows, names=[_("Readiness")], series=[3], unit="%", is_horizontal=True) if rows else None,
    )
