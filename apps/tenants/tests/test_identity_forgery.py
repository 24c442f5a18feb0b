"""Answers that ProConnect did not give, gave to somebody else, or gave before."""

import base64
import json
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as portal_settings
from django.test import Client
from pytest_django import Settings

from apps.tenants.identity.backend import ProConnectBackend
from apps.tenants.identity.claims import parse_amr, parse_userinfo
from apps.tenants.identity.refusals import SignInRefused
from apps.tenants.models import User
from apps.tenants.tests.factories import UserFactory
from apps.tenants.tests.sign_in import HTTP, HUGO, INES, RAPHAEL, Visitor, ministry_of

pytestmark = pytest.mark.django_db


def test_callback_works_only_once(visitor: Visitor) -> None:
    ministry_of(HUGO)
    address = visitor.choose(HUGO, visitor.start())
    visitor.come_back(address)
    visitor.client.post("/oidc/sign-out/")

    response = visitor.come_back(address)

    assert response.status_code == 403
    assert visitor.user_id is None


def test_callback_of_another_browser_is_refused(visitor: Visitor) -> None:
    ministry_of(HUGO)
    address = visitor.choose(HUGO, visitor.start())

    victim = Visitor(Client())
    victim.start()
    response = victim.come_back(address)

    assert response.status_code == 403
    assert victim.user_id is None


