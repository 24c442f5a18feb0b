"""Fill an empty installation with the demonstration's data."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.tenants.models import Tenant
from visio_portal.demonstration.calendars import seed_calendars
from visio_portal.demonstration.conferences import connect_ministries, seed_attendance
from visio_portal.demonstration.contracts import seed_catalogue, seed_contracts
from visio_portal.demonstration.editions import seed_editions
from visio_portal.demonstration.invitations import seed_invitations
from visio_portal.demonstration.meetings import seed_meetings
from visio_portal.demonstration.planning import seed_planning
from visio_portal.demonstration.programme import seed_programmes
from visio_portal.demonstration.recordings import seed_recording
from visio_portal.demonstration.rooms import seed_rooms
from visio_portal.demonstration.scenarios import seed_scenarios
from visio_portal.demonstration.tenants import seed_tenants
from visio_portal.demonstration.usage import seed_usage
from visio_portal.figures import compute_figures


class Command(BaseCommand):
    help = "Create the demonstration's ministries, people, meetings and contracts; what exists stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("This is a production installation: invented data has no place here.")
        seed_tenants()
        seed_rooms()
        connect_ministries()
        seed_catalogue()
        today = timezone.localdate()
        seed_meetings(today)
        seed_invitations()
        seed_attendance(today)
        seed_planning(today)
        seed_calendars(today)
        seed_contracts(today)
        seed_programmes(today)
        seed_usage(today)
        seed_scenarios(today)
        seed_recording(today)
        for tenant in Tenant.objects.ministries():
            compute_figures(tenant_id=tenant.id, day=today)
        seed_editions()
