"""Measure the import of a usage file: a million rows against a bare COPY of the same file, and against another tool.

The import is counted whole: from the file to rows that count, its preview included. The bare COPY goes into a plain
logged table of text, in the same run. Starts PostgreSQL and Valkey in a temporary folder. Each import runs in a
process of its own, whose memory is what is told. django-import-export is measured where it is installed
(pip install django-import-export), on fewer rows.
Run it alone: .venv/bin/python benchmarks/import_usage.py [--quick]
"""

import argparse
import csv
import importlib
import importlib.util
import io
import json
import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

import django
import psycopg

from apps.licensing.imports.tests.headers import TEAMS_HEADER
from visio_portal.services.postgres import EmbeddedPostgres
from visio_portal.services.valkey import EmbeddedValkey

RATIO_TARGET, MEMORY_TARGET_MB = 3.0, 300
OTHER_ROWS = 100_000
MB = 1000 * 1000


@contextmanager
def servers(folder: Path) -> Iterator[EmbeddedPostgres]:
    """Start the database and the cache, with the portal's tables and one ministry."""
    with ExitStack() as stack:
        postgres, valkey = EmbeddedPostgres(folder), EmbeddedValkey(folder)
        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        (folder / "static").mkdir()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "visio_portal.settings",
            "VISIO_MODE": "demonstration",
            "LOG_LEVEL": "WARNING",
            "SECRET_KEY": "invented-for-benchmarks-" * 3,
            "ENCRYPTION_KEYS": secrets.token_urlsafe(32) + "=",
            "DATABASE_URL": postgres.runtime_url,
            "REDIS_URL": valkey.url,
            "STORAGE_DIR": str(folder / "files"),
            "STATIC_ROOT": str(folder / "static"),
            "OIDC_OP_URL": "http://127.0.0.1:9/api/v2",  # nobody signs in here
            "OIDC_RP_CLIENT_ID": "benchmark",
            "OIDC_RP_CLIENT_SECRET": "benchmark",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
        subprocess.run(migrate, check=True, cwd=BASE_DIR, env=os.environ | {"DATABASE_URL": postgres.owner_url})
        yield postgres


def write_file(path: Path, rows: int) -> None:
    """Write Teams' user activity with all of its columns."""
    chance = random.Random(1)  # invented figures, the same at each run
    place = {name: number for number, name in enumerate(TEAMS_HEADER)}
    row = ["0"] * len(TEAMS_HEADER)
    row[place["Report Refresh Date"]] = "2026-11-20"
    row[place["Tenant Display Name"]] = "Ministère d’essai"
    row[place["Is Deleted"]] = "False"
    row[place["Is Licensed"]] = "Yes"
    row[place["Report Period"]] = "90"
    row[place["Has Other Action"]] = "Yes"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TEAMS_HEADER)
        for number in range(rows):
            row[place["User Id"]] = f"{number:08x}-0000-4000-8000-000000000000"
            row[place["User Principal Name"]] = f"prenom.nom{number}@ministere.example.gouv.fr"
            row[place["Last Activity Date"]] = f"2026-{chance.randint(1, 11):02}-{chance.randint(1, 20):02}"
            row[place["Assigned Products"]] = chance.choice(["MICROSOFT 365 E3", "MICROSOFT 365 E3+POWER BI (FREE)"])
            row[place["Call Count"]] = str(chance.randint(0, 50))
            row[place["Meeting Count"]] = str(chance.randint(0, 90))
            writer.writerow(row)


def bare_copy(postgres: EmbeddedPostgres, path: Path) -> float:
    """Return the seconds that a bare COPY of the file into a table of text takes."""
    columns = ", ".join(f"c{number} text" for number in range(len(TEAMS_HEADER)))
    with psycopg.connect(postgres.owner_url, autocommit=True) as connection, path.open("rb") as file:
        connection.execute(f"CREATE TABLE bare_copy ({columns})")
        file.seek(3)  # its mark
        started = time.monotonic()
        with connection.cursor().copy("COPY bare_copy FROM STDIN (FORMAT csv, HEADER true)") as copy:
            while chunk := file.read(256 * 1024):
                copy.write(chunk)
        elapsed = time.monotonic() - started
        connection.execute("DROP TABLE bare_copy")
    return elapsed


STEPS = (  # what is told of the time: module, function, words
    ("straight", "stage", "split into cells by COPY"),
    ("staging", "collect_values", "each different cell once"),
    ("staging", "is_in_order", "every cell checked"),
    ("meaning", "may_have_doubles", "nobody twice"),
    ("meaning", "write_accounts", "accounts derived, written, counted"),
)


