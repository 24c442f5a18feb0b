"""The pages that everybody may read, and the icons of all pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory

ROOT = Path(__file__).resolve().parents[2]
ICON = re.compile(r"\bfr-icon-(?!-)[a-z0-9-]+")
STYLES = ("dsfr/dist/dsfr/dsfr.min.css", "dsfr/dist/utility/utility.min.css")


def address(member: Membership, name: str) -> str:
    return reverse(name, kwargs={"tenant_slug": member.tenant.slug})


@pytest.mark.django_db
def test_sitemap_lists_the_pages_of_each_ministry_by_role() -> None:
    auditor = MembershipFactory.create(roles=[Role.AUDITOR])
    colleague = MembershipFactory.create(user=auditor.user)

    page = client_of(auditor).get("/site-map/").content.decode()

    assert address(auditor, "tenants:journal") in page
    assert address(auditor, "rooms:meeting_list") in page
    assert address(colleague, "rooms:meeting_list") in page
    assert address(colleague, "tenants:journal") not in page


@pytest.mark.django_db
def test_sitemap_leaves_out_a_ministry_that_opens_nothing() -> None:
    operator = TenantFactory.create(kind=Tenant.Kind.OPERATOR, name="Opérateur")

    page = client_of(MembershipFactory.create(tenant=operator)).get("/site-map/").content.decode()

    assert "Opérateur" not in page


@pytest.mark.django_db
def test_sitemap_is_open_to_visitors(client: Client) -> None:
    assert reverse("accessibility") in client.get("/site-map/").content.decode()


def test_every_icon_is_one_of_the_design_system() -> None:
    drawn: set[str] = set()
    for name in STYLES:
        path = finders.find(name)
        assert path
        drawn |= set(ICON.findall(Path(path).read_text(encoding="utf-8")))

    assert {f"{path.name}: {icon}" for path, icon in icons_used() if icon not in drawn} == set()


def icons_used() -> Iterator[tuple[Path, str]]:
    """Yield the icons that templates, scripts and views name."""
    for folder, pattern in (
        ("templates", "*.html"),
        ("static/portal", "*.js"),
        ("apps", "*.py"),
        ("visio_portal", "*.py"),
    ):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if "tests" not in path.parts:
                for icon in ICON.findall(path.read_text(encoding="utf-8")):
                    yield path, icon
