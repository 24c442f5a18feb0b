"""Roles that need a second factor, and how one is given afterwards."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from apps.tenants.identity import views as identity_views
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.permissions import role_required
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.sign_in import HUGO, INES, THOMAS, Visitor, ministry_of, parameters
from visio_portal.demonstration.people import Person

pytestmark = pytest.mark.django_db


@role_required(Role.ADMIN)
def members(request: Any) -> HttpResponse:
    return HttpResponse("members")


urlpatterns = [path("t/<slug:tenant_slug>/guarded/", members), path("", include("visio_portal.urls"))]
handler403 = "visio_portal.errors.permission_denied"
with_views = override_settings(ROOT_URLCONF=__name__)


def administered_by(visitor: Visitor, person: Person) -> Tenant:
    """Sign a person in, and make them administrator."""
    tenant = ministry_of(person)
    visitor.sign_in(person)
    with tenant_scope(tenant.pk):
        Membership.objects.update(roles=["admin"])
    return tenant


@with_views
def test_role_is_open_to_a_session_with_a_second_factor(visitor: Visitor) -> None:
    tenant = administered_by(visitor, INES)

    assert visitor.client.get(f"/t/{tenant.slug}/guarded/").status_code == 200


@with_views
def test_role_is_closed_without_and_the_page_says_why(visitor: Visitor) -> None:
    tenant = administered_by(visitor, THOMAS)

    response = visitor.client.get(f"/t/{tenant.slug}/guarded/")

    assert response.status_code == 403
    address = f"/oidc/start/?next=%2Ft%2F{tenant.slug}%2Fguarded%2F&amp;second_factor=1"
    assert address in response.content.decode()


@with_views
def test_second_factor_given_afterwards_opens_the_role(visitor: Visitor) -> None:
    tenant = administered_by(visitor, THOMAS)
    page = visitor.start(next=f"/t/{tenant.slug}/guarded/", second_factor="1")
    assert json.loads(parameters(page)["claims"])["id_token"]["acr"]["essential"] is True

    response = visitor.come_back(visitor.choose(THOMAS, page, second_factor="given"))

    assert response["Location"] == f"/t/{tenant.slug}/guarded/"
    assert visitor.client.get(response["Location"]).status_code == 200


@with_views
def test_demanded_second_factor_that_cannot_be_given_changes_nothing(visitor: Visitor) -> None:
    tenant = administered_by(visitor, HUGO)

    response = visitor.sign_in(HUGO, second_factor="1")

    assert response.status_code == 403
    assert visitor.client.session["amr"] == ["pwd"]
    assert visitor.client.get(f"/t/{tenant.slug}/guarded/").status_code == 403


@with_views
def test_id_token_without_amr_opens_no_such_role(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_views.StartView, "get_extra_params", lambda *_: {})  # amr not asked for

    tenant = administered_by(visitor, INES)

    assert visitor.client.session["amr"] == []
    assert visitor.client.get(f"/t/{tenant.slug}/guarded/").status_code == 403


@with_views
def test_next_sign_in_without_second_factor_takes_the_role_back(visitor: Visitor) -> None:
    tenant = administered_by(visitor, THOMAS)
    visitor.sign_in(THOMAS, form={"second_factor": "given"}, second_factor="1")

    visitor.sign_in(THOMAS)

    assert visitor.client.get(f"/t/{tenant.slug}/guarded/").status_code == 403
