"""supervisord, with programs that are known here: it restarts what died, and stops everything in order."""

import http.client
import os
import shlex
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bootstrap.console import last_line
from visio_portal.services.processes import (
    LOOPBACK,
    ServiceError,
    end_with_parent,
    free_port,
    lasting_secret,
    stop_process,
)

BASE_DIR = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("child.py")
START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 60.0
PRIVATE_UMASK = 0o077
NEEDED_OPEN_FILES = 256
STEADY_S = 15  # one that dies sooner has failed to start, and waits longer before the next attempt
States = dict[str, dict[str, Any]]  # by program: what supervisord tells about it
RETRIES = 100  # each a second later than the one before


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process to keep alive. `first` programs stop after all others."""

    name: str
    command: Sequence[str]
    account: str | None = None
    without: Sequence[str] = ()  # environment variables that are none of its business
    first: bool = False
    stop_signal: str = "TERM"
    stop_wait_s: int = 10

    @property
    def group(self) -> str:
        return "first" if self.first else "portal"

    def full_command(self) -> list[str]:
        """Return the command as the supervisor runs it."""
        command = [sys.executable, "-S", "-E", str(CHILD)]
        if self.account is not None:
            command += ["--account", self.account]
        hidden = [part for name in self.without for part in ("-u", name)]
        return [*command, *(["env", *hidden] if hidden else []), *self.command]


class Supervisor:
    """One supervisord in the foreground of its own session, steered over its loopback port."""

    def __init__(self, state_dir: Path, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        self.state_dir = state_dir
        self.programs = programs
        self._environment = environment
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log_path(self) -> Path:
        return self.state_dir / "log" / "supervisor.log"

    def program_log(self, name: str) -> Path:
        """Return where one program's output goes."""
        return self.state_dir / "log" / f"{name}.log"

    def start(self) -> None:
        """Start the supervisor with every program stopped; raise ServiceError where it does not answer."""
        self.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write_configuration()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(self._configuration())],
                cwd=BASE_DIR,
                env=dict(self._environment),
                stdout=subprocess.DEVNULL,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the one who started it
                preexec_fn=end_with_parent,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self._call("getState")
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return
        raise ServiceError(f"The supervisor did not start: {last_line(self.log_path)} (see {self.log_path})")

    def start_programs(self, *names: str) -> None:
        """Start some of the programs, without waiting for them."""
        for program in self.programs:
            if program.name in names:
                self._call("startProcess", f"{program.group}:{program.name}", False)

    def states(self) -> States:
        """Return what supervisord tells about each program: pid, statename, start, spawnerr…"""
        found: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return {info["name"]: info for info in found}

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop all programs, those that came first at last, then the supervisor; kill it after 60 s."""
        if self._process is not None:
            stop_process(self._process, first=signal.SIGTERM, timeout_s=STOP_TIMEOUT_S)
            self._process = None

    def _call(self, method: str, *arguments: Any) -> Any:
        password = lasting_secret(self.state_dir / "secrets" / "supervisor")
        address = f"http://visio:{password}@{LOOPBACK}:{self._port}/RPC2"
        with xmlrpc.client.ServerProxy(address) as remote:
            return getattr(remote.supervisor, method)(*arguments)

    def _configuration(self) -> Path:
        return self.state_dir / "secrets" / "supervisor.conf"

    def _write_configuration(self) -> None:
        sections: dict[str, dict[str, Any]] = {
            "supervisord": {
                "logfile": self.log_path,
                "logfile_maxbytes": "5MB",
                "logfile_backups": 1,
                "pidfile": self.state_dir / "supervisor.pid",
                "umask": f"{PRIVATE_UMASK:o}",
                "minfds": NEEDED_OPEN_FILES,
            },
            "inet_http_server": {
                "port": f"{LOOPBACK}:{self._port}",
                "username": "visio",
                "password": lasting_secret(self.state_dir / "secrets" / "supervisor"),
            },
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
        }
        for order, group in enumerate(("first", "portal"), start=1):
            names = [program.name for program in self.programs if program.group == group]
            sections[f"group:{group}"] = {"programs": ",".join(names), "priority": order}
        for program in self.programs:
            sections[f"program:{program.name}"] = self._program_section(program)
        descriptor = os.open(self._configuration(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            for section, values in sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{name} = {str(value).replace('%', '%%')}\n" for name, value in values.items())

    def _program_section(self, program: Program) -> dict[str, Any]:
        return {
            "command": shlex.join(program.full_command()),
            "directory": BASE_DIR,
            "autostart": "false",
            "autorestart": "true",
            "startsecs": STEADY_S,
            "startretries": RETRIES,
            "stopsignal": program.stop_signal,
            "stopwaitsecs": program.stop_wait_s,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": self.program_log(program.name),
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": 2,
        }


def wait_for_former(state_dir: Path) -> None:
    """Wait until a supervisor whose starter was killed has stopped its programs; end it where it has not."""
    noted = state_dir / "supervisor.pid"
    if not noted.exists():
        return
    try:
        process = psutil.Process(int(noted.read_text()))
        if str(state_dir / "secrets" / "supervisor.conf") not in process.cmdline():
            return
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_TIMEOUT_S)
    except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError):
        return
    except psutil.TimeoutExpired as lasting:
        raise ServiceError(f"Process {noted.read_text().strip()} of a former start does not end: kill it.") from lasting
