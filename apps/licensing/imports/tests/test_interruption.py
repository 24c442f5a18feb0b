"""A worker that is killed while it writes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from apps.licensing.imports.tests.files import Imports, table, teams_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER
from apps.licensing.models import Account, UsageImport
from apps.tenants.scoping import tenant_scope

# A worker of its own that dies once every row is written, before it can say so.
WORKER = """
import os, pathlib, signal, sys, uuid
import django
django.setup()
from django.conf import settings
settings.STORAGE_DIR = pathlib.Path(sys.argv[1])
from apps.licensing.imports import running
def die(*_arguments, **_fields):
    os.kill(os.getpid(), signal.SIGKILL)
running._leave = die
running.run_import(tenant_id=uuid.UUID(sys.argv[2]), import_id=uuid.UUID(sys.argv[3]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_writes_leaves_nothing_and_another_begins_again(
    imports: Imports, storage_dir: Path
) -> None:
    sent = imports.begin(table(TEAMS_HEADER, [teams_row(f"a{number}@example.fr") for number in range(500)]))
    address = urlsplit(os.environ["TEST_RUNTIME_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    worker = [sys.executable, "-c", WORKER, str(storage_dir), str(sent.tenant_id), str(sent.id)]
    environment = os.environ | {"DATABASE_URL": urlunsplit(address)}

    died = subprocess.run(worker, env=environment, check=False)

    with tenant_scope(sent.tenant_id):
        left = (UsageImport.objects.values_list("status", "attempts").get(), Account.objects.count())
    assert (died.returncode, left) == (-signal.SIGKILL, (("reading", 1), 0))
    assert imports.confirm(imports.read(sent)).status == UsageImport.Status.COMMITTED
    assert len(imports.accounts()) == 500
