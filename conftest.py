"""Servers, settings and database roles for every test.

The servers start while this file is imported: settings read their addresses, and the rest reads settings.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from visio_portal.services.postgres import EmbeddedPostgres
from visio_portal.services.valkey import EmbeddedValkey

# How long an example takes says how busy the machine is, nothing of what is tested.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


def start_servers() -> None:
    """Start a throwaway PostgreSQL and Valkey unless given, and note them for child processes."""
    folder = Path(tempfile.mkdtemp(prefix="visio-portal-tests-"))
    folder.chmod(0o711)  # run as root, the database server is somebody else and has to pass through
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["TEST_DIR"] = str(folder)
    if "TEST_DATABASE_URL" not in os.environ:
        postgres = EmbeddedPostgres(folder, throwaway=True)
        atexit.register(postgres.stop)
        postgres.start()
        os.environ["TEST_DATABASE_URL"] = postgres.owner_url
        os.environ["TEST_RUNTIME_URL"] = postgres.runtime_url
    if "TEST_REDIS_URL" not in os.environ:
        valkey = EmbeddedValkey(folder, throwaway=True)
        atexit.register(valkey.stop)
        valkey.start()
        os.environ["TEST_REDIS_URL"] = valkey.url


def use_servers() -> None:
    """Point the settings to the test servers, each xdist worker to a Valkey database of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    number = 0 if worker == "main" else 1 + int(worker.removeprefix("gw")) % 15
    folder = Path(os.environ["TEST_DIR"]) / worker
    (folder / "static").mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "visio_portal.settings_test",
        "VISIO_MODE": "test",
        "DATABASE_URL": os.environ["TEST_DATABASE_URL"],
        "REDIS_URL": f"{os.environ['TEST_REDIS_URL'].rsplit('/', 1)[0]}/{number}",
        "STORAGE_DIR": str(folder / "files"),
        "STATIC_ROOT": str(folder / "static"),
    }


if "PYTEST_XDIST_WORKER" not in os.environ:
    start_servers()
use_servers()
django.setup()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let the owner make the test database, and every test run as the role that the portal has."""
    connection = connections["default"]
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO visio_runtime")
        connection.close()
    connection.settings_dict["OPTIONS"]["assume_role"] = "visio_runtime"
    yield
    with django_db_blocker.unblock():
        connection.close()
    del connection.settings_dict["OPTIONS"]["assume_role"]
