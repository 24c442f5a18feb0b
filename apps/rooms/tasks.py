"""Work of the portal's Celery workers for meetings: sending mails, making and checking conferences."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.rooms.calendars import external
from apps.rooms.conferences import operations as conferences
from apps.rooms.conferences.checks import check_due_conferences
from apps.rooms.conferences.retention import purge_attendance
from apps.rooms.invitations import mailboxes, outbox, reminders, sending
from apps.rooms.operations.series import extend_open_series
from apps.rooms.planning.polls import release_due_rooms
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope

FAN_OUT_LIMIT_S = 60
SEND_LIMIT_S = 10 * 60
SEND_EVERY_S = 60
READ_LIMIT_S = 5 * 60
READ_EVERY_S = 60
REMIND_LIMIT_S = 2 * 60
REMIND_EVERY_S = 5 * 60
VISIO_LIMIT_S = 5 * 60
TEND_CONFERENCES_EVERY_S = 30
PURGE_LIMIT_S = 10 * 60
RELEASE_LIMIT_S = 5 * 60
EXTEND_LIMIT_S = 30 * 60
READ_LIMIT_S = 2 * 60


@shared_task(name="rooms.send_all_mails", time_limit=FAN_OUT_LIMIT_S)
def send_all_mails() -> None:
    """Send what waits in every ministry, one task each; a task that comes too late is of no use."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        send_mails.apply_async(kwargs={"tenant_id": str(tenant_id)}, expires=SEND_EVERY_S)


@shared_task(name=outbox.SEND_TASK, time_limit=SEND_LIMIT_S)
def send_mails(*, tenant_id: str) -> None:
    if sending.send_waiting_mails(tenant_id=UUID(tenant_id)):
        send_mails.delay(tenant_id=tenant_id)


@shared_task(name="rooms.read_all_mailboxes", time_limit=FAN_OUT_LIMIT_S)
def read_all_mailboxes() -> None:
    """Read the mailbox of every ministry, one task each."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        read_mailbox.apply_async(kwargs={"tenant_id": str(tenant_id)}, expires=READ_EVERY_S)


@shared_task(name="rooms.read_mailbox", time_limit=READ_LIMIT_S)
def read_mailbox(*, tenant_id: str) -> None:
    mailboxes.read_mailbox(tenant_id=UUID(tenant_id))


@shared_task(name="rooms.remind_all", time_limit=FAN_OUT_LIMIT_S)
def remind_all() -> None:
    """Remind of what is close in every ministry, one task each."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        remind.apply_async(kwargs={"tenant_id": str(tenant_id)}, expires=REMIND_EVERY_S)


@shared_task(name="rooms.remind", time_limit=REMIND_LIMIT_S)
def remind(*, tenant_id: str) -> None:
    reminders.send_reminders(tenant_id=UUID(tenant_id))


@shared_task(name=conferences.MAKE_TASK, time_limit=VISIO_LIMIT_S)
def make_conference(*, tenant_id: str, conference_id: str) -> None:
    conferences.make_conference(tenant_id=UUID(tenant_id), conference_id=UUID(conference_id))


@shared_task(name="rooms.tend_all_conferences", time_limit=FAN_OUT_LIMIT_S)
def tend_all_conferences() -> None:
    """Make and check what is due in every ministry, one task each; the next beat does the same."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        tend_conferences.apply_async(kwargs={"tenant_id": str(tenant_id)}, expires=TEND_CONFERENCES_EVERY_S)


@shared_task(name="rooms.tend_conferences", time_limit=VISIO_LIMIT_S)
def tend_conferences(*, tenant_id: str) -> None:
    conferences.make_due_conferences(tenant_id=UUID(tenant_id))
    check_due_conferences(tenant_id=UUID(tenant_id))


@shared_task(name="rooms.read_all_calendars", time_limit=FAN_OUT_LIMIT_S)
def read_all_calendars() -> None:
    """Read the external calendars that are due, one task each."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        with tenant_scope(tenant_id):
            for calendar in external.due_calendars(timezone.now()):
                external.ask_to_read(calendar)


@shared_task(name=external.READ_TASK, time_limit=READ_LIMIT_S)
def read_calendar(*, tenant_id: str, calendar_id: str) -> None:
    external.read_calendar(tenant_id=UUID(tenant_id), calendar_id=UUID(calendar_id))


@shared_task(name="rooms.extend_all_series", time_limit=FAN_OUT_LIMIT_S)
def extend_all_series() -> None:
    """Prolong the series that have no end, one task per ministry."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        extend_tenant_series.delay(tenant_id=str(tenant_id))


@shared_task(name="rooms.extend_tenant_series", time_limit=EXTEND_LIMIT_S)
def extend_tenant_series(*, tenant_id: str) -> None:
    with tenant_scope(UUID(tenant_id)):
        extend_open_series()


@shared_task(name="rooms.release_all_poll_rooms", time_limit=FAN_OUT_LIMIT_S)
def release_all_poll_rooms() -> None:
    """Let the rooms go of polls that nobody decided in time, one task per ministry."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        release_poll_rooms.delay(tenant_id=str(tenant_id))


@shared_task(name="rooms.release_poll_rooms", time_limit=RELEASE_LIMIT_S)
def release_poll_rooms(*, tenant_id: str) -> None:
    with tenant_scope(UUID(tenant_id)):
        release_due_rooms(timezone.now())


@shared_task(name="rooms.purge_all_attendance", time_limit=FAN_OUT_LIMIT_S)
def purge_all_attendance() -> None:
    """Delete attendance whose time is over, one task per ministry."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        purge_tenant_attendance.delay(tenant_id=str(tenant_id))


@shared_task(name="rooms.purge_tenant_attendance", time_limit=PURGE_LIMIT_S)
def purge_tenant_attendance(*, tenant_id: str) -> None:
    purge_attendance(tenant_id=UUID(tenant_id))
