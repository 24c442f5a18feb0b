"""The demonstration's provider keeps to the protocol: it can be no short cut into the portal."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from django.conf import settings as portal_settings

from apps.tenants.tests.sign_in import HTTP, HUGO, INES, THOMAS, parameters
from visio_portal.demonstration.people import load_people, load_tenants

CALLBACK = "http://testserver/oidc/callback/"
REQUEST = {
    "response_type": "code",
    "client_id": "visio-portal",
    "redirect_uri": CALLBACK,
    "scope": "openid given_name usual_name email uid siret idp_id",
    "state": "s" * 32,
    "nonce": "n" * 32,
}
AMR = {"claims": '{"id_token":{"amr":{"essential":true}}}'}


def code_of(provider: str, key: str, **query: str) -> str:
    response = HTTP.post(f"{provider}/authorize", params=REQUEST | query, data={"sub": key})
    assert response.status_code == 302, response.text
    return parse_qs(urlsplit(response.headers["Location"]).query)["code"][0]


def exchange(provider: str, code: str, **change: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "visio-portal",
        "client_secret": portal_settings.OIDC_RP_CLIENT_SECRET,
    }
    return HTTP.post(f"{provider}/token", data=form | change)


def id_token_claims(provider: str, key: str, **query: str) -> dict[str, Any]:
    token = exchange(provider, code_of(provider, key, **query)).json()["id_token"]
    return jwt.decode(
        token, jwt.PyJWKClient(f"{provider}/jwks").get_signing_key_from_jwt(token), audience="visio-portal"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://elsewhere.example/oidc/callback/"},
        {"redirect_uri": CALLBACK.rstrip("/")},
        {"client_id": "another"},
        {"state": "short"},
        {"nonce": "short"},
        {"scope": "openid everything"},
        {"claims": "["},
        {"claims": "[]"},
        {"max_age": "1"},
    ],
    ids=str,
)
def test_provider_refuses_a_request_as_proconnect_does(provider_url: str, change: dict[str, str]) -> None:
    assert HTTP.get(f"{provider_url}/authorize", params=REQUEST).status_code == 200

    assert HTTP.get(f"{provider_url}/authorize", params=REQUEST | change).status_code == 400
    for form in ({"sub": HUGO.key}, {"action": "deny"}):
        assert HTTP.post(f"{provider_url}/authorize", params=REQUEST | change, data=form).status_code == 400


def test_provider_knows_its_people_alone(provider_url: str) -> None:
    response = HTTP.post(f"{provider_url}/authorize", params=REQUEST, data={"sub": "somebody@example.org"})

    assert response.status_code == 400


@pytest.mark.parametrize("path", ["/users/hugo-marchetti", "/oauth2/clients", "/oauth2/token", "/oidc/login"])
def test_provider_offers_no_other_way(provider_url: str, path: str) -> None:
    root = provider_url.removesuffix("/api/v2")

    for method in ("GET", "PUT", "POST"):
        assert HTTP.request(method, root + path, json={}).status_code in (404, 405)


def test_code_is_given_for_the_secret_and_once(provider_url: str) -> None:
    code = code_of(provider_url, HUGO.key)

    assert exchange(provider_url, code, client_secret="wrong").status_code in (400, 401)
    assert exchange(provider_url, code).status_code == 200
    assert exchange(provider_url, code).status_code == 400


def test_id_token_tells_amr_only_when_asked(provider_url: str) -> None:
    assert "amr" not in id_token_claims(provider_url, INES.key)
    claims = id_token_claims(provider_url, INES.key, **AMR)
    assert claims["amr"] == ["pwd", "totp", "mfa"]
    assert (claims["sub"], claims["nonce"], claims["acr"]) == (INES.sub, "n" * 32, "eidas2")
    assert "email" not in claims
    assert id_token_claims(provider_url, THOMAS.key, **AMR)["amr"] == ["pwd"]


def test_userinfo_is_signed_and_limited_to_the_scope(provider_url: str) -> None:
    code = code_of(provider_url, HUGO.key, scope="openid email")
    token = exchange(provider_url, code).json()["access_token"]

    response = HTTP.get(f"{provider_url}/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert response.headers["content-type"] == "application/jwt"
    claims = jwt.decode(response.text, options={"verify_signature": False})
    assert set(claims) == {"sub", "email", "iss", "aud", "iat", "exp"}
    assert HTTP.get(f"{provider_url}/userinfo").status_code == 401


def test_demanded_second_factor_is_asked_for_on_a_page(provider_url: str) -> None:
    acr = {"claims": '{"id_token":{"amr":null,"acr":{"essential":true,"values":["eidas2"]}}}'}

    page = HTTP.post(f"{provider_url}/authorize", params=REQUEST | acr, data={"sub": THOMAS.key})
    refused = HTTP.post(f"{provider_url}/authorize", params=REQUEST | acr, data={"sub": HUGO.key})

    assert 'name="second_factor"' in page.text
    assert parameters(refused.headers["Location"])["error"] == "access_denied"
    assert parameters(refused.headers["Location"])["state"] == "s" * 32


def test_page_lists_everybody_under_their_ministry(provider_url: str) -> None:
    page = HTTP.get(f"{provider_url}/authorize", params=REQUEST).text

    for person in load_people():
        assert f'value="{person.key}"' in page
    for tenant in load_tenants():
        assert tenant["name"] in page


def test_demonstration_files_hold_what_they_promise() -> None:
    people, tenants = load_people(), {tenant["slug"]: tenant for tenant in load_tenants()}

    assert len({person.key for person in people}) == len({person.sub for person in people}) == len(people)
    for slug, tenant in tenants.items():
        assert _luhn(tenant["siren"])
        assert all(_luhn(row["siret"]) and row["siret"].startswith(tenant["siren"]) for row in tenant["sirets"])
        roles = [
            role for person in people for place in person.memberships if place.tenant == slug for role in place.roles
        ]
        if slug == "operateur":
            assert roles.count("operator") == 1
        else:
            assert {"procurement", "auditor", "admin"} <= set(roles)
            assert roles.count("organizer") >= 5
    for person in people:
        for place in person.memberships:
            assert _has_unit(tenants[place.tenant]["units"], place.unit), (person.key, place.unit)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _has_unit(units: list[dict[str, Any]], names: tuple[str, ...]) -> bool:
    if not names:
        return True
    return any(unit["name"] == names[0] and _has_unit(unit.get("children", []), names[1:]) for unit in units)
