"""What the database itself enforces, tried with plain SQL as the role that the portal signs in as."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from psycopg import sql

from apps.tenants.models import Tenant, TenantOwned
from apps.tenants.rls import constraint_name, tenant_foreign_keys
from visio_portal.tests.population import populate

# Tables that belong to no tenant; every other model inherits TenantOwned.
GLOBAL_MODELS = {
    "rooms.StatePolicyRule",
    "licensing.Edition",
    "licensing.ExchangeRate",
    "licensing.ListPrice",
    "licensing.Product",
    "licensing.RunCost",
    "licensing.Sku",
    "tenants.ApiToken",
    "tenants.IdentityRoute",
    "tenants.QuarantinedSignIn",
    "tenants.Tenant",
    "tenants.User",
}
POLICY = """
    SELECT qual = with_check, roles::text FROM pg_policies
    WHERE tablename = %s AND policyname = 'tenant_isolation'
"""

COMPOSITE_FOREIGN_KEYS = """
    SELECT conname FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'f' AND cardinality(conkey) = 2 AND NOT condeferrable
"""
# Links that a policy holds in the place of a composite foreign key: see LinkByPolicy and TestLinkByPolicy.
LINKED_BY_POLICY = {"licensing_account": "usage_import"}
LINK_POLICY = """
    SELECT permissive, cmd, with_check LIKE '%%usage_import_id IN ( SELECT licensing_usageimport.id%%' FROM pg_policies
    WHERE tablename = %s AND policyname <> 'tenant_isolation'
