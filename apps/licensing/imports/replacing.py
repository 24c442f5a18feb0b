"""Files of one report, day and period: the newest counts, the others wait behind it in the order that they came."""

from django.db.models import QuerySet

from apps.licensing.models import UsageImport

Status = UsageImport.Status


def replaceable(usage_import: UsageImport) -> "QuerySet[UsageImport]":
    """Return the import that counts for the report, day and period of this one, if there is another."""
    same = UsageImport.objects.in_use().filter(
        tenant_id=usage_import.tenant_id,
        format=usage_import.format,
        refreshed_on=usage_import.refreshed_on,
        period_days=usage_import.period_days,
    )
    return same.exclude(id=usage_import.id)


def replace_older(usage_import: UsageImport) -> None:
    """Have what counted so far wait behind a newer file; call it in the transaction that has the newer one count."""
    replaceable(usage_import).update(status=Status.REPLACED, replaced_by=usage_import)


def bring_back(usage_import: UsageImport) -> None:
    """Have what waits behind an import that is being undone count again, or wait behind what that one waits behind."""
    newer_id = UsageImport.objects.values_list("replaced_by_id", flat=True).get(id=usage_import.id)
    waiting = UsageImport.objects.filter(replaced_by_id=usage_import.id, status=Status.REPLACED)
    if newer_id is None:
        waiting.update(status=Status.COMMITTED, replaced_by=None)
    else:
        waiting.update(replaced_by_id=newer_id)
    UsageImport.objects.filter(id=usage_import.id).update(replaced_by=None)
