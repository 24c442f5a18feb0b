"""The two object stores for tests: a folder of the test's own, and S3 as moto serves it over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from apps.files.folder import FolderStore
from apps.files.objects import ObjectStore
from apps.files.s3 import S3Store
from apps.files.store import object_store
from apps.tenants.models import Membership
from apps.tenants.tests.factories import MembershipFactory

BUCKET = "portail"


@pytest.fixture(autouse=True)
def storage_dir(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The folder in which this test's objects lie; the store is chosen anew."""
    settings.STORAGE_DIR = tmp_path / "files"
    object_store.cache_clear()
    yield settings.STORAGE_DIR
    object_store.cache_clear()


@pytest.fixture
def folder(storage_dir: Path) -> FolderStore:
    store = object_store()
    assert isinstance(store, FolderStore)
    return store


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """Where an S3 server listens."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def made_once() -> dict[str, S3Store]:
    """The S3 store of the session: boto3 takes a second to make one."""
    return {}


@pytest.fixture
def s3(s3_address: str, settings: Settings, made_once: dict[str, S3Store], monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """The portal's store as the settings choose it when a bucket is given."""
    settings.S3_BUCKET = BUCKET
    settings.S3_ENDPOINT = s3_address.replace("127.0.0.1", "localhost")
    settings.S3_INTERNAL_ENDPOINT = s3_address
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "essai", "essai-secret"
    settings.S3_REGION = "us-east-1"
    object_store.cache_clear()
    if made_once:
        monkeypatch.setattr("apps.files.store.import_string", lambda path: lambda **options: made_once["s3"])
        return made_once["s3"]
    store = object_store()
    assert isinstance(store, S3Store)
    store._client.create_bucket(Bucket=BUCKET)
    made_once["s3"] = store
    return store


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """Each of the two stores."""
    chosen: ObjectStore = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()
