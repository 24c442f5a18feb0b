"""The operator freezes a month: a numbered edition that nothing changes any more."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.licensing.editions.content import Content, digest_of
from apps.licensing.models import Edition
from apps.licensing.state.measures import month_dimension
from apps.licensing.state.reading import ministry_figures
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

LOCK = 0x45444954  # an advisory lock of our own: one edition is frozen at a time, so that no number is left out


class AlreadyFrozen(Conflict):
    """An edition of this month exists."""


def draft(month: date, today: date, earlier: Sequence[Edition]) -> Content:
    """Return what an edition of a month would say today."""
    months = [month, *(edition.month for edition in earlier)]
    return Content.drafted(month, today, ministry_figures(months, is_whole=True), earlier)


@transaction.atomic
def freeze_month(*, membership: Membership, month: date) -> Edition:
    """Freeze the figures of a month as the ministries' newest aggregates tell them.

    Raises AlreadyFrozen. The operator's scope is entered already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    earlier = list(Edition.objects.all())
    if any(edition.month == month for edition in earlier):
        raise AlreadyFrozen(_("This month is frozen already."))
    content = draft(month, membership.tenant.today, earlier)
    kept = content.to_json()
    edition = Edition.objects.create(
        number=content.number, month=month, content=kept, digest=digest_of(kept), frozen_by=membership.user
    )
    record_by(membership, "edition.frozen", number=edition.number, month=month_dimension(month), digest=edition.digest)
    return edition
