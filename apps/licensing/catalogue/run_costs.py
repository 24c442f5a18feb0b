"""What Visio costs the State per user and month, period by period: the past stays as it was entered."""

from datetime import date
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.fields import PriceField
from apps.licensing.models import RunCost
from apps.licensing.once import AlreadyExists, save_once
from apps.licensing.savings import HORIZON
from apps.licensing.savings_pages.months import FIRST_YEAR, MonthField
from apps.tenants.journal import record_by
from apps.tenants.models import JournalEvent, Membership, Role, Tenant, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import PortalForm, form_page, posted

ADDED = "run_cost.added"


class RunCostForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    starts_on = MonthField(label=gettext_lazy("From month"))
    amount_eur = PriceField(
        label=gettext_lazy("Cost per user and month (EUR before tax)"),
        max_digits=8,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0))],
        help_text=gettext_lazy("Hosting, support, transcription and recharge, divided by the users"),
    )

    class Meta:
        model = RunCost
        fields = ("starts_on", "amount_eur", "source")
        help_texts = {"source": gettext_lazy("Such as: cost accounts of 2026, sheet 4")}

    def clean_starts_on(self) -> date:
        month: date = self.cleaned_data["starts_on"]
        newest = RunCost.objects.order_by("-starts_on").first()
        if newest is not None and month <= newest.starts_on:
            raise ValidationError(_("The past stays: a new period begins after the newest one."), code="past")
        if not FIRST_YEAR <= month.year <= HORIZON.year:
            raise ValidationError(
                _("Between %(first)s and %(last)s."),
                code="out_of_range",
                params={"first": FIRST_YEAR, "last": HORIZON.year},
            )
        return month


def add_run_cost(*, membership: Membership, cost: RunCost) -> None:
    """Add what Visio costs from a month on; raise AlreadyExists for a second one of that month. For the operator."""
    with transaction.atomic():
        save_once(cost)
        record_by(membership, ADDED, cost, amount_eur=str(cost.amount_eur), starts_on=cost.starts_on.isoformat())


@require_safe
@role_required(Role.OPERATOR)
def run_cost_list(request: TenantRequest) -> HttpResponse:
    by_whom = entered_by(request.tenant)
    costs = [(cost, by_whom.get(str(cost.id), "")) for cost in RunCost.objects.all()]
    return render(request, "licensing/catalogue/run_cost_list.html", {"costs": costs})


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def run_cost_create(request: TenantRequest) -> HttpResponse:
    form = RunCostForm(posted(request), initial={"starts_on": request.tenant.today})
    if form.is_valid():
        try:
            add_run_cost(membership=request.membership, cost=form.instance)
        except AlreadyExists:
            form.add_error("starts_on", _("This month has a cost already."))
        else:
            messages.success(request, _("The cost is saved; ministries see it in their net at once."))
            return redirect("catalogue:run_cost_list")
    return form_page(request, "licensing/catalogue/run_cost_form.html", form)


def entered_by(tenant: Tenant) -> dict[str, str]:
    """Return who entered each run cost, as the operator's journal knows it."""
    events = JournalEvent.objects.filter(tenant=tenant, action=ADDED).values_list("object_id", "actor_id")
    people = Membership.objects.filter(tenant=tenant).select_related("user")
    names = {person.user_id: str(person.user) for person in people}
    return {str(cost): names[actor] for cost, actor in events if actor in names}
