"""The portal as production serves it, for benchmarks: PostgreSQL, Valkey and granian, with an intranet's token."""

import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.utils import timezone

from visio_portal.services.postgres import EmbeddedPostgres
from visio_portal.services.processes import LOOPBACK, end_with_parent, free_port
from visio_portal.services.valkey import EmbeddedValkey

BASE_DIR = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 60.0


@dataclass
class Portal:
    """A running portal, the key of an intranet, and its rooms by the beginning of their names."""

    port: int
    postgres: EmbeddedPostgres
    headers: dict[str, str]
    tenant_id: UUID
    rooms: dict[str, list[UUID]] = field(default_factory=dict)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)


@contextmanager
def running_portal(folder: Path) -> Iterator[Portal]:
    """Start the servers that the portal needs, and granian as production has it."""
    with ExitStack() as stack:
        postgres, valkey = EmbeddedPostgres(folder), EmbeddedValkey(folder)
        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        (folder / "static").mkdir()
        port = free_port()
        os.environ |= environment(folder, postgres, valkey, port)
        migrate = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
        subprocess.run(migrate, check=True, cwd=BASE_DIR, env=os.environ | {"DATABASE_URL": postgres.owner_url})
        workers = ["--workers", str(os.cpu_count() or 2), "--blocking-threads", "8"]
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK, "--port", str(port)]
        log = stack.enter_context((folder / "granian.log").open("wb"))
        process = subprocess.Popen(
            [*granian, *workers, "--log-level", "warning", "visio_portal.wsgi:application"],
            cwd=BASE_DIR,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
        stack.callback(process.wait)
        stack.callback(process.terminate)
        django.setup()
        tenant_id, secret = intranet()
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        portal = Portal(port, postgres, headers, tenant_id)
        wait_until_ready(portal)
        yield portal


def environment(folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey, port: int) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "visio_portal.settings",
        "MALLOC_ARENA_MAX": "1",
        "VISIO_MODE": "demonstration",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "invented-for-benchmarks-" * 3,
        "ENCRYPTION_KEYS": secrets.token_urlsafe(32) + "=",
        "DATABASE_URL": postgres.runtime_url,
        "DATABASE_POOL_SIZE": "8",
        "REDIS_URL": valkey.url,
        "API_RATE": "1000000/s",  # the rate of one token is not what is measured
        "PORTAL_PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "STORAGE_DIR": str(folder / "files"),
        "STATIC_ROOT": str(folder / "static"),
        "OIDC_OP_URL": "http://127.0.0.1:9/api/v2",  # nobody signs in here
        "OIDC_RP_CLIENT_ID": "benchmark",
        "OIDC_RP_CLIENT_SECRET": "benchmark",
    }


def intranet() -> tuple[UUID, str]:
    """Create a ministry and a token of a member; return the ministry's id and the secret."""
    from apps.tenants.models import ApiToken, Membership, Tenant, User
    from apps.tenants.scoping import tenant_scope
    from apps.tenants.tokens import create_token

    tenant = Tenant.objects.create(kind=Tenant.Kind.MINISTRY, slug="essai", name="Essai", siren="110000000")
    user = User.objects.create_user(email="agent@example.gouv.fr", idp_id="essai", sub="essai")
    scopes = [ApiToken.Scope.MEETINGS_READ.value, ApiToken.Scope.MEETINGS_WRITE.value]
    with tenant_scope(tenant.id):
        member = Membership.objects.create(tenant=tenant, user=user)
        _token, secret = create_token(
            member, name="intranet", scopes=scopes, expires_at=timezone.now() + timedelta(days=2)
        )
    return tenant.id, secret


def wait_until_ready(portal: Portal) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            call(portal.connect(), portal, "GET", "/health/live")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("granian did not start.")


def call(
    connection: http.client.HTTPConnection, portal: Portal, method: str, path: str, body: Any = None
) -> tuple[int, bytes]:
    """Send one request; return status and body."""
    connection.request(method, path, json.dumps(body) if body is not None else None, portal.headers)
    answer = connection.getresponse()
    return answer.status, answer.read()