def timed(spent: dict[str, float]) -> None:
    """Have the steps of a reading add the seconds that they take to ``spent``."""
    for module_name, name, label in STEPS:
        module = importlib.import_module(f"apps.licensing.imports.{module_name}")
        setattr(module, name, partial(_timed_call, spent, label, getattr(module, name)))


def _timed_call(spent: dict[str, float], label: str, call: Any, *args: Any, **kwargs: Any) -> Any:
    started = time.monotonic()
    try:
        return call(*args, **kwargs)
    finally:
        spent[label] = spent.get(label, 0) + time.monotonic() - started


def import_file(path: Path) -> dict[str, Any]:
    """Preview, import and undo a file in this process; return the seconds of each, its steps, and the most memory."""
    django.setup()

    from apps.licensing.imports import operations
    from apps.licensing.imports.running import run_import
    from apps.licensing.models import Account, UsageImport
    from apps.tenants.models import Membership, Role, Tenant, User
    from apps.tenants.scoping import tenant_scope

    spent: dict[str, float] = {}
    timed(spent)
    tenant = Tenant.objects.create(
        kind=Tenant.Kind.MINISTRY, slug=path.stem, name=path.stem, siren=f"1{random.randint(0, 99_999_999):08}"
    )
    user = User.objects.create_user(email=f"{path.stem}@example.gouv.fr", idp_id="essai", sub=path.stem)
    with tenant_scope(tenant.id):
        officer = Membership.objects.create(tenant=tenant, user=user, roles=[Role.PROCUREMENT])
    with path.open("rb") as body:
        begun = operations.begin_import_of(membership=officer, name=path.name, body=body)
    started = time.monotonic()
    run_import(tenant_id=tenant.id, import_id=begun.id)
    previewed = time.monotonic()
    with tenant_scope(tenant.id):
        operations.confirm_import(membership=officer, usage_import=begun)
    confirmed = time.monotonic()
    run_import(tenant_id=tenant.id, import_id=begun.id)
    ended = time.monotonic()
    with tenant_scope(tenant.id):
        state = UsageImport.objects.get(id=begun.id)
        accounts = Account.objects.filter(usage_import=begun).count()
    if state.status != UsageImport.Status.COMMITTED:
        raise RuntimeError(f"The import ended as {state.status}: {state.failure_code}.")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return {
        "undo_s": undo(officer, state),
        "preview_s": previewed - started,
        "commit_s": ended - confirmed,
        "import_s": previewed - started + ended - confirmed,
        "steps": spent,
        "memory_mb": most,
        "accounts": accounts,
    }


def undo(officer: Any, usage_import: Any) -> float:
    """Return the seconds that it takes to have an import's rows out again."""
    from apps.licensing.imports import operations
    from apps.licensing.imports.running import run_import
    from apps.licensing.models import Account
    from apps.tenants.scoping import tenant_scope

    started = time.monotonic()
    with tenant_scope(officer.tenant_id):
        operations.undo_import(membership=officer, usage_import=usage_import)
    run_import(tenant_id=officer.tenant_id, import_id=usage_import.id)
    elapsed = time.monotonic() - started
    with tenant_scope(officer.tenant_id):
        if Account.objects.filter(usage_import=usage_import).exists():
            raise RuntimeError("The undo has left rows.")
    return elapsed


