"""``manage.py recompute_times``: after an update of the time zones' rules, compute coming meetings anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.rooms.models import Meeting
from apps.rooms.operations.tzdata import recompute_meeting
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope


class Command(BaseCommand):
    help = "Resolve the wall times of all coming meetings by the installed rules of their zones; run it after tzdata."

    def handle(self, *args: Any, **options: Any) -> None:
        for tenant in Tenant.objects.ministries().order_by("slug"):
            with tenant_scope(tenant.id):
                coming = Meeting.objects.filter(cancelled_at=None, occurrences__end_at__gt=timezone.now()).distinct()
                moved = [len(recompute_meeting(meeting=meeting)) for meeting in coming]
            changed = sum(1 for count in moved if count)
            self.stdout.write(f"{tenant.slug}: {sum(moved)} dates of {changed} meetings moved, {len(moved)} looked at")
