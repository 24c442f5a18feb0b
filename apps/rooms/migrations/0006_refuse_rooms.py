"""Say why a rule is laid down, and keep what room managers refuse."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import apps.tenants.rls


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0005_cancel_together"),
        ("tenants", "0003_chain_journal"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyrule",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="statepolicyrule",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
        ),
        migrations.CreateModel(
            name="RoomRefusal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("dates", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    apps.tenants.rls.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="room_refusals",
                        to="tenants.membership",
                    ),
                ),
                (
                    "meeting",
                    apps.tenants.rls.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="room_refusals",
                        to="rooms.meeting",
                    ),
                ),
                (
                    "room",
                    apps.tenants.rls.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="rooms.room",
                    ),
                ),
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
                "ordering": ["-created_at"],
            },
        ),
        apps.tenants.rls.IsolateTenant("RoomRefusal"),
    ]
