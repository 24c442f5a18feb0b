"""Measure the dashboards of a ministry and of the State: 20 ministries with 6 million agents, against 60,000.

Starts PostgreSQL, Valkey and granian (pages in production) in a temporary folder, with two years of daily rollups.
The pages that read accounts themselves are measured too, in a ministry with a million of them; they have no target.
Run it alone: .venv/bin/python benchmarks/dashboard.py [--quick]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

import psycopg

from benchmarks._ministries import (
    Ministry,
    add_accounts,
    drop_foreign_keys,
    found_ministries,
    grow,
    keep_past_figures,
)
from benchmarks._portal import Portal, running_portal
from visio_portal.services.processes import LOOPBACK

P95_TARGET_MS, RATIO_TARGET = 300, 1.5
WARM_UP = 5
PEOPLE_PAGES = ("accounts/", "accounts/same/", "accounts/departments/", "reconciliation/", "reconciliation/dormant/")


def cookie_of(member: Any) -> str:
    """Sign a member in, with a second factor; return the header of the session."""
    from django.conf import settings

    from apps.tenants.tests.clients import client_of

    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client_of(member).cookies[name].value}"


def operator() -> Any:
    """Create the operator and one of its people."""
    from apps.tenants.models import Membership, Role, Tenant, User
    from apps.tenants.scoping import tenant_scope

    kind = Tenant.Kind.OPERATOR
    tenant = Tenant.objects.create(kind=kind, slug="operateur", name="Opérateur", siren="130000000")
    user = User.objects.create_user(email="pilote@example.gouv.fr", idp_id="essai", sub="pilote")
    with tenant_scope(tenant.id):
        return Membership.objects.create(tenant=tenant, user=user, roles=[Role.OPERATOR.value])


def timed(portal: Portal, path: str, cookie: str, number: int) -> list[float]:
    """Return the milliseconds of so many readings of a page, after some that warm the servers up."""
    connection, taken_ms = portal.connect(), []
    for _ in range(number + WARM_UP):
        started = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        taken_ms.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}.")
    return taken_ms[WARM_UP:]


def queries_of(path: str, cookie: str) -> int:
    """Return how many queries an address costs, asked for inside this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME=LOOPBACK, headers={"Cookie": cookie})
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered with {answer.status_code}.")
    return len(queries)


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def fill(portal: Portal, ministries: Sequence[Ministry], agents: int) -> dict[str, float]:
    """Give the ministries so many agents together; return the seconds of filling and of a ministry's figures."""
    from django.utils import timezone

    from visio_portal.figures import compute_figures

    today, started, figures_s = timezone.localdate(), time.monotonic(), []
    for ministry in ministries:
        grow(portal, ministry, agents // len(ministries), today)
    with psycopg.connect(portal.postgres.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE licensing_account, licensing_unitday")
    for ministry in ministries:
        begun = time.monotonic()
        compute_figures(tenant_id=ministry.tenant.id, day=today)
        figures_s.append(time.monotonic() - begun)
        keep_past_figures(portal, ministry, today)
    with psycopg.connect(portal.postgres.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE tenants_tenantfigure")
    return {"fill_s": time.monotonic() - started, "figures_s": statistics.median(figures_s)}


def measure_dashboards(portal: Portal, pages: dict[str, tuple[str, str]], number: int) -> dict[str, Any]:
    """Return median, p95 and queries of each page."""
    figures: dict[str, Any] = {}
    for name, (path, cookie) in pages.items():
        taken_ms = timed(portal, path, cookie, number)
        figures[name] = {
            "median_ms": statistics.median(taken_ms),
            "p95_ms": p95(taken_ms),
            "queries": queries_of(path, cookie),
        }
    return figures


def measure(*, ministries: int, small: int, large: int, accounts: int, number: int) -> dict[str, Any]:
    """Return the figures of the dashboards for a small and a large State, and of the pages of people."""
    with tempfile.TemporaryDirectory(prefix="visio-portal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # run as root, the database server is somebody else and has to pass through
        with running_portal(folder) as portal:
            drop_foreign_keys(portal)
            founded, state = found_ministries(ministries), operator()
            first = founded[0]
            ours, theirs = f"/t/{first.tenant.slug}/", cookie_of(first.officer)
            seen = cookie_of(state)
            pages = {
                "ministry": (f"{ours}dashboard/", theirs),
                "state": ("/operator/dashboard/", seen),
                "ministry of the state": (f"/operator/ministries/{first.tenant.slug}/", seen),
            }
            figures: dict[str, Any] = {"ministries": ministries, "agents": [small, large]}
            for size, agents in (("small", small), ("large", large)):
                filled = fill(portal, founded, agents)
                figures[size] = filled | {"pages": measure_dashboards(portal, pages, number)}
            figures |= measure_people(portal, first, accounts, ours, theirs)
            return figures


def measure_people(portal: Portal, ministry: Ministry, accounts: int, ours: str, cookie: str) -> dict[str, Any]:
    """Return how long the pages take that read a ministry's accounts themselves, in seconds, the slowest of three."""
    from django.utils import timezone

    from apps.licensing.people.rollups import compute_unit_days

    today = timezone.localdate()
    add_accounts(portal, ministry, accounts, today)
    with psycopg.connect(portal.postgres.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE licensing_account")
    started = time.monotonic()
    compute_unit_days(tenant_id=ministry.tenant.id, day=today)
    counted_s = time.monotonic() - started
    slowest = {}
    for page in PEOPLE_PAGES:
        taken = []
        for _ in range(3):
            begun = time.perf_counter()
            answer = _read(portal, f"{ours}{page}", cookie)
            taken.append(time.perf_counter() - begun if answer == 200 else float("inf"))
        slowest[page] = max(taken)
    return {"accounts": accounts, "unit_days_s": counted_s, "people_s": slowest}


def _read(portal: Portal, path: str, cookie: str) -> int:
    connection = portal.connect()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def missed(figures: dict[str, Any]) -> list[str]:
    """Return the targets that were missed, in words."""
    targets = {}
    small, large = figures["small"]["pages"], figures["large"]["pages"]
    for name, found in large.items():
        targets[f"{name}: p95 < {P95_TARGET_MS} ms"] = found["p95_ms"] < P95_TARGET_MS
        ratio = found["median_ms"] / small[name]["median_ms"]
        targets[f"{name}: at most {RATIO_TARGET} × the small one"] = ratio <= RATIO_TARGET
        targets[f"{name}: as many queries as the small one"] = found["queries"] == small[name]["queries"]
    return [target for target, is_met in targets.items() if not is_met]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 ministries of 20,000 agents, 20,000 accounts")
    is_quick = parser.parse_args().quick
    figures = measure(
        ministries=3 if is_quick else 20,
        small=6_000 if is_quick else 60_000,
        large=60_000 if is_quick else 6_000_000,
        accounts=20_000 if is_quick else 1_000_000,
        number=20 if is_quick else 100,
    )
    not_met = missed(figures)
    for size, agents in zip(("small", "large"), figures["agents"], strict=True):
        found = figures[size]
        print(f"{agents:,} agents of {figures['ministries']} ministries: filled in {found['fill_s']:.0f} s")
        print(f"  a ministry's figures of a day{found['figures_s']:>22.2f} s")
        for name, page in found["pages"].items():
            print(
                f"  dashboard: {name:<26}{page['median_ms']:>10.0f} ms median, {page['p95_ms']:.0f} ms p95, "
                f"{page['queries']} queries"
            )
    print(f"{figures['accounts']:,} accounts more in one ministry")
    print(f"  its units counted anew{figures['unit_days_s']:>29.1f} s")
    for page, taken_s in figures["people_s"].items():
        print(f"  {page:<39}{taken_s:>12.2f} s")
    if not_met:
        print(f"Missed: {'; '.join(not_met)}.")
    print(json.dumps({"benchmark": "dashboard", "is_met": not not_met} | figures))
    return 1 if not_met else 0


if __name__ == "__main__":
    sys.exit(main())
