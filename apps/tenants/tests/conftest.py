"""The demonstration's identity provider, in a process of its own, for the tests of sign-in."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings as portal_settings
from django.test import Client
from pytest_django import Settings

from apps.tenants.tests.sign_in import Visitor

PORTAL = "http://testserver"  # as Django's test client calls itself


@pytest.fixture(scope="session")
def provider_url() -> Iterator[str]:
    """Base address of a running provider."""
    environment = os.environ | {"OIDC_RP_CLIENT_SECRET": portal_settings.OIDC_RP_CLIENT_SECRET}
    command = [sys.executable, "-m", "visio_portal.services.oidc", "--port", "0", "--portal-url", PORTAL]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, cwd=portal_settings.BASE_DIR
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def provider(provider_url: str, settings: Settings) -> str:
    """The running provider, known to the portal's settings."""
    settings.OIDC_OP_ISSUER = provider_url
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{provider_url}/authorize"
    settings.OIDC_OP_TOKEN_ENDPOINT = f"{provider_url}/token"
    settings.OIDC_OP_USER_ENDPOINT = f"{provider_url}/userinfo"
    settings.OIDC_OP_LOGOUT_ENDPOINT = f"{provider_url}/session/end"
    settings.OIDC_OP_JWKS_ENDPOINT = f"{provider_url}/jwks"
    return provider_url


@pytest.fixture
def visitor(provider: str, client: Client) -> Visitor:
    return Visitor(client)
