"""Keep the accounts of the newest files as lists show them, so that a page reads its own rows alone."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0014_replace_imports"),
        ("tenants", "0005_let_tokens_read_licensing"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountListing",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("computed_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("tenant",), name="account_listing_once")],
            },
        ),
        migrations.CreateModel(
            name="ListedAccount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "usage_import_id", "identifier", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("usage_import_id", models.UUIDField()),
                (
                    "vendor",
                    models.CharField(
                        choices=[("microsoft", "Microsoft"), ("zoom", "Zoom"), ("visio", "Visio")], max_length=16
                    ),
                ),
                ("identifier", models.CharField(max_length=254)),
                ("person", models.CharField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("department", models.CharField(blank=True, max_length=200)),
                ("searched", models.TextField()),
                ("unit_id", models.UUIDField(null=True)),
                ("is_matched", models.BooleanField()),
                ("is_active", models.BooleanField()),
                ("is_dormant", models.BooleanField()),
                ("is_blocked", models.BooleanField()),
                ("is_deleted", models.BooleanField()),
                ("is_double", models.BooleanField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["usage_import_id", "is_matched", "identifier"], name="listed_account_matched"),
                    models.Index(
                        condition=models.Q(("unit_id__isnull", True)),
                        fields=["usage_import_id", "identifier"],
                        name="listed_account_no_unit",
                    ),
                    models.Index(
                        condition=models.Q(("is_dormant", True)),
                        fields=["tenant", "vendor", "unit_id", "identifier"],
                        name="listed_account_dormant",
                    ),
                    models.Index(
                        condition=models.Q(("is_blocked", True)),
                        fields=["tenant", "vendor", "unit_id", "identifier"],
                        name="listed_account_blocked",
                    ),
                    models.Index(
                        condition=models.Q(("is_deleted", True)),
                        fields=["tenant", "vendor", "unit_id", "identifier"],
                        name="listed_account_deleted",
                    ),
                    models.Index(
                        condition=models.Q(("is_double", True)),
                        fields=["tenant", "vendor", "unit_id", "identifier"],
                        name="listed_account_double",
                    ),
                ],
            },
        ),
        IsolateTenant("AccountListing"),
        IsolateTenant("ListedAccount"),
    ]
