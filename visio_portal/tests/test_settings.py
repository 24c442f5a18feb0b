"""What production refuses to start with, tried in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "visio_portal.settings",
    "VISIO_MODE": "production",
    "SECRET_KEY": "k7Jt0uXr5Q2mVb9Zs4Wc8Ye1Nf6Hd3Lg-Pa_Ro7Ti5Uk0Mx2Bq",
    "ENCRYPTION_KEYS": "Zm9yLXRlc3RzLWFsb25lLTMyLWJ5dGVzLWxvbmchIQE=",
    "ALLOWED_HOSTS": "portail.example.gouv.fr",
    "PORTAL_PUBLIC_URL": "https://portail.example.gouv.fr",
    "DATABASE_URL": "postgres://visio_runtime@127.0.0.1/visio_portal",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "OIDC_OP_URL": "https://fca.example.gouv.fr/api/v2",
    "OIDC_RP_CLIENT_ID": "visio-portal",
    "OIDC_RP_CLIENT_SECRET": "invented",
}


def check(settings: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py check with nothing in the environment but the given settings."""
    command = [sys.executable, "-W", "error::RuntimeWarning", "manage.py", "check", *options]
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)


def test_production_passes_djangos_deployment_checks() -> None:
    result = check(PRODUCTION, "--deploy", "--fail-level", "WARNING")

    assert (result.returncode, result.stderr) == (0, "")
    assert "no issues (0 silenced)" in result.stdout


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"DEBUG": "true"}, "DEBUG must be off"),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 60}, "SECRET_KEY must be set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must list"),
        ({"PORTAL_PUBLIC_URL": "http://portail.example.gouv.fr"}, "https:// address"),
        ({"REDIS_URL": "valkey://127.0.0.1"}, "redis://"),
        ({"VISIO_MODE": "prod"}, "VISIO_MODE must be one of"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_production_refuses_a_bad_setting_in_one_clear_line(change: dict[str, str], message: str) -> None:
    result = check(PRODUCTION | change)

    assert result.returncode != 0
    assert message in result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "OIDC_OP_URL", "OIDC_RP_CLIENT_SECRET"])
def test_production_names_a_missing_setting(name: str) -> None:
    settings = {key: value for key, value in PRODUCTION.items() if key != name}

    result = check(settings)

    assert result.returncode != 0
    assert name in result.stderr.strip().splitlines()[-1]
