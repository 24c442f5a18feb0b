"""Taking an import's rows out again, by a worker: it counts nowhere from the moment that it was asked for."""

from apps.files.operations import delete_stored_file
from apps.licensing.imports.progress import follow_topic
from apps.licensing.models import Account, ImportProblem, SkuCount, UsageImport
from visio_portal.realtime import publish

Status = UsageImport.Status


def clear(usage_import: UsageImport) -> None:
    """Delete the rows of an import that is being undone or removed; of one being removed all the rest as well."""
    Account.objects.filter(usage_import=usage_import).delete()
    SkuCount.objects.filter(usage_import=usage_import).delete()
    if usage_import.status == Status.UNDOING:
        UsageImport.objects.filter(id=usage_import.id).update(status=Status.UNDONE, attempts=0)
    else:
        _remove(usage_import)
    publish(usage_import.tenant_id, follow_topic(usage_import.tenant_id), {"import": str(usage_import.id)})


def _remove(usage_import: UsageImport) -> None:
    file = usage_import.stored_file
    ImportProblem.objects.filter(usage_import=usage_import).delete()
    usage_import.delete()
    if not UsageImport.objects.filter(stored_file=file).exists():
        delete_stored_file(file)
