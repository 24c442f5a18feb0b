"""Working out the listed accounts from the rows: only what differs is written, doing it again changes nothing."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.licensing.models import AccountListing
from apps.licensing.people.holdings import HOLDING, hashed, parameters
from apps.licensing.people.keeping import digest_of
from apps.licensing.people.matching import LISTED, with_accounts
from apps.licensing.people.sources import Sources, sources_on
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope

KEY = ("usage_import_id", "identifier")
REASONS = ("is_active", "is_dormant", "is_blocked", "is_deleted", "is_double")
VALUES = ("vendor", "person", "name", "department", "searched", "unit_id", "is_matched", *REASONS)
COLUMNS = ", ".join(KEY + VALUES)

COMPUTED = f"""
    WITH {HOLDING}, {LISTED}
    SELECT matched.usage_import_id, matched.identifier, matched.vendor, matched.person, matched.name,
           matched.department,
           concat_ws(E'\\n', matched.identifier, nullif(matched.person, matched.identifier), lower(matched.name))
               AS searched,
           matched.unit_id, matched.is_matched,
           {", ".join(f"coalesce(holding.{name}, false) AS {name}" for name in REASONS)}
    FROM matched
    LEFT JOIN holding
      ON holding.usage_import_id = matched.usage_import_id AND holding.identifier = matched.identifier
"""
WRITE = (
    f"CREATE TEMP TABLE listed_now ON COMMIT DROP AS {COMPUTED} ORDER BY 1, 2",
    "ANALYZE listed_now",
    """
    DELETE FROM licensing_listedaccount AS kept
    WHERE tenant_id = %(tenant)s AND NOT EXISTS (
        SELECT FROM listed_now
        WHERE listed_now.usage_import_id = kept.usage_import_id AND listed_now.identifier = kept.identifier
    )
    """,
    f"""
    INSERT INTO licensing_listedaccount (tenant_id, {COLUMNS})
    SELECT %(tenant)s, {", ".join(f"listed_now.{name}" for name in KEY + VALUES)}
    FROM listed_now
    LEFT JOIN licensing_listedaccount AS kept
      ON kept.usage_import_id = listed_now.usage_import_id AND kept.identifier = listed_now.identifier
     AND kept.tenant_id = %(tenant)s
    WHERE kept.identifier IS NULL
       OR ({", ".join(f"kept.{name}" for name in VALUES)})
          IS DISTINCT FROM ({", ".join(f"listed_now.{name}" for name in VALUES)})
    ON CONFLICT (usage_import_id, identifier)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in VALUES)}
    """,
    "DROP TABLE listed_now",
)
DIFFERENCES = f"""
    SELECT count(*) FROM (
        (SELECT {COLUMNS} FROM ({COMPUTED}) AS computed
         EXCEPT SELECT {COLUMNS} FROM licensing_listedaccount WHERE tenant_id = %(tenant)s)
        UNION ALL
        (SELECT {COLUMNS} FROM licensing_listedaccount WHERE tenant_id = %(tenant)s
         EXCEPT SELECT {COLUMNS} FROM ({COMPUTED}) AS computed)
    ) AS different
"""


def keep_listing(tenant: Tenant) -> None:
    """List today's accounts, unless nothing has changed that they follow from."""
    with tenant_scope(tenant.id), transaction.atomic(), connection.cursor() as cursor:
        # One at a time: the second one finds what the first has written.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_of(tenant)])
        sources = sources_on(tenant, tenant.today)
        digest = digest_of(tenant, sources)
        if AccountListing.objects.filter(tenant=tenant, digest=digest).exists():
            return
        with hashed(cursor):
            for statement in WRITE:
                cursor.execute(statement, _parameters(tenant, sources))
        AccountListing.objects.update_or_create(
            tenant=tenant, defaults={"digest": digest, "computed_at": timezone.now()}
        )


def listing_differences(tenant: Tenant) -> int:
    """Return how many listed accounts are not those that the rows give; 0 if all is well."""
    with tenant_scope(tenant.id), connection.cursor() as cursor, hashed(cursor):
        cursor.execute(DIFFERENCES, _parameters(tenant, sources_on(tenant, tenant.today)))
        (number,) = cursor.fetchone()
    return int(number)


def _parameters(tenant: Tenant, sources: Sources) -> dict[str, Any]:
    return parameters(tenant, sources) | {"newest": [item.id for item in with_accounts(sources)]}


def _lock_of(tenant: Tenant) -> int:
    return (tenant.id.int ^ 0x6C697374) & (2**63 - 1)
