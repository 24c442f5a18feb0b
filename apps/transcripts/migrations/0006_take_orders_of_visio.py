"""Keep what Visio orders from the portal as its transcription service."""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import apps.tenants.rls
import visio_portal.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0004_allow_visio_to_order"),
        ("transcripts", "0005_make_recordings_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceJob",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("accepted", "to be fetched"),
                            ("fetching", "being fetched"),
                            ("transcribing", "being transcribed"),
                            ("succeeded", "transcribed"),
                            ("failed", "failed"),
                        ],
                        default="accepted",
                        max_length=16,
                    ),
                ),
                ("source_digest", models.CharField(max_length=64)),
                ("source_url", visio_portal.encryption.EncryptedTextField(blank=True)),
                ("metadata_url", visio_portal.encryption.EncryptedTextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("conference_slug", models.CharField(blank=True, max_length=255)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("speech_events", models.JSONField(default=list)),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("fetch_attempts", models.PositiveSmallIntegerField(default=0)),
                ("fetch_at", models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ("callback_attempts", models.PositiveSmallIntegerField(default=0)),
                ("callback_at", models.DateTimeField(null=True)),
                ("callback_error", models.CharField(blank=True, max_length=500)),
                ("called_back_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "member",
                    apps.tenants.rls.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_jobs",
                        to="tenants.membership",
                    ),
                ),
                (
                    "recording",
                    apps.tenants.rls.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="service_jobs",
                        to="transcripts.recording",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["accepted", "fetching", "transcribing"])),
                        fields=["tenant", "created_at"],
                        name="service_job_active",
                    ),
                    models.Index(
                        condition=models.Q(("callback_at__isnull", False)),
                        fields=["tenant", "callback_at"],
                        name="service_job_callback",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "failed"), _negated=True),
                        fields=("tenant", "source_digest"),
                        name="service_job_once_per_source",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TranscriptionService",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "hosts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253), default=list, size=None
                    ),
                ),
                (
                    "size_limit_mb",
                    models.PositiveIntegerField(
                        default=2048,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(2048),
                        ],
                        verbose_name="largest recording (MB)",
                    ),
                ),
                (
                    "fetch_minutes",
                    models.PositiveIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="longest download (minutes)",
                    ),
                ),
                ("callback_url", models.URLField(blank=True, max_length=500, verbose_name="address that is told")),
                (
                    "callback_key",
                    visio_portal.encryption.EncryptedTextField(blank=True, verbose_name="key for that address"),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
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
                "constraints": [models.UniqueConstraint(fields=("tenant",), name="transcription_service_once")],
            },
        ),
    ]
