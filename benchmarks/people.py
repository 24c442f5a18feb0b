"""Measure the pages of accounts in a ministry that has 60,000 accounts, and then a million: times, and queries.

Starts PostgreSQL, Valkey and granian (pages in production) in a temporary folder. Each page has a target, as a
worker has listed the accounts before; how long that takes is told too.
Run it alone: .venv/bin/python benchmarks/people.py [--quick]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

import psycopg

from benchmarks._ministries import UNITS, Ministry, add_accounts, drop_foreign_keys, found_ministries
from benchmarks._portal import Portal, running_portal
from benchmarks.dashboard import cookie_of, queries_of, timed

MEDIAN_TARGET_MS = 300
PAGES = (
    "accounts/",
    "accounts/?page=2",
    "accounts/?state=unmatched",
    "accounts/?state=no_unit",
    "accounts/?file=zoom_users",
    "accounts/?q=agent123456",
    "accounts/same/",
    "accounts/departments/",
    "reconciliation/",
    "reconciliation/dormant/",
    "reconciliation/double/?vendor=zoom",
)


def fill(portal: Portal, ministry: Ministry, accounts: int) -> float:
    """Give the ministry newer files with so many accounts together; return the seconds of listing them by a worker."""
    from django.utils import timezone

    from apps.licensing.models import UsageImport
    from apps.licensing.people.departments import keep_departments
    from apps.licensing.people.listing import keep_listing
    from apps.licensing.people.matching import keep_counts
    from apps.licensing.people.rollups import compute_unit_days
    from apps.tenants.models import Unit
    from apps.tenants.scoping import tenant_scope

    today = timezone.localdate()
    with tenant_scope(ministry.tenant.id):
        if not ministry.units:
            units = [Unit(tenant=ministry.tenant, name=f"Service {n}") for n in range(UNITS)]
            ministry.units = [unit.id for unit in Unit.objects.bulk_create(units)]
        UsageImport.objects.filter(status=UsageImport.Status.COMMITTED).update(status=UsageImport.Status.UNDONE)
    add_accounts(portal, ministry, accounts, today)
    with psycopg.connect(portal.postgres.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE licensing_account")
    compute_unit_days(tenant_id=ministry.tenant.id, day=today)
    began = time.perf_counter()
    for keep in (keep_counts, keep_departments, keep_listing):
        keep(ministry.tenant)
    return time.perf_counter() - began


def measure(small: int, large: int, number: int) -> dict[str, Any]:
    """Return median and queries of each page for both numbers of accounts."""
    figures: dict[str, Any] = {"accounts": [small, large]}
    with tempfile.TemporaryDirectory(prefix="visio-portal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # run as root, the database server is somebody else and has to pass through
        with running_portal(folder) as portal:
            drop_foreign_keys(portal)
            ministry = found_ministries(1)[0]
            ours, cookie = f"/t/{ministry.tenant.slug}/", cookie_of(ministry.officer)
            for size, accounts in (("small", small), ("large", large)):
                figures[f"{size}_listing_s"] = fill(portal, ministry, accounts)
                figures[size] = {
                    page: {
                        "median_ms": statistics.median(timed(portal, f"{ours}{page}", cookie, number)),
                        "queries": queries_of(f"{ours}{page}", cookie),
                    }
                    for page in PAGES
                }
    return figures


def missed(figures: dict[str, Any]) -> list[str]:
    """Return the targets that were missed, in words."""
    small, large = figures["small"], figures["large"]
    slow = [f"{page}: under {MEDIAN_TARGET_MS} ms" for page in PAGES if large[page]["median_ms"] > MEDIAN_TARGET_MS]
    more = [page for page in large if large[page]["queries"] != small[page]["queries"]]
    return slow + [f"{page}: as many queries as for few accounts" for page in more]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="6,000 and 20,000 accounts")
    is_quick = parser.parse_args().quick
    figures = measure(*((6_000, 20_000) if is_quick else (60_000, 1_000_000)), number=20)
    not_met = missed(figures)
    print("Accounts: {:,} and {:,}".format(*figures["accounts"]))
    for page, found in figures["large"].items():
        before = figures["small"][page]
        ratio = found["median_ms"] / before["median_ms"]
        print(
            f"  {page:<30}{before['median_ms']:>8.0f} ms {found['median_ms']:>8.0f} ms ({ratio:.1f} ×), "
            f"{found['queries']} queries"
        )
    print("  listing by a worker: {:.1f} s and {:.1f} s".format(figures["small_listing_s"], figures["large_listing_s"]))
    if not_met:
        print(f"Missed: {'; '.join(not_met)}.")
    print(json.dumps({"benchmark": "people", "is_met": not not_met} | figures))
    return 1 if not_met else 0


if __name__ == "__main__":
    sys.exit(main())
