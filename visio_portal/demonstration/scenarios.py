"""The demonstration's cost of Visio, one-off costs and scenarios."""

from datetime import date
from decimal import Decimal

from apps.licensing.models import OneOffCost, RunCost, Scenario
from apps.licensing.savings import add_months
from apps.licensing.savings_pages.costs import add_cost
from apps.licensing.scenarios.operations import keep_scenario
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.tenants import member_of

RUN_COSTS = (
    (24, "0.74", "Comptabilité analytique de l’opérateur, exercice clos"),
    (6, "0.58", "Comptabilité analytique de l’opérateur, prévision de l’exercice"),
)  # months before this one, euros per user and month, source
OFFICERS = (("territoires", "marc-oliveira"), ("transition-numerique", "nadia-roussel"))
# Months from this one, what for, euros, source.
ONE_OFFS = (
    (0, "Formation des référents", "4200.00", "Bon de commande 4500018812"),
    (1, "Équipement de six salles", "18600.00", "Devis 2026-114"),
    (4, "Assistance au changement des préfectures", "9500.00", "Marché 2026-07, lot 1"),
)
# Name, agents a month, buffer, price rise a year, Visio's cost per user and year.
SCENARIOS = (
    ("Rythme d’aujourd’hui", 600, "5", "3", None),
    ("Accélération", 2400, "3", "3", None),
    ("Prudence : prix en hausse, Visio plus cher", 1200, "10", "6", "9.50"),
)


def seed_scenarios(today: date) -> None:
    """Enter what Visio costs, and the costs and scenarios of two ministries, once."""
    this_month = today.replace(day=1)
    for months, amount, source in RUN_COSTS:
        if not RunCost.objects.filter(source=source).exists():
            starts_on = add_months(this_month, -months)
            RunCost.objects.create(starts_on=starts_on, amount_eur=Decimal(amount), source=source)
    for slug, key in OFFICERS:
        tenant = Tenant.objects.get(slug=slug)
        with tenant_scope(tenant.id):
            if not Scenario.objects.exists():
                _seed_ministry(tenant, key, this_month)


def _seed_ministry(tenant: Tenant, key: str, this_month: date) -> None:
    officer = member_of(tenant, key)
    for months, label, amount, source in ONE_OFFS:
        month = add_months(this_month, months)
        cost = OneOffCost(month=month, label=label, amount_eur=Decimal(amount), source=source)
        add_cost(membership=officer, cost=cost)
    for name, pace, buffer, rise, run in SCENARIOS:
        scenario = Scenario(
            name=name,
            migrated_per_month=pace,
            buffer_percent=Decimal(buffer),
            price_rise_percent=Decimal(rise),
            run_cost_eur_per_user=None if run is None else Decimal(run),
        )
        keep_scenario(membership=officer, scenario=scenario)
