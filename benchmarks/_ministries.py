"""Invented ministries for the benchmark of dashboards: contracts, two years of rollups, and an account per agent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from benchmarks._portal import Portal

CONTRACTS, MONTHS, UNITS = 5, 24, 40
DEPARTEMENTS = [f"{number:02}" for number in range(1, 96) if number != 20]

# One account per agent, as Teams' activity tells them; a fifth of them did not meet.
ACCOUNTS = """
    INSERT INTO licensing_account (tenant_id, usage_import_id, vendor, identifier, name, department, kind, products,
                                   is_deleted, is_blocked, meetings, last_active_on)
    SELECT %(tenant)s, %(usage_import)s, %(vendor)s, 'agent' || n || '@' || %(domain)s, '',
           CASE WHEN %(has_departments)s THEN 'Service ' || n %% %(units)s ELSE '' END, 'paid',
           ARRAY['MICROSOFT 365 E3'], false, n %% 200 = 0, CASE WHEN n %% 5 = 0 THEN 0 ELSE n %% 90 END, NULL
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
# What the beat would have counted on each day of two years: adoption grows, dormant seats shrink.
ROLLUPS = """
    INSERT INTO licensing_unitday (id, tenant_id, day, unit_id, vendor, assigned, active_30d, dormant_90d, blocked,
                                   deleted, double, people, people_also_visio, meetings, people_source, people_as_of,
                                   computed_at)
    SELECT gen_random_uuid(), %(tenant)s, day::date, unit.id, vendor,
           %(agents)s, %(agents)s * 7 / 10, %(agents)s * (900 - passed) / 4500, 0, 0, 0,
           CASE vendor WHEN 'visio' THEN %(agents)s * passed / 1000 ELSE %(agents)s * 8 / 10 END, 0, 0,
           'import', day::date, now()
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') WITH ORDINALITY AS days(day, passed)
    CROSS JOIN unnest(%(units)s::uuid[]) AS unit(id)
    CROSS JOIN unnest(ARRAY['microsoft', 'visio']) AS vendor
"""
# The days before today as the operator's table keeps them: all of them, months and places of a month's last alone.
FIGURES = """
    INSERT INTO tenants_tenantfigure (id, tenant_id, day, measure, dimension, value, population, computed_at)
    SELECT gen_random_uuid(), tenant_id, past::date, measure, dimension, value, population, computed_at
    FROM tenants_tenantfigure
    CROSS JOIN generate_series(%(first)s::date, %(last)s::date - 1, interval '1 day') AS past
    WHERE tenant_id = %(tenant)s AND day = %(last)s
      AND (dimension = '' OR extract(day FROM past + interval '1 day') = 1)
    ON CONFLICT DO NOTHING
"""


@dataclass
class Ministry:
    """One of the ministries, with whom to ask its pages as."""

    tenant: Any
    officer: Any
    product: Any
    agents: int = 0
    units: list[UUID] = field(default_factory=list)


def found_ministries(number: int) -> list[Ministry]:
    """Create ministries with contracts; raises nothing that a database would not."""
    from apps.licensing.models import Product
    from apps.tenants.models import Membership, Role, Tenant, User
    from apps.tenants.scoping import tenant_scope

    product = Product.objects.create(publisher="Éditeur", name="Réunions", kind=Product.Kind.STANDALONE)
    founded = []
    for n in range(number):
        tenant = Tenant.objects.create(
            kind=Tenant.Kind.MINISTRY, slug=f"ministere-{n}", name=f"Ministère {n}", siren=f"{120000000 + n}"
        )
        user = User.objects.create_user(email=f"achats@ministere-{n}.example", idp_id="essai", sub=f"achats-{n}")
        with tenant_scope(tenant.id):
            officer = Membership.objects.create(tenant=tenant, user=user, roles=[Role.PROCUREMENT.value])
            _add_contracts(tenant, product)
        founded.append(Ministry(tenant, officer, product))
    return founded


def _add_contracts(tenant: Any, product: Any) -> None:
    from apps.licensing.models import Contract, ContractLine

    for n in range(CONTRACTS):
        contract = Contract.objects.create(
            tenant=tenant,
            name=f"Marché {n}",
            supplier_name="Fournisseur SA",
            supplier_siret="73282932000074",
            framework=Contract.Framework.UGAP,
            starts_on=date(2024, 1 + n, 1),
            term_months=36,
            notice_days=90,
            reduction=Contract.Reduction.ANNIVERSARY,
            renewal=Contract.Renewal.TACIT,
        )
        for seats in (1000, 2000):
            ContractLine.objects.create(
                tenant=tenant,
                contract=contract,
                product=product,
                seats=seats,
                needed_seats=seats // 2,
                unit_price=Decimal(10),
            )


