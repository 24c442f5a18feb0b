"""The one way into a tenant: every row that a request, task or consumer sees is chosen here.

PostgreSQL's row-level security reads three transaction-local settings: ``app.tenant`` (rows of one
tenant), ``app.user`` (a person's own memberships, before a tenant is entered) and ``app.operator``
(aggregate figures alone). Without them there are no rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction
from structlog.contextvars import bound_contextvars

TENANT, USER, OPERATOR = "app.tenant", "app.user", "app.operator"


class OtherTenant(RuntimeError):
    """A tenant was entered from inside another one."""


@contextmanager
def tenant_scope(tenant_id: UUID, *, user_id: UUID | None = None) -> Iterator[None]:
    """Open a transaction (or savepoint) in which the rows of one tenant are visible.

    Raises OtherTenant inside another tenant's scope. The former settings are restored at the end.
    """
    settings = {TENANT: str(tenant_id)}
    if user_id is not None:
        settings[USER] = str(user_id)
    with _scope(settings) as former, bound_contextvars(tenant_id=str(tenant_id)):  # each log line says so
        if former[TENANT] not in ("", str(tenant_id)):
            raise OtherTenant(f"Tenant {tenant_id} was entered from inside {former[TENANT]}.")
        yield


@contextmanager
def user_scope(user_id: UUID) -> Iterator[None]:
    """Open a transaction in which one person's memberships are visible, in all tenants."""
    with _scope({USER: str(user_id)}):
        yield


@contextmanager
def operator_scope(tenant_id: UUID, *, user_id: UUID | None = None) -> Iterator[None]:
    """Open a transaction in the operator's own tenant, with the figures of every tenant readable."""
    with tenant_scope(tenant_id, user_id=user_id), _scope({OPERATOR: "on"}):
        yield


def current_tenant_id() -> UUID | None:
    """Return the tenant that the running transaction has entered, if any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('app.tenant', true), '')")
        (value,) = cursor.fetchone()
    return UUID(value) if value else None


@contextmanager
def _scope(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """Set transaction-local settings and yield the former ones."""
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        former = _exchange(settings, read_former=is_nested)
        yield former
        if is_nested and not connection.needs_rollback:  # a released savepoint keeps set_config, a rollback undoes it
            _exchange(former, read_former=False)


def _exchange(settings: dict[str, str], *, read_former: bool) -> dict[str, str]:
    """Write the settings in one statement; return what they were (empty where not asked for)."""
    former = dict.fromkeys(settings, "")
    with connection.cursor() as cursor:
        if read_former:
            columns = ", ".join("current_setting(%s, true)" for _ in settings)
            cursor.execute(f"SELECT {columns}", list(settings))
            former = {name: value or "" for name, value in zip(settings, cursor.fetchone(), strict=True)}
        calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
        cursor.execute(f"SELECT {calls}", [part for item in settings.items() for part in item])
    return former
