"""Deciding on a notice date, and noting what became of the letter; each step is journalled."""

from datetime import date

from django.db import transaction

from apps.files.models import StoredFile
from apps.files.operations import delete_stored_file
from apps.licensing.contracts.operations import record_change
from apps.licensing.models import Contract, NoticeDecision
from apps.tenants.models import Membership


def decide(*, membership: Membership, contract: Contract, effective_on: date, choice: str, reason: str) -> None:
    """Record what the ministry does at a date of a contract, with its reason; a later decision replaces it."""
    with transaction.atomic():
        NoticeDecision.objects.update_or_create(
            tenant_id=membership.tenant_id,
            contract=contract,
            effective_on=effective_on,
            defaults={"choice": choice, "reason": reason, "decided_by": membership.user},
        )
        record_change(membership, "notice.decided", contract, effective_on=effective_on.isoformat(), choice=choice)


def follow_letter(*, membership: Membership, decision: NoticeDecision, receipt: StoredFile | None = None) -> None:
    """Save when a letter was sent and received; a new receipt takes the place of the one that was kept."""
    former = decision.receipt if receipt is not None else None
    if receipt is not None:
        decision.receipt = receipt
    with transaction.atomic():
        decision.save(update_fields=["sent_on", "received_on", "tracking_number", "receipt"])
        if former is not None:
            delete_stored_file(former)
        record_change(
            membership,
            "notice.followed",
            decision.contract,
            effective_on=decision.effective_on.isoformat(),
            **{
                name: value.isoformat()
                for name, value in (("sent_on", decision.sent_on), ("received_on", decision.received_on))
                if value is not None
            },
        )
