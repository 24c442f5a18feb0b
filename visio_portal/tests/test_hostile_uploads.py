"""Every form that takes a file refuses, in words, what is not the file that it asks for."""

import csv
import gzip
import io
import re
import tracemalloc
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.files.store import object_store
from apps.licensing.contracts import spreadsheets, workbooks
from apps.licensing.contracts.spreadsheets import COLUMNS
from apps.licensing.contracts.workbooks import workbook_template
from apps.licensing.imports import reading
from apps.licensing.imports.running import run_import
from apps.licensing.imports.tests.files import table, teams_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER
from apps.licensing.models import Account, Contract, ContractDocument, Sku, UsageImport
from apps.licensing.tests.factories import ContractFactory
from apps.rooms.models import CalendarImport
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory
from visio_portal.settings import BASE_DIR

pytestmark = pytest.mark.django_db
Upload = SimpleUploadedFile
MEMORY_MAX_BYTES = 60_000_000


class Door(NamedTuple):
    """One form that takes a file: who comes, where, what else it asks, and what it would leave behind."""

    role: Role
    address: Callable[[Membership], str]
    leaves: Any  # a model
    fields: dict[str, str] = {}  # a tuple's default, never changed


def contract_documents(officer: Membership) -> str:
    contract = ContractFactory.create(tenant=officer.tenant)
    return reverse("licensing:document_create", args=[officer.tenant.slug, contract.id])


DOORS = {
    "usage": Door(Role.PROCUREMENT, lambda who: reverse("licensing:usage_create", args=[who.tenant.slug]), Account),
    "contracts": Door(
        Role.PROCUREMENT, lambda who: reverse("licensing:contract_import", args=[who.tenant.slug]), Contract
    ),
    "dictionary": Door(Role.OPERATOR, lambda who: reverse("catalogue:sku_list"), Sku),
    "calendar": Door(
        Role.ORGANIZER, lambda who: reverse("rooms:import_create", args=[who.tenant.slug]), CalendarImport
    ),
    "documents": Door(Role.PROCUREMENT, contract_documents, ContractDocument, {"title": "Annexe"}),
}


@pytest.fixture(autouse=True)
def storage_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGE_DIR = tmp_path / "files"
    object_store.cache_clear()
    return tmp_path / "files"


def packed(parts: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(method: int = ZIP_DEFLATED, **changed: bytes) -> bytes:
    """Return the template of contracts with parts replaced: ``sheet1``, ``sharedStrings``."""
    with ZipFile(io.BytesIO(workbook_template())) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    for name, content in changed.items():
        parts[f"xl/worksheets/{name}.xml" if name.startswith("sheet") else f"xl/{name}.xml"] = content
    return packed(parts, method)


def sheet(rows: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def one_text_in_many_cells() -> bytes:
    """Return 20 kB that come to 1.9 GB: a shared string of 32,000 characters, in 60,000 cells."""
    row = "<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>"
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = f'<sst xmlns="{namespace}"><si><t>{"x" * 32_000}</t></si></sst>'
    return workbook(sheet1=sheet(row * 1000), sharedStrings=strings.encode())


XXE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb": ("table.csv", lambda: packed({"a": bytes(50_000_000)})),
    "workbook that is a bomb": ("table.xlsx", lambda: workbook(sheet1=b"<x>" * 4_000_000)),
    "workbook of one text in many cells": ("table.xlsx", one_text_in_many_cells),
    "workbook with a cell too long": (
        "table.xlsx",
        lambda: workbook(sheet1=sheet(f'<row><c t="inlineStr"><is><t>{"x" * 7_000_000}</t></is></c></row>')),
    ),
    "workbook with entities": ("table.xlsx", lambda: workbook(sheet1=XXE)),
    "workbook packed otherwise": ("table.xlsx", lambda: workbook(ZIP_LZMA)),
    "workbook cut off": ("table.xlsx", lambda: workbook_template()[:-200]),
    "pdf by another name": ("report.xlsx", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20),
    "workbook by another name": ("table.csv", workbook_template),
    "old workbook": ("table.xls", lambda: b"\xd0\xcf\x11\xe0" + bytes(600)),
    "gzip": ("table.csv.gz", lambda: gzip.compress(b"a;b\n" * 1000)),
    "page": ("table.csv", lambda: XXE),
    "line without an end": ("table.csv", lambda: b"x" * 4_000_000),
    "cell without an end": ("table.csv", lambda: b'a;b\n"' + b"x\n" * 900_000),
    "zeros": ("table.csv", lambda: bytes(1000)),
    "nothing": ("table.csv", bytes),
    "name too long": (f"{'é' * 300}\u202e.csv", lambda: b"a;b\n1;2\n"),
}
# What a door may take, or asks about: nobody knows yet what the columns "a" and "b" are.
WELCOME = {
    ("contracts", "workbook by another name"),
    ("documents", "pdf by another name"),
    ("usage", "name too long"),
    ("usage", "cell without an end"),
}
UNPACKING = ("contracts",)  # the doors that look into a workbook; the others know it by its first bytes


@pytest.mark.parametrize(
    ("door", "what"),
    [
        pytest.param(door, what, id=f"{door}-{what}")
        for door in DOORS
        for what in HOSTILE
        if (door, what) not in WELCOME and (door in UNPACKING or HOSTILE[what][0] != "table.xlsx")
    ],
)
def test_what_is_no_such_file_is_refused_in_words(door: str, what: str) -> None:
    name, content = HOSTILE[what]
    person = somebody(DOORS[door].role)
    body = content()

    tracemalloc.start()
    words = refusal(DOORS[door], person, Upload(name, body))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert re.fullmatch(r"[A-Z“].{10,200}[.)\d]", words), words
    assert most < MEMORY_MAX_BYTES
    with tenant_scope(person.tenant_id):
        assert not DOORS[door].leaves.objects.exists()


LONG_TEXT = "Bureautique, réunions et téléphonie"


def usage(rows: int, text: str = "MICROSOFT 365 E3") -> str:
    people = [teams_row(f"a{number}@example.fr", Assigned_Products=text) for number in range(rows)]
    return table(TEAMS_HEADER, people, encoding="utf-8").decode()


def contracts(rows: int, text: str = "Suites") -> str:
    cells = [text if column.name == "name" else column.example for column in COLUMNS]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([[column.header for column in COLUMNS], *[cells] * rows])
    return out.getvalue()


def contracts_workbook(rows: int) -> bytes:
    lines = csv.reader(io.StringIO(contracts(rows)), delimiter=";")
    cells = ("".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in line) for line in lines)
    return workbook(sheet1=sheet("".join(f"<row>{line}</row>" for line in cells)))