"""
OWN_APPS = ("tenants", "files", "rooms", "transcripts", "licensing")


def test_every_model_is_tenant_owned_or_listed_as_global() -> None:
    models = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]

    unowned = {model._meta.label for model in models if not issubclass(model, TenantOwned)}

    assert unowned == GLOBAL_MODELS


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model",
    [model for model in apps.get_models() if issubclass(model, TenantOwned)],
    ids=lambda model: model._meta.label_lower,
)
def test_tenant_table_is_isolated_as_its_model_says(model: type[TenantOwned]) -> None:
    table = model._meta.db_table
    by_policy = LINKED_BY_POLICY.get(table)
    links = {constraint_name(model, field) for field in tenant_foreign_keys(model) if field.name != by_policy}
    plain = [field for field in model._meta.local_fields if field not in tenant_foreign_keys(model)]

    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [(True, True)]
    assert rows(POLICY, table) == [(True, "{public}")]
    assert {name for (name,) in rows(COMPOSITE_FOREIGN_KEYS, table)} == links
    assert not any(issubclass(field.related_model or Tenant, TenantOwned) for field in plain), "use TenantForeignKey"


@pytest.mark.django_db
def test_an_account_is_linked_by_a_policy() -> None:
    assert rows(LINK_POLICY, "licensing_account") == [("RESTRICTIVE", "INSERT", True)]


@pytest.mark.django_db(transaction=True)
class TestRuntimeRole:
    """The real runtime role, over a connection of its own."""

    @pytest.fixture
    def tenants(self) -> tuple[Tenant, Tenant]:
        return populate("premier").tenant, populate("second").tenant

    @pytest.fixture
    def runtime(self, tenants: tuple[Tenant, Tenant]) -> Iterator[psycopg.Connection]:
        parts = urlsplit(os.environ["TEST_RUNTIME_URL"])
        name = connection.settings_dict["NAME"]
        with psycopg.connect(urlunsplit(parts._replace(path=f"/{name}")), autocommit=True) as runtime:
            yield runtime

    def test_sees_nothing_without_a_tenant(self, runtime: psycopg.Connection) -> None:
        assert {table: count(runtime, table) for table in tenant_tables(runtime)} == dict.fromkeys(
            tenant_tables(runtime), 0
        )

    def test_sees_its_own_rows_in_every_table_and_nothing_else(
        self, runtime: psycopg.Connection, tenants: tuple[Tenant, Tenant]
    ) -> None:
        runtime.execute("SELECT set_config('app.tenant', %s, false)", [str(tenants[0].id)])

        for table in tenant_tables(runtime):
            query = sql.SQL("SELECT DISTINCT tenant_id FROM {}").format(sql.Identifier(table))
            assert runtime.execute(query).fetchall() == [(tenants[0].id,)], table

    def test_is_refused_an_insert_for_another_tenant(
        self, runtime: psycopg.Connection, tenants: tuple[Tenant, Tenant]
    ) -> None:
        mine, theirs = tenants
        for table in tenant_tables(runtime):
            # A copy of one's own row, handed to the other tenant: refused before any other rule is looked at.
            columns = [name for name in written_columns(runtime, table) if name != "tenant_id"]
            query = sql.SQL("INSERT INTO {table} (tenant_id, {columns}) SELECT {other}, {columns} FROM {table}").format(
                table=sql.Identifier(table),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                other=sql.Literal(theirs.id),
            )
            runtime.execute("SELECT set_config('app.tenant', %s, false)", [str(mine.id)])
            with pytest.raises(
                psycopg.errors.InsufficientPrivilege, match=f"row-level security.*{table}|denied.*{table}"
            ):
                runtime.execute(query)

    def test_links_accounts_to_its_own_imports_alone(
        self, runtime: psycopg.Connection, tenants: tuple[Tenant, Tenant]
    ) -> None:
        """What a composite foreign key refuses, a policy and a trigger do (see LinkByPolicy)."""
        mine, theirs = tenants
        columns = sql.SQL(", ").join(
            sql.Identifier(name)
            for name in written_columns(runtime, "licensing_account")
            if name not in ("usage_import_id", "identifier")
        )
        insert = sql.SQL(
            "INSERT INTO licensing_account (usage_import_id, identifier, {columns}) "
            "SELECT %s, 'new@example.fr', {columns} FROM licensing_account"
        ).format(columns=columns)
        imports = {}
        for tenant in (theirs, mine):
            runtime.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant.id)])
            imports[tenant] = runtime.execute("SELECT id FROM licensing_usageimport").fetchone()

        for stranger in (imports[theirs], (mine.id,)):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="names_own_row"):
                runtime.execute(insert, stranger)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"denied.*licensing_account"):
            runtime.execute("UPDATE licensing_account SET usage_import_id = usage_import_id")
        for change in ("DELETE FROM licensing_usageimport", "UPDATE licensing_usageimport SET id = gen_random_uuid()"):
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                runtime.execute(change)
        assert runtime.execute(insert, imports[mine]).rowcount == 1

    @pytest.mark.parametrize("table", ["tenants_journalevent", "tenants_journallink", "tenants_journalhead"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
    def test_is_refused_a_change_of_the_journal(
        self, runtime: psycopg.Connection, tenants: tuple[Tenant, Tenant], table: str, change: str
    ) -> None:
        runtime.execute("SELECT set_config('app.tenant', %s, false)", [str(tenants[0].id)])

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute(sql.SQL(change).format(sql.Identifier(table)))

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE mine (id int)",
            "ALTER TABLE rooms_meeting DISABLE ROW LEVEL SECURITY",
            "DROP TABLE rooms_meeting",
            "CREATE INDEX mine ON rooms_meeting (title)",
            "CREATE SCHEMA mine",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "DROP POLICY tenant_isolation ON rooms_meeting",
            "CREATE ROLE mine",
            "SET ROLE visio_owner",
            "SET ROLE visio_search",
            "SET session_replication_role = replica",
        ],
    )
    def test_is_refused_ddl(self, runtime: psycopg.Connection, statement: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute(statement)

    def test_may_make_temporary_tables(self, runtime: psycopg.Connection) -> None:
        runtime.execute("CREATE TEMP TABLE staging (line text)")


def tenant_tables(runtime: psycopg.Connection) -> list[str]:
    """Return every table under row-level security, from the catalogue."""
    query = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity ORDER BY relname"
    tables = [name for (name,) in runtime.execute(query)]
    assert len(tables) > 20
    return tables


def written_columns(runtime: psycopg.Connection, table: str) -> list[str]:
    """Return a table's columns that an INSERT may name."""
    query = """
        SELECT attname FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    """
    return [name for (name,) in runtime.execute(query, [table])]


def count(runtime: psycopg.Connection, table: str) -> int:
    row = runtime.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def rows(query: str, *parameters: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
