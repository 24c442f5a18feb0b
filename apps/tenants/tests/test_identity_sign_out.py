"""Sign-out from the portal and from the provider, with and without a session."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.tenants.tests.sign_in import HTTP, HUGO, Visitor, journal_of, ministry_of, parameters

pytestmark = pytest.mark.django_db


def leave(visitor: Visitor) -> str:
    """Sign out; return where the browser is sent."""
    response = visitor.client.post("/oidc/sign-out/")
    assert response.status_code == 200
    delay, _, address = response["Refresh"].partition("; url=")
    assert delay == "0"
    return str(address)


def test_sign_out_closes_both_sessions(visitor: Visitor, provider: str) -> None:
    tenant = ministry_of(HUGO)
    visitor.sign_in(HUGO)
    id_token = visitor.client.session["oidc_id_token"]

    address = leave(visitor)

    assert visitor.user_id is None
    assert "oidc_id_token" not in visitor.client.session
    assert address.startswith(f"{provider}/session/end?")
    sent = parameters(address)
    assert sent["id_token_hint"] == id_token
    assert len(sent["state"]) >= 32
    assert sent["post_logout_redirect_uri"] == f"http://testserver{reverse('identity:signed_out')}"
    assert journal_of(tenant)[-1] == "sign_out.succeeded"


def test_provider_sends_the_browser_back_to_the_last_page(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    answer = HTTP.get(leave(visitor))

    assert answer.status_code == 303
    back = answer.headers["Location"]
    assert back.startswith("http://testserver/oidc/signed-out/?state=")
    page = visitor.client.get(back.removeprefix("http://testserver"))
    assert page.status_code == 200
    assert page.context["is_confirmed"]
    assert not visitor.client.get(back.removeprefix("http://testserver")).context["is_confirmed"]


def test_sign_out_works_when_the_session_is_already_gone(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)
    visitor.client.session.flush()

    response = visitor.client.post("/oidc/sign-out/", follow=True)

    assert response.redirect_chain == [("/oidc/signed-out/", 302)]
    assert not response.context["is_confirmed"]


def test_sign_out_needs_a_form_of_our_own(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.client.cookies

    assert visitor.client.get("/oidc/sign-out/").status_code == 405
    assert strict.post("/oidc/sign-out/").status_code == 403
    assert visitor.user_id is not None


def test_link_to_the_last_page_signs_nobody_out(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    response = visitor.client.get("/oidc/signed-out/", {"state": "s" * 64})

    assert response["Location"] == "/"
    assert visitor.user_id is not None


@pytest.mark.parametrize(
    "change",
    [
        {"id_token_hint": "no.such.token"},
        {"post_logout_redirect_uri": "http://testserver/oidc/signed-out"},
        {"post_logout_redirect_uri": "https://elsewhere.example/oidc/signed-out/"},
        {"state": "short"},
    ],
    ids=str,
)
def test_provider_refuses_a_sign_out_that_is_not_exact(visitor: Visitor, provider: str, change: dict[str, str]) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    query = parameters(leave(visitor)) | change

    assert HTTP.get(f"{provider}/session/end", params=query).status_code == 400
