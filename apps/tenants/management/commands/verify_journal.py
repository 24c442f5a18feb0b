"""``manage.py verify_journal``: check the hash chains and name the first broken link of each."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.tenants.journal_check import check_chain
from apps.tenants.models import Tenant


class Command(BaseCommand):
    help = "Check each tenant's journal, the operator's own included. Exit status 1 where a chain is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="check this tenant's journal alone")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = Tenant.objects.order_by("slug")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f"There is no tenant {options['tenant']!r}.", returncode=2)
        broken = sum(not self._check(tenant) for tenant in tenants)
        if broken:
            raise CommandError(f"{broken} of {len(tenants)} journals broken.", returncode=1)

    def _check(self, tenant: Tenant) -> bool:
        """Say how one chain stands; return whether it holds."""
        verdict = check_chain(tenant)
        if verdict.broken:
            self.stderr.write(f"{tenant.slug}: broken at {verdict.broken}")
            return False
        self.stdout.write(f"{tenant.slug}: {verdict.links} links hold, head {verdict.digest}")
        return True
