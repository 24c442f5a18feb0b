"""``manage.py verify_unit_days``: compute the counts of units anew from rows and compare them with those kept."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.licensing.models import UnitDay
from apps.licensing.people.rollups import differences
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope


class Command(BaseCommand):
    help = "Compare the kept counts of each tenant's newest day with the rows. Exit status 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="compare this day")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = sum(self._check(tenant, options["day"]) for tenant in Tenant.objects.ministries().order_by("slug"))
        if wrong:
            raise CommandError(f"{wrong} counts differ from the rows.", returncode=1)

    def _check(self, tenant: Tenant, day: date | None) -> int:
        """Say how one tenant's counts stand; return how many differ."""
        with tenant_scope(tenant.id):
            newest = UnitDay.objects.filter(tenant=tenant).order_by("-day").values_list("day", flat=True).first()
        asked = day or newest
        if asked is None:
            self.stdout.write(f"{tenant.slug}: nothing is kept")
            return 0
        found = differences(tenant_id=tenant.id, day=asked)
        for item in found:
            unit = item.unit_id or "unknown"
            self.stderr.write(
                f"{tenant.slug} {asked} {item.vendor} unit {unit}: {item.measure} {item.kept}, not {item.computed}"
            )
        if not found:
            self.stdout.write(f"{tenant.slug}: the counts of {asked} are those of the rows")
        return len(found)