def import_otherwise(path: Path) -> dict[str, float]:
    """Import the same columns with django-import-export, row by row as it does."""
    django.setup()

    tablib: Any = importlib.import_module("tablib")  # neither is a dependency of the portal
    resources: Any = importlib.import_module("import_export.resources")

    from apps.licensing.models import Account, UsageImport
    from apps.tenants.scoping import tenant_scope

    with psycopg.connect(os.environ["OWNER_URL"]) as owner:
        found = owner.execute("SELECT id FROM tenants_tenant WHERE slug = %s", [path.stem]).fetchone()
    if found is None:
        raise RuntimeError("The ministry is not there.")
    tenant_id = found[0]
    with tenant_scope(tenant_id):
        usage_import = UsageImport.objects.get()

        class AccountResource(resources.ModelResource):
            class Meta:
                model = Account
                fields = ("identifier", "kind", "meetings", "last_active_on")
                import_id_fields = ("identifier",)
                use_bulk = True
                force_init_instance = True
                skip_diff = True

            def before_save_instance(self, instance: Account, row: Any, **kwargs: Any) -> None:
                instance.tenant_id, instance.usage_import_id = tenant_id, usage_import.id
                instance.vendor, instance.name, instance.department = "microsoft", "", ""

        started = time.monotonic()
        text = io.StringIO(path.read_text(encoding="utf-8-sig"))
        table = tablib.Dataset(headers=["identifier", "kind", "meetings", "last_active_on"])
        for row in csv.DictReader(text):
            meetings = int(row["Meeting Count"]) + int(row["Call Count"])
            table.append([row["User Principal Name"], "paid", meetings, row["Last Activity Date"]])
        result = AccountResource().import_data(table, raise_errors=True)
        elapsed = time.monotonic() - started
    if result.has_errors():
        raise RuntimeError("django-import-export reports errors.")
    return {"import_s": elapsed, "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB}


def apart(name: str, path: Path) -> dict[str, Any]:
    """Run one of the imports in a process of its own; the other tool resets sequences, so it is the tables' owner."""
    url = os.environ["OWNER_URL" if name == "other" else "DATABASE_URL"]
    command = [sys.executable, __file__, "--only", name, str(path)]
    environment = os.environ | {"DATABASE_URL": url}
    done = subprocess.run(command, check=True, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(rows: int, other_rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="visio-portal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # run as root, the database server is somebody else and has to pass through
        with servers(folder) as postgres:
            os.environ["OWNER_URL"] = postgres.owner_url
            path, smaller = folder / "million.csv", folder / "smaller.csv"
            write_file(path, rows)
            figures: dict[str, Any] = {"rows": rows, "file_mb": path.stat().st_size / MB}
            figures["copy_s"] = min(bare_copy(postgres, path), bare_copy(postgres, path))
            figures |= apart("import", path)
            figures["copy_s"] = min(figures["copy_s"], bare_copy(postgres, path))
            write_file(smaller, other_rows)
            figures |= {"other_rows": other_rows, "same_rows_s": apart("import", smaller)["import_s"]}
            if importlib.util.find_spec("import_export"):
                other = apart("other", smaller)
                figures |= {"import_export_s": other["import_s"], "import_export_mb": other["memory_mb"]}
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, and 10,000 against the other tool")
    parser.add_argument("--only", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        what, path = arguments.only
        print(json.dumps((import_file if what == "import" else import_otherwise)(Path(path))))
        return 0
    figures = measure(*((100_000, 10_000) if arguments.quick else (1_000_000, OTHER_ROWS)))
    figures["ratio"] = figures["import_s"] / figures["copy_s"]
    targets = {
        f"import ≤ {RATIO_TARGET} × a bare COPY": figures["ratio"] <= RATIO_TARGET,
        f"memory < {MEMORY_TARGET_MB} MB": figures["memory_mb"] < MEMORY_TARGET_MB,
        "every row is an account": figures["accounts"] == figures["rows"],
    }
    not_met = [target for target, is_met in targets.items() if not is_met]
    rows = [
        ("rows of the file", f"{figures['rows']:,}", f"{figures['file_mb']:.0f} MB, {len(TEAMS_HEADER)} columns"),
        ("bare COPY", f"{figures['copy_s']:.1f} s", "the best of three, before and after"),
        (
            "import, from the file to rows that count",
            f"{figures['import_s']:.1f} s",
            f"{figures['ratio']:.2f} × COPY, target ≤ 3",
        ),
        ("of which the preview", f"{figures['preview_s']:.1f} s", "read, checked, written"),
        *(
            (f"  {label}", f"{seconds:.1f} s", f"{seconds / figures['copy_s']:.2f} × COPY")
            for label, seconds in figures["steps"].items()
        ),
        ("of which the commit", f"{figures['commit_s']:.1f} s", "the same rows count from here on"),
        ("undo of the whole", f"{figures['undo_s']:.1f} s", f"{figures['undo_s'] / figures['copy_s']:.2f} × COPY"),
        ("memory of the worker, at most", f"{figures['memory_mb']:.0f} MB", f"target < {MEMORY_TARGET_MB} MB"),
        (f"import of {figures['other_rows']:,} rows", f"{figures['same_rows_s']:.1f} s", "to compare with"),
    ]
    if "import_export_s" in figures:
        faster = figures["import_export_s"] / figures["same_rows_s"]
        rows.append(("django-import-export, the same rows", f"{figures['import_export_s']:.1f} s", f"{faster:.1f} ×"))
        rows.append(("memory of django-import-export", f"{figures['import_export_mb']:.0f} MB", "no checks, in bulk"))
    else:
        rows.append(("django-import-export", "–", "not installed, so not measured"))
    for label, value, remark in rows:
        print(f"{label:<42}{value:>12}  {remark}")
    if not_met:
        print(f"Missed: {'; '.join(not_met)}.")
    print(json.dumps({"benchmark": "import_usage", "is_met": not not_met} | figures))
    return 1 if not_met else 0


if __name__ == "__main__":
    sys.exit(main())
