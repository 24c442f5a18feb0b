"""Error pages: the right status, the frame where it can be had, and no database where it cannot."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from visio_portal import errors
from visio_portal.urls import urlpatterns as portal_urls


def raising(error: type[Exception], *args: str) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error(*args)

    return view


def broken_transaction(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    return HttpResponse()


urlpatterns = [
    *portal_urls,
    path("broken/", raising(ZeroDivisionError)),
    path("refused/", raising(PermissionDenied, "Second factor needed.")),
    path("broken-transaction/", broken_transaction),
]
handler400, handler403, handler404 = errors.bad_request, errors.permission_denied, errors.not_found
handler500 = errors.server_error

with_error_urls = override_settings(ROOT_URLCONF=__name__)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422])
def test_error_page_has_its_status_and_the_frame(status: int) -> None:
    request = RequestFactory().get("/")
    request.user = MembershipFactory.create().user
    request.session = {}  # type: ignore[assignment]

    response = errors.error_page(request, status, detail="Parce que.")

    assert response.status_code == status
    assert "account-modal" in response.content.decode()


@pytest.mark.django_db
def test_unknown_address_is_a_404_with_the_menu() -> None:
    member = MembershipFactory.create()

    response = client_of(member).get(f"/t/{member.tenant.slug}/nowhere/")

    assert response.status_code == 404
    assert "404" in response.content.decode()


@pytest.mark.django_db
@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
def test_too_large_a_form_is_told_so() -> None:
    member = MembershipFactory.create()

    response = client_of(member).post(f"/t/{member.tenant.slug}/meetings/new/", {"title": "x" * 100})

    assert response.status_code == 413
    assert "413" in response.content.decode()


@pytest.mark.django_db
@with_error_urls
def test_refusal_shows_its_reason() -> None:
    response = client_of(MembershipFactory.create()).get("/refused/")

    assert response.status_code == 403
    assert "Second factor needed." in response.content.decode()


@pytest.mark.django_db
def test_server_error_page_needs_no_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = errors.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "500" in response.content.decode()


@pytest.mark.django_db
@with_error_urls
def test_crash_is_answered_with_the_500_page() -> None:
    client = client_of(MembershipFactory.create())
    client.raise_request_exception = False

    response = client.get("/broken/")

    assert response.status_code == 500
    assert "fr-header" in response.content.decode()


@pytest.mark.django_db(transaction=True)
@with_error_urls
def test_error_page_survives_a_broken_transaction(client: Client) -> None:
    client.force_login(MembershipFactory.create().user)
    client.raise_request_exception = False

    assert client.get("/broken-transaction/").status_code == 500


@pytest.mark.django_db
def test_form_without_token_is_refused_with_an_explanation() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/language/", {"language": "en"})

    assert response.status_code == 403
    assert "fr-header" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/site-map/", "/accessibility/", "/legal-notice/", "/personal-data/"])
def test_pages_around_the_service_need_no_sign_in(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_language_switch_keeps_the_page(client: Client) -> None:
    response = client.post("/language/", {"language": "en", "next": "/accessibility/"})

    assert response["Location"] == "/accessibility/"
    assert '<html lang="en"' in client.get("/accessibility/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}])
def test_script_without_a_session_is_told_so(client: Client, headers: dict[str, str]) -> None:
    response = client.get("/", headers=headers)

    assert response.status_code == 401
    assert response.content == b""
