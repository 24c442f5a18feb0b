"""The demonstration's usage: invented exports, brought in, matched and worked off as a procurement officer does."""

import io
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from math import exp
from typing import NamedTuple

from django.utils import timezone

from apps.licensing.imports import operations
from apps.licensing.imports.running import run_import
from apps.licensing.models import Account, Reclaim, UnitHeadcount, UsageImport, Vendor
from apps.licensing.people.departments import map_departments
from apps.licensing.people.lists import Wanted, mark_seats, seats_of
from apps.licensing.people.matching import confirm_pairs, proposals
from apps.licensing.people.rollups import compute_unit_days, days_since
from apps.licensing.people.sources import sources_on
from apps.licensing.savings import add_months
from apps.tenants.models import Membership, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration import exports
from visio_portal.demonstration.exports import Agent
from visio_portal.demonstration.tenants import member_of

ADOPTION_DAYS = 28
STILL_UNKNOWN = "Mission de préfiguration"  # a department that nobody has given a unit yet


class Plan(NamedTuple):
    """How much of a ministry is invented: its agents, Zoom's users, and Visio's users after some months."""

    slug: str
    officer: str
    domain: str
    agents: int
    zoom: int
    zoom_free: int
    zoom_units: tuple[str, ...]
    months: int
    visio: int


PLANS = (
    Plan(
        slug="territoires",
        officer="marc-oliveira",
        domain="territoires.example",
        agents=2690,
        zoom=330,
        zoom_free=44,
        zoom_units=(
            "Préfecture du Gard",
            "Direction départementale des territoires de la Drôme",
            "Direction départementale des territoires de la Corse-du-Sud",
            "Direction de La Réunion",
        ),
        months=13,
        visio=1130,
    ),
    Plan(
        slug="mer",
        officer="catherine-lemoine",
        domain="mer.example",
        agents=1195,
        zoom=0,
        zoom_free=0,
        zoom_units=(),
        months=4,
        visio=260,
    ),
)


def seed_usage(today: date) -> None:
    """Import the exports of two ministries, match what they tell, and count it; once."""
    for plan in PLANS:
        tenant = Tenant.objects.get(slug=plan.slug)
        with tenant_scope(tenant.id):
            is_there = UsageImport.objects.exists()
            officer = member_of(tenant, plan.officer)
        if not is_there:
            _seed(plan, officer, today - timedelta(days=3))


def _seed(plan: Plan, officer: Membership, day: date) -> None:
    tenant = officer.tenant
    with tenant_scope(tenant.id):
        chance = random.Random(20261)  # noqa: S311  # invented people, the same at each run
        agents = _agents(plan, tenant, chance)
    for name, content, told in _files(plan, chance, agents, day):
        _import(officer, name, content, told)
    with tenant_scope(tenant.id):
        _match(officer)
    # The workers of an installation that starts have much to do: what its pages show is there before them.
    for counted in days_since(tenant, date.min):
        compute_unit_days(tenant_id=tenant.id, day=counted)
    with tenant_scope(tenant.id):
        _work_off(officer)


def _agents(plan: Plan, tenant: Tenant, chance: random.Random) -> list[Agent]:
    """Return the ministry's members and invented colleagues, spread over its units as these are counted."""
    counted = UnitHeadcount.objects.filter(tenant=tenant).order_by("unit_id", "-starts_on").distinct("unit_id")
    sizes = {row.unit.name: row.agents for row in counted.select_related("unit")}
    early = [name for name in sizes if name not in plan.zoom_units]
    members = Membership.objects.select_related("user", "unit").order_by("user__email")
    people = [
        (member.user.given_name, member.user.usual_name, member.user.email, member.unit.name if member.unit else "")
        for member in members
    ]
    known = {email for _given, _usual, email, _unit in people}
    units = chance.choices([*sizes, STILL_UNKNOWN], [*sizes.values(), 14], k=plan.agents)
    for (given, usual, local), unit in zip(exports.invented_names(chance, plan.agents), units, strict=True):
        if (email := f"{local}@{plan.domain}") not in known:
            people.append((given, usual, email, unit))
    return [_agent(chance, *person, is_early=person[3] in early) for person in people]


def _agent(chance: random.Random, given: str, usual: str, email: str, unit: str, *, is_early: bool) -> Agent:
    product = chance.choices([*exports.PRODUCTS, ""], [78, 17, 5])[0]
    return Agent(
        given_name=given,
        usual_name=usual,
        email=email,
        department=unit,
        turn=chance.random() + (0 if is_early else 0.55),
        product=product,
        is_dormant=chance.random() < 0.17,
        is_blocked=bool(product) and chance.random() < 0.012,
        keeps_old=chance.random() < 0.55,
    )