def grow(portal: Portal, ministry: Ministry, agents: int, today: date) -> None:
    """Give a ministry more agents in its units: headcounts, an account for each, and two years of rollups."""
    from apps.licensing.models import Format, Target, UnitDay, UnitHeadcount, Vendor
    from apps.tenants.models import Headcount, Unit
    from apps.tenants.scoping import tenant_scope

    tenant, since = ministry.tenant, today - timedelta(days=MONTHS * 30)
    with tenant_scope(tenant.id):
        UnitDay.objects.filter(tenant=tenant).delete()
        new = range(len(ministry.units), UNITS)
        rows = [Unit(tenant=tenant, name=f"Service {n}", departement=DEPARTEMENTS[n % len(DEPARTEMENTS)]) for n in new]
        ministry.units += [unit.id for unit in Unit.objects.bulk_create(rows)]
        Headcount.objects.update_or_create(
            tenant=tenant, starts_on=since, defaults={"agents": agents, "source": "Bilan social"}
        )
        for unit_id in ministry.units:
            UnitHeadcount.objects.update_or_create(
                tenant=tenant,
                unit_id=unit_id,
                starts_on=since,
                defaults={"agents": agents // UNITS, "source": "Bilan social"},
            )
        due_on = today + timedelta(days=200)
        Target.objects.update_or_create(
            tenant=tenant, due_on=due_on, defaults={"agents": agents, "source": "Circulaire"}
        )
        added = add_import(ministry, Format.TEAMS_ACTIVITY, today - timedelta(days=1), 90)
    accounts = {"vendor": Vendor.MICROSOFT.value, "first": ministry.agents + 1, "last": agents}
    counts = {"agents": agents // UNITS, "units": ministry.units, "first": since, "last": today}
    run_as_owner(
        portal,
        tenant.id,
        [(ACCOUNTS, accounts | place_of(ministry, added)), (ROLLUPS, counts | {"tenant": tenant.id})],
    )
    ministry.agents = agents


def add_accounts(portal: Portal, ministry: Ministry, agents: int, today: date) -> None:
    """Give a ministry the files that matching and reconciliation read: users, a month, a quarter, and Zoom."""
    from apps.licensing.models import Format, Vendor
    from apps.tenants.scoping import tenant_scope

    shares = (
        (Format.M365_USERS, None, Vendor.MICROSOFT, agents * 5 // 10, True),
        (Format.TEAMS_ACTIVITY, 30, Vendor.MICROSOFT, agents * 3 // 10, False),
        (Format.TEAMS_ACTIVITY, 90, Vendor.MICROSOFT, agents * 3 // 10, False),
        (Format.ZOOM_USERS, None, Vendor.ZOOM, agents * 2 // 10, True),
    )
    statements = []
    with tenant_scope(ministry.tenant.id):
        for format, period, vendor, number, has_departments in shares:
            added = add_import(ministry, format, today - timedelta(days=1), period)
            values = {"vendor": vendor.value, "first": 1, "last": number}
            statements.append((ACCOUNTS, values | place_of(ministry, added, has_departments=has_departments)))
    run_as_owner(portal, ministry.tenant.id, statements)


def add_import(ministry: Ministry, format: str, day: date, period_days: int | None) -> UUID:
    """Return the committed import of a format, day and period; it is made where there is none, without rows."""
    from apps.files.models import Purpose
    from apps.files.operations import store_file
    from apps.licensing.models import UsageImport

    tenant = ministry.tenant
    named = {"tenant": tenant, "format": format, "refreshed_on": day, "period_days": period_days}
    if known := UsageImport.objects.filter(**named, status=UsageImport.Status.COMMITTED).first():
        return known.id
    file = store_file(
        tenant_id=tenant.id, purpose=Purpose.IMPORT, name="f.csv", media_type="text/csv", body=BytesIO(b"x")
    )
    added = UsageImport.objects.create(
        **named,
        stored_file=file,
        by=ministry.officer,
        status=UsageImport.Status.COMMITTED,
        sha256=uuid4().hex,
    )
    return added.id


def place_of(ministry: Ministry, usage_import: UUID, *, has_departments: bool = False) -> dict[str, Any]:
    return {
        "tenant": ministry.tenant.id,
        "usage_import": usage_import,
        "domain": f"{ministry.tenant.slug}.example",
        "units": len(ministry.units),
        "has_departments": has_departments,
    }


def keep_past_figures(portal: Portal, ministry: Ministry, today: date) -> None:
    """Keep what was computed today for each day of two years, as the beat would have."""
    first = today - timedelta(days=MONTHS * 30)
    values = {"tenant": ministry.tenant.id, "first": first, "last": today}
    run_as_owner(portal, ministry.tenant.id, [(FIGURES, values)])


def drop_foreign_keys(portal: Portal) -> None:
    """Fill faster: pages that read do not ask foreign keys, and the rows are consistent as they are made."""
    query = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s)"
    with psycopg.connect(portal.postgres.owner_url) as owner:
        oids = owner.execute("SELECT 'licensing_account'::regclass::oid, 'licensing_unitday'::regclass::oid").fetchone()
        for table, name in owner.execute(query, [list(oids or ())]).fetchall():
            owner.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(Identifier(table), Identifier(name)))


def run_as_owner(portal: Portal, tenant_id: UUID, statements: Iterable[tuple[str, dict[str, Any]]]) -> None:
    with psycopg.connect(portal.postgres.owner_url) as owner:
        owner.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant_id)])
        for statement, values in statements:
            owner.execute(statement, values)
