"""Row-level security of one tenant-owned table, as one reversible migration operation.

``IsolateTenant("Meeting")`` adds, from the model as the migration knows it: UNIQUE (tenant_id, id), a
composite NOT DEFERRABLE foreign key for each TenantForeignKey, the isolation policy, and FORCE ROW LEVEL
SECURITY. ``LinkByPolicy`` replaces such a foreign key where a table takes millions of rows at once.
The runtime role's rights come from the default privileges set in the first migration.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

RUNTIME_ROLE = "visio_runtime"
POLICY_LINK = "names_own_row"

# The sub-select is evaluated once per statement, not once per row.
CURRENT_TENANT = "(SELECT nullif(current_setting('app.tenant', true), '')::uuid)"
CURRENT_USER = "(SELECT nullif(current_setting('app.user', true), '')::uuid)"
IS_OPERATOR = "(SELECT current_setting('app.operator', true) = 'on')"


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key between tenant-owned tables; the database constraint is composite (tenant_id, id)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)


class TableOperation(Operation):
    """Base of both operations: statements about one table, which leave the models' state as it is."""

    reversible = True
    model: str

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model: the operation lives in the database alone."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.forwards(to_state.apps.get_model(app_label, self.model)):
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.backwards(from_state.apps.get_model(app_label, self.model)):
            schema_editor.execute(statement)

    def forwards(self, model: type[models.Model]) -> Iterator[str]:
        raise NotImplementedError

    def backwards(self, model: type[models.Model]) -> Iterator[str]:
        raise NotImplementedError


class IsolateTenant(TableOperation):
    """Put a tenant-owned table under forced row-level security.

    ``also_readable`` maps policy names to extra SELECT conditions (Membership and TenantFigure alone have
    one); ``append_only`` withdraws UPDATE and DELETE from the runtime role.
    """

    def __init__(self, model: str, *, also_readable: dict[str, str] | None = None, append_only: bool = False) -> None:
        self.model = model
        self.also_readable = also_readable or {}
        self.append_only = append_only

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        options = {"also_readable": self.also_readable, "append_only": self.append_only}
        return self.__class__.__qualname__, [self.model], {k: v for k, v in options.items() if v}

    def describe(self) -> str:
        return f"Isolate tenants in {self.model}"

    @property
    def migration_name_fragment(self) -> str:
        return f"isolate_{self.model.lower()}"

    def forwards(self, model: type[models.Model]) -> Iterator[str]:
        table = model._meta.db_table
        if _has_id(model):
            yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_id_id_key" UNIQUE (tenant_id, id)'
        for field in tenant_foreign_keys(model):
            yield foreign_key_sql(model, field)
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'
        yield (
            f'CREATE POLICY tenant_isolation ON "{table}" '
            f"USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT})"
        )
        for name, condition in self.also_readable.items():
            yield f'CREATE POLICY {name} ON "{table}" FOR SELECT USING ({condition})'
        if self.append_only:
            yield f'REVOKE UPDATE, DELETE ON "{table}" FROM {RUNTIME_ROLE}'

    def backwards(self, model: type[models.Model]) -> Iterator[str]:
        table = model._meta.db_table
        for name in ("tenant_isolation", *self.also_readable):
            yield f'DROP POLICY {name} ON "{table}"'
        yield f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY'
        for field in tenant_foreign_keys(model):
            yield drop_constraint_sql(model, field)
        if _has_id(model):
            yield f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_tenant_id_id_key"'
        if self.append_only:
            yield f'GRANT UPDATE, DELETE ON "{table}" TO {RUNTIME_ROLE}'


class LinkTenantForeignKey(TableOperation):
    """Add the composite foreign key of one TenantForeignKey that joined an already isolated table."""

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        self.field = field

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.model, self.field], {}

    def describe(self) -> str:
        return f"Link {self.model}.{self.field} inside its tenant"

    def forwards(self, model: type[models.Model]) -> Iterator[str]:
        yield foreign_key_sql(model, model._meta.get_field(self.field))

    def backwards(self, model: type[models.Model]) -> Iterator[str]:
        yield drop_constraint_sql(model, model._meta.get_field(self.field))


