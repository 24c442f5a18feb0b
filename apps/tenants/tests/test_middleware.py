"""The middleware's transaction: what an answer of 400 or more leaves behind."""

from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from apps.tenants.models import Unit
from apps.tenants.permissions import enters_tenant_itself
from apps.tenants.scoping import current_tenant_id, tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, api_token

pytestmark = pytest.mark.django_db


def write(request: Any, status: int) -> HttpResponse:
    Unit.objects.create(tenant=request.tenant, name="Écrite")
    return HttpResponse(status=status)


def write_then_404(request: Any) -> HttpResponse:
    write(request, 200)
    raise Http404


def write_then_500(request: Any) -> HttpResponse:
    write(request, 200)
    raise ZeroDivisionError


@api_view(["GET"])
@permission_classes([AllowAny])
def write_in_rest(request: Request) -> HttpResponse:
    write(request._request, 200)
    raise ValidationError("no")


@enters_tenant_itself
def outside(request: Any) -> HttpResponse:
    return HttpResponse(f"{request.tenant.slug} {current_tenant_id()}")


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("error", status=500)


urlpatterns = [
    path("t/<slug:tenant_slug>/write/<int:status>/", write),
    path("t/<slug:tenant_slug>/missing/", write_then_404),
    path("t/<slug:tenant_slug>/broken/", write_then_500),
    path("api/v1/write/", write_in_rest),
    path("t/<slug:tenant_slug>/outside/", outside),
]
handler500 = broken
handler404 = "django.views.defaults.page_not_found"

with_views = override_settings(ROOT_URLCONF=__name__)


@with_views
@pytest.mark.parametrize(
    ("address", "status", "kept"),
    [
        ("write/200", 200, 1),
        ("write/302", 302, 1),
        ("write/400", 400, 0),
        ("write/409", 409, 0),
        ("missing", 404, 0),
        ("broken", 500, 0),
    ],
)
def test_middleware_keeps_only_what_succeeded(address: str, status: int, kept: int) -> None:
    member = MembershipFactory.create()
    client = Client(raise_request_exception=False)
    client.force_login(member.user)

    response = client.get(f"/t/{member.tenant.slug}/{address}/")

    assert response.status_code == status
    with tenant_scope(member.tenant_id):
        assert Unit.objects.filter(name="Écrite").count() == kept


@with_views
def test_middleware_undoes_what_a_rest_view_wrote_before_its_error(client: Client) -> None:
    member = MembershipFactory.create()
    _token, secret = api_token(member)

    response = client.get("/api/v1/write/", headers={"Authorization": f"Bearer {secret}"})

    assert response.status_code == 400
    with tenant_scope(member.tenant_id):
        assert Unit.objects.count() == 0


@with_views
def test_middleware_leaves_the_transaction_to_a_view_that_enters_by_itself(client: Client) -> None:
    member = MembershipFactory.create()
    client.force_login(member.user)

    response = client.get(f"/t/{member.tenant.slug}/outside/")

    assert response.content.decode() == f"{member.tenant.slug} None"


@with_views
@pytest.mark.parametrize("case", ["another ministry", "ended", "unknown", "operator"])
def test_middleware_hides_a_tenant_from_strangers(client: Client, case: str) -> None:
    member = MembershipFactory.create(tenant__kind="operator" if case == "operator" else "ministry")
    slug = {"another ministry": TenantFactory.create().slug, "unknown": "inconnu"}.get(case, member.tenant.slug)
    if case == "ended":
        with tenant_scope(member.tenant_id):
            member.ended_at = member.created_at
            member.save()
    client.force_login(member.user)

    assert client.get(f"/t/{slug}/write/200/").status_code == 404
