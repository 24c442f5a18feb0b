"""Who may schedule in whose name: given by the person themselves, for a time, and taken back by either side."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rooms.models import Delegation
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership


class DelegationEnded(Conflict):
    """The delegation was ended by somebody else in the meantime."""

    def __init__(self) -> None:
        super().__init__(_("This delegation was ended already."))


def give_delegation(
    *, by: Membership, delegate: Membership, starts_on: date, ends_on: date | None = None
) -> Delegation:
    """Let ``delegate`` schedule in the name of ``by`` from a day on; ``ends_on`` is the first day without."""
    with transaction.atomic():
        delegation = Delegation.objects.create(
            tenant_id=by.tenant_id, principal=by, delegate=delegate, starts_on=starts_on, ends_on=ends_on
        )
        record_by(
            by,
            "delegation.given",
            delegation,
            delegate=str(delegate.user_id),
            starts_on=starts_on.isoformat(),
            ends_on=ends_on.isoformat() if ends_on else None,
        )
    return delegation


def end_delegation(*, by: Membership, delegation: Delegation) -> None:
    """End a delegation at once; meetings scheduled under it stay. Raises DelegationEnded after a lost race."""
    with transaction.atomic():
        if not Delegation.objects.filter(id=delegation.id, revoked_at=None).update(revoked_at=timezone.now()):
            raise DelegationEnded
        record_by(by, "delegation.ended", delegation, principal=str(delegation.principal.user_id))