class LinkByPolicy(TableOperation):
    """Have a policy hold what a composite foreign key would, for a table that takes millions of rows in a statement.

    A foreign key asks for each row by itself (about 10 µs); the policy reads the tenant's own rows of the other table
    once for a statement, and refuses each row that names none of them. Rows are never changed, so the runtime role
    may not; a row of the other table cannot go, or change its key, while rows name it. Before the operation, the
    composite foreign key is there. What the key would do besides: it locks the row that is named, so whoever writes
    has to hold it another way against one who removes it at that moment.
    """

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        self.field = field

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.model, self.field], {}

    def describe(self) -> str:
        return f"Link {self.model}.{self.field} inside its tenant by a policy"

    def forwards(self, model: type[models.Model]) -> Iterator[str]:
        field: Any = model._meta.get_field(self.field)
        table, target, name = _names(model, field)
        yield drop_constraint_sql(model, field)
        condition = f'"{field.column}" IN (SELECT id FROM "{target}")'  # noqa: S608 -- names of models
        yield f'CREATE POLICY {POLICY_LINK} ON "{table}" AS RESTRICTIVE FOR INSERT WITH CHECK ({condition})'
        yield f'REVOKE UPDATE ON "{table}" FROM {RUNTIME_ROLE}'
        yield f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
            BEGIN
                IF EXISTS (SELECT FROM "{table}" WHERE "{field.column}" = OLD.id) THEN
                    RAISE EXCEPTION 'rows of {table} name this row' USING ERRCODE = 'foreign_key_violation';
                END IF;
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END
            $$
        """
        yield (
            f'CREATE TRIGGER {name} BEFORE DELETE OR UPDATE OF id, tenant_id ON "{target}" '
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )

    def backwards(self, model: type[models.Model]) -> Iterator[str]:
        field: Any = model._meta.get_field(self.field)
        table, target, name = _names(model, field)
        yield f'DROP TRIGGER {name} ON "{target}"'
        yield f"DROP FUNCTION {name}()"
        yield f'GRANT UPDATE ON "{table}" TO {RUNTIME_ROLE}'
        yield f'DROP POLICY {POLICY_LINK} ON "{table}"'
        yield foreign_key_sql(model, field)


def _names(model: type[models.Model], field: Any) -> tuple[str, str, str]:
    """Return the table, the one that it names, and the name of function and trigger that hold the latter's rows."""
    table = model._meta.db_table
    return table, field.related_model._meta.db_table, f"{table}_holds_{field.name}"


def _has_id(model: type[models.Model]) -> bool:
    """Return whether rows of other tables may name the model's rows."""
    return any(field.name == "id" for field in model._meta.local_fields)


def tenant_foreign_keys(model: type[models.Model]) -> list[Any]:
    """Return the model's fields that must have a composite foreign key."""
    return [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]


def constraint_name(model: type[models.Model], field: Any) -> str:
    """Return the name of a composite foreign key (PostgreSQL allows 63 bytes)."""
    return f"{model._meta.db_table}_{field.column}_tenant_fk"[:63]


def foreign_key_sql(model: type[models.Model], field: Any) -> str:
    """Return the ALTER TABLE that ties a column to a row of the same tenant."""
    table, target = model._meta.db_table, field.related_model._meta.db_table
    when_gone = f' ON DELETE SET NULL ("{field.column}")' if field.null else ""
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{constraint_name(model, field)}" '
        f'FOREIGN KEY (tenant_id, "{field.column}") REFERENCES "{target}" (tenant_id, id){when_gone} NOT DEFERRABLE'
    )


def drop_constraint_sql(model: type[models.Model], field: Any) -> str:
    """Return the ALTER TABLE that unties the column again."""
    return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{constraint_name(model, field)}"'
