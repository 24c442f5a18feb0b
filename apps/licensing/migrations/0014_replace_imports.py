"""Let a newer file of one report, day and period replace the one before, so that neither counts twice."""

import django.db.models.deletion
from django.db import migrations, models

import apps.tenants.rls
from apps.tenants.rls import LinkTenantForeignKey

STATUSES = [
    ("reading", "being read"),
    ("asking", "needs an answer"),
    ("previewed", "ready to import"),
    ("committing", "being imported"),
    ("committed", "imported"),
    ("replaced", "replaced"),
    ("refused", "refused"),
    ("undoing", "being undone"),
    ("undone", "undone"),
    ("removing", "being removed"),
]
# Row-level security binds the owner as well, so every tenant is entered in its turn.
REPLACE_OLDER = """
    DO $$
    DECLARE
        tenant uuid;
        former text := current_setting('app.tenant', true);
    BEGIN
        FOR tenant IN SELECT id FROM tenants_tenant LOOP
            PERFORM set_config('app.tenant', tenant::text, true);
            UPDATE licensing_usageimport SET status = 'replaced', replaced_by_id = newer.id
            FROM (
                SELECT id AS older, lead(id) OVER (
                    PARTITION BY format, refreshed_on, period_days ORDER BY committed_at NULLS FIRST, created_at, id
                ) AS id
                FROM licensing_usageimport WHERE status = 'committed'
            ) AS newer
            WHERE licensing_usageimport.id = newer.older AND newer.id IS NOT NULL;
        END LOOP;
        PERFORM set_config('app.tenant', coalesce(former, ''), true);
    END
    $$
"""
COUNT_AGAIN = """
    DO $$
    DECLARE
        tenant uuid;
        former text := current_setting('app.tenant', true);
    BEGIN
        FOR tenant IN SELECT id FROM tenants_tenant LOOP
            PERFORM set_config('app.tenant', tenant::text, true);
            UPDATE licensing_usageimport SET status = 'committed', replaced_by_id = NULL WHERE status = 'replaced';
        END LOOP;
        PERFORM set_config('app.tenant', coalesce(former, ''), true);
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("licensing", "0013_write_accounts_cheaply")]

    operations = [
        migrations.AlterField(
            "UsageImport", "status", models.CharField(choices=STATUSES, default="reading", max_length=16)
        ),
        migrations.AddField(
            "UsageImport",
            "replaced_by",
            apps.tenants.rls.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaces",
                to="licensing.usageimport",
            ),
        ),
        LinkTenantForeignKey("UsageImport", "replaced_by"),
        migrations.RemoveConstraint("UsageImport", "usage_import_once"),
        migrations.RunSQL(REPLACE_OLDER, COUNT_AGAIN),
        migrations.AddConstraint(
            "UsageImport",
            models.UniqueConstraint(
                condition=models.Q(("status", "committed")),
                fields=("tenant", "format", "refreshed_on", "period_days"),
                name="usage_import_once",
                nulls_distinct=False,
            ),
        ),
    ]
