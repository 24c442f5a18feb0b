"""Measure daphne's memory while a large recording is uploaded, and played by people who seek and pause.

Starts PostgreSQL, Valkey and daphne in a temporary folder. Run it alone: .venv/bin/python benchmarks/files.py [--quick]
"""

import argparse
import base64
import hashlib
import json
import logging
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

import django
import httpx

from visio_portal.services.postgres import EmbeddedPostgres
from visio_portal.services.processes import LOOPBACK, end_with_parent, free_port
from visio_portal.services.valkey import EmbeddedValkey

MB = 1000 * 1000
TARGET_MB = 150
PAUSED_LISTENERS = 3
SEEKS = 40
START_TIMEOUT_S = 60.0


@dataclass
class Portal:
    """A running daphne, and a person signed in to it."""

    process: subprocess.Popen[bytes]
    web: httpx.Client
    slug: str

    def memory_mb(self, measure: str) -> float:
        """Return VmRSS (now), RssAnon (of it, shared with nobody) or VmHWM (the most so far), in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{measure}:"):
                return int(line.split()[1]) * 1024 / MB
        raise RuntimeError(f"{measure} is not there.")


@contextmanager
def running_portal(folder: Path) -> Iterator[Portal]:
    """Start the servers that daphne needs, and daphne."""
    with ExitStack() as stack:
        postgres, valkey = EmbeddedPostgres(folder), EmbeddedValkey(folder)
        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        port = free_port()
        url = f"http://{LOOPBACK}:{port}"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "visio_portal.settings",
            "MALLOC_ARENA_MAX": "1",  # as the demonstration and deploy/ have it
            "VISIO_MODE": "demonstration",
            "SECRET_KEY": "invented-for-benchmarks-" * 3,
            "ENCRYPTION_KEYS": secrets.token_urlsafe(32) + "=",
            "DATABASE_URL": postgres.runtime_url,
            "REDIS_URL": valkey.url,
            "PORTAL_PUBLIC_URL": url,
            "STORAGE_DIR": str(folder / "files"),
            "STATIC_ROOT": str(folder / "static"),
            "OIDC_OP_URL": "http://127.0.0.1:9/api/v2",  # nobody signs in here
            "OIDC_RP_CLIENT_ID": "benchmark",
            "OIDC_RP_CLIENT_SECRET": "benchmark",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
        subprocess.run(migrate, check=True, cwd=BASE_DIR, env=os.environ | {"DATABASE_URL": postgres.owner_url})
        daphne = [sys.executable, "-m", "daphne", "-v", "0", "-b", LOOPBACK, "-p", str(port)]
        log = stack.enter_context((folder / "daphne.log").open("wb"))
        process = subprocess.Popen(
            [*daphne, "visio_portal.asgi:application"],
            cwd=BASE_DIR,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
        stack.callback(process.wait)
        stack.callback(process.terminate)
        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        wait_until_ready(url)
        slug, cookies = signed_in_person()
        web = stack.enter_context(httpx.Client(base_url=url, cookies=cookies, timeout=120))
        yield Portal(process, web, slug)


def signed_in_person() -> tuple[str, dict[str, str]]:
    """Create a tenant and a member; return the slug and the cookies of a session."""
    from django.test import Client

    from apps.tenants.models import Membership, Tenant, User
    from apps.tenants.scoping import tenant_scope

    tenant = Tenant.objects.create(kind=Tenant.Kind.MINISTRY, slug="essai", name="Essai", siren="110000000")
    user = User.objects.create_user(email="agent@example.gouv.fr", idp_id="essai", sub="essai")
    with tenant_scope(tenant.id):
        Membership.objects.create(tenant=tenant, user=user)
    client = Client()
    client.force_login(user)
    return tenant.slug, {"sessionid": client.cookies["sessionid"].value, "csrftoken": "b" * 32}


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/files/none")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("daphne did not start.")


def upload(portal: Portal, source: Path) -> str:
    """Upload a file in parts, each with its digest, as the page does; return the upload's id."""
    headers = {"X-CSRFToken": portal.web.cookies["csrftoken"]}
    announced = {
        "purpose": "recording",
        "name": source.name,
        "media_type": "audio/webm",
        "size_bytes": source.stat().st_size,
    }
    answer = portal.web.post(f"/t/{portal.slug}/uploads/", json=announced, headers=headers)
    state = answer.raise_for_status().json()
    with source.open("rb") as file:
        for number in range(1, state["part_count"] + 1):
            content = file.read(state["part_size_bytes"])
            digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
            portal.web.put(
                f"{state['url']}parts/{number}",
                content=content,
                headers=headers | {"Content-Digest": f"sha-256=:{digest}:"},
            ).raise_for_status()
    portal.web.post(f"{state['url']}complete", headers=headers).raise_for_status()
    return str(state["id"])


def link_to(portal: Portal, upload_id: str) -> str:
    """Return the signed link of what was uploaded."""
    from apps.files.links import read_link
    from apps.files.models import Upload
    from apps.tenants.models import Tenant
    from apps.tenants.scoping import tenant_scope

    with tenant_scope(Tenant.objects.get(slug=portal.slug).id):
        file = Upload.objects.select_related("stored_file").get(pk=upload_id).stored_file
    return read_link(file)


