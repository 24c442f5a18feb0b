"""Series, delegations, rules of rooms, invitations, polls, conferences; existing meetings keep what they are."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import apps.rooms.models.meetings
import apps.tenants.rls
import visio_portal.encryption

# FORCE would hide every row from the owner, so it is lifted while the new columns are filled.
FILL = """
ALTER TABLE rooms_meeting NO FORCE ROW LEVEL SECURITY;
ALTER TABLE rooms_occurrence NO FORCE ROW LEVEL SECURITY;
UPDATE rooms_meeting
SET uid = gen_random_uuid()::text, join_code = substr(replace(gen_random_uuid()::text, '-', ''), 1, 24);
UPDATE rooms_occurrence AS occurrence
SET starts_on = meeting.starts_on, start_time = meeting.start_time, duration_minutes = meeting.duration_minutes,
    recurrence_id = to_char(meeting.starts_on + meeting.start_time, 'YYYYMMDD"T"HH24MISS')
FROM rooms_meeting AS meeting WHERE meeting.id = occurrence.meeting_id;
ALTER TABLE rooms_meeting FORCE ROW LEVEL SECURITY;
ALTER TABLE rooms_occurrence FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0002_isolate_tenants"),
        ("tenants", "0003_chain_journal"),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("request", "invitation"),
                            ("update", "change"),
                            ("cancel", "cancellation"),
                            ("reminder", "reminder"),
                            ("poll", "date poll"),
                            ("notice", "notice"),
                        ],
                        max_length=16,
                    ),
                ),
                ("method", models.CharField(blank=True, max_length=16)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("calendar", models.TextField(blank=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="AttendeeGroup",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="BusyPeriod",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("start_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["start_at"],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="CalendarImport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("previewed", "to check"), ("done", "moved over")], default="previewed", max_length=16
                    ),
                ),
                ("entries", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Conference",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("preparing", "being prepared"),
                            ("ready", "ready"),
                            ("failed", "could not be prepared"),
                            ("replaced", "replaced"),
                        ],
                        default="preparing",
                        max_length=16,
                    ),
                ),
                ("owner_email", models.EmailField(max_length=254)),
                ("access_level", models.CharField(max_length=16)),
                ("visio_id", models.UUIDField(blank=True, null=True)),
                ("slug", models.CharField(blank=True, max_length=255)),
                ("url", models.URLField(blank=True, max_length=500)),
                ("telephony", models.JSONField(default=dict)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ConferenceEvent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=255)),
                ("name", models.CharField(max_length=64)),
                ("session_id", models.CharField(blank=True, max_length=255)),
                ("participant_id", models.CharField(blank=True, max_length=255)),
                ("identity", models.CharField(blank=True, max_length=255)),
                ("participant_name", models.CharField(blank=True, max_length=255)),
                ("happened_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["happened_at"],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["starts_on"],
            },
        ),
        migrations.CreateModel(
            name="ExternalCalendar",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("address", visio_portal.encryption.EncryptedTextField(verbose_name="ICS address")),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
            ],
            options={
                "ordering": ["name", "email"],
            },
        ),
        migrations.CreateModel(
            name="ImportedOriginal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("uid", models.CharField(max_length=1000)),
                ("title", models.CharField(max_length=200)),
                ("tool", models.CharField(max_length=16)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("address", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(default="fr", max_length=2)),
                (
                    "status",
                    models.CharField(
                        choices=[("queued", "being sent"), ("sent", "sent"), ("not_delivered", "not delivered")],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("message_id", models.CharField(max_length=255)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["address"],
            },
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("address", models.EmailField(max_length=254, verbose_name="address")),
                ("imap_host", models.CharField(blank=True, max_length=255, verbose_name="IMAP server")),
                ("imap_port", models.PositiveIntegerField(default=993, verbose_name="port")),
                ("has_tls", models.BooleanField(default=True, verbose_name="TLS from the start")),
                ("username", models.CharField(blank=True, max_length=255, verbose_name="account")),
                ("password", visio_portal.encryption.EncryptedTextField(blank=True, verbose_name="password")),
                ("uid_validity", models.BigIntegerField(blank=True, null=True)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="MeetingTemplate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("values", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="OccurrenceAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("needs-action", "no answer yet"),
                            ("accepted", "accepted"),
                            ("tentative", "accepted tentatively"),
                            ("declined", "declined"),
                        ],
                        max_length=16,
                    ),
                ),
                ("comment", models.CharField(blank=True, max_length=1000)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("stamped_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PendingAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("from_address", models.EmailField(max_length=254)),
                ("from_name", models.CharField(blank=True, max_length=200)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("needs-action", "no answer yet"),
                            ("accepted", "accepted"),
                            ("tentative", "accepted tentatively"),
                            ("declined", "declined"),
                        ],
                        max_length=16,
                    ),
                ),
                ("comment", models.CharField(blank=True, max_length=1000)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("other_address", "sent from another address than the invited one"),
                            ("not_invited", "nobody of this address is invited"),
                            ("counter", "proposes another time"),
                            ("no_organizer", "does not say to which organiser it answers"),
                            ("unverified", "its sender could not be verified"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "to confirm"), ("confirmed", "confirmed"), ("dismissed", "dismissed")],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("proposed_start_at", models.DateTimeField(blank=True, null=True)),
                ("proposed_end_at", models.DateTimeField(blank=True, null=True)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("stamped_at", models.DateTimeField()),
                ("message_id", models.CharField(max_length=255)),
                ("received_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-received_at"],
            },
        ),
        migrations.CreateModel(
            name="PolicyRule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=32)),
                ("value", models.JSONField()),
                ("is_enforced", models.BooleanField(default=False, verbose_name="enforced")),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("chosen", "date chosen"), ("cancelled", "cancelled")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("closes_at", models.DateTimeField(verbose_name="answers until")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="PollAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "choice",
                    models.CharField(
                        choices=[("yes", "yes"), ("if_needed", "if need be"), ("no", "no")], max_length=16
                    ),
                ),
                ("answered_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="RoomManager",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="StatePolicyRule",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("is_enforced", models.BooleanField(default=False, verbose_name="enforced")),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="VisioConnection",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("base_url", models.URLField(max_length=255, verbose_name="address of Visio")),
                ("client_id", models.CharField(max_length=255, verbose_name="client id")),
                ("client_secret", visio_portal.encryption.EncryptedTextField(verbose_name="client secret")),
                ("livekit_api_key", models.CharField(blank=True, max_length=255, verbose_name="LiveKit API key")),
                (
                    "livekit_api_secret",
                    visio_portal.encryption.EncryptedTextField(blank=True, verbose_name="LiveKit API secret"),
                ),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="occurrence",
            name="occurrence_once",
        ),
        migrations.RemoveConstraint(
            model_name="occurrence",
            name="occurrence_no_double_booking",
        ),
        migrations.AddField(
            model_name="attendee",
            name="answer",
            field=models.CharField(
                choices=[
                    ("needs-action", "no answer yet"),
                    ("accepted", "accepted"),
                    ("tentative", "accepted tentatively"),
                    ("declined", "declined"),
                ],
                default="needs-action",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="attendee",
            name="answer_comment",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="attendee",
            name="answer_sequence",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="attendee",
            name="answer_stamped_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attendee",
            name="language",
            field=models.CharField(default="fr", max_length=2),
        ),
        migrations.AddField(
            model_name="attendee",
            name="link_version",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="attendee",
            name="time_zone",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="meeting",
            name="access_level",
            field=models.CharField(
                choices=[
                    ("public", "anybody with the address"),
                    ("trusted", "signed-in agents enter at once, others are let in"),
                    ("restricted", "everybody but those invited is let in by the organiser"),
                ],
                default="trusted",
                max_length=16,
                verbose_name="who may enter the conference",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="attendance_threshold",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                verbose_name="presence that counts (percent)",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="meeting",
            name="follows",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="followed_by",
                to="rooms.meeting",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="has_dial_in",
            field=models.BooleanField(default=True, verbose_name="may be joined by telephone"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="has_guests",
            field=models.BooleanField(default=True, verbose_name="people from outside may be invited"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="is_recorded",
            field=models.BooleanField(default=False, verbose_name="recorded"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="is_transcribed",
            field=models.BooleanField(default=False, verbose_name="transcribed"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="join_code",
            field=models.CharField(default=apps.rooms.models.meetings.new_join_code, editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name="meeting",
            name="rrule",
            field=models.CharField(blank=True, max_length=500, verbose_name="repetition"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="scheduled_by",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="scheduled_meetings",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="sequence",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="meeting",
            name="uid",
            field=models.CharField(default=apps.rooms.models.meetings.new_uid, editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="agenda",
            field=models.TextField(blank=True, verbose_name="agenda"),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="duration_minutes",
            field=models.PositiveIntegerField(
                default=60,
                validators=[
                    django.core.validators.MinValueValidator(5),
                    django.core.validators.MaxValueValidator(1440),
                ],
                verbose_name="duration (minutes)",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="occurrence",
            name="is_changed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="recurrence_id",
            field=models.CharField(default="", max_length=15),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="occurrence",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="sequence",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="start_time",
            field=models.TimeField(default=datetime.time(0), verbose_name="start"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="occurrence",
            name="starts_on",
            field=models.DateField(default=datetime.date(2000, 1, 1), verbose_name="date"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="occurrence",
            name="title",
            field=models.CharField(blank=True, max_length=200, verbose_name="title"),
        ),
        migrations.AddField(
            model_name="room",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="room",
            name="description",
            field=models.TextField(blank=True, verbose_name="description"),
        ),
        migrations.AddField(
            model_name="room",
            name="equipment",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("screen", "screen"),
                        ("camera", "camera"),
                        ("conference_unit", "video-conference unit"),
                        ("whiteboard", "whiteboard"),
                        ("hearing_loop", "hearing loop"),
                        ("step_free", "step-free access"),
                    ],
                    max_length=32,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="equipment",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="sip_address",
            field=models.CharField(blank=True, max_length=255, verbose_name="SIP address"),
        ),
        migrations.AlterField(
            model_name="occurrence",
            name="status",
            field=models.CharField(
                choices=[
                    ("confirmed", "confirmed"),
                    ("tentative", "awaiting confirmation"),
                    ("held", "held while a date is being chosen"),
                    ("cancelled", "cancelled"),
                ],
                default="confirmed",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(fields=["tenant", "room", "start_at"], name="occurrence_room_calendar"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(fields=("tenant", "uid"), name="meeting_uid_once"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(fields=("tenant", "join_code"), name="meeting_join_code_once"),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.UniqueConstraint(fields=("tenant", "meeting", "recurrence_id"), name="occurrence_once"),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("status__in", ["confirmed", "held"])),
                expressions=[("tenant", "="), ("room", "="), ("during", "&&")],
                name="occurrence_no_double_booking",
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="by",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="announcements",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="meeting",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="announcements",
                to="rooms.meeting",
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="occurrence",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="announcements",
                to="rooms.occurrence",
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="attendeegroup",
            name="owner",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attendee_groups",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="attendeegroup",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="attendeegroup",
            name="unit",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attendee_groups",
                to="tenants.unit",
            ),
        ),
        migrations.AddField(
            model_name="busyperiod",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="membership",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_feeds",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="room",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_feeds",
                to="rooms.room",
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="calendarimport",
            name="by",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_imports",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="calendarimport",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="conference",
            name="meeting",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conferences",
                to="rooms.meeting",
            ),
        ),
        migrations.AddField(
            model_name="conference",
            name="room",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conferences",
                to="rooms.room",
            ),
        ),
        migrations.AddField(
            model_name="conference",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="conferenceevent",
            name="conference",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="rooms.conference",
            ),
        ),
        migrations.AddField(
            model_name="conferenceevent",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="delegate",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="delegations_held",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="principal",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="delegations_given",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="externalcalendar",
            name="membership",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="external_calendars",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="externalcalendar",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="busyperiod",
            name="calendar",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="busy_periods",
                to="rooms.externalcalendar",
            ),
        ),
        migrations.AddField(
            model_name="groupmember",
            name="group",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="people",
                to="rooms.attendeegroup",
            ),
        ),
        migrations.AddField(
            model_name="groupmember",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="importedoriginal",
            name="imported_by",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="originals",
                to="rooms.calendarimport",
            ),
        ),
        migrations.AddField(
            model_name="importedoriginal",
            name="meeting",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="originals",
                to="rooms.meeting",
            ),
        ),
        migrations.AddField(
            model_name="importedoriginal",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="announcement",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mails",
                to="rooms.announcement",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="attendee",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="mails",
                to="rooms.attendee",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="meetingtemplate",
            name="owner",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="meeting_templates",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="meetingtemplate",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="meetingtemplate",
            name="unit",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="meeting_templates",
                to="tenants.unit",
            ),
        ),
        migrations.AddField(
            model_name="occurrenceanswer",
            name="attendee",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="occurrence_answers",
                to="rooms.attendee",
            ),
        ),
        migrations.AddField(
            model_name="occurrenceanswer",
            name="occurrence",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="rooms.occurrence",
            ),
        ),
        migrations.AddField(
            model_name="occurrenceanswer",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="pendinganswer",
            name="attendee",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pending_answers",
                to="rooms.attendee",
            ),
        ),
        migrations.AddField(
            model_name="pendinganswer",
            name="meeting",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pending_answers",
                to="rooms.meeting",
            ),
        ),
        migrations.AddField(
            model_name="pendinganswer",
            name="occurrence",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pending_answers",
                to="rooms.occurrence",
            ),
        ),
        migrations.AddField(
            model_name="pendinganswer",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="policyrule",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="policyrule",
            name="unit",
            field=apps.tenants.rls.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="policy_rules",
                to="tenants.unit",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="meeting",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="polls",
                to="rooms.meeting",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="pollanswer",
            name="attendee",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="poll_answers",
                to="rooms.attendee",
            ),
        ),
        migrations.AddField(
            model_name="pollanswer",
            name="slot",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="poll_answers",
                to="rooms.occurrence",
            ),
        ),
        migrations.AddField(
            model_name="pollanswer",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="roommanager",
            name="membership",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="managed_rooms",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="roommanager",
            name="room",
            field=apps.tenants.rls.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="managers",
                to="rooms.room",
            ),
        ),
        migrations.AddField(
            model_name="roommanager",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="visioconnection",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="tenants.tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendeegroup",
            constraint=models.UniqueConstraint(
                fields=("tenant", "owner", "unit", "name"), name="attendee_group_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="attendeegroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("owner", None), ("unit__isnull", False)),
                    models.Q(("owner__isnull", False), ("unit", None)),
                    _connector="OR",
                ),
                name="attendee_group_has_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.UniqueConstraint(fields=("tenant", "digest"), name="calendar_feed_digest"),
        ),
        migrations.AddIndex(
            model_name="conference",
            index=models.Index(fields=["tenant", "visio_id"], name="conference_visio_id"),
        ),
        migrations.AddConstraint(
            model_name="conference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("meeting", None), ("room__isnull", False)),
                    models.Q(("meeting__isnull", False), ("room", None)),
                    _connector="OR",
                ),
                name="conference_of_meeting_or_room",
            ),
        ),
        migrations.AddConstraint(
            model_name="conference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "replaced"), _negated=True),
                fields=("tenant", "meeting"),
                name="conference_one_per_meeting",
            ),
        ),
        migrations.AddConstraint(
            model_name="conference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "replaced"), _negated=True),
                fields=("tenant", "room"),
                name="conference_one_per_room",
            ),
        ),
        migrations.AddIndex(
            model_name="conferenceevent",
            index=models.Index(fields=["tenant", "conference", "happened_at"], name="conference_event_time"),
        ),
        migrations.AddConstraint(
            model_name="conferenceevent",
            constraint=models.UniqueConstraint(fields=("tenant", "event_id"), name="conference_event_once"),
        ),
        migrations.AddIndex(
            model_name="delegation",
            index=models.Index(fields=["tenant", "delegate"], name="delegation_delegate"),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"),
                name="delegation_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("principal", models.F("delegate")), _negated=True),
                name="delegation_to_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="externalcalendar",
            constraint=models.UniqueConstraint(fields=("tenant", "membership"), name="external_calendar_once"),
        ),
        migrations.AddIndex(
            model_name="busyperiod",
            index=models.Index(fields=["tenant", "calendar", "start_at", "end_at"], name="busy_period_range"),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.UniqueConstraint(fields=("tenant", "group", "email"), name="group_member_once"),
        ),
        migrations.AddConstraint(
            model_name="importedoriginal",
            constraint=models.UniqueConstraint(fields=("tenant", "meeting"), name="imported_original_once"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["tenant", "status", "created_at"], name="mail_queue"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["tenant", "message_id"], name="mail_message_id"),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.UniqueConstraint(fields=("tenant",), name="mailbox_once"),
        ),
        migrations.AddConstraint(
            model_name="meetingtemplate",
            constraint=models.UniqueConstraint(
                fields=("tenant", "owner", "unit", "name"), name="meeting_template_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingtemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("owner", None), ("unit__isnull", False)),
                    models.Q(("owner__isnull", False), ("unit", None)),
                    _connector="OR",
                ),
                name="meeting_template_has_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="occurrenceanswer",
            constraint=models.UniqueConstraint(
                fields=("tenant", "occurrence", "attendee"), name="occurrence_answer_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pendinganswer",
            constraint=models.UniqueConstraint(fields=("tenant", "message_id"), name="pending_answer_once"),
        ),
        migrations.AddConstraint(
            model_name="policyrule",
            constraint=models.UniqueConstraint(
                fields=("tenant", "unit", "name"), name="policy_rule_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="poll",
            constraint=models.UniqueConstraint(fields=("tenant", "meeting"), name="poll_once_per_meeting"),
        ),
        migrations.AddConstraint(
            model_name="pollanswer",
            constraint=models.UniqueConstraint(fields=("tenant", "slot", "attendee"), name="poll_answer_once"),
        ),
        migrations.AddConstraint(
            model_name="roommanager",
            constraint=models.UniqueConstraint(fields=("tenant", "room", "membership"), name="room_manager_once"),
        ),
        migrations.AddConstraint(
            model_name="visioconnection",
            constraint=models.UniqueConstraint(fields=("tenant",), name="visio_connection_once"),
        ),
    ]
