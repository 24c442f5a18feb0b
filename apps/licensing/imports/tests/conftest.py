"""A procurement officer and a store of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.files.store import object_store
from apps.licensing.imports.tests.files import Imports
from apps.tenants.models import Membership, Role
from apps.tenants.tests.factories import MembershipFactory


@pytest.fixture(autouse=True)
def storage_dir(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGE_DIR = tmp_path / "files"
    object_store.cache_clear()
    yield settings.STORAGE_DIR
    object_store.cache_clear()


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def imports(officer: Membership) -> Imports:
    return Imports(officer)
