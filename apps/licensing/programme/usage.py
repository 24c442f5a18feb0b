"""How far the move has come: who uses Visio, who uses both and who has switched, of the ministry and by wave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from apps.licensing.dashboards.rollups import Eligible
from apps.licensing.migration import Usage, adoption, residual
from apps.licensing.models import UnitDay, Vendor, Wave
from apps.licensing.savings.suppression import FEWEST_PEOPLE, published_table
from apps.tenants.models import Tenant

VISIO_ONLY, LEGACY_ONLY, BOTH = "visio_only", "legacy_only", "both"
OUTSIDE = None  # the key of those whose unit is in no wave, or not known


@dataclass(frozen=True)
class WaveUsage:
    """One wave's people; a share that would give fewer than ten people away is None."""

    wave: Wave | None
    people: int | None
    adoption: Decimal | None
    dual_use: Decimal | None
    switched: Decimal | None
    has_agents: bool  # the headcount of each of its units is known


@dataclass(frozen=True)
class ProgrammeUsage:
    """The newest day of which the people of Visio and of the other tools are known; shares are of the ministry."""

    day: date
    as_of: date
    source: str
    usage: Usage
    eligible: int | None
    residual: Decimal | None
    waves: list[WaveUsage]

    @property
    def source_label(self) -> str:
        return str(UnitDay.Source(self.source).label) if self.source else ""

    @property
    def is_suppressed(self) -> bool:
        """Whether one of the counts behind the shares is of fewer than ten people."""
        counts = (self.usage.visio_only, self.usage.legacy_only, self.usage.both)
        return any(0 < count < FEWEST_PEOPLE for count in counts)

    @property
    def adoption(self) -> Decimal | None:
        return adoption(self.usage.visio_only + self.usage.both, self.eligible)


def programme_usage(tenant: Tenant, waves: Iterable[Wave], eligible: Eligible) -> ProgrammeUsage | None:
    """Return the shares of the newest day, or None where not everybody's use is told; two queries."""
    known = UnitDay.objects.filter(tenant=tenant, vendor=Vendor.VISIO, people_legacy__isnull=False)
    newest = known.order_by("-day").first()
    if newest is None:
        return None
    rows = list(UnitDay.objects.filter(tenant=tenant, day=newest.day))
    visio = {row.unit_id: row for row in rows if row.vendor == Vendor.VISIO}
    counts = {unit_id: _usage(row) for unit_id, row in visio.items()}
    return ProgrammeUsage(
        day=newest.day,
        as_of=newest.people_as_of or newest.day,
        source=newest.people_source,
        usage=_sum(counts.values()),
        eligible=eligible.on(newest.day),
        residual=_residual(rows),
        waves=_by_wave(list(waves), counts, eligible, newest.day),
    )


def _usage(row: UnitDay) -> Usage:
    people, legacy, both = row.people or 0, row.people_legacy or 0, row.people_both or 0
    return Usage(people - both, legacy - both, both)


def _sum(counts: Iterable[Usage]) -> Usage:
    listed = list(counts)
    return Usage(
        sum(item.visio_only for item in listed),
        sum(item.legacy_only for item in listed),
        sum(item.both for item in listed),
    )


def _residual(rows: Iterable[UnitDay]) -> Decimal | None:
    """Return legacy meetings / all meetings; None where the meetings of a tool whose people are told are not."""
    told = [row for row in rows if row.people is not None]
    if any(row.meetings is None for row in told):
        return None
    legacy = sum(row.meetings or 0 for row in told if row.vendor != Vendor.VISIO)
    return residual(legacy, sum(row.meetings or 0 for row in told if row.vendor == Vendor.VISIO))


def _by_wave(waves: list[Wave], counts: Mapping[UUID | None, Usage], eligible: Eligible, day: date) -> list[WaveUsage]:
    """Return each wave's shares, and those of the units outside; what is shown gives no cell under ten away."""
    wave_of = {place.unit_id: wave.id for wave in waves for place in wave.units.all()}
    cells: dict[tuple[UUID | None, str], int] = {}
    for unit_id, usage in counts.items():
        key = wave_of.get(unit_id, OUTSIDE) if unit_id else OUTSIDE
        parts = ((VISIO_ONLY, usage.visio_only), (LEGACY_ONLY, usage.legacy_only), (BOTH, usage.both))
        for column, people in parts:
            cells[key, column] = cells.get((key, column), 0) + people
    if not cells:
        return []
    table = published_table(cells)
    units = {wave.id: [place.unit_id for place in wave.units.all()] for wave in waves}
    found: list[WaveUsage] = []
    for wave in [*waves, None]:
        key = wave.id if wave else OUTSIDE
        agents = eligible.of_units(units[wave.id], day) if wave else None
        shown = {column: table.cells.get((key, column)) for column in (VISIO_ONLY, LEGACY_ONLY, BOTH)}
        if wave or key in table.rows:
            found.append(_wave_usage(wave, table.rows.get(key), shown, agents))
    return found


def _wave_usage(
    wave: Wave | None, people: int | None, shown: Mapping[str, int | None], agents: int | None
) -> WaveUsage:
    visio_only, both = shown[VISIO_ONLY], shown[BOTH]
    on_visio = None if visio_only is None or both is None else visio_only + both
    return WaveUsage(
        wave=wave,
        people=people,
        adoption=adoption(on_visio, agents),
        dual_use=None if both is None or not people else Decimal(both) / people,
        switched=None if visio_only is None or not people else Decimal(visio_only) / people,
        has_agents=agents is not None,
    )
