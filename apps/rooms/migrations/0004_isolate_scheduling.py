"""Put the tables of scheduling under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant, LinkTenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("rooms", "0003_scheduling")]

    operations = [
        LinkTenantForeignKey("Meeting", "scheduled_by"),
        LinkTenantForeignKey("Meeting", "follows"),
        IsolateTenant("RoomManager"),
        IsolateTenant("PolicyRule"),
        IsolateTenant("OccurrenceAnswer"),
        IsolateTenant("Delegation"),
        IsolateTenant("AttendeeGroup"),
        IsolateTenant("GroupMember"),
        IsolateTenant("MeetingTemplate"),
        IsolateTenant("Poll"),
        IsolateTenant("PollAnswer"),
        IsolateTenant("CalendarImport"),
        IsolateTenant("ImportedOriginal"),
        IsolateTenant("Mailbox"),
        IsolateTenant("Announcement"),
        IsolateTenant("Mail"),
        IsolateTenant("PendingAnswer"),
        IsolateTenant("CalendarFeed"),
        IsolateTenant("ExternalCalendar"),
        IsolateTenant("BusyPeriod"),
        IsolateTenant("VisioConnection"),
        IsolateTenant("Conference"),
        IsolateTenant("ConferenceEvent"),
    ]
