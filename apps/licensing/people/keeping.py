"""What reading every account gives, kept under all that it was read from: nothing of it can be out of date."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from apps.licensing.people.holdings import parameters
from apps.licensing.people.sources import Sources
from apps.tenants.models import Tenant

KEPT_FOR = timedelta(days=2)
# Everything beside the files that matching is made of.
READ_FROM = """
    SELECT (SELECT coalesce(md5(string_agg(concat_ws(' ', identifier, person), ',' ORDER BY identifier)), '')
            FROM licensing_alias WHERE tenant_id = %(tenant)s),
           (SELECT coalesce(md5(string_agg(concat_ws(' ', id, unit_id, starts_on, department), ',' ORDER BY id)), '')
            FROM licensing_departmentunit WHERE tenant_id = %(tenant)s),
           (SELECT coalesce(md5(string_agg(concat_ws(' ', identifier, unit_id), ',' ORDER BY identifier, unit_id)), '')
            FROM (
                SELECT membership.unit_id, person.email AS identifier
                FROM tenants_membership AS membership JOIN tenants_user AS person ON person.id = membership.user_id
                WHERE membership.tenant_id = %(tenant)s AND membership.ended_at IS NULL
            ) AS member)
"""

Value = TypeVar("Value")


def digest_of(tenant: Tenant, sources: Sources) -> str:
    """Return a digest of all that a day's matching and seats are read from; one query."""
    given = parameters(tenant, sources)
    newest = {format.value: item.id for format, item in sources.newest.items()}
    with connection.cursor() as cursor:
        cursor.execute(READ_FROM, {"tenant": tenant.id})
        others = cursor.fetchone()
    told = [f"{name}={value}" for name, value in sorted((given | newest).items())]
    return sha256("|".join([*told, *others]).encode()).hexdigest()


def kept(tenant_id: UUID, name: str, digest: str, compute: Callable[[], Value]) -> Value:
    """Return what was computed under a digest, or compute and keep it."""
    key = f"{tenant_id}:{name}:{digest}"
    found: Value | None = cache.get(key)
    if found is None:
        found = compute()
        cache.set(key, found, KEPT_FOR.total_seconds())
    return found
