"""What to do about a figure that is not computable."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.licensing.dashboards.tables import Link
from apps.licensing.models import ContractLine
from apps.licensing.savings import Missing
from apps.tenants.models import Tenant

WHY: dict[Missing, str | Promise] = {
    Missing.NEED: gettext_lazy("The number of seats still needed is not known."),
    Missing.PRICE_WITHOUT_MEETINGS: gettext_lazy("The price of the same suite without meetings is not known."),
    Missing.RATE: gettext_lazy("The exchange rate of the contract is not known."),
    Missing.VISIO_USERS: gettext_lazy("Nobody has counted who uses Visio."),
    Missing.RUN_COST: gettext_lazy("The operator has not entered what Visio costs per user and month."),
    Missing.HEADCOUNT: gettext_lazy("The number of eligible agents is not known."),
}


@dataclass(frozen=True)
class Advice:
    """Why a figure is not computable, and where to complete it, if that is for the ministry to do."""

    why: str
    link: Link | None = None


def advice_of_line(missing: Missing, line: ContractLine) -> Advice:
    """Return what to do about an input that a contract's line misses."""
    known = {"tenant_slug": line.tenant.slug, "contract_id": line.contract_id}
    if missing is Missing.RATE:
        return Advice(str(WHY[missing]), Link(_("Enter the rate"), reverse("licensing:contract_update", kwargs=known)))
    label = _("Enter the seats still needed") if missing is Missing.NEED else _("Enter the price")
    return Advice(str(WHY[missing]), Link(label, _line_url(known, line.id)))


def advice_of_tenant(missing: Missing, tenant: Tenant) -> Advice:
    """Return what to do about an input that a whole ministry misses."""
    known = {"tenant_slug": tenant.slug}
    links = {
        Missing.VISIO_USERS: Link(_("Import the usage of Visio"), reverse("licensing:usage_list", kwargs=known)),
        Missing.HEADCOUNT: Link(_("Enter headcounts"), reverse("licensing:headcount_set", kwargs=known)),
        Missing.NEED: Link(_("See the lines of the contracts"), reverse("licensing:contract_list", kwargs=known)),
        Missing.PRICE_WITHOUT_MEETINGS: Link(
            _("See the lines of the contracts"), reverse("licensing:contract_list", kwargs=known)
        ),
    }
    return Advice(str(WHY[missing]), links.get(missing))


def _line_url(known: dict[str, object], line_id: UUID) -> str:
    return reverse("licensing:line_update", kwargs=known | {"line_id": line_id})