def test_code_is_never_exchanged_for_an_unknown_state(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    address = visitor.choose(HUGO, visitor.start())
    monkeypatch.setattr(requests, "post", lambda *_args, **_options: pytest.fail("the code was exchanged"))

    assert Visitor(Client()).come_back(address).status_code == 403


def test_id_token_of_another_nonce_is_refused(visitor: Visitor) -> None:
    ministry_of(HUGO)
    address = visitor.choose(HUGO, visitor.start())
    session = visitor.client.session
    for state in session["oidc_states"].values():
        state["nonce"] = "n" * 64
    session.save()

    response = visitor.come_back(address)

    assert response.status_code == 403
    assert visitor.user_id is None


def unsigned_json(token: str) -> str:
    return json.dumps(jwt.decode(token, options={"verify_signature": False}))


def unsigned_jwt(token: str) -> str:
    return jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", algorithm="none")


def altered(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | {"email": INES.email}
    return f"{header}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.{signature}"


def signed_by_another_key(token: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm="RS256", headers=jwt.get_unverified_header(token))


def signed_with_the_public_key(token: str) -> str:
    """The confusion of algorithms: an HMAC whose secret everybody knows."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, "visio-portal" * 4, algorithm="HS256", headers={"kid": "demonstration"})


def nothing(_token: str) -> str:
    return ""


@pytest.mark.parametrize(
    "forge", [unsigned_json, unsigned_jwt, altered, signed_by_another_key, signed_with_the_public_key, nothing]
)
def test_userinfo_that_the_provider_did_not_sign_is_refused(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, forge: Callable[[str], str]
) -> None:
    ministry_of(HUGO)
    replace_userinfo(monkeypatch, forge)

    response = visitor.sign_in(HUGO)

    assert response.status_code == 403
    assert visitor.user_id is None
    assert not User.objects.exists()


def test_userinfo_about_somebody_else_is_refused(
    visitor: Visitor, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ministry_of(HUGO)
    stolen = userinfo_of_ines(provider, visitor)
    replace_userinfo(monkeypatch, lambda _token: stolen)

    response = visitor.sign_in(HUGO)

    assert response.status_code == 403
    assert not User.objects.exists()


def userinfo_of_ines(provider: str, visitor: Visitor) -> str:
    """Return a genuine userinfo of this provider for this portal, about another person."""
    code = parse_qs(urlsplit(visitor.choose(INES, visitor.start())).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://testserver/oidc/callback/",
        "client_id": portal_settings.OIDC_RP_CLIENT_ID,
        "client_secret": portal_settings.OIDC_RP_CLIENT_SECRET,
    }
    token = HTTP.post(f"{provider}/token", data=form).json()["access_token"]
    response = HTTP.get(f"{provider}/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert response.headers["content-type"] == "application/jwt"
    return response.text


def replace_userinfo(monkeypatch: pytest.MonkeyPatch, forge: Callable[[str], str]) -> None:
    """Change the provider's answer on its way."""
    genuine = requests.get

    def get(url: str, **options: Any) -> requests.Response:
        response = genuine(url, **options)
        if url.endswith("/userinfo"):
            response._content = forge(response.text).encode()
        return response

    monkeypatch.setattr(requests, "get", get)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.example/api/v2"},
        {"aud": "another-service"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iss": None},
        {"aud": None},
        {"sub": None},
    ],
    ids=str,
)
def test_token_for_others_or_of_the_past_is_refused(settings: Settings, change: dict[str, Any]) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.OIDC_RP_IDP_SIGN_KEY = key.public_key()
    claims = {
        "iss": settings.OIDC_OP_ISSUER,
        "aud": settings.OIDC_RP_CLIENT_ID,
        "sub": "somebody",
        "exp": time.time() + 60,
    }
    genuine = jwt.encode(claims, key, algorithm="RS256")
    changed = {name: value for name, value in (claims | change).items() if value is not None}

    backend = ProConnectBackend()

    assert backend.verify_token(genuine, nonce=None)["sub"] == "somebody"
    with pytest.raises(SignInRefused):
        backend.verify_token(jwt.encode(changed, key, algorithm="RS256"), nonce=None)


def test_unsigned_tokens_cannot_be_allowed_by_a_setting(settings: Settings) -> None:
    settings.OIDC_ALLOW_UNSECURED_JWT = True
    settings.OIDC_RP_IDP_SIGN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    token = jwt.encode({"sub": "somebody"}, "", algorithm="none")

    with pytest.raises(SignInRefused):
        ProConnectBackend().verify_token(token)


@pytest.mark.parametrize(
    "change",
    [{"idp_id": ""}, {"idp_id": None}, {"sub": 7}, {"sub": "s" * 256}, {"email": "nobody"}, {"email": None}],
    ids=str,
)
def test_userinfo_that_lacks_an_essential_claim_is_refused(change: dict[str, Any]) -> None:
    claims = {"idp_id": "provider", "sub": "somebody", "email": "A.B@Example.org", "siret": "123"}
    assert parse_userinfo(claims).email == "a.b@example.org"
    assert parse_userinfo(claims).siret == ""

    with pytest.raises(SignInRefused):
        parse_userinfo(claims | change)


@pytest.mark.parametrize("amr", [None, "mfa", {"mfa": 1}, [1, None]])
def test_amr_of_another_shape_proves_nothing(amr: Any) -> None:
    assert parse_amr({"amr": amr}) == []


@pytest.mark.parametrize("part", ["OIDC_OP_TOKEN_ENDPOINT", "OIDC_OP_USER_ENDPOINT", "OIDC_OP_JWKS_ENDPOINT"])
def test_silent_provider_gives_a_503_page(visitor: Visitor, settings: Settings, part: str) -> None:
    address = visitor.choose(HUGO, visitor.start())
    setattr(settings, part, "http://127.0.0.1:9/")

    assert visitor.come_back(address).status_code == 503


def test_declined_sign_in_leaves_the_open_session_as_it_is(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    response = visitor.come_back(visitor.choose(INES, visitor.start(), action="deny"))

    assert response.status_code == 403
    assert visitor.user_id == str(User.objects.get().pk)


def test_forged_error_signs_nobody_out(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    response = visitor.client.get("/oidc/callback/", {"error": "access_denied", "state": "s" * 64})

    assert response.status_code == 403
    assert visitor.user_id == str(User.objects.get().pk)


def test_refused_sign_in_lends_no_second_factor_to_the_open_session(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)
    id_token = visitor.client.session["oidc_id_token"]
    UserFactory.create(idp_id=INES.idp_id, sub=INES.sub, is_active=False)

    assert visitor.sign_in(INES).status_code == 403

    assert visitor.client.session["amr"] == ["pwd"]
    assert visitor.client.session["oidc_id_token"] == id_token


def test_logs_of_refused_and_accepted_sign_ins_name_nobody(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    ministry_of(HUGO)

    with caplog.at_level(logging.INFO):
        visitor.sign_in(HUGO)
        User.objects.update(usual_name="Ancien")
        visitor.sign_in(HUGO)
        visitor.sign_in(RAPHAEL)

    written = caplog.text + "".join(capsys.readouterr())
    for secret in (HUGO.email, HUGO.sub, HUGO.usual_name, RAPHAEL.email, RAPHAEL.sub, RAPHAEL.siret):
        assert secret not in written
