"""What every embedded service needs: ports, secrets, and processes that end with their starter."""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path

from bootstrap.console import PlainError

LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_000)
PR_SET_PDEATHSIG = 1  # prctl(2)


class ServiceError(PlainError):
    """A service cannot run; the message is one line that says what to do."""


def is_port_free(port: int) -> bool:
    """Say whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a loopback port on which nobody listens, below those that systems lend to outgoing connections."""
    while not is_port_free(port := secrets.choice(PORTS)):
        pass
    return port


def lasting_port(path: Path) -> int:
    """Return the port noted in `path` while it is free, otherwise note and return another."""
    if path.exists() and path.read_text().isdigit() and is_port_free(int(path.read_text())):
        return int(path.read_text())
    port = free_port()
    path.write_text(str(port))
    return port


def lasting_secret(path: Path, *, size_bytes: int = 48) -> str:
    """Return the secret kept in `path` (mode 0600) in URL-safe base64 without padding, made at the first call."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(size_bytes))
    return path.read_text()


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies; for `subprocess`' preexec_fn."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def stop_process(process: subprocess.Popen[bytes], *, first: signal.Signals, timeout_s: float) -> None:
    """Signal a child, wait for it, and kill it where it takes longer than `timeout_s`."""
    if process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