def _files(
    plan: Plan, chance: random.Random, agents: Sequence[Agent], day: date
) -> Iterator[tuple[str, bytes, date | None]]:
    """Yield each file's name, content, and the day where the file does not tell it itself."""
    by_turn = [agent for agent in sorted(agents, key=lambda agent: agent.turn) if not agent.is_blocked]
    for number in range(1 - plan.months, 1):
        last = day if number == 0 else add_months(day.replace(day=1), number + 1) - timedelta(days=1)
        users = _users_at(plan, number)
        rows = exports.visio_rows(chance, by_turn[:users], last - timedelta(days=ADOPTION_DAYS - 1), last)
        yield f"visio-usage-{last:%Y-%m}.csv", exports.file_of(exports.VISIO, rows), None
    moved = frozenset(agent.email for agent in by_turn[: plan.visio])
    for days in (90, 30):
        rows = exports.teams_rows(chance, agents, day, days, moved, plan.domain)
        yield f"teams-activite-{days}j.csv", exports.file_of(exports.TEAMS, rows), None
    yield "utilisateurs-microsoft.csv", exports.file_of(exports.ADMIN, exports.admin_rows(agents)), day
    if plan.zoom:
        zoomers = [agent for agent in agents if agent.department in plan.zoom_units][: plan.zoom]
        rows = exports.zoom_rows(chance, zoomers, day, plan.zoom_free)
        yield "zoomus_users.csv", exports.file_of(exports.ZOOM, rows), day
        for number in range(-2, 1):
            last = day + timedelta(days=30 * number)
            rows = exports.host_rows(chance, zoomers, last - timedelta(days=29), last, moved)
            yield f"zoom-reunions-{last:%Y-%m-%d}.csv", exports.file_of(exports.HOSTS, rows), None


def _users_at(plan: Plan, month: int) -> int:
    """Return Visio's users some months before now (0 or less): the rising half of a logistic curve, 28 at least."""
    share = 2 / (1 + exp(-0.36 * month))
    return max(28, round(plan.visio * share))


def _match(officer: Membership) -> None:
    """Say which units the departments are, and that some addresses are one person; leave a few for whoever tries it."""
    tenant = officer.tenant
    units = {unit.name.lower(): unit for unit in Unit.objects.filter(tenant=tenant)}
    first = add_months(tenant.today.replace(month=1, day=1), -12)
    map_departments(membership=officer, units=units, starts_on=first)
    found = proposals(tenant, sources_on(tenant, tenant.today))
    confirm_pairs(membership=officer, pairs=[(item.identifier, item.person) for item in found[6:]])


def _work_off(officer: Membership) -> None:
    """Ask for some dormant seats, as somebody does who is in the midst of it; two given back are in use again."""
    tenant = officer.tenant
    sources = sources_on(tenant, tenant.today)
    dormant = seats_of(tenant, sources, Wanted(Reclaim.Reason.DORMANT), limit=60).rows
    for status, seats, note in (
        (Reclaim.Status.REQUESTED, dormant[::3], "Demande faite au service informatique"),
        (Reclaim.Status.KEPT, dormant[1:16:3], "Congé de longue durée, retour annoncé"),
    ):
        keys = [seat.key for seat in seats]
        mark_seats(membership=officer, reason=Reclaim.Reason.DORMANT, keys=keys, status=status, note=note)
    active = sources.vendors[Vendor.MICROSOFT].active
    used = Account.objects.filter(usage_import__in=active.imports if active else (), meetings__gt=0, kind="paid")
    given_back = [
        Reclaim(
            tenant=tenant,
            identifier=identifier,
            vendor=Vendor.MICROSOFT,
            reason=Reclaim.Reason.DORMANT,
            status=Reclaim.Status.DONE,
            by=officer,
        )
        for identifier in used.order_by("identifier").values_list("identifier", flat=True)[:2]
    ]
    made = Reclaim.objects.bulk_create(given_back)
    before = timezone.make_aware(datetime.combine(tenant.today - timedelta(days=75), time(9)))
    Reclaim.objects.filter(id__in=[row.id for row in made]).update(updated_at=before)


def _import(officer: Membership, name: str, content: bytes, day: date | None) -> None:
    """Send a file, say its day where it does not, and confirm what was read."""
    begun = operations.begin_import_of(membership=officer, name=name, body=io.BytesIO(content))
    ids = {"tenant_id": officer.tenant_id, "import_id": begun.id}
    run_import(**ids)
    if day is not None:
        with tenant_scope(officer.tenant_id):
            operations.say_day(usage_import=begun, day=day)
        run_import(**ids)
    with tenant_scope(officer.tenant_id):
        operations.confirm_import(membership=officer, usage_import=begun)
    run_import(**ids)