def range_is_answered(portal: Portal, link: str, source: Path) -> bool:
    """Ask for the middle, the end and beyond the end of the file."""
    size_bytes, first = source.stat().st_size, source.stat().st_size // 2
    with source.open("rb") as file:
        file.seek(first)
        expected = file.read(1000)
    middle = portal.web.get(link, headers={"Range": f"bytes={first}-{first + 999}"})
    end = portal.web.get(link, headers={"Range": "bytes=-10"})
    beyond = portal.web.get(link, headers={"Range": f"bytes={size_bytes}-"})
    statuses = (middle.status_code, end.status_code, beyond.status_code)
    return statuses == (206, 206, 416) and middle.content == expected and len(end.content) == 10


def listen_to_all(portal: Portal, link: str) -> str:
    """Fetch the whole file as fast as it comes; return its SHA-256."""
    digest = hashlib.sha256()
    with portal.web.stream("GET", link) as answer:
        for chunk in answer.iter_raw():
            digest.update(chunk)
    return digest.hexdigest()


def listen_and_pause(portal: Portal, link: str) -> None:
    """Begin to listen, then take nothing more for a while: what daphne must not keep in memory."""
    with portal.web.stream("GET", link, headers={"Range": "bytes=0-"}) as answer:
        next(answer.iter_raw())
        time.sleep(8)


def seek(portal: Portal, link: str, place: int) -> None:
    """Jump somewhere, as a click on a line does: an open range that is broken off."""
    with portal.web.stream("GET", link, headers={"Range": f"bytes={place}-"}) as answer:
        next(answer.iter_raw())


def measure(size_mb: int) -> dict[str, Any]:
    """Return the figures for a file of this size."""
    with tempfile.TemporaryDirectory(prefix="visio-portal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # run as root, the database server is somebody else and has to pass through
        source = folder / "reunion.webm"
        with source.open("wb") as file:
            for _ in range(size_mb):
                file.write(os.urandom(MB))
        with running_portal(folder) as portal:
            return measure_portal(portal, source, size_mb)


def measure_portal(portal: Portal, source: Path, size_mb: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"size_mb": size_mb, "at_rest_mb": portal.memory_mb("VmRSS")}
    started = time.monotonic()
    upload_id = upload(portal, source)
    figures["upload_s"] = time.monotonic() - started
    figures["peak_after_upload_mb"] = portal.memory_mb("VmHWM")
    link = link_to(portal, upload_id)
    figures["range_is_206"] = range_is_answered(portal, link, source)
    with source.open("rb") as file:
        expected = hashlib.file_digest(file, "sha256").hexdigest()
    started = time.monotonic()
    figures["is_whole"] = listen_to_all(portal, link) == expected
    figures["fetch_s"] = time.monotonic() - started
    figures["peak_after_fetch_mb"] = portal.memory_mb("VmHWM")
    with ThreadPoolExecutor(PAUSED_LISTENERS) as listeners:
        for waiting in [listeners.submit(listen_and_pause, portal, link) for _ in range(PAUSED_LISTENERS)]:
            waiting.result()
    figures["peak_after_pauses_mb"] = portal.memory_mb("VmHWM")
    for number in range(SEEKS):
        seek(portal, link, number * size_mb * MB // SEEKS)
    figures["peak_mb"] = portal.memory_mb("VmHWM")
    figures["left_mb"] = portal.memory_mb("VmRSS")
    figures["left_private_mb"] = portal.memory_mb("RssAnon")
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a file of 80 MB instead of 400 MB")
    figures = measure(80 if parser.parse_args().quick else 400)
    is_met = figures["peak_mb"] < TARGET_MB and figures["range_is_206"] and figures["is_whole"]
    lines = [
        ("size of the file", f"{figures['size_mb']} MB", ""),
        ("daphne at rest", f"{figures['at_rest_mb']:.0f} MB", ""),
        ("peak after the upload", f"{figures['peak_after_upload_mb']:.0f} MB", f"{figures['upload_s']:.1f} s"),
        ("peak after fetching all of it", f"{figures['peak_after_fetch_mb']:.0f} MB", f"{figures['fetch_s']:.1f} s"),
        (f"peak after {PAUSED_LISTENERS} paused listeners", f"{figures['peak_after_pauses_mb']:.0f} MB", ""),
        (f"peak after {SEEKS} seeks", f"{figures['peak_mb']:.0f} MB", f"target < {TARGET_MB} MB"),
        ("left afterwards", f"{figures['left_mb']:.0f} MB", f"{figures['left_private_mb']:.0f} MB of it private"),
        ("Range answered with 206 (416 beyond)", "yes" if figures["range_is_206"] else "NO", ""),
        ("fetched bytes are those sent", "yes" if figures["is_whole"] else "NO", ""),
    ]
    for label, value, remark in lines:
        print(f"{label:<38}{value:>10}  {remark}")
    print(json.dumps({"benchmark": "files", "target_mb": TARGET_MB, "is_met": is_met} | figures))
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
