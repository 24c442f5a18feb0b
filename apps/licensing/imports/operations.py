"""What a procurement officer does with an import: begin, answer, confirm, undo, remove. Files are read by a worker."""

from collections.abc import Mapping
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.files.models import Purpose, StoredFile
from apps.files.operations import store_file, take_upload
from apps.licensing.imports import replacing
from apps.licensing.imports.formats import header_digest
from apps.licensing.imports.progress import follow_topic
from apps.licensing.imports.running import send_run
from apps.licensing.models import ColumnMapping, Format, ImportProblem, UsageImport
from apps.licensing.models.usage import UNCONFIRMED_KEPT
from apps.licensing.people.rollups import request_unit_days
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record, record_by
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from visio_portal.broker import BACKGROUND
from visio_portal.figure_requests import request_figures
from visio_portal.realtime import publish

Status = UsageImport.Status
ANSWERABLE = UsageImport.UNCONFIRMED
UNDOABLE = (Status.COMMITTED, Status.REPLACED)
REMOVABLE = (*UsageImport.UNCONFIRMED, Status.UNDONE)


def begin_import(*, membership: Membership, upload_id: UUID) -> UsageImport:
    """Take an upload of the member's into use and have it read. Raises UploadNotReady."""
    with tenant_scope(membership.tenant_id):
        file = take_upload(
            tenant_id=membership.tenant_id, upload_id=upload_id, purpose=Purpose.IMPORT, membership=membership
        )
        return _begin(membership, file)


def begin_import_of(*, membership: Membership, name: str, body: BinaryIO) -> UsageImport:
    """Store a file that came with a plain form and have it read. Waits on the store."""
    file = store_file(
        tenant_id=membership.tenant_id, purpose=Purpose.IMPORT, name=name, media_type="text/csv", body=body
    )
    with tenant_scope(membership.tenant_id):
        return _begin(membership, file)


def say_columns(
    *, membership: Membership, usage_import: UsageImport, format: Format, mapping: Mapping[str, int]
) -> None:
    """Say which report a file is and where its columns stand, for this file and the next ones with its header."""
    with transaction.atomic():
        ColumnMapping.objects.update_or_create(
            tenant_id=usage_import.tenant_id,
            header_digest=header_digest(usage_import.header),
            defaults={"format": format, "mapping": dict(mapping), "by": membership},
        )
        _read_again(usage_import, format=format, mapping=dict(mapping), date_order="")


def say_date_order(*, usage_import: UsageImport, order: str) -> None:
    """Say in which order a file writes day and month."""
    _read_again(usage_import, date_order=order)


def say_day(*, usage_import: UsageImport, day: date) -> None:
    """Say of which day a file tells that does not say it itself."""
    _read_again(usage_import, refreshed_on=day)


def confirm_import(*, membership: Membership, usage_import: UsageImport) -> None:
    """Have a previewed file imported; raises Conflict where it is no longer as it was shown."""
    with transaction.atomic():
        _move(usage_import, (Status.PREVIEWED,), Status.COMMITTING, by=membership)
        send_run(usage_import)


def undo_import(*, membership: Membership, usage_import: UsageImport) -> None:
    """Have an import's rows count no more, and a worker take them out; raises Conflict.

    The file that it had replaced counts again, so that every figure is as it was before.
    """
    with transaction.atomic():
        _move(usage_import, UNDOABLE, Status.UNDOING, undone_at=timezone.now(), undone_by=membership, sample=[])
        replacing.bring_back(usage_import)
        record_by(membership, "usage_import.undone", usage_import, format=usage_import.format)
        request_figures(usage_import.tenant_id, membership.tenant.today)
        request_unit_days(usage_import.tenant_id, usage_import.refreshed_on or membership.tenant.today)
        send_run(usage_import)


def remove_import(*, membership: Membership, usage_import: UsageImport) -> None:
    """Have a worker remove an import that does not count, with its file.

    Raises Conflict where it does count, or is being read.
    """
    with transaction.atomic():
        _move(usage_import, REMOVABLE, Status.REMOVING)
        record_by(membership, "usage_import.removed", usage_import, format=usage_import.format)
        send_run(usage_import)


def purge_unconfirmed(*, tenant_id: UUID) -> int:
    """Have a worker remove what nobody has imported within UNCONFIRMED_KEPT, rows and files; return how many."""
    with tenant_scope(tenant_id):
        old = UsageImport.objects.unconfirmed().filter(created_at__lt=timezone.now() - UNCONFIRMED_KEPT)
        purged = list(old.select_for_update(skip_locked=True))
        for usage_import in purged:
            facts = {"status": usage_import.status, "days": UNCONFIRMED_KEPT.days}
            _move(usage_import, UsageImport.UNCONFIRMED, Status.REMOVING)
            record("usage_import.purged", tenant_id=tenant_id, actor_id=None, subject=usage_import, data=facts)
            send_run(usage_import, queue=BACKGROUND)
    return len(purged)


def _begin(membership: Membership, file: StoredFile) -> UsageImport:
    usage_import = UsageImport.objects.create(
        tenant_id=membership.tenant_id, stored_file=file, sha256=file.sha256, by=membership
    )
    send_run(usage_import)
    publish(usage_import.tenant_id, follow_topic(usage_import.tenant_id), {"import": str(usage_import.id)})
    return usage_import


def _read_again(usage_import: UsageImport, **fields: Any) -> None:
    with transaction.atomic():
        _move(usage_import, ANSWERABLE, Status.READING, question="", attempts=0, **fields)
        ImportProblem.objects.filter(usage_import=usage_import).delete()
        send_run(usage_import)


def _move(usage_import: UsageImport, former: tuple[Status, ...], status: Status, **fields: Any) -> None:
    moved = UsageImport.objects.filter(id=usage_import.id, status__in=former).update(status=status, **fields)
    if not moved:
        raise Conflict(_("This import has changed meanwhile: look at it again."))
    publish(usage_import.tenant_id, follow_topic(usage_import.tenant_id), {"import": str(usage_import.id)})