def dictionary(rows: int, text: str = "Microsoft 365 E3") -> str:
    plan = [text, "SPE_E3", "05e9a617-0261-4cee-bb44-138d3ef5d965", "57ff2da0-773e-42df-b2af-ffb7a2317929"]
    out = io.StringIO()
    csv.writer(out).writerows([["Product_Display_Name", "String_Id", "GUID", "Service_Plan_Id"], *[plan] * rows])
    return out.getvalue()


@pytest.mark.parametrize(
    ("door", "content"),
    [
        pytest.param("usage", lambda: usage(11).encode(), id="usage"),
        pytest.param("usage", lambda: usage(11, LONG_TEXT).encode(), id="usage with quotation marks"),
        pytest.param("usage", lambda: usage(11, 'a"b').encode(), id="usage with a stray quotation mark"),
        pytest.param("contracts", lambda: contracts(11).encode(), id="contracts"),
        pytest.param("contracts", lambda: contracts_workbook(11), id="workbook of contracts"),
        pytest.param("dictionary", lambda: dictionary(11).encode(), id="dictionary"),
    ],
)
def test_rows_beyond_the_limit_of_a_door_are_refused(
    door: str, content: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reading, spreadsheets, workbooks):
        monkeypatch.setattr(module, "ROWS_MAX", 10)
    person = somebody(DOORS[door].role)

    assert "more" in refusal(DOORS[door], person, Upload("table.csv", content()))

    with tenant_scope(person.tenant_id):
        assert not DOORS[door].leaves.objects.exists()


@pytest.mark.parametrize(
    ("door", "content", "expected"),
    [
        pytest.param("usage", usage, "Some rows cannot be read", id="usage"),
        pytest.param("contracts", contracts, "Some characters cannot be read", id="contracts"),
        pytest.param("dictionary", dictionary, "A row of the dictionary cannot be read", id="dictionary"),
    ],
)
@pytest.mark.parametrize("first", ["utf-8", "cp1252"])
def test_two_encodings_in_one_file_are_refused(
    door: str, content: Callable[[int, str], str], expected: str, first: str
) -> None:
    person = somebody(DOORS[door].role)
    header, _end, row = content(1, f"é-{LONG_TEXT}").partition("\n")
    second = "cp1252" if first == "utf-8" else "utf-8"
    mixed = f"{header}\n{row}".encode(first) + row.encode(second)

    assert expected in refusal(DOORS[door], person, Upload("table.csv", mixed))

    with tenant_scope(person.tenant_id):
        assert not DOORS[door].leaves.objects.exists()


def somebody(role: Role) -> Membership:
    if role == Role.OPERATOR:
        tenant = TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur")
        return MembershipFactory.create(tenant=tenant, roles=[role])
    return MembershipFactory.create(roles=[role])


def refusal(door: Door, person: Membership, file: Upload) -> str:
    """Send a file as a person does; return why it is not taken, as the page says it."""
    client = client_of(person)
    client.cookies["django_language"] = "en"
    answer = client.post(door.address(person), {"file": file} | door.fields)
    if answer.status_code == 302:
        return refusal_by_the_worker(client, person, answer)
    assert answer.status_code == 422
    return "; ".join(str(error) for errors in answer.context["form"].errors.values() for error in errors)


def refusal_by_the_worker(client: Client, person: Membership, answer: Any) -> str:
    with tenant_scope(person.tenant_id):
        begun = UsageImport.objects.get()
    run_import(tenant_id=person.tenant_id, import_id=begun.id)
    page = client.get(answer.headers["Location"]).content.decode()
    found = re.search(r"Nothing was imported</h2>\s*<p>(.*?)</p>", page, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_every_form_that_takes_a_file_is_a_door() -> None:
    forms = {
        path.relative_to(BASE_DIR / "apps").as_posix()
        for path in (BASE_DIR / "apps").rglob("*.py")
        if "forms.FileField" in path.read_text() and "tests" not in path.parts
    }

    assert forms == {
        "licensing/contracts/evidence_forms.py",  # its field is also the one of receipts and proofs
        "licensing/contracts/spreadsheet_views.py",
        "licensing/imports/dictionary_views.py",
        "licensing/imports/forms.py",
        "rooms/planning/moving_views.py",
    }
