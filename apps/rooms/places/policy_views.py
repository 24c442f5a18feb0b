"""Pages of the rules: the ministry's and its units', and the State's in the operator's area."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.rooms.places import rules
from apps.rooms.places.breaches import breaches
from apps.rooms.places.policies import Policies
from apps.rooms.places.policy_changes import lay_down, lay_down_for_state, lock_above
from apps.rooms.places.policy_forms import rule_form
from apps.rooms.places.rules import Definition, Effective, Level, Rule, effective
from apps.tenants.models import Role, TenantRequest, Unit
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted


@dataclass(frozen=True)
class RuleRow:
    """A rule on a page: what this level says itself, what counts, who locked it, and where to change it."""

    definition: Definition[Any]
    said: Rule | None
    decided: Effective[Any]
    lock: Level | None
    url: str

    @property
    def said_text(self) -> str:
        return self.definition.describe(self.said.value) if self.said is not None else ""


@require_safe
@role_required(Role.ADMIN)
def policy(request: TenantRequest) -> HttpResponse:
    """Show what the ministry lays down, and which meetings break the rules in force."""
    policies = Policies(request.tenant)
    units = Unit.objects.filter(tenant=request.tenant).select_related("parent").annotate(own=Count("policy_rules"))
    context = {"found": breaches(policies), "units": units.order_by("-own", "name")}
    return _policy_page(request, policies, None, context)


@require_safe
@role_required(Role.ADMIN)
def unit_policy(request: TenantRequest, unit_id: UUID) -> HttpResponse:
    """Show what a unit lays down."""
    unit = get_object_or_404(Unit, tenant=request.tenant, id=unit_id)
    return _policy_page(request, Policies(request.tenant), unit, {"found": None, "units": ()})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def policy_rule(request: TenantRequest, rule: str) -> HttpResponse:
    return _rule_page(request, None, _definition(rule))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def unit_policy_rule(request: TenantRequest, unit_id: UUID, rule: str) -> HttpResponse:
    return _rule_page(request, get_object_or_404(Unit, tenant=request.tenant, id=unit_id), _definition(rule))


@require_safe
@role_required(Role.OPERATOR)
def state_policy(request: TenantRequest) -> HttpResponse:
    """Show what the State lays down for every ministry."""
    state = _state_levels(request)
    groups = [[_state_row(definition, state) for definition in group] for group in _groups()]
    return render(request, "rooms/places/state_policy.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def state_policy_rule(request: TenantRequest, rule: str) -> HttpResponse:
    definition = _definition(rule)
    state = _state_levels(request)
    row = _state_row(definition, state)
    form = rule_form(definition, posted(request), row.said, row.decided.value)
    if form.is_valid():
        lay_down_for_state(by=request.membership, name=definition.name, rule=form.rule())
        messages.success(request, _("The rule is saved for every ministry."))
        return redirect("state_policy:policy")
    return form_page(request, "rooms/places/state_policy_rule.html", form, row=row)


def _policy_page(
    request: TenantRequest, policies: Policies, unit: Unit | None, context: dict[str, Any]
) -> HttpResponse:
    groups = [[_row(request, policies, unit, definition) for definition in group] for group in _groups()]
    return render(request, "rooms/places/policy.html", {"unit": unit, "groups": groups, **context})


def _rule_page(request: TenantRequest, unit: Unit | None, definition: Definition[Any]) -> HttpResponse:
    """Change a rule of the ministry or a unit; meetings that it would break are shown before it is saved."""
    policies = Policies(request.tenant)
    row = _row(request, policies, unit, definition)
    form = rule_form(definition, posted(request), row.said, row.decided.value)
    found, shown_for = None, ""
    if form.is_valid():
        policies.replace(unit.id if unit is not None else None, definition.name, form.rule())
        found = breaches(policies, only=definition.name, unit_id=unit.id if unit is not None else None)
        shown_for = _said(definition, form.rule())
        if not found.count or request.POST.get("confirmed") == shown_for:
            lay_down(by=request.membership, unit=unit, name=definition.name, rule=form.rule())
            messages.success(request, _("The rule is saved."))
            return redirect(_policy_url(request, unit))
    context: dict[str, Any] = {"row": row, "unit": unit, "found": found, "shown_for": shown_for}
    context["leave_url"] = _policy_url(request, unit)
    return form_page(request, "rooms/places/policy_rule.html", form, **context)


def _row(request: TenantRequest, policies: Policies, unit: Unit | None, definition: Definition[Any]) -> RuleRow:
    unit_id = unit.id if unit is not None else None
    levels = policies.levels(unit_id)
    slug = request.tenant.slug
    if unit is None:
        url = reverse("rooms:policy_rule", args=[slug, definition.name])
    else:
        url = reverse("rooms:unit_policy_rule", args=[slug, unit.id, definition.name])
    lock = lock_above(policies, definition.name, unit_id)
    return RuleRow(definition, levels[-1].rules.get(definition.name), effective(definition, levels), lock, url)


def _said(definition: Definition[Any], rule: Rule | None) -> str:
    """Return a text that stands for what was typed, so that a confirmation is of that and of nothing else."""
    return "" if rule is None else json.dumps([definition.write(rule.value), rule.is_enforced])


def _state_row(definition: Definition[Any], state: list[Level]) -> RuleRow:
    url = reverse("state_policy:policy_rule", args=[definition.name])
    said = state[0].rules.get(definition.name)
    return RuleRow(definition, said, effective(definition, state), None, url)


def _state_levels(request: TenantRequest) -> list[Level]:
    return Policies(request.tenant).levels(None)[:1]


def _groups() -> tuple[tuple[Definition[Any], ...], ...]:
    return rules.ROOM_RULES, rules.MEETING_RULES


def _policy_url(request: TenantRequest, unit: Unit | None) -> str:
    if unit is None:
        return reverse("rooms:policy", args=[request.tenant.slug])
    return reverse("rooms:unit_policy", args=[request.tenant.slug, unit.id])


def _definition(name: str) -> Definition[Any]:
    if name not in rules.RULES:
        raise Http404("No such rule.")
    return rules.RULES[name]
